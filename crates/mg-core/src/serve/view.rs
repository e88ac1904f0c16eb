//! Views: pages in which a host shows the answers of a tool (MCP Apps, extension `io.modelcontextprotocol/ui`).
//!
//! A host fetches the page once as a resource and hands it each answer. Hosts without the extension never ask for it.

use rmcp::model::{ClientCapabilities, ExtensionCapabilities, JsonObject, MetaObject};
use serde_json::{Value, json};

use crate::Language;

/// The extension of hosts that show views.
const EXTENSION: &str = "io.modelcontextprotocol/ui";

/// What a view's page is.
pub(super) const MIME_TYPE: &str = "text/html;profile=mcp-app";

/// Where an answer carries what its view shows, in `_meta`: for the page, not for a model.
pub(crate) const FRAGMENT: &str = "mg-platform/view";

/// A page that shows the answers of the tools that name it.
#[derive(Clone, Copy, Debug)]
pub struct View {
    /// Where it is read, `ui://server/page.html`.
    pub uri: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The page, whole: no request leaves it.
    pub page: fn(Language) -> String,
}

impl View {
    /// The `_meta` of a tool whose answers this view shows.
    #[must_use]
    pub fn of_tool(&self) -> MetaObject {
        MetaObject(object(json!({"ui": {"resourceUri": self.uri}})))
    }
}

/// What a server with views declares.
pub(super) fn declared() -> ExtensionCapabilities {
    let settings = object(json!({"mimeTypes": [MIME_TYPE]}));
    ExtensionCapabilities::from([(EXTENSION.to_owned(), settings)])
}

/// Whether a client shows views.
pub(super) fn shown_by(client: Option<&ClientCapabilities>) -> bool {
    let settings = client
        .and_then(|client| client.extensions.as_ref())
        .and_then(|extensions| extensions.get(EXTENSION));
    // Some hosts declare the extension without naming what they show: HTML is all there is.
    settings.is_some_and(|settings| {
        settings
            .get("mimeTypes")
            .and_then(Value::as_array)
            .is_none_or(|types| types.iter().any(|known| known == MIME_TYPE))
    })
}

fn object(value: Value) -> JsonObject {
    match value {
        Value::Object(object) => object,
        _ => JsonObject::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(extensions: &Value) -> ClientCapabilities {
        serde_json::from_value(json!({"extensions": extensions})).unwrap()
    }

    #[test]
    fn a_client_that_declares_the_extension_shows_views() {
        for settings in [json!({"mimeTypes": [MIME_TYPE]}), json!({})] {
            assert!(shown_by(Some(&client(&json!({EXTENSION: settings})))));
        }
    }

    #[test]
    fn any_other_client_does_not() {
        let other = json!({"mimeTypes": ["text/uri-list"]});
        assert!(!shown_by(Some(&client(&json!({EXTENSION: other})))));
        assert!(!shown_by(Some(&client(&json!({})))));
        assert!(!shown_by(None));
    }
}
