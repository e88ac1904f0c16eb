//! Pages and the rows that are read out of them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Css, Field, Pattern, Rows};
use crate::item::Mode;

/// Pages of one kind, and what is read out of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageRule {
    /// Pages whose URL matches
    #[serde(rename = "match")]
    pub pattern: Option<Pattern>,
    /// Pages that have such an element
    pub when: Option<Css>,
    /// What is read out of them
    #[serde(default)]
    pub item: Vec<ItemRule>,
}

/// Rows of a page that enter a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemRule {
    /// The table
    pub table: String,
    /// What a row is: a CSS selector, `jsonld:Type` or `table:` and the CSS selector of a table; the whole page without it
    pub rows: Option<Rows>,
    /// The columns that tell rows apart
    #[serde(default)]
    pub key: Vec<String>,
    /// How rows enter
    #[serde(default)]
    pub mode: Mode,
    /// With `replace`: the columns whose values say which rows are replaced
    #[serde(default)]
    pub scope: Vec<String>,
    /// The columns
    pub fields: BTreeMap<String, Field>,
}
