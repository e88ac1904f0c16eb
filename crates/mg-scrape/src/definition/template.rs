//! Texts with `{param}` in them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// A text in which `{name}` stands for a parameter's value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Template {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Piece {
    Plain(String),
    Param(String),
}

impl Template {
    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The parameters in it.
    pub fn params(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Param(name) => Some(name.as_str()),
            Piece::Plain(_) => None,
        })
    }

    /// The text with every parameter put in by `value`; a parameter that it does not know is left out.
    pub fn fill<'a>(&self, value: impl Fn(&str) -> Option<Cow<'a, str>>) -> String {
        let mut filled = String::with_capacity(self.text.len());
        for piece in &self.pieces {
            match piece {
                Piece::Plain(text) => filled.push_str(text),
                Piece::Param(name) => filled.push_str(&value(name).unwrap_or_default()),
            }
        }
        filled
    }
}

impl TryFrom<String> for Template {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').ok_or_else(|| {
                format!("`{text}` opens a parameter that it does not close; write `{{name}}`")
            })?;
            if name.is_empty()
                || !name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            {
                return Err(format!(
                    "`{{{name}}}` in `{text}` is not a parameter's name"
                ));
            }
            pieces.push(Piece::Plain(before.to_owned()));
            pieces.push(Piece::Param(name.to_owned()));
            rest = behind;
        }
        pieces.push(Piece::Plain(rest.to_owned()));
        Ok(Self { text, pieces })
    }
}

impl From<Template> for String {
    fn from(template: Template) -> Self {
        template.text
    }
}

impl JsonSchema for Template {
    fn schema_name() -> Cow<'static, str> {
        "Template".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "A text in which `{name}` stands for a parameter's value" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_put_in() {
        let template = Template::try_from("https://x.fr/{a}/p?b={b}".to_owned()).unwrap();
        assert_eq!(template.params().collect::<Vec<_>>(), ["a", "b"]);
        let filled = template.fill(|name| Some(format!("<{name}>").into()));
        assert_eq!(filled, "https://x.fr/<a>/p?b=<b>");
    }

    #[test]
    fn an_open_brace_or_a_strange_name_is_refused() {
        for text in ["https://x.fr/{a", "https://x.fr/{}", "https://x.fr/{a b}"] {
            assert!(Template::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
