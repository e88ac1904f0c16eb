//! A CSS selector in a spider's file: compiled once, wrong ones refused at load.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use scraper::Selector;
use serde::{Deserialize, Serialize};

/// A CSS selector, as browsers read it (selector lists, `:has()`, `:is()`, `:not()`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Css {
    text: String,
    selector: Selector,
}

impl Css {
    /// The compiled selector.
    #[must_use]
    pub const fn selector(&self) -> &Selector {
        &self.selector
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl TryFrom<String> for Css {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let parsed = Selector::parse(&text)
            .map_err(|error| format!("`{text}` is not a CSS selector: {error}"));
        parsed.map(|selector| Self { text, selector })
    }
}

impl From<Css> for String {
    fn from(css: Css) -> Self {
        css.text
    }
}

impl PartialEq for Css {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Css {}

impl JsonSchema for Css {
    fn schema_name() -> Cow<'static, str> {
        "Css".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "A CSS selector" })
    }
}
