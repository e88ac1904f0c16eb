//! The value of an indicator, and all that must be said with it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{LabelledPeriod, Number, Territory};

/// How far a value can be relied on; computed from the vintage and the publication lag, never from today's date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// No longer revised.
    Final,
    /// Published, still to be revised.
    Provisional,
    /// Not published: unknown, which is not zero.
    Missing,
    /// Part of the period or of the communes is not published: no value is given.
    Partial,
    /// Too few permits for a ratio or an average to be told.
    Secret,
}

impl Status {
    /// The status as answers and tables write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Final => "final",
            Self::Provisional => "provisional",
            Self::Missing => "missing",
            Self::Partial => "partial",
            Self::Secret => "secret",
        }
    }
}

/// A file that entered a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Input {
    /// The data set
    pub source: String,
    /// The publisher's release, YYYY-MM; null when it is not known
    pub vintage: Option<String>,
}

/// The value of another period, beside the one asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Observation {
    /// The period
    pub period: LabelledPeriod,
    /// The value; null unless the status is final or provisional
    pub value: Option<Number>,
    /// How far it can be relied on
    pub status: Status,
}

/// What the authority set out to reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// The target of the asked period, prorated in time
    pub value: Number,
    /// The value in percent of the target; null without a value
    pub reached: Option<Number>,
    /// Who set it
    pub origin: String,
    /// The period it was set for
    pub period: LabelledPeriod,
}

/// The answer of `get_indicator`: one number with its meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IndicatorValue {
    /// The indicator's name
    pub name: String,
    /// Its title
    pub title: String,
    /// The unit of every value here
    pub unit: String,
    /// The period of the value
    pub period: LabelledPeriod,
    /// The territory of the value
    pub territory: Territory,
    /// The value; null when missing, partial, secret or not defined: never zero for unknown
    pub value: Option<Number>,
    /// final, provisional, missing, partial or secret
    pub status: Status,
    /// How many permits or sales entered, where rows are such
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_size: Option<u64>,
    /// The period of the same length right before
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_period: Option<Observation>,
    /// The same months one year earlier
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year_ago: Option<Observation>,
    /// The target, where one was set for the whole period
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// The data sets used
    pub source: String,
    /// Their licence
    pub licence: String,
    /// The oldest release among the facts, YYYY-MM; null when nothing is loaded
    pub vintage: Option<String>,
    /// Every file that entered
    pub inputs: Vec<Input>,
    /// Whether any file that entered is synthetic
    pub synthetic: bool,
    /// Caveats
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}
