//! Which rows of a file are kept: `DEP == '77' and COMM in {commune}`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// Conditions on source columns, all of which must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Filter {
    text: String,
    conditions: Vec<Condition>,
}

/// One condition: the text of a column is (or is not) one of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The source column.
    pub column: String,
    /// Whether the values are those kept (`==`, `in`) or those left out (`!=`, `not in`).
    pub kept: bool,
    /// The values.
    pub values: Allowed,
}

/// The values of a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// These texts.
    Texts(Vec<String>),
    /// The values of a parameter.
    Param(String),
}

impl Filter {
    /// All of them.
    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }
}

impl TryFrom<String> for Filter {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let conditions = split(&text)
            .into_iter()
            .map(|part| condition(&part).ok_or_else(|| wrong(&part)))
            .collect::<Result<_, _>>()?;
        Ok(Self { text, conditions })
    }
}

impl From<Filter> for String {
    fn from(filter: Filter) -> Self {
        filter.text
    }
}

fn wrong(part: &str) -> String {
    format!(
        "`{}` is not a condition; write `COLUMN == 'value'`, `COLUMN != 'value'`, `COLUMN in ['a', 'b']` \
         or `COLUMN in {{param}}`, joined by `and`",
        part.trim()
    )
}

/// The conditions between the `and`s that stand outside of quotes.
fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for (place, piece) in text.split('\'').enumerate() {
        let quoted = place % 2 == 1;
        for (index, words) in piece.split(" and ").enumerate() {
            match parts.last_mut() {
                Some(last) if quoted || index == 0 => {
                    last.push_str(if quoted && index > 0 { " and " } else { "" });
                    last.push_str(words);
                }
                _ => parts.push(words.to_owned()),
            }
        }
        if let Some(last) = parts.last_mut() {
            last.push('\'');
        }
    }
    // Each piece got the quote that follows it; behind the last there is none.
    if let Some(last) = parts.last_mut() {
        last.pop();
    }
    parts
}

fn condition(part: &str) -> Option<Condition> {
    const OPERATORS: [(&str, bool); 4] = [
        ("!=", false),
        ("==", true),
        (" not in ", false),
        (" in ", true),
    ];
    let (found, kept) = OPERATORS
        .into_iter()
        .find(|(operator, _)| part.contains(operator))?;
    let (column, values) = part.split_once(found)?;
    let column = column.trim();
    (!column.is_empty() && !column.contains('\'')).then_some(())?;
    Some(Condition {
        column: column.to_owned(),
        kept,
        values: allowed(values.trim())?,
    })
}

fn allowed(text: &str) -> Option<Allowed> {
    let between = |open, close| {
        text.strip_prefix(open)
            .and_then(|rest: &str| rest.strip_suffix(close))
    };
    if let Some(name) = between('{', '}') {
        return Some(Allowed::Param(name.trim().to_owned()));
    }
    let list = between('[', ']').unwrap_or(text);
    let texts: Option<Vec<String>> = pieces(list).into_iter().map(quoted).collect();
    texts.filter(|texts| !texts.is_empty()).map(Allowed::Texts)
}

/// The values between the commas that stand outside of quotes.
fn pieces(list: &str) -> Vec<&str> {
    let mut inside = false;
    list.split(|letter| {
        inside ^= letter == '\'';
        letter == ',' && !inside
    })
    .collect()
}

/// `'text'`, or a number as it stands.
fn quoted(text: &str) -> Option<String> {
    let text = text.trim();
    let inner = text
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    let number = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b'-');
    match inner {
        Some(inner) if !inner.contains('\'') => Some(inner.to_owned()),
        None if number => Some(text.to_owned()),
        _ => None,
    }
}

impl JsonSchema for Filter {
    fn schema_name() -> Cow<'static, str> {
        "Filter".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "`COLUMN == 'value' and OTHER in {param}`" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Condition> {
        Filter::try_from(text.to_owned()).unwrap().conditions
    }

    fn texts(values: &[&str]) -> Allowed {
        Allowed::Texts(values.iter().map(|&value| value.to_owned()).collect())
    }

    #[test]
    fn conditions_are_read_one_by_one() {
        let found = read(
            "DEP_CODE == '77' and COMM in {commune} and ETAT != 4 and X not in ['a, b', 'c and d']",
        );
        let told: Vec<_> = found
            .iter()
            .map(|c| (c.column.as_str(), c.kept, c.values.clone()))
            .collect();
        assert_eq!(
            told,
            [
                ("DEP_CODE", true, texts(&["77"])),
                ("COMM", true, Allowed::Param("commune".into())),
                ("ETAT", false, texts(&["4"])),
                ("X", false, texts(&["a, b", "c and d"])),
            ]
        );
    }

    #[test]
    fn a_condition_that_cannot_be_read_says_how_to_write_one() {
        for text in [
            "",
            "A",
            "A == ",
            "== '7'",
            "A == b",
            "A in []",
            "A > 3",
            "A == 'x' and",
            "A == 'it's'",
        ] {
            let refusal = Filter::try_from(text.to_owned()).unwrap_err();
            assert!(refusal.contains("COLUMN =="), "{text}: {refusal}");
        }
    }
}
