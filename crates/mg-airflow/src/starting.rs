//! Starting a run: checked first, under an id of its own, at most once.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use mg_core::ToolError;
use serde_json::{Map, Value, json};

use crate::{
    allow::{AllowList, missing},
    catalogue,
    client::{Airflow, Failure},
    parameters,
    run_id::{self, RunIds},
    wire::{Dag, Run},
};

/// Airflow keeps no longer notes.
const LONGEST_NOTE: usize = 1000;

/// A run that stands in the way of a repeated request is its own if it is no older, as far as two clocks agree.
const LOST: SignedDuration = SignedDuration::from_secs(30);

/// A wish for a run.
#[derive(Debug)]
pub(crate) struct Wish<'a> {
    pub(crate) dag_id: &'a str,
    pub(crate) parameters: Map<String, Value>,
    pub(crate) key: Option<&'a str>,
    pub(crate) note: Option<String>,
    pub(crate) now: Timestamp,
}

/// The run of a wish.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) run: Run,
    /// False where the same wish had started it before.
    pub(crate) created: bool,
}

/// Starts the run of a wish, or finds the one it has already.
///
/// # Errors
///
/// [`ToolError`]: what keeps the run from starting, or that it is not known whether it started.
pub(crate) async fn start(
    airflow: &Airflow,
    allowed: &AllowList,
    wish: &Wish<'_>,
) -> Result<Started, ToolError> {
    check_note(wish.note.as_deref())?;
    let dag = catalogue::details(airflow, allowed, wish.dag_id).await?;
    check_runnable(&dag, &airflow.page_of_workflow(wish.dag_id))?;
    parameters::check(&dag.params, &wish.parameters)?;
    let ids = run_id::of(wish.dag_id, &wish.parameters, wish.key, wish.now)?;
    if let Some(run) = just_before(airflow, wish, &ids).await? {
        return Ok(Started {
            run,
            created: false,
        });
    }
    match trigger(airflow, wish, &ids.run_id).await {
        Ok(run) => Ok(Started { run, created: true }),
        Err(Failure::Conflict(detail)) => known(airflow, wish, &ids.run_id, detail).await,
        Err(Failure::ConflictAgain(detail)) => {
            let started = known(airflow, wish, &ids.run_id, detail).await?;
            Ok(Started {
                created: is_fresh(&started.run, wish.now, LOST),
                ..started
            })
        }
        Err(Failure::NotFound(_)) => Err(missing(wish.dag_id)),
        Err(
            failure
            @ (Failure::Slow(_) | Failure::Broken | Failure::Busy(..) | Failure::Failing(_)),
        ) => uncertain(airflow, wish, &ids.run_id, failure).await,
        Err(failure) => Err(failure.into()),
    }
}

fn check_note(note: Option<&str>) -> Result<(), ToolError> {
    let length = note.map_or(0, |note| note.chars().count());
    if length > LONGEST_NOTE {
        return Err(ToolError::Invalid(format!(
            "the note has {length} characters; Airflow keeps {LONGEST_NOTE}"
        )));
    }
    Ok(())
}

/// Refuses what would be queued for ever, or turned down.
fn check_runnable(dag: &Dag, page: &str) -> Result<(), ToolError> {
    let id = &dag.dag_id;
    let refused = |why: String| Err(ToolError::Invalid(format!("nothing was started: {why}")));
    if dag.has_import_errors {
        return refused(format!(
            "Airflow cannot load the file of `{id}`; describe_workflow tells the error"
        ));
    }
    if dag.is_paused {
        return refused(format!(
            "the workflow `{id}` is paused, so that a run would stay queued; a person can unpause it at {page}"
        ));
    }
    let kinds = dag.allowed_run_types.as_ref();
    if kinds.is_some_and(|kinds| !kinds.iter().any(|kind| kind == "manual")) {
        return refused(format!("the workflow `{id}` allows no manual runs"));
    }
    Ok(())
}

