//! A comparison: one indicator in one period, territory by territory.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Input, LabelledPeriod, Number, Status, Territory};

/// One territory of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedRow {
    /// The territory
    pub territory: Territory,
    /// The value; null when it is not known
    pub value: Option<Number>,
    /// How far it can be relied on
    pub status: Status,
    /// Its place, 1 the best; equal values share one; null without a value
    pub rank: Option<usize>,
    /// Its part of the total in percent, for sums only
    pub share: Option<Number>,
}

/// The answer of `compare_territories`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// The indicator's name
    pub name: String,
    /// Its title
    pub title: String,
    /// The unit of every value
    pub unit: String,
    /// The period of every value
    pub period: LabelledPeriod,
    /// In order of rank, those without a value last
    pub rows: Vec<ComparedRow>,
    /// The value of all of them together; null where it is not known or would mean nothing
    pub total: Option<Number>,
    /// The data sets used
    pub source: String,
    /// Their licence
    pub licence: String,
    /// The oldest release among the facts, YYYY-MM
    pub vintage: Option<String>,
    /// Every file that entered
    pub inputs: Vec<Input>,
    /// Whether any file that entered is synthetic
    pub synthetic: bool,
    /// Caveats
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}
