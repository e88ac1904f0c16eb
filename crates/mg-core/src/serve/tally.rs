//! How many calls there were, how they ended and how long they took; told by `/metrics`.

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Mutex, PoisonError},
};

/// Upper bounds of the histogram, in seconds.
const BOUNDS: [f64; 9] = [0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 30.0, 60.0];

/// The calls of a process.
#[derive(Debug, Default)]
pub(super) struct Tally(Mutex<Calls>);

#[derive(Debug, Default)]
struct Calls {
    /// By tool and outcome.
    ended: BTreeMap<(String, &'static str), u64>,
    /// By tool.
    took: BTreeMap<String, Took>,
}

#[derive(Debug, Default)]
struct Took {
    /// Calls up to each bound, not added up.
    within: [u64; BOUNDS.len()],
    count: u64,
    seconds: f64,
}

impl Tally {
    /// Counts one call. `tool` is a name of ours, not of the caller's: each makes a line for ever.
    pub(super) fn count(&self, tool: &str, outcome: &'static str, seconds: f64) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *calls.ended.entry((tool.to_owned(), outcome)).or_default() += 1;
        let times = calls.took.entry(tool.to_owned()).or_default();
        times.count += 1;
        times.seconds += seconds;
        if let Some(place) = BOUNDS.iter().position(|bound| seconds <= *bound) {
            times.within[place] += 1;
        }
    }

    /// Writes the counts in the text format of Prometheus.
    pub(super) fn write(&self, text: &mut String) {
        let calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *text +=
            "# HELP mg_calls_total Tool calls by how they ended.\n# TYPE mg_calls_total counter\n";
        for ((tool, outcome), count) in &calls.ended {
            let _written = writeln!(
                text,
                "mg_calls_total{{tool=\"{tool}\",outcome=\"{outcome}\"}} {count}"
            );
        }
        *text += "# HELP mg_call_seconds Time of tool calls.\n# TYPE mg_call_seconds histogram\n";
        for (tool, took) in &calls.took {
            took.write(tool, text);
        }
    }
}

impl Took {
    fn write(&self, tool: &str, text: &mut String) {
        let mut below = 0;
        for (bound, within) in BOUNDS.iter().zip(self.within) {
            below += within;
            let _written = writeln!(
                text,
                "mg_call_seconds_bucket{{tool=\"{tool}\",le=\"{bound}\"}} {below}"
            );
        }
        let Self { count, seconds, .. } = self;
        let _written = writeln!(
            text,
            "mg_call_seconds_bucket{{tool=\"{tool}\",le=\"+Inf\"}} {count}\n\
             mg_call_seconds_sum{{tool=\"{tool}\"}} {seconds:.6}\n\
             mg_call_seconds_count{{tool=\"{tool}\"}} {count}"
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_outcome_and_their_times_add_up() {
        let tally = Tally::default();
        tally.count("run_sql", "ok", 0.003);
        tally.count("run_sql", "error", 0.25);
        tally.count("run_sql", "ok", 120.0);
        let mut text = String::new();
        tally.write(&mut text);
        for line in [
            "mg_calls_total{tool=\"run_sql\",outcome=\"ok\"} 2",
            "mg_calls_total{tool=\"run_sql\",outcome=\"error\"} 1",
            "mg_call_seconds_bucket{tool=\"run_sql\",le=\"0.001\"} 0",
            "mg_call_seconds_bucket{tool=\"run_sql\",le=\"0.005\"} 1",
            "mg_call_seconds_bucket{tool=\"run_sql\",le=\"60\"} 2",
            "mg_call_seconds_bucket{tool=\"run_sql\",le=\"+Inf\"} 3",
            "mg_call_seconds_sum{tool=\"run_sql\"} 120.253000",
        ] {
            assert!(text.lines().any(|told| told == line), "{line}\n{text}");
        }
    }
}
