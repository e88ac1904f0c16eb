//! How far a run goes at most.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Pattern;

/// How far a run goes at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Pages, files and answers of APIs
    pub max_pages: u64,
    /// Hops from a first page
    pub max_depth: u32,
    /// Seconds from start to end
    pub max_seconds: u64,
    /// Bytes after decompression, in all
    pub max_bytes: u64,
    /// Bytes of one page
    pub max_page_bytes: u64,
    /// Rows
    pub max_items: u64,
    /// Pages whose path and query match a pattern: a guard against endless calendars
    pub max_per_pattern: BTreeMap<Pattern, u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_pages: 1_000,
            max_depth: 10,
            max_seconds: 3_600,
            max_bytes: 1_000_000_000,
            max_page_bytes: 10_000_000,
            max_items: 1_000_000,
            max_per_pattern: BTreeMap::new(),
        }
    }
}

/// The limits that a caller may give: each at most the spider's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsGiven {
    /// Pages at most
    pub max_pages: Option<u64>,
    /// Hops from the first page at most
    pub max_depth: Option<u64>,
    /// Seconds at most
    pub max_seconds: Option<u64>,
    /// Bytes at most
    pub max_bytes: Option<u64>,
    /// Rows at most
    pub max_items: Option<u64>,
}