/// The run that the same wish started just before the hour struck.
async fn just_before(
    airflow: &Airflow,
    wish: &Wish<'_>,
    ids: &RunIds,
) -> Result<Option<Run>, ToolError> {
    let Some(before) = &ids.before else {
        return Ok(None);
    };
    let run = match find(airflow, wish.dag_id, before).await {
        Err(Failure::NotFound(_)) => return Ok(None),
        other => other?,
    };
    let overlap = SignedDuration::from_mins(run_id::OVERLAP);
    Ok(is_fresh(&run, wish.now, overlap).then_some(run))
}

/// Whether a run was queued no longer ago than this.
fn is_fresh(run: &Run, now: Timestamp, ago: SignedDuration) -> bool {
    let queued: Option<Timestamp> = run.queued_at.as_deref().and_then(|at| at.parse().ok());
    queued.is_some_and(|at| now.duration_since(at) < ago)
}

async fn trigger(airflow: &Airflow, wish: &Wish<'_>, run_id: &str) -> Result<Run, Failure> {
    let body = json!({
        "dag_run_id": run_id, "logical_date": null, "conf": wish.parameters, "note": wish.note,
    });
    airflow.post(&["dags", wish.dag_id, "dagRuns"], &body).await
}

/// After a conflict: the run of this id, if it is of the same wish.
async fn known(
    airflow: &Airflow,
    wish: &Wish<'_>,
    run_id: &str,
    detail: String,
) -> Result<Started, ToolError> {
    let run = match find(airflow, wish.dag_id, run_id).await {
        Err(Failure::NotFound(_)) => return Err(Failure::Conflict(detail).into()),
        other => other?,
    };
    if run.conf == wish.parameters {
        return Ok(Started {
            run,
            created: false,
        });
    }
    Err(another_wish(run_id, run))
}

/// A run of the same id has other parameters than were wished for.
fn another_wish(run_id: &str, run: Run) -> ToolError {
    ToolError::Invalid(format!(
        "nothing was started: the idempotency_key was used already, for the run `{run_id}` ({}) with other params {}; \
         give another key",
        run.state,
        crate::log::cut(&Value::Object(run.conf).to_string(), 300)
    ))
}

/// After a silence: looks whether the run is there, else says that nobody knows.
async fn uncertain(
    airflow: &Airflow,
    wish: &Wish<'_>,
    run_id: &str,
    failure: Failure,
) -> Result<Started, ToolError> {
    let look = tokio::time::timeout(Duration::from_secs(5), find(airflow, wish.dag_id, run_id));
    match look.await {
        Ok(Ok(run)) if run.conf == wish.parameters => return Ok(Started { run, created: true }),
        Ok(Ok(run)) => return Err(another_wish(run_id, run)),
        _ => {}
    }
    let why = ToolError::from(failure);
    Err(ToolError::Unavailable(format!(
        "{why}. Whether the run started is not known: get_workflow_run with run_id `{run_id}` tells it, and saying the same \
         call again with idempotency_key `{run_id}` never starts a second one"
    )))
}

async fn find(airflow: &Airflow, dag_id: &str, run_id: &str) -> Result<Run, Failure> {
    airflow.get(&["dags", dag_id, "dagRuns", run_id], &[]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(dag: &Dag) -> String {
        check_runnable(dag, "https://h/dags/mg_quick")
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn what_could_not_run_is_not_started() {
        let dag = Dag {
            dag_id: "mg_quick".into(),
            ..Dag::default()
        };
        assert!(check_runnable(&dag, "").is_ok());
        let paused = Dag {
            is_paused: true,
            ..dag.clone()
        };
        let told = refusal(&paused);
        assert!(
            told.contains("paused") && told.contains("https://h/dags/mg_quick"),
            "{told}"
        );
        let broken = Dag {
            has_import_errors: true,
            ..dag.clone()
        };
        assert!(refusal(&broken).contains("describe_workflow"));
        let scheduled = Dag {
            allowed_run_types: Some(vec!["scheduled".into()]),
            ..dag
        };
        assert!(refusal(&scheduled).contains("no manual runs"));
    }

    #[test]
    fn a_note_that_airflow_would_refuse_is_refused_before() {
        assert!(check_note(Some(&"é".repeat(1000))).is_ok() && check_note(None).is_ok());
        assert!(check_note(Some(&"é".repeat(1001))).is_err());
    }
}
