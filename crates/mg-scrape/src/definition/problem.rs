//! What is wrong with a spider's file.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A file that is switched off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// The file
    pub file: String,
    /// The key it goes wrong at; empty when none can be named
    pub key: String,
    /// Why, and what would work
    pub reason: String,
}

impl Problem {
    pub(super) fn new(stem: &str, key: impl Into<String>, reason: impl fmt::Display) -> Self {
        Self {
            file: format!("{stem}.toml"),
            key: key.into(),
            reason: reason.to_string(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.as_str() {
            "" => write!(formatter, "{}: {}", self.file, self.reason),
            key => write!(formatter, "{}, key `{key}`: {}", self.file, self.reason),
        }
    }
}
