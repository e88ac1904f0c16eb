//! `run_workflow`: starts a run, at most once for the same wish.

use mg_core::{Answer, Clock, Language, ToolError, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    AirflowServer, cause,
    client::Airflow,
    following::{self, Wait},
    run::Run,
    starting::{self, Wish},
    words,
};

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The workflow, as list_workflows tells it
    #[serde(alias = "workflow", alias = "name")]
    dag_id: String,
    /// Its parameters by name, as describe_workflow tells them; those left out take their defaults
    #[serde(default, alias = "conf", alias = "parameters")]
    params: Option<Map<String, Value>>,
    /// Names this wish: the same key never starts a second run. Default: the same params in the same hour are one wish
    #[serde(default)]
    idempotency_key: Option<String>,
    /// Seconds to wait for the end, at most 45; default 0
    #[serde(default)]
    wait_s: Option<u64>,
    /// Why it is run, kept with the run
    #[serde(default)]
    note: Option<String>,
}

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Launched {
    /// The run
    #[serde(flatten)]
    run: Run,
    /// False where the same wish had started it before
    created: bool,
    /// Its page in Airflow
    url: String,
    /// What else to know
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

#[tool_router(router = run_workflow_tool, vis = "pub(crate)")]
impl AirflowServer {
    /// Starts a run of a workflow. Params are checked first: unknown names and wrong values are refused and nothing starts; a
    /// paused workflow is told, never unpaused. Saying the same call again finds the same run (created: false). With wait_s it
    /// waits up to 45 s and tells progress; cancelling the call never stops the run. Answers dag_id, run_id, state, created,
    /// url. Example: `{"dag_id": "mg_sitadel_refresh", "params": {"communes": ["77243"]}, "wait_s": 30}`
    #[tool(
        title = "Run a workflow",
        output_schema = schema_for_output::<Launched>(),
        annotations(read_only_hint = false, destructive_hint = false, idempotent_hint = true, open_world_hint = true)
    )]
    async fn run_workflow(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Launched>, ToolError> {
        let (airflow, language) = (self.airflow(&call)?, self.settings.language);
        let wish = Wish {
            dag_id: &arguments.dag_id,
            parameters: arguments.params.unwrap_or_default(),
            key: arguments.idempotency_key.as_deref(),
            note: arguments.note,
            now: Clock::system().now(),
        };
        let started = starting::start(airflow, &self.allowed, &wish).await?;
        let (seconds, cut) = following::seconds(arguments.wait_s);
        let wait = Wait {
            airflow,
            call: &call,
            language,
            seconds,
        };
        let existed = (!started.created).then(|| words::existed(language, started.run.has_ended()));
        let (run, lost) = wait.of(started.run).await;
        let goes_on = (!run.has_ended()).then(|| words::goes_on(language));
        let notes = [existed, cut, lost, goes_on].into_iter().flatten();
        let launched = Launched {
            url: airflow.page_of_run(&run.dag_id, &run.dag_run_id),
            created: started.created,
            run: told(airflow, &run).await,
            notes: notes.collect(),
        };
        call.record_rows(1);
        Ok(Answer::new(text(&launched, language), launched))
    }
}

async fn told(airflow: &Airflow, run: &crate::wire::Run) -> Run {
    let mut told = Run::of(run, Clock::system().now());
    if run.has_failed() {
        // The run is what was asked for; its cause is an extra.
        told.cause = cause::of_run(airflow, run).await.ok().flatten();
    }
    told
}

fn text(launched: &Launched, language: Language) -> String {
    let began = if launched.created {
        language.pick("Exécution lancée", "Run started")
    } else {
        language.pick("Exécution déjà connue", "Run known already")
    };
    let mut lines =
        vec![words::label(language, began, began) + &words::headline(language, &launched.run)];
    let cause = launched.run.cause.as_ref();
    lines.extend(cause.map(|cause| words::label(language, "Cause", "Cause") + cause));
    lines.extend(launched.notes.iter().map(|note| format!("- {note}")));
    lines.push(launched.url.clone());
    lines.join("\n")
}
