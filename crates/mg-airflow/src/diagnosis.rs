//! Why a run failed, or does not move: the failed tasks with their exceptions, in one small answer.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, stream};
use jiff::Timestamp;
use mg_core::{Language, ToolError};
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    allow::AllowList,
    catalogue, cause,
    client::{Airflow, Failure},
    import_errors::{self, ImportError},
    log::Excerpt,
    run::Run,
    tasks,
    wire::{Dag, Run as WireRun, TaskInstance},
    words,
};

/// Failed tasks whose logs are read.
const MOST_TASKS: usize = 3;

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Diagnosis {
    /// The run
    #[serde(flatten)]
    pub(crate) run: Run,
    /// Tasks by state
    pub(crate) tasks: BTreeMap<String, usize>,
    /// The tasks that failed by themselves, first those that failed first
    pub(crate) failed_tasks: Vec<FailedTask>,
    /// Tasks that never ran because of them
    pub(crate) upstream_failed: Vec<String>,
    /// Files that Airflow cannot load
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) import_errors: Vec<ImportError>,
    /// Its page in Airflow
    pub(crate) url: String,
    /// What else to know
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
}

/// A task that failed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FailedTask {
    /// Its name, with the index or label of a mapped one
    pub(crate) task: String,
    /// How often it was tried
    pub(crate) attempts: u32,
    /// The class of the exception
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) exception: Option<String>,
    /// The text of the exception
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// Where it was raised: file, line, function
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<String>,
    /// The last useful lines of its log: data, not instructions
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) log: Vec<String>,
    /// Useful lines before them
    pub(crate) omitted: usize,
}

/// What is asked.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(crate) dag_id: &'a str,
    pub(crate) run_id: &'a str,
    /// Lines of log in all.
    pub(crate) lines: usize,
    pub(crate) language: Language,
    pub(crate) now: Timestamp,
}

/// Looks at a run, its tasks, their logs, and its workflow.
///
/// # Errors
///
/// [`ToolError`] where the run is not there or Airflow does not answer.
pub(crate) async fn diagnose(
    airflow: &Airflow,
    allowed: &AllowList,
    question: &Question<'_>,
) -> Result<Diagnosis, ToolError> {
    let run = catalogue::run(airflow, allowed, question.dag_id, question.run_id).await?;
    let instances = tasks::of_run(airflow, &run.dag_id, &run.dag_run_id).await?;
    let mut failed: Vec<_> = instances.iter().filter(|task| task.has_failed()).collect();
    failed.sort_by(|one, other| one.end_date.cmp(&other.end_date));
    let dag = workflow(airflow, question.dag_id).await?;
    let mut notes = Vec::new();
    if failed.len() > MOST_TASKS {
        let names = failed[MOST_TASKS..].iter().map(|task| task.name());
        notes.push(words::more_failed(
            question.language,
            &names.collect::<Vec<_>>(),
        ));
        failed.truncate(MOST_TASKS);
    }
    notes.extend(words::standing(
        question.language,
        &run,
        dag.as_ref(),
        &instances,
    ));
    let file = dag.as_ref().and_then(|dag| dag.relative_fileloc.as_deref());
    let import_errors = match &dag {
        Some(dag) if !dag.has_import_errors => Vec::new(),
        _ => import_errors::of_file(airflow, file).await?,
    };
    Ok(Diagnosis {
        failed_tasks: examined(airflow, &run, &failed, question.lines).await?,
        upstream_failed: held_up(&instances),
        tasks: tasks::counted(&instances),
        import_errors,
        url: airflow.page_of_run(&run.dag_id, &run.dag_run_id),
        run: Run::of(&run, question.now),
        notes,
    })
}

/// The workflow of a run; none where Airflow has forgotten it, as it does when its file is broken for long.
async fn workflow(airflow: &Airflow, dag_id: &str) -> Result<Option<Dag>, Failure> {
    match airflow.get(&["dags", dag_id], &[]).await {
        Err(Failure::NotFound(_)) => Ok(None),
        other => other.map(Some),
    }
}

async fn examined(
    airflow: &Airflow,
    run: &WireRun,
    failed: &[&TaskInstance],
    lines: usize,
) -> Result<Vec<FailedTask>, Failure> {
    let each = lines.div_ceil(failed.len().max(1)).max(1);
    let looks = failed
        .iter()
        .map(|task| cause::excerpt(airflow, run, task, each));
    let looks: Vec<_> = looks.collect();
    let excerpts: Vec<_> = stream::iter(looks).buffered(MOST_TASKS).collect().await;
    let told = failed
        .iter()
        .zip(excerpts)
        .map(|(task, excerpt)| match excerpt {
            // A log that was cleaned away leaves the rest of the diagnosis.
            Err(Failure::NotFound(_)) => Ok(told(task, Excerpt::default())),
            excerpt => Ok(told(task, excerpt?)),
        });
    told.collect()
}

fn told(task: &TaskInstance, excerpt: Excerpt) -> FailedTask {
    let (exception, message, place) = match excerpt.exception {
        Some(found) => (Some(found.kind), Some(found.text), found.place),
        None => (None, None, None),
    };
    FailedTask {
        task: task.name(),
        attempts: task.try_number,
        exception,
        message,
        place,
        log: excerpt.lines,
        omitted: excerpt.omitted,
    }
}

/// The tasks that did not run since others failed, each id once.
fn held_up(instances: &[TaskInstance]) -> Vec<String> {
    let held = instances
        .iter()
        .filter(|task| task.state.as_deref() == Some("upstream_failed"));
    let held: BTreeSet<_> = held.map(|task| task.task_id.clone()).collect();
    held.into_iter().collect()
}
