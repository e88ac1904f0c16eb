//! `cancel_workflow_run`: ends a run, with a reason.

use mg_core::{Answer, Clock, Language, ToolError, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AirflowServer, cancelling, run::Run, words};

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The workflow
    #[serde(alias = "workflow")]
    dag_id: String,
    /// The run
    run_id: String,
    /// Why, in a few words; kept with the run
    reason: String,
}

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the name that the answer has")]
pub(crate) struct Cancelled {
    /// The run
    #[serde(flatten)]
    run: Run,
    /// False where it had ended before
    cancelled: bool,
    /// Its page in Airflow
    url: String,
    /// What else to know
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[tool_router(router = cancel_workflow_run_tool, vis = "pub(crate)")]
impl AirflowServer {
    /// Ends a run that is queued or running: Airflow marks it failed with the reason as its note and stops its tasks within some
    /// seconds. What they wrote stays written. A run that has ended is left as it is. Ask the person first unless they asked for
    /// it. Example: {"dag_id": "mg_sitadel_refresh", "run_id": "mcp__2026-11", "reason": "wrong release"}
    #[tool(
        title = "Cancel a workflow run",
        output_schema = schema_for_output::<Cancelled>(),
        annotations(read_only_hint = false, destructive_hint = true, idempotent_hint = true, open_world_hint = true)
    )]
    async fn cancel_workflow_run(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Cancelled>, ToolError> {
        let (airflow, language) = (self.airflow(&call)?, self.settings.language);
        let wish = cancelling::Wish {
            dag_id: &arguments.dag_id,
            run_id: &arguments.run_id,
            reason: &arguments.reason,
            caller: &call.caller().name,
        };
        let ended = cancelling::cancel(airflow, &self.allowed, &wish).await?;
        let note = words::cancelled(language, ended.cancelled);
        let cancelled = Cancelled {
            url: airflow.page_of_run(&ended.run.dag_id, &ended.run.dag_run_id),
            run: Run::of(&ended.run, Clock::system().now()),
            cancelled: ended.cancelled,
            notes: vec![note],
        };
        call.record_rows(1);
        Ok(Answer::new(text(&cancelled, language), cancelled))
    }
}

fn text(cancelled: &Cancelled, language: Language) -> String {
    let head = if cancelled.cancelled {
        language.pick("Exécution annulée", "Run cancelled")
    } else {
        language.pick("Rien à annuler", "Nothing to cancel")
    };
    let mut lines =
        vec![words::label(language, head, head) + &words::headline(language, &cancelled.run)];
    lines.extend(cancelled.notes.iter().map(|note| format!("- {note}")));
    lines.push(cancelled.url.clone());
    lines.join("\n")
}
