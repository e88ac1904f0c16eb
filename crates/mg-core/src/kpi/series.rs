//! A series: the values of an indicator, period by period.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Grain, Input, LabelledPeriod, Number, Status, Territory};

/// One period of a series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// The period
    pub period: LabelledPeriod,
    /// The value; null when it is not known
    pub value: Option<Number>,
    /// How far it can be relied on
    pub status: Status,
    /// Whether any file that entered is synthetic
    pub synthetic: bool,
    /// The target of the period
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Number>,
    /// The value in percent of the target
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<Number>,
    /// The value of the same months one year earlier, where known
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year_ago: Option<Number>,
    /// The value in compare_vintage, where kept
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<Number>,
}

/// The answer of `get_series`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// The indicator's name
    pub name: String,
    /// Its title
    pub title: String,
    /// The unit of every value
    pub unit: String,
    /// The step from point to point
    pub grain: Grain,
    /// The territory
    pub territory: Territory,
    /// In order of time
    pub points: Vec<Point>,
    /// How many periods there are from `from` to `to`
    pub total: usize,
    /// Whether earlier ones were left out; notes tell how to get them
    pub truncated: bool,
    /// What the points add up to, for sums whose every point is known
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<Number>,
    /// The data sets used
    pub source: String,
    /// Their licence
    pub licence: String,
    /// The oldest release among the facts, YYYY-MM
    pub vintage: Option<String>,
    /// Every file that entered
    pub inputs: Vec<Input>,
    /// Whether any point is synthetic
    pub synthetic: bool,
    /// Caveats
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}
