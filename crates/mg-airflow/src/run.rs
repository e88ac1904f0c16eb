//! A run as it is told.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    log::cut,
    moment::{seconds, to_the_second},
    wire,
};

/// Characters of a note.
const NOTE: usize = 300;

/// What is told of a run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "Airflow's own names")]
pub(crate) struct Run {
    /// The workflow
    pub(crate) dag_id: String,
    /// The run
    pub(crate) run_id: String,
    /// queued, running, success or failed
    pub(crate) state: String,
    /// manual, scheduled, backfill…
    pub(crate) run_type: String,
    /// When it began, UTC
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) started: Option<String>,
    /// When it ended, UTC
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended: Option<String>,
    /// How long it took, or takes so far
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seconds: Option<f64>,
    /// What people noted
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    /// Why it failed: task, exception, text
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<String>,
}

impl Run {
    /// Of what Airflow says.
    pub(crate) fn of(run: &wire::Run, now: Timestamp) -> Self {
        Self {
            dag_id: run.dag_id.clone(),
            run_id: run.dag_run_id.clone(),
            state: run.state.clone(),
            run_type: run.run_type.clone(),
            started: run.start_date.as_deref().map(to_the_second),
            ended: run.end_date.as_deref().map(to_the_second),
            seconds: seconds(run.start_date.as_deref(), run.end_date.as_deref(), now),
            note: run.note.as_deref().map(|note| cut(note, NOTE)),
            cause: None,
        }
    }
}

impl wire::Run {
    /// Whether nothing more will happen to it.
    pub(crate) fn has_ended(&self) -> bool {
        has_ended(&self.state)
    }

    /// Whether it failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.state == "failed"
    }
}

/// Whether a run in this state has come to its end.
pub(crate) fn has_ended(state: &str) -> bool {
    matches!(state, "success" | "failed")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_run_is_told_to_the_second_and_without_what_is_not_known() {
        let run = json!({"dag_id": "d", "dag_run_id": "r", "state": "success", "run_type": "manual",
            "start_date": "2026-11-25T20:00:00.25Z", "end_date": "2026-11-25T20:00:12.5Z", "note": null});
        let run: wire::Run = serde_json::from_value(run).unwrap();
        let told = serde_json::to_value(Run::of(&run, Timestamp::UNIX_EPOCH)).unwrap();
        assert_eq!(
            told,
            json!({"dag_id": "d", "run_id": "r", "state": "success", "run_type": "manual",
                "started": "2026-11-25T20:00:00Z", "ended": "2026-11-25T20:00:12Z", "seconds": 12.3})
        );
        assert!(run.has_ended() && !run.has_failed());
    }
}
