//! Why runs failed, in a few words each.

use futures::{StreamExt, stream};
use jiff::Timestamp;

use crate::{
    client::{Airflow, Failure},
    log::{self, Excerpt, cut},
    run::Run,
    wire::{Run as WireRun, TaskInstance, TaskInstances},
};

/// Runs whose cause is looked for in one call.
const MOST_RUNS: usize = 8;
/// Requests at once.
const AT_ONCE: usize = 3;
/// Characters of a cause.
const CAUSE: usize = 240;

/// Runs as they are told, the first failed ones with their cause.
pub(crate) async fn told(airflow: &Airflow, runs: &[WireRun], now: Timestamp) -> Vec<Run> {
    let mut told: Vec<Run> = runs.iter().map(|run| Run::of(run, now)).collect();
    let failed = runs.iter().filter(|run| run.has_failed());
    let looks: Vec<_> = failed
        .take(MOST_RUNS)
        .map(|run| of_run(airflow, run))
        .collect();
    let causes: Vec<_> = stream::iter(looks).buffered(AT_ONCE).collect().await;
    let told_failed = told.iter_mut().filter(|run| run.state == "failed");
    for (run, cause) in told_failed.zip(causes) {
        // A cause that cannot be read takes nothing from the list.
        run.cause = cause.ok().flatten();
    }
    told
}

/// Why a failed run failed; none where nothing says so.
///
/// # Errors
///
/// [`Failure`].
pub(crate) async fn of_run(airflow: &Airflow, run: &WireRun) -> Result<Option<String>, Failure> {
    let path = [
        "dags",
        &run.dag_id,
        "dagRuns",
        &run.dag_run_id,
        "taskInstances",
    ];
    let query = [("state", "failed".to_owned()), ("limit", "20".to_owned())];
    let failed: TaskInstances = airflow.get(&path, &query).await?;
    let first = failed
        .task_instances
        .iter()
        .min_by(|one, other| one.end_date.cmp(&other.end_date));
    let Some(first) = first else {
        return Ok(run.note.as_deref().map(|note| cut(note, CAUSE)));
    };
    let excerpt = excerpt(airflow, run, first, 1).await?;
    Ok(Some(in_words(first, &excerpt, run.note.as_deref())))
}

/// The log of a task's last attempt, cut.
///
/// # Errors
///
/// [`Failure`].
pub(crate) async fn excerpt(
    airflow: &Airflow,
    run: &WireRun,
    task: &TaskInstance,
    most: usize,
) -> Result<Excerpt, Failure> {
    if task.try_number == 0 {
        return Ok(Excerpt::default()); // it never ran
    }
    let attempt = task.try_number.to_string();
    let path = [
        "dags",
        &run.dag_id,
        "dagRuns",
        &run.dag_run_id,
        "taskInstances",
        &task.task_id,
        "logs",
        &attempt,
    ];
    let query = [
        ("map_index", task.map_index.to_string()),
        ("full_content", "true".to_owned()),
    ];
    let log = airflow.log(&path, &query).await?;
    let excerpt = log::excerpt(&log.content, most);
    Ok(Excerpt {
        omitted: excerpt.omitted + log.dropped,
        ..excerpt
    })
}

/// `load: ValueError: no release 2026-13`.
fn in_words(task: &TaskInstance, excerpt: &Excerpt, note: Option<&str>) -> String {
    let why = match (&excerpt.exception, note, excerpt.lines.last()) {
        (Some(exception), ..) => format!("{}: {}", exception.kind, exception.text),
        (None, Some(note), _) => note.to_owned(),
        (None, None, Some(line)) => line.clone(),
        (None, None, None) => "no exception in its log".into(),
    };
    cut(&format!("{}: {why}", task.name()).replace('\n', " "), CAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Exception;

    #[test]
    fn a_cause_names_task_exception_and_text() {
        let task = TaskInstance {
            task_id: "load".into(),
            map_index: -1,
            ..TaskInstance::default()
        };
        let mut excerpt = Excerpt {
            exception: Some(Exception {
                kind: "ValueError".into(),
                text: "no\nrelease".into(),
                place: None,
            }),
            ..Excerpt::default()
        };
        assert_eq!(
            in_words(&task, &excerpt, Some("note")),
            "load: ValueError: no release"
        );
        excerpt.exception = None;
        assert_eq!(
            in_words(&task, &excerpt, Some("cancelled")),
            "load: cancelled"
        );
        excerpt.lines = vec!["Task killed!".into()];
        assert_eq!(in_words(&task, &excerpt, None), "load: Task killed!");
        assert!(in_words(&task, &Excerpt::default(), None).contains("no exception"));
    }
}
