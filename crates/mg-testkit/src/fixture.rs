//! A server with tools that misbehave on purpose, built on the serve path of the real ones.

use std::{sync::Arc, time::Duration};

use mg_core::{
    Answer, Caller, ConfigError, Role, Settings, ToolError,
    serve::{Call, Finding, Server},
};
use rmcp::{
    handler::server::{common::schema_for_output, router::tool::ToolRouter, wrapper::Parameters},
    schemars, tool, tool_router,
};
use serde::{Deserialize, Serialize};

/// The fixture server.
#[derive(Debug)]
pub struct FixtureServer;

/// Arguments of `echo`.
#[derive(Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Echo {
    /// What comes back
    text: String,
    /// How often
    times: Option<usize>,
}

/// The answer of the fixture's tools.
#[derive(Debug, Serialize, schemars::JsonSchema)]
struct Echoed {
    /// What was said
    said: String,
}

#[tool_router(router = viewer_tools)]
impl FixtureServer {
    /// Says back what it was told, as often as it was told; for tests of answers and their size.
    #[tool(title = "Echo", output_schema = schema_for_output::<Echoed>(), annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false))]
    async fn echo(&self, Parameters(echo): Parameters<Echo>, call: Call) -> Answer<Echoed> {
        let said = echo.text.repeat(echo.times.unwrap_or(1));
        call.record_rows(said.len());
        Answer::new(said.clone(), Echoed { said })
    }

    /// Panics on purpose, to show that the server lives on and the client is told an internal error.
    #[tool(title = "Panic", output_schema = schema_for_output::<Echoed>(), annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false))]
    async fn panics(&self) -> Answer<Echoed> {
        panic!("on purpose")
    }

    /// Sleeps for a minute unless it is cancelled; for tests of cancellation, progress and prompt exits.
    #[tool(title = "Sleep", output_schema = schema_for_output::<Echoed>(), annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false))]
    async fn sleeps(&self, call: Call) -> Answer<Echoed> {
        call.progress(0.1, Some(60.0), "asleep").await;
        tokio::time::sleep(Duration::from_mins(1)).await;
        Answer::new(
            "awake",
            Echoed {
                said: "awake".into(),
            },
        )
    }

    /// Keeps a thread busy for a minute and heeds no cancellation; an exit must not wait for it.
    #[tool(title = "Block", output_schema = schema_for_output::<Echoed>(), annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false))]
    async fn blocks(&self) -> Result<Answer<Echoed>, ToolError> {
        let work = tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_mins(1)));
        work.await
            .map_err(|error| ToolError::Internal(error.into()))?;
        Ok(Answer::new(
            "done",
            Echoed {
                said: "done".into(),
            },
        ))
    }

    /// Fails with the cause of an internal error, which must not reach the client, only the log.
    #[tool(title = "Fail", output_schema = schema_for_output::<Echoed>(), annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false))]
    async fn fails(&self) -> Result<Answer<Echoed>, ToolError> {
        Err(ToolError::Internal(anyhow::anyhow!(
            "the cause is secret-cause"
        )))
    }
}

#[tool_router(router = editor_tools)]
impl FixtureServer {
    /// Writes something, so that only editors may see and call it; a viewer's call answers like an unknown tool.
    #[tool(title = "Write", output_schema = schema_for_output::<Echoed>(), annotations(read_only_hint = false, destructive_hint = true, idempotent_hint = false, open_world_hint = false))]
    async fn writes(&self, call: Call) -> Answer<Echoed> {
        let said = format!("written by {}", call.caller().name);
        Answer::new(said.clone(), Echoed { said })
    }
}

impl Server for FixtureServer {
    const NAME: &'static str = "mg-fixture";
    const TITLE: &'static str = "Fixture";
    const INSTRUCTIONS: &'static str = "Tools that misbehave on purpose.";

    fn new(_settings: Arc<Settings>) -> Result<Self, ConfigError> {
        Ok(Self)
    }

    fn offered_to(role: Role) -> ToolRouter<Self> {
        let mut tools = Self::viewer_tools();
        if role >= Role::Editor {
            tools += Self::editor_tools();
        }
        tools
    }

    async fn check(&self, caller: &Caller) -> Vec<Finding> {
        vec![Finding::Good(format!(
            "nothing to connect to for {}",
            caller.name
        ))]
    }
}
