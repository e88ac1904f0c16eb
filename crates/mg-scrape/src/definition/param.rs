//! What a caller may pass to a spider by name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Pattern, Words};

/// A parameter; `{its_name}` in URLs, constants and filters stands for its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Param {
    /// What values it takes
    #[serde(default, rename = "type")]
    pub kind: ParamKind,
    /// What each value must match as a whole
    pub pattern: Option<Pattern>,
    /// Its value when the caller gives none; without it the caller must give one
    pub default: Option<ParamDefault>,
    /// What it is, for the caller
    pub description: Option<Words>,
}

/// The values that a parameter takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ParamKind {
    /// A text.
    #[default]
    String,
    /// A whole number.
    Int,
    /// Several, separated by commas; `2020..2024` stands for the numbers from the first to the last.
    List,
}

/// A default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a text, a whole number or a list of them"
)]
pub enum ParamDefault {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// Several, for a list.
    List(Vec<ParamScalar>),
}

impl ParamDefault {
    /// As a caller would write it.
    #[must_use]
    pub fn text(&self) -> String {
        let scalar = |value: &ParamScalar| match value {
            ParamScalar::Text(text) => text.clone(),
            ParamScalar::Integer(number) => number.to_string(),
        };
        match self {
            Self::Text(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            Self::List(values) => values.iter().map(scalar).collect::<Vec<_>>().join(","),
        }
    }
}

/// One value in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected a text or a whole number")]
pub enum ParamScalar {
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
}
