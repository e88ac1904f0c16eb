//! `describe_workflow`: what a workflow does, takes, and how its last runs went.

use jiff::Timestamp;
use mg_core::{Answer, Clock, Language, ToolError, markdown_table, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    AirflowServer, catalogue, cause,
    client::{Airflow, Failure},
    import_errors::{self, ImportError},
    log::cut,
    moment::to_the_second,
    parameters::Parameter,
    run::Run,
    wire::{Dag, Runs, Tasks},
    words,
};

/// Characters of a description.
const DESCRIPTION: usize = 1200;
/// Runs told.
const RUNS: usize = 5;
/// Tasks told.
const TASKS: usize = 60;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The workflow, as list_workflows tells it
    #[serde(alias = "workflow", alias = "name")]
    dag_id: String,
}

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Described {
    /// The workflow
    dag_id: String,
    /// What it does, in its author's words
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// A paused workflow does not run
    paused: bool,
    /// When it runs by itself
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<String>,
    /// Its next scheduled run, UTC
    #[serde(skip_serializing_if = "Option::is_none")]
    next_run: Option<String>,
    /// Who answers for it
    owners: Vec<String>,
    /// What run_workflow takes as params
    params: Vec<Told>,
    /// Its tasks with those that follow each
    tasks: Vec<Step>,
    /// The newest runs
    last_runs: Vec<Run>,
    /// Why its file cannot be loaded
    #[serde(skip_serializing_if = "Vec::is_empty")]
    import_errors: Vec<ImportError>,
    /// Its page in Airflow
    url: String,
}

/// A parameter.
#[derive(Debug, Serialize, JsonSchema)]
struct Told {
    /// Its name
    name: String,
    /// Its type
    kind: String,
    /// Whether a run needs it
    required: bool,
    /// Its value where none is given
    default: Value,
    /// What the value must keep to
    #[serde(skip_serializing_if = "Vec::is_empty")]
    constraints: Vec<String>,
    /// What it means
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

/// A task.
#[derive(Debug, Serialize, JsonSchema)]
struct Step {
    /// Its id
    task: String,
    /// Whether there is one for each of several inputs
    mapped: bool,
    /// The tasks that follow it
    then: Vec<String>,
}

#[tool_router(router = describe_workflow_tool, vis = "pub(crate)")]
impl AirflowServer {
    /// One workflow: what it does, its parameters (name, type, default, constraints), schedule, whether it is paused, tasks in
    /// order, its last 5 runs, and why its file cannot be loaded. Call it before run_workflow.
    /// Example: {"dag_id": "mg_sitadel_refresh"}
    #[tool(
        title = "Describe a workflow",
        output_schema = schema_for_output::<Described>(),
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = true)
    )]
    async fn describe_workflow(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Described>, ToolError> {
        let airflow = self.airflow(&call)?;
        let dag = catalogue::details(airflow, &self.allowed, &arguments.dag_id).await?;
        let described = described(airflow, dag, Clock::system().now()).await?;
        call.record_rows(1);
        Ok(Answer::new(
            text(&described, self.settings.language),
            described,
        ))
    }
}

async fn described(airflow: &Airflow, dag: Dag, now: Timestamp) -> Result<Described, Failure> {
    let (tasks_of_it, runs_of_it) = (
        ["dags", &dag.dag_id, "tasks"],
        ["dags", &dag.dag_id, "dagRuns"],
    );
    let query = [
        ("limit", RUNS.to_string()),
        ("order_by", "-run_after".to_owned()),
    ];
    let (tasks, runs) = tokio::join!(
        airflow.get::<Tasks>(&tasks_of_it, &[]),
        airflow.get::<Runs>(&runs_of_it, &query)
    );
    let import_errors = if dag.has_import_errors {
        import_errors::of_file(airflow, dag.relative_fileloc.as_deref()).await?
    } else {
        Vec::new()
    };
    let words = dag.doc_md.as_deref().or(dag.description.as_deref());
    let steps = tasks?.tasks.into_iter().take(TASKS).map(|task| Step {
        task: task.task_id,
        mapped: task.is_mapped,
        then: task.downstream_task_ids,
    });
    Ok(Described {
        url: airflow.page_of_workflow(&dag.dag_id),
        description: words.map(|text| cut(text, DESCRIPTION)),
        paused: dag.is_paused,
        schedule: dag.timetable_summary.as_deref().map(mg_core::clean),
        next_run: dag.next_dagrun_run_after.as_deref().map(to_the_second),
        params: dag.params.iter().map(parameter).collect(),
        tasks: steps.collect(),
        last_runs: cause::told(airflow, &runs?.dag_runs, now).await,
        import_errors,
        owners: dag.owners,
        dag_id: dag.dag_id,
    })
}

fn parameter((name, parameter): (&String, &Parameter)) -> Told {
    let description = parameter.description.as_deref();
    Told {
        name: name.clone(),
        kind: parameter.kind(),
        required: parameter.is_required(),
        default: parameter.value.clone(),
        constraints: parameter.constraints(),
        description: description.map(|text| cut(text, 300)),
    }
}

fn text(described: &Described, language: Language) -> String {
    let mut lines = vec![head(described, language)];
    lines.extend(described.description.clone());
    if described.params.is_empty() {
        lines.push(language.pick("Aucun paramètre.", "No parameters.").into());
    } else {
        lines.push(parameters(described, language));
    }
    let steps = described.tasks.iter().map(|step| match &step.then[..] {
        [] => step.task.clone(),
        then => format!("{} → {}", step.task, then.join(", ")),
    });
    let steps = steps.collect::<Vec<_>>().join(" ; ");
    lines.push(words::label(language, "Tâches", "Tasks") + &steps);
    let runs = described.last_runs.iter().map(|run| {
        let cause = run.cause.as_ref().map(|cause| format!(" ({cause})"));
        let at = run.started.clone().unwrap_or_default();
        let told = words::headline(language, run);
        format!("- {told} {at}{}", cause.unwrap_or_default())
    });
    lines.extend(runs);
    let errors = described.import_errors.iter();
    lines.extend(errors.map(|error| format!("- {}: {}", error.file, error.error)));
    lines.push(described.url.clone());
    lines.join("\n")
}

fn head(described: &Described, language: Language) -> String {
    let state = if described.paused {
        language.pick("en pause", "paused")
    } else {
        language.pick("actif", "active")
    };
    let by_hand = language.pick("à la demande", "on demand");
    let schedule = described.schedule.as_deref().unwrap_or(by_hand);
    let next = described
        .next_run
        .as_ref()
        .map_or_else(String::new, |next| {
            format!(", {}{next}", words::label(language, "prochaine", "next"))
        });
    format!("{} ({state}, {schedule}{next})", described.dag_id)
}

fn parameters(described: &Described, language: Language) -> String {
    let columns = language.pick(
        ["paramètre", "type", "défaut", "contraintes", "sens"],
        ["parameter", "type", "default", "constraints", "meaning"],
    );
    let rows = described.params.iter().map(|told| {
        let default = if told.required {
            language.pick("obligatoire", "required").to_owned()
        } else {
            told.default.to_string()
        };
        [
            told.name.clone(),
            told.kind.clone(),
            default,
            told.constraints.join(", "),
            told.description.clone().unwrap_or_default(),
        ]
    });
    markdown_table(&columns, rows)
}
