//! The states of a run.

use std::{fmt, str::FromStr};

use mg_core::ToolError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum State {
    /// Its worker is at it.
    Running,
    /// Its rows are in their tables.
    Succeeded,
    /// Nothing of it was written; the message says why.
    Failed,
    /// Somebody stopped it; nothing of it was written.
    Cancelled,
    /// Its worker is gone: the same launch, or `resume`, goes on with it.
    Interrupted,
    /// Its worker is there, and has not been heard of for a minute.
    Stalled,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
        Self::Interrupted,
        Self::Stalled,
    ];

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
            Self::Stalled => "stalled",
        }
    }

    /// Whether its worker is there.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Running | Self::Stalled)
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for State {
    type Err = ToolError;

    fn from_str(text: &str) -> Result<Self, ToolError> {
        let known = Self::ALL.into_iter().find(|state| state.name() == text);
        known.ok_or_else(|| {
            ToolError::unknown("state", text, Self::ALL.iter().map(|state| state.name()))
        })
    }
}
