//! What became of a refresh: for people in lines, for workflows in JSON.

use std::{fmt, time::Duration};

use mg_core::{Language, ToolError};
use serde::Serialize;

use crate::{phrase::counted, store::Written};

/// What became of one indicator.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Outcome {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) values: Option<Written>,
    pub(super) forecasts_made: usize,
    pub(super) forecasts_written: usize,
    pub(super) forecasts_refused: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    /// The database was not there.
    #[serde(skip)]
    pub(super) unavailable: bool,
}

impl Outcome {
    pub(super) fn failed(name: &str, error: &ToolError) -> Self {
        Self {
            name: name.to_owned(),
            values: None,
            forecasts_made: 0,
            forecasts_written: 0,
            forecasts_refused: 0,
            error: Some(error.to_string()),
            unavailable: matches!(error, ToolError::Unavailable(_)),
        }
    }
}

/// What became of all.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Summary {
    pub(super) indicators: Vec<Outcome>,
    pub(super) failed: usize,
    pub(super) elapsed_ms: u64,
    /// Nothing could be stored, since the database was not there.
    #[serde(skip)]
    pub(super) unavailable: bool,
}

impl Summary {
    pub(super) fn add(&mut self, outcome: Outcome) {
        self.failed += usize::from(outcome.error.is_some());
        self.indicators.push(outcome);
    }

    pub(super) fn finish(&mut self, elapsed: Duration) {
        self.indicators
            .sort_by(|one, other| one.name.cmp(&other.name));
        self.elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX);
        self.unavailable = self.indicators.iter().all(|outcome| outcome.unavailable);
    }

    /// One sentence for each indicator that was not stored.
    pub(super) fn failures(&self) -> impl Iterator<Item = String> {
        self.indicators.iter().filter_map(|outcome| {
            let error = outcome.error.as_ref()?;
            Some(format!("{}: {error}", outcome.name))
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = Written::default();
        for written in self.indicators.iter().filter_map(|outcome| outcome.values) {
            all.inserted += written.inserted;
            all.updated += written.updated;
            all.unchanged += written.unchanged;
            all.revised += written.revised;
        }
        let sum = |of: fn(&Outcome) -> usize| self.indicators.iter().map(of).sum::<usize>();
        let counted = |count, words| counted(count, words, Language::English);
        write!(
            formatter,
            "{} in {:.1} s: {}, {} updated, {} unchanged, {} revised since their last release; \
             {}, {} of them new, {} not possible; {} failed",
            counted(
                self.indicators.len() - self.failed,
                ["indicator", "indicators"]
            ),
            Duration::from_millis(self.elapsed_ms).as_secs_f64(),
            counted(all.inserted, ["value inserted", "values inserted"]),
            all.updated,
            all.unchanged,
            all.revised,
            counted(
                sum(|outcome| outcome.forecasts_made),
                ["forecast", "forecasts"]
            ),
            sum(|outcome| outcome.forecasts_written),
            sum(|outcome| outcome.forecasts_refused),
            self.failed
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(name: &str, error: Option<ToolError>) -> Outcome {
        match error {
            Some(error) => Outcome::failed(name, &error),
            None => Outcome {
                values: Some(Written {
                    inserted: 3,
                    ..Written::default()
                }),
                error: None,
                unavailable: false,
                ..Outcome::failed(name, &ToolError::Invalid(String::new()))
            },
        }
    }

    #[test]
    fn a_failure_is_counted_and_named_and_the_rest_is_told() {
        let mut summary = Summary::default();
        let gone = || Some(ToolError::Unavailable("no answer".into()));
        summary.add(outcome("b", gone()));
        summary.add(outcome("a", None));
        summary.finish(Duration::from_millis(1500));
        assert_eq!(summary.failures().collect::<Vec<_>>(), ["b: no answer"]);
        assert!(!summary.unavailable, "one was stored");
        let told = summary.to_string();
        assert!(
            told.starts_with("1 indicator in 1.5 s: 3 values inserted")
                && told.ends_with("1 failed"),
            "{told}"
        );
        let mut nothing = Summary::default();
        nothing.add(outcome("b", gone()));
        nothing.finish(Duration::ZERO);
        assert!(nothing.unavailable);
    }
}
