//! What passes between the rooms: typed values, rows, and the tables that they are for. Pure.

use std::fmt;

use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One typed value of a row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// Not there.
    Null,
    /// Text, also of URLs, months (`YYYY-MM`) and codes with their leading zeros.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// An exact decimal number.
    Decimal(Decimal),
    /// A day.
    Date(Date),
    /// An instant, ISO 8601 in UTC (`2026-03-12T09:30:00Z`).
    Timestamp(String),
    /// Yes or no.
    Boolean(bool),
    /// A JSON document as compact text.
    Json(String),
}

impl Value {
    /// Whether there is nothing.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The value in an answer: numbers beyond 2^53 and decimals as strings, so that none is rounded.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        const EXACT: u64 = 1 << 53;
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Integer(number) if number.unsigned_abs() <= EXACT => (*number).into(),
            Self::Boolean(truth) => (*truth).into(),
            other => other.to_string().into(),
        }
    }
}

/// The value as text; nothing for [`Value::Null`].
impl fmt::Display for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Text(text) | Self::Timestamp(text) | Self::Json(text) => {
                formatter.write_str(text)
            }
            Self::Integer(number) => write!(formatter, "{number}"),
            Self::Decimal(number) => write!(formatter, "{number}"),
            Self::Date(day) => write!(formatter, "{day}"),
            Self::Boolean(truth) => write!(formatter, "{truth}"),
        }
    }
}

/// The type of a field or column, as a spider's file writes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Kind {
    /// Any text.
    #[default]
    #[serde(rename = "text")]
    Text,
    /// A whole number.
    #[serde(rename = "int", alias = "integer")]
    Integer,
    /// An exact decimal number.
    #[serde(rename = "decimal")]
    Decimal,
    /// A day: ISO, French (`12 mars 2026`, `12/03/2026`) or by a format.
    #[serde(rename = "date")]
    Date,
    /// A month, kept as `YYYY-MM`.
    #[serde(rename = "month")]
    Month,
    /// An instant, kept in UTC.
    #[serde(rename = "datetime", alias = "timestamp")]
    Timestamp,
    /// Yes or no (`oui`, `non`, `1`, `0`, `true`, `false`).
    #[serde(rename = "bool", alias = "boolean")]
    Boolean,
    /// An absolute URL; relative ones are resolved against the page.
    #[serde(rename = "url")]
    Url,
    /// An INSEE code of a commune: five characters, leading zero and `2A`, `2B` kept.
    #[serde(rename = "insee")]
    Insee,
    /// A SIRET number: fourteen digits whose check digit is right.
    #[serde(rename = "siret")]
    Siret,
    /// A JSON document.
    #[serde(rename = "json")]
    Json,
}

impl Kind {
    /// As a spider's file writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "int",
            Self::Decimal => "decimal",
            Self::Date => "date",
            Self::Month => "month",
            Self::Timestamp => "datetime",
            Self::Boolean => "bool",
            Self::Url => "url",
            Self::Insee => "insee",
            Self::Siret => "siret",
            Self::Json => "json",
        }
    }
}

/// A column of a table that a spider fills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name, plain lower case.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Whether a row without it is rejected.
    pub required: bool,
    /// Whether it holds personal data, which viewers never see.
    pub personal: bool,
    /// The most characters; longer texts are cut at it.
    pub max_len: Option<usize>,
}

/// How rows enter their table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// New keys are inserted, known ones updated, others stay.
    #[default]
    Upsert,
    /// Every row is inserted; a key that is there already is left alone.
    Append,
    /// The rows of the scope, or of the whole table without `scope`, are replaced.
    #[serde(alias = "snapshot")]
    Replace,
}

/// A table that a spider fills: the union of what its rules say of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its name: `web_…`, or a fact table of the star schema.
    pub table: String,
    /// The columns: those of the key first, the others by name.
    pub columns: Vec<Column>,
    /// The columns that tell rows apart; none for a table that is only appended to or replaced.
    pub key: Vec<String>,
    /// How rows enter.
    pub mode: Mode,
    /// With [`Mode::Replace`]: rows whose values in these columns occur in the run are replaced, others stay.
    pub scope: Vec<String>,
}

impl Target {
    /// The place of a column.
    #[must_use]
    pub fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|known| known.name == column)
    }
}

/// One row for a target.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Item {
    /// The index of its target in [`crate::definition::Spider::targets`].
    pub target: usize,
    /// Its values, in the order of the target's columns.
    pub values: Vec<Value>,
}

/// A row that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// The index of the target that it was for.
    pub target: usize,
    /// The field that could not be read.
    pub field: String,
    /// What is wrong with it, and what would do.
    pub reason: String,
    /// What stood there, cut to some hundred characters.
    pub raw: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_rounded_on_its_way_to_an_answer() {
        let json = |value: Value| value.to_json().to_string();
        assert_eq!(json(Value::Integer(1564)), "1564");
        assert_eq!(json(Value::Integer(i64::MAX)), "\"9223372036854775807\"");
        assert_eq!(json(Value::Decimal("12.50".parse().unwrap())), "\"12.50\"");
        assert_eq!(
            json(Value::Date(Date::constant(2026, 3, 12))),
            "\"2026-03-12\""
        );
        assert_eq!(json(Value::Null), "null");
    }

    #[test]
    fn a_kind_is_written_as_it_is_read() {
        for name in [
            "text", "int", "decimal", "date", "month", "datetime", "bool", "url", "insee", "siret",
            "json",
        ] {
            let kind: Kind = serde_json::from_value(name.into()).unwrap();
            assert_eq!(kind.name(), name);
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
        }
    }
}
