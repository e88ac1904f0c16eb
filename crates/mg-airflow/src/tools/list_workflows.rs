//! `list_workflows`: the workflows that may be seen.

use jiff::Timestamp;
use mg_core::{Answer, Clock, Language, ToolError, markdown_table, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limited;
use crate::{
    AirflowServer,
    catalogue::{self, Found},
    cause,
    client::{Airflow, Failure},
    import_errors::{self, ImportError},
    log::cut,
    run::Run,
    wire::Dag,
    words,
};

/// Workflows in an answer.
const SHOWN: usize = 50;
/// Characters of a description.
const DESCRIPTION: usize = 120;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Words that id, description or tags contain, in any spelling
    #[serde(default, alias = "search", alias = "name", alias = "pattern")]
    filter: Option<String>,
    /// Only those whose last run failed, with the cause
    #[serde(default)]
    only_failing: bool,
    /// Workflows told; default 50
    #[serde(default)]
    limit: Option<usize>,
}

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Listed {
    /// In order of their ids
    workflows: Vec<Workflow>,
    /// How many fit
    total: usize,
    /// Whether some are left out
    truncated: bool,
    /// Files that Airflow cannot load, whose workflows may be missing here
    #[serde(skip_serializing_if = "Vec::is_empty")]
    import_errors: Vec<ImportError>,
    /// What was cut
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

/// One workflow.
#[derive(Debug, Serialize, JsonSchema)]
struct Workflow {
    /// Its id
    dag_id: String,
    /// What it does
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// A paused workflow does not run
    paused: bool,
    /// When it runs by itself
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<String>,
    /// Whether its file cannot be loaded now
    import_error: bool,
    /// Its newest run
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run: Option<Run>,
}

#[tool_router(router = list_workflows_tool, vis = "pub(crate)")]
impl AirflowServer {
    /// Workflows (DAGs, chaînes de traitement) of Airflow that may be used here: id, description, paused, schedule, last run,
    /// and files that Airflow cannot load. Call it first, to find a dag_id; with only_failing it tells the cause of each
    /// failure. For all failures of a night use list_workflow_runs. Example: {"filter": "sitadel"}
    #[tool(
        title = "List workflows",
        output_schema = schema_for_output::<Listed>(),
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = true)
    )]
    async fn list_workflows(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Listed>, ToolError> {
        let airflow = self.airflow(&call)?;
        let last_state = arguments.only_failing.then_some("failed");
        let words = arguments.filter.as_deref();
        let found = catalogue::workflows(airflow, &self.allowed, words, last_state).await?;
        let (limit, note) = limited(arguments.limit, SHOWN, 500);
        let now = Clock::system().now();
        let listed = Listed {
            total: found.dags.len(),
            truncated: found.truncated || found.dags.len() > limit,
            workflows: told(airflow, &found, limit, now).await?,
            import_errors: import_errors::of_allowed(airflow, &self.allowed).await?,
            notes: note.into_iter().collect(),
        };
        call.record_rows(listed.workflows.len());
        Ok(Answer::new(text(&listed, self.settings.language), listed))
    }
}

async fn told(
    airflow: &Airflow,
    found: &Found,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<Workflow>, Failure> {
    let shown: Vec<&Dag> = found.dags.iter().take(limit).collect();
    let ids: Vec<&str> = shown.iter().map(|dag| dag.dag_id.as_str()).collect();
    let last = catalogue::last_runs(airflow, &ids).await?;
    let runs: Vec<_> = last.into_values().collect();
    let mut runs = cause::told(airflow, &runs, now).await;
    let workflow = |dag: &Dag| Workflow {
        dag_id: dag.dag_id.clone(),
        description: dag
            .description
            .as_deref()
            .map(|text| cut(text, DESCRIPTION)),
        paused: dag.is_paused,
        schedule: dag.timetable_summary.as_deref().map(mg_core::clean),
        import_error: dag.has_import_errors,
        last_run: runs
            .iter()
            .position(|run| run.dag_id == dag.dag_id)
            .map(|place| runs.swap_remove(place)),
    };
    Ok(shown.into_iter().map(workflow).collect())
}

fn text(listed: &Listed, language: Language) -> String {
    let columns = language.pick(
        [
            "workflow",
            "état",
            "planification",
            "dernière exécution",
            "description",
        ],
        ["workflow", "state", "schedule", "last run", "description"],
    );
    let rows = listed
        .workflows
        .iter()
        .map(|workflow| row(workflow, language));
    let shown = format!("{} / {}", listed.workflows.len(), listed.total);
    let mut lines = vec![
        words::label(language, "Workflows", "Workflows") + &shown,
        markdown_table(&columns, rows),
    ];
    if !listed.import_errors.is_empty() {
        lines.push(words::label(
            language,
            "Fichiers qu'Airflow ne charge pas",
            "Files that Airflow cannot load",
        ));
    }
    let errors = listed.import_errors.iter();
    lines.extend(errors.map(|error| format!("- {}: {}", error.file, error.error)));
    lines.extend(listed.notes.iter().map(|note| format!("- {note}")));
    lines.join("\n")
}

fn row(workflow: &Workflow, language: Language) -> [String; 5] {
    let state = match (workflow.import_error, workflow.paused) {
        (true, _) => language.pick("fichier en erreur", "file broken"),
        (_, true) => language.pick("en pause", "paused"),
        _ => language.pick("actif", "active"),
    };
    let last = workflow.last_run.as_ref().map_or_else(String::new, |run| {
        let at = run.ended.as_ref().or(run.started.as_ref());
        let parts = [
            Some(words::state(language, &run.state)),
            at.cloned(),
            run.cause.clone(),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    });
    let by_hand = language.pick("à la demande", "on demand");
    [
        workflow.dag_id.clone(),
        state.into(),
        workflow.schedule.clone().unwrap_or_else(|| by_hand.into()),
        last,
        workflow.description.clone().unwrap_or_default(),
    ]
}
