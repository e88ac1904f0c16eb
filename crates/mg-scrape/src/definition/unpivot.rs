//! Columns of a file that are rows: `pp_vacant_26;pp_vacant_25` is one figure in two years.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Pattern;

/// Columns that become rows: each cell of theirs that is not empty is a row of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unpivot {
    /// Which columns: a pattern that the whole name matches. What its named groups find is read by `[file.columns]` as
    /// `"#group"`, the cell as `"#value"`
    pub columns: Pattern,
    /// What stands in a cell whose value the producer withholds (`s`): `"#value"` is empty there, and `"#withheld"` true
    #[serde(default)]
    pub withheld: Vec<String>,
}

impl Unpivot {
    /// In `[file.columns]`, the cell.
    pub const VALUE: &'static str = "#value";
    /// In `[file.columns]`, whether the producer withholds the cell's value.
    pub const WITHHELD: &'static str = "#withheld";

    /// The named groups of the pattern.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.columns.regex().capture_names().flatten()
    }

    /// By which name `[file.columns]` reads what a group finds.
    #[must_use]
    pub fn source(group: &str) -> String {
        format!("#{group}")
    }

    /// Whether it gives what `[file.columns]` reads by this name.
    #[must_use]
    pub fn gives(&self, source: &str) -> bool {
        source == Self::VALUE
            || source == Self::WITHHELD
            || self.groups().any(|group| Self::source(group) == source)
    }
}
