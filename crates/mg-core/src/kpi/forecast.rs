//! A forecast, with what it rests on and how well its model did in the past.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Grain, Input, LabelledPeriod, Number, Status, Territory};

/// The interval of one level around a forecast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bound {
    /// Percent of the outcomes that it should hold, such as 80 or 95
    pub level: Number,
    /// Its lower end
    pub lower: Number,
    /// Its upper end
    pub upper: Number,
}

/// One step ahead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ForecastStep {
    /// The period
    pub period: LabelledPeriod,
    /// The point forecast
    pub value: Number,
    /// One interval a level asked for
    pub bounds: Vec<Bound>,
}

/// One observed period before the forecast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryPoint {
    /// The period
    pub period: LabelledPeriod,
    /// What was observed; null when it is not known
    pub value: Option<Number>,
    /// How far it can be relied on
    pub status: Status,
    /// What the model expects in the provisional tail, which it was not fitted on
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Number>,
}

/// The errors of a simple method on the same backtest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// `naive`, `snaive`, `drift`…
    pub model: String,
    /// Mean absolute scaled error
    pub mase: Option<Number>,
    /// Symmetric mean absolute percentage error
    pub smape: Option<Number>,
}

/// How often the intervals of one level held the outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MeasuredCoverage {
    /// The level asked for, in percent
    pub level: Number,
    /// The share measured, in percent
    pub measured: Option<Number>,
}

/// Rolling-origin errors of the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Backtest {
    /// From how many points in the past it was tried
    pub origins: u32,
    /// Mean absolute scaled error
    pub mase: Option<Number>,
    /// Symmetric mean absolute percentage error
    pub smape: Option<Number>,
    /// Simple methods on the same origins
    pub baselines: Vec<Baseline>,
    /// Measured coverage of the intervals
    pub coverage: Vec<MeasuredCoverage>,
}

/// The answer of `forecast_kpi`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Forecast {
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
    /// The last observed periods
    pub history: Vec<HistoryPoint>,
    /// What is expected after the last covered period
    pub forecast: Vec<ForecastStep>,
    /// What the steps add up to, for sums; bounds do not add up
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sum: Option<Number>,
    /// The model used
    pub model: String,
    /// Why this one
    pub why: String,
    /// How well it did
    pub backtest: Backtest,
    /// The last covered period; the forecast begins after it
    pub last_observed: LabelledPeriod,
    /// The last period the model was fitted on: earlier than last_observed where the last ones are provisional
    pub fitted_until: LabelledPeriod,
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
    /// What a reader must know before using it
    pub warnings: Vec<String>,
    /// Caveats of the data
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}
