//! Columns of files and of answers of APIs.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Locale, Template};
use crate::item::Kind;

/// What becomes of a column of a file or a member of a JSON row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnRule {
    /// The column of the table
    pub to: String,
    /// Its type
    #[serde(default, rename = "type")]
    pub kind: Kind,
    /// How dates are written: `fr`, or a format such as `%d/%m/%Y`; ISO and French without it
    pub format: Option<String>,
    /// How numbers are written; both ways without it
    pub locale: Option<Locale>,
    /// Values that stand for others; "" for an empty cell
    #[serde(default)]
    pub map: BTreeMap<String, String>,
    /// Whether a row without it is rejected
    #[serde(default)]
    pub required: bool,
    /// The value where there is none
    pub default: Option<String>,
    /// The most characters; longer texts are cut
    pub max_len: Option<usize>,
    /// Whether it holds personal data
    #[serde(default)]
    pub personal: bool,
    /// Whether the column may be missing from the source; an error that names it otherwise
    #[serde(default)]
    pub optional: bool,
}

/// A value that is the same in every row of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a text, a whole number or true/false")]
pub enum Constant {
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Boolean(bool),
    /// A text, in which `{name}` stands for a parameter's value.
    Text(Template),
}
