//! `diagnose_workflow_run`: why a run failed.

use mg_core::{Answer, Clock, Language, ToolError, envelope, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    AirflowServer,
    diagnosis::{self, Diagnosis, FailedTask, Question},
    words,
};

/// Lines of log where none are asked for.
const LINES: usize = 12;
/// The most lines of log.
const MOST_LINES: usize = 100;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The workflow
    #[serde(alias = "workflow")]
    dag_id: String,
    /// The run, as list_workflow_runs tells it
    run_id: String,
    /// Lines of log in all, 1 to 100; default 12
    #[serde(default, alias = "lines")]
    max_lines: Option<usize>,
}

#[tool_router(router = diagnose_workflow_run_tool, vis = "pub(crate)")]
impl AirflowServer {
    /// Why a run failed or does not move: the failed tasks with exception, text, place in the code and the last useful lines of
    /// their logs (Airflow's own lines left out), tasks held up by them, import errors, and whether the workflow is paused. One
    /// small answer instead of whole logs. Example: {"dag_id": "mg_sitadel_refresh", "run_id": "mcp__2026-11"}
    #[tool(
        title = "Diagnose a workflow run",
        output_schema = schema_for_output::<Diagnosis>(),
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = true)
    )]
    async fn diagnose_workflow_run(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Diagnosis>, ToolError> {
        let airflow = self.airflow(&call)?;
        let question = Question {
            dag_id: &arguments.dag_id,
            run_id: &arguments.run_id,
            lines: arguments.max_lines.unwrap_or(LINES).clamp(1, MOST_LINES),
            language: self.settings.language,
            now: Clock::system().now(),
        };
        let diagnosis = diagnosis::diagnose(airflow, &self.allowed, &question).await?;
        call.record_rows(diagnosis.failed_tasks.len());
        Ok(Answer::new(text(&diagnosis, question.language), diagnosis))
    }
}

fn text(diagnosis: &Diagnosis, language: Language) -> String {
    let mut lines = vec![words::headline(language, &diagnosis.run)];
    for failed in &diagnosis.failed_tasks {
        lines.push(task(failed, &diagnosis.run.run_id, language));
    }
    if !diagnosis.upstream_failed.is_empty() {
        let held = diagnosis.upstream_failed.join(", ");
        lines.push(
            words::label(
                language,
                "Tâches bloquées par ces échecs",
                "Tasks held up by them",
            ) + &held,
        );
    }
    let errors = diagnosis.import_errors.iter();
    lines.extend(errors.map(|error| format!("- {}: {}", error.file, error.error)));
    lines.extend(diagnosis.notes.iter().map(|note| format!("- {note}")));
    lines.push(diagnosis.url.clone());
    lines.join("\n")
}

fn task(failed: &FailedTask, run_id: &str, language: Language) -> String {
    let attempts = match (failed.attempts, language) {
        (attempts, Language::French) => format!("échec après {attempts} essai(s)"),
        (attempts, Language::English) => format!("failed after {attempts} attempt(s)"),
    };
    let mut lines = vec![words::label(language, &failed.task, &failed.task) + &attempts];
    let exception = failed.exception.as_deref().zip(failed.message.as_deref());
    if let Some((kind, message)) = exception {
        let place = failed.place.as_ref().map(|place| format!(" ({place})"));
        lines.push(format!("{kind}: {message}{}", place.unwrap_or_default()));
    } else {
        lines.push(
            language
                .pick(
                    "aucune exception dans le journal",
                    "no exception in its log",
                )
                .into(),
        );
    }
    if !failed.log.is_empty() {
        let omitted = match (failed.omitted, language) {
            (0, _) => String::new(),
            (count, Language::French) => format!("(… {count} lignes avant)\n"),
            (count, Language::English) => format!("(… {count} lines before)\n"),
        };
        let source = format!("log of {} in {run_id}", failed.task);
        lines.push(envelope(
            &source,
            &format!("{omitted}{}", failed.log.join("\n")),
        ));
    }
    lines.join("\n")
}
