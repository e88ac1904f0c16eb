//! JSON APIs that give rows page by page.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ColumnRule, Constant, Template};
use crate::item::Mode;

/// An API whose rows enter a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiRule {
    /// What the rule is called in messages
    pub name: String,
    /// The URL of the first page, without the paging parameters
    pub url: Template,
    /// Parameters that are lists: one chain of requests for each combination of their values
    #[serde(default)]
    pub for_each: Vec<String>,
    /// Where the rows are in the JSON document, members separated by dots; the document itself without it
    pub rows: Option<String>,
    /// Where it tells how many rows there are in all
    pub total: Option<String>,
    /// How pages are numbered
    pub page: Option<ApiPage>,
    /// How many rows a page has
    pub page_size: Option<PageSize>,
    /// Where it tells the URL of the next page
    pub next: Option<String>,
    /// The table
    pub table: String,
    /// The columns that tell rows apart
    #[serde(default)]
    pub key: Vec<String>,
    /// How rows enter
    #[serde(default)]
    pub mode: Mode,
    /// With `replace`: the columns whose values say which rows are replaced
    #[serde(default)]
    pub scope: Vec<String>,
    /// The columns, by their names in the rows (members separated by dots)
    pub columns: BTreeMap<String, ColumnRule>,
    /// Columns of the table that are the same in every row of a chain
    #[serde(default)]
    pub constants: BTreeMap<String, Constant>,
}

/// How the pages of an API are numbered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiPage {
    /// The query parameter
    pub param: String,
    /// The number of the first page
    #[serde(default = "one")]
    pub start: u64,
    /// From one page to the next; `page_size` for APIs that count rows (`offset`)
    #[serde(default)]
    pub step: Step,
}

/// From one page of an API to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// The pages are counted.
    #[default]
    One,
    /// The rows are counted.
    PageSize,
}

/// How many rows a page of an API has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PageSize {
    /// The query parameter
    pub param: String,
    /// The sizes that the API takes, largest first; the next one is tried where it refuses one
    pub values: Vec<u32>,
}

const fn one() -> u64 {
    1
}
