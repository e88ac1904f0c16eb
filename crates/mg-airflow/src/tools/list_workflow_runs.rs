//! `list_workflow_runs`: the newest runs, and why they failed.

use jiff::Timestamp;
use mg_core::{Answer, Clock, Language, ToolError, markdown_table, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::limited;
use crate::{AirflowServer, cause, history, history::Filter, moment, run::Run, words};

/// Runs in an answer.
const SHOWN: usize = 50;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Only of this workflow
    #[serde(default, alias = "workflow")]
    dag_id: Option<String>,
    /// Only in this state
    #[serde(default, alias = "status")]
    state: Option<State>,
    /// Only since: 12h, 7d, a date (2026-11-24) or a time
    #[serde(default)]
    since: Option<String>,
    /// Runs told; default 50
    #[serde(default)]
    limit: Option<usize>,
}

/// The state of a run.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum State {
    Queued,
    Running,
    Success,
    Failed,
}

impl State {
    const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Success => "success",
            Self::Failed => "failed",
        }
    }
}

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Listed {
    /// The newest first
    runs: Vec<Run>,
    /// How many fit
    total: usize,
    /// Whether some are left out
    truncated: bool,
    /// What was cut
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[tool_router(router = list_workflow_runs_tool, vis = "pub(crate)")]
impl AirflowServer {
    /// The newest runs of one workflow or of all, with state, times and, for the first 8 failed ones, the cause (task, exception,
    /// text). Use it for "what failed last night and why": {"state": "failed", "since": "24h"} is usually all it takes;
    /// diagnose_workflow_run then shows the log of one. Example: {"dag_id": "mg_sitadel_refresh", "limit": 5}
    #[tool(
        title = "List workflow runs",
        output_schema = schema_for_output::<Listed>(),
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = true)
    )]
    async fn list_workflow_runs(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Listed>, ToolError> {
        let airflow = self.airflow(&call)?;
        let now = Clock::system().now();
        let (limit, note) = limited(arguments.limit, SHOWN, 500);
        let filter = Filter {
            dag_id: arguments.dag_id.as_deref(),
            state: arguments.state.map(State::name),
            since: since(arguments.since.as_deref(), now)?,
            limit,
        };
        let found = history::runs(airflow, &self.allowed, &filter).await?;
        let listed = Listed {
            runs: cause::told(airflow, &found.runs, now).await,
            total: found.total,
            truncated: found.total > found.runs.len(),
            notes: note.into_iter().collect(),
        };
        call.record_rows(listed.runs.len());
        Ok(Answer::new(text(&listed, self.settings.language), listed))
    }
}

fn since(text: Option<&str>, now: Timestamp) -> Result<Option<Timestamp>, ToolError> {
    text.map(|text| moment::since(text, now)).transpose()
}

fn text(listed: &Listed, language: Language) -> String {
    let columns = language.pick(
        [
            "workflow",
            "run_id",
            "état",
            "début (UTC)",
            "durée",
            "cause",
        ],
        [
            "workflow",
            "run_id",
            "state",
            "started (UTC)",
            "took",
            "cause",
        ],
    );
    let rows = listed.runs.iter().map(|run| {
        [
            run.dag_id.clone(),
            run.run_id.clone(),
            words::state(language, &run.state),
            run.started.clone().unwrap_or_default(),
            run.seconds
                .map(|taken| words::seconds(language, taken))
                .unwrap_or_default(),
            run.cause.clone().unwrap_or_default(),
        ]
    });
    let shown = format!("{} / {}", listed.runs.len(), listed.total);
    let mut lines = vec![
        words::label(language, "Exécutions", "Runs") + &shown,
        markdown_table(&columns, rows),
    ];
    lines.extend(listed.notes.iter().map(|note| format!("- {note}")));
    lines.join("\n")
}
