//! What becomes of a text on its way into a column: cleaned, trimmed, mapped, defaulted, cut, typed.

use std::collections::BTreeMap;

use url::Url;

use super::{
    text::{cleaned, squeeze},
    typed::Style,
};
use crate::{
    definition::{ColumnRule, Field},
    item::{Kind, Value},
};

/// The keys of a field or a column that say what becomes of its text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reading<'a> {
    style: Style<'a>,
    trim: bool,
    map: &'a BTreeMap<String, String>,
    required: bool,
    default: Option<&'a str>,
    max_len: Option<usize>,
}

impl<'a> Reading<'a> {
    pub(crate) fn of_field(field: &'a Field, base: &'a Url) -> Self {
        Self {
            style: Style {
                kind: field.kind,
                format: field.format.as_deref(),
                locale: field.locale,
                base: Some(base),
            },
            trim: field.trim,
            map: &field.map,
            required: field.required,
            default: field.default.as_deref(),
            max_len: field.max_len,
        }
    }

    /// The value of a text, or why the row cannot be kept.
    pub(crate) fn value(&self, text: Option<String>) -> Result<Value, String> {
        let text = text
            .map(cleaned)
            .map(|text| if self.trim { squeeze(&text) } else { text })
            .unwrap_or_default();
        let mapped = self.map.get(&text).cloned().unwrap_or(text);
        let given = if mapped.trim().is_empty() {
            self.default.unwrap_or_default()
        } else {
            &mapped
        };
        if given.is_empty() {
            return if self.required {
                Err("it is required and there is none".into())
            } else {
                Ok(Value::Null)
            };
        }
        match (self.style.kind, self.max_len) {
            (Kind::Text, Some(most)) => Ok(Value::Text(given.chars().take(most).collect())),
            _ => self.style.read(given),
        }
    }
}

impl ColumnRule {
    /// The value of a cell; `None` where the source has none. Spaces at the ends of a cell go.
    ///
    /// # Errors
    ///
    /// Why the row cannot be kept: a required value that is not there, or a text that is not of the column's type.
    pub fn read(&self, cell: Option<&str>) -> Result<Value, String> {
        let reading = Reading {
            style: Style {
                kind: self.kind,
                format: self.format.as_deref(),
                locale: self.locale,
                base: None,
            },
            trim: false,
            map: &self.map,
            required: self.required,
            default: self.default.as_deref(),
            max_len: self.max_len,
        };
        reading.value(cell.map(|cell| cell.trim().to_owned()))
    }
}

/// A text for a message, cut.
pub(crate) fn cut(text: &str) -> String {
    const MOST: usize = 200;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(toml: &str) -> ColumnRule {
        toml::from_str(toml).unwrap()
    }

    #[test]
    fn a_cell_is_mapped_defaulted_and_typed() {
        let rule =
            column("to = \"etat\"\ntype = \"int\"\nmap = { \"Autorisé\" = \"2\", \"\" = \"0\" }");
        assert_eq!(rule.read(Some(" Autorisé ")), Ok(Value::Integer(2)));
        assert_eq!(rule.read(Some("")), Ok(Value::Integer(0)));
        assert_eq!(rule.read(Some("4")), Ok(Value::Integer(4)));
        let rule = column("to = \"a\"\ndefault = \"inconnu\"");
        assert_eq!(rule.read(None), Ok(Value::Text("inconnu".into())));
    }

    #[test]
    fn an_empty_cell_is_null_unless_it_is_required() {
        assert_eq!(
            column("to = \"a\"\ntype = \"date\"").read(Some("  ")),
            Ok(Value::Null)
        );
        assert!(
            column("to = \"a\"\nrequired = true")
                .read(None)
                .unwrap_err()
                .contains("required")
        );
    }

    #[test]
    fn a_long_text_is_cut_at_letters() {
        assert_eq!(
            column("to = \"a\"\nmax_len = 3").read(Some("éàüö")),
            Ok(Value::Text("éàü".into()))
        );
        assert_eq!(cut(&"é".repeat(300)).chars().count(), 201);
    }
}
