//! What a row of a page is.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::Css;

/// What a row of a page is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Rows {
    /// Each element that the selector finds.
    Css(Css),
    /// Each JSON-LD object of this type.
    JsonLd(String),
    /// Each body row of the tables that the selector finds.
    Table(Css),
}

impl TryFrom<String> for Rows {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Some(name) = text.strip_prefix("jsonld:") {
            return match name.trim() {
                "" => Err("`jsonld:` needs a type, e.g. `jsonld:Event`".into()),
                name => Ok(Self::JsonLd(name.to_owned())),
            };
        }
        if let Some(css) = text.strip_prefix("table:") {
            return Css::try_from(css.trim().to_owned()).map(Self::Table);
        }
        if text.starts_with('/') || text.starts_with("xpath:") {
            return Err(format!(
                "`{text}` is XPath, which is not supported; write a CSS selector, e.g. `table.notices tbody tr`"
            ));
        }
        Css::try_from(text).map(Self::Css)
    }
}

impl From<Rows> for String {
    fn from(rows: Rows) -> Self {
        match rows {
            Rows::Css(css) => css.into(),
            Rows::JsonLd(name) => format!("jsonld:{name}"),
            Rows::Table(css) => format!("table:{}", css.as_str()),
        }
    }
}

impl JsonSchema for Rows {
    fn schema_name() -> Cow<'static, str> {
        "Rows".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A CSS selector, `jsonld:Type` or `table:` and the CSS selector of a table",
        })
    }
}
