//! A server with tools that misbehave on purpose, built on the serve path of the real ones.

mod blocks;
mod echo;
mod fails;
mod panics;
mod sleeps;
mod writes;

use std::sync::Arc;

use mg_core::{
    Caller, ConfigError, Role, Settings,
    serve::{Finding, Server},
};
use rmcp::{handler::server::router::tool::ToolRouter, schemars};
use serde::Serialize;

/// The fixture server.
#[derive(Debug)]
pub struct FixtureServer;

/// The answer of the fixture's tools.
#[derive(Debug, Serialize, schemars::JsonSchema)]
struct Echoed {
    /// What was said
    said: String,
}

impl Server for FixtureServer {
    const NAME: &'static str = "mg-fixture";
    const TITLE: &'static str = "Fixture";
    const INSTRUCTIONS: &'static str = "Tools that misbehave on purpose.";

    fn new(_settings: Arc<Settings>) -> Result<Self, ConfigError> {
        Ok(Self)
    }

    fn offered_to(role: Role) -> ToolRouter<Self> {
        let mut tools = Self::echo_tool()
            + Self::panics_tool()
            + Self::sleeps_tool()
            + Self::blocks_tool()
            + Self::fails_tool();
        if role >= Role::Editor {
            tools += Self::writes_tool();
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
