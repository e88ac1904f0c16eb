//! Ending a run, with a reason that stays with it.

use mg_core::ToolError;
use serde_json::json;

use crate::{allow::AllowList, catalogue, client::Airflow, log::cut, wire::Run};

/// Airflow keeps no longer notes.
const LONGEST_NOTE: usize = 1000;

/// A wish to end a run.
#[derive(Debug)]
pub(crate) struct Wish<'a> {
    pub(crate) dag_id: &'a str,
    pub(crate) run_id: &'a str,
    pub(crate) reason: &'a str,
    /// Who wishes it.
    pub(crate) caller: &'a str,
}

/// The run afterwards.
#[derive(Debug)]
pub(crate) struct Cancelled {
    pub(crate) run: Run,
    /// False where it had ended before.
    pub(crate) cancelled: bool,
}

/// Ends a run that has not ended.
///
/// # Errors
///
/// [`ToolError`] without a reason, for a run that is not there, or where Airflow refuses it.
pub(crate) async fn cancel(
    airflow: &Airflow,
    allowed: &AllowList,
    wish: &Wish<'_>,
) -> Result<Cancelled, ToolError> {
    let reason = mg_core::clean(wish.reason.trim());
    if reason.is_empty() {
        return Err(ToolError::Invalid(
            "cancel_workflow_run needs a reason, e.g. \"wrong release\"; it is kept with the run"
                .into(),
        ));
    }
    let run = catalogue::run(airflow, allowed, wish.dag_id, wish.run_id).await?;
    if run.has_ended() {
        return Ok(Cancelled {
            run,
            cancelled: false,
        });
    }
    let body = json!({"state": "failed", "note": note(&reason, wish.caller)});
    let path = ["dags", wish.dag_id, "dagRuns", wish.run_id];
    let run = airflow.patch(&path, &body).await?;
    Ok(Cancelled {
        run,
        cancelled: true,
    })
}

fn note(reason: &str, caller: &str) -> String {
    let who = match caller {
        "local" => String::new(), // the owner of the process, whom Airflow knows as the account
        name => format!(" by {name}"),
    };
    cut(
        &format!("cancelled{who} through mg-airflow: {reason}"),
        LONGEST_NOTE,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_says_who_and_why_and_fits() {
        assert_eq!(
            note("wrong release", "ana"),
            "cancelled by ana through mg-airflow: wrong release"
        );
        assert!(note("x", "local").starts_with("cancelled through"));
        assert_eq!(note(&"x".repeat(3000), "ana").chars().count(), 1000);
    }
}
