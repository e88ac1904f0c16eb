//! What stands out in a series, and what is not known of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Grain, Input, LabelledPeriod, Number, Territory};

/// Why a period is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnomalyKind {
    /// Far from what the periods around it let expect.
    Outlier,
    /// The level changes here, and stays.
    LevelShift,
    /// Not published: unknown, which is not zero.
    Missing,
    /// Published, still to be revised: not judged.
    Provisional,
}

/// One period that stands out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Anomaly {
    /// The period
    pub period: LabelledPeriod,
    /// outlier, level_shift, missing or provisional
    pub kind: AnomalyKind,
    /// The value; null when missing
    pub value: Option<Number>,
    /// What was to be expected: for a level shift, the level before
    pub expected: Option<Number>,
    /// How far from it, in robust standard deviations
    pub score: Option<Number>,
}

/// The answer of `detect_anomalies`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Anomalies {
    /// The indicator's name
    pub name: String,
    /// Its title
    pub title: String,
    /// The unit of every value
    pub unit: String,
    /// The step
    pub grain: Grain,
    /// The territory
    pub territory: Territory,
    /// What was looked through
    pub examined: LabelledPeriod,
    /// In order of time
    pub anomalies: Vec<Anomaly>,
    /// How many there are
    pub total: usize,
    /// Whether earlier ones were left out
    pub truncated: bool,
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
