//! What must hold of the rows of a run before they replace what is there.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What must hold of the rows of a run before they enter their tables.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Rows at least, in all tables
    pub min_items: Option<u64>,
    /// The largest part of the rows in which a column may be empty, from 0 to 1
    #[serde(default)]
    pub max_null: BTreeMap<String, f64>,
    /// Rows at least, as a part of the last run's
    pub min_ratio_vs_last: Option<f64>,
    /// The largest part of the rows that may be rejected, from 0 to 1
    pub max_rejected: Option<f64>,
}
