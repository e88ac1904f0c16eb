//! Which links are followed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Css, Pattern};

/// Which links are followed. Without `allow` and `from` none is, but those of `next` and `pages`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Follow {
    /// Links whose path and query match one of these
    #[serde(default)]
    pub allow: Vec<Pattern>,
    /// Never those whose path and query match one of these
    #[serde(default)]
    pub deny: Vec<Pattern>,
    /// Only links inside these elements
    pub from: Option<Css>,
    /// The link to the next page of a list
    pub next: Option<Css>,
    /// Lists whose pages are numbered in the query
    pub pages: Option<Pages>,
    /// The most hops from a first page
    pub max_depth: Option<u32>,
    /// Query parameters that make no other page (`utm_*`)
    #[serde(default)]
    pub drop_query: Vec<String>,
    /// The only query parameters that make another page; all but those dropped without it
    #[serde(default)]
    pub keep_query: Vec<String>,
    /// Whether `<link rel="canonical">` names the page
    #[serde(default)]
    pub canonical: bool,
}

/// Lists whose pages are numbered in the query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pages {
    /// The query parameter
    pub param: String,
    /// The number of the first page
    #[serde(default = "one")]
    pub start: u64,
    /// From one page to the next
    #[serde(default = "one")]
    pub step: u64,
    /// The last number, whatever the pages hold
    pub last: Option<u64>,
    /// When the list is at its end
    #[serde(default)]
    pub stop: Stop,
}

/// When a numbered list is at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// At a page without items and without links to follow.
    #[default]
    Empty,
    /// At a page that holds nothing new: sites that answer any number with their last page.
    NoNewKey,
}

const fn one() -> u64 {
    1
}
