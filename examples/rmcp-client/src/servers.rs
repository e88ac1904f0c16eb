//! The servers of a servers.json, launched, and their tools under one roof.

use std::{collections::BTreeMap, path::Path, time::Duration};

use anyhow::Context as _;
use rmcp::{
    RoleClient, ServiceExt,
    model::{CallToolRequestParams, CallToolResult, JsonObject, Tool},
    service::RunningService,
    transport::TokioChildProcess,
};
use serde::Deserialize;
use tokio::{process::Command, time::timeout};

/// The variable of the provider's key, which is none of the servers' business.
pub(crate) const KEY: &str = "OPENAI_API_KEY";

/// A call may wait for a run for up to 45 s.
const CALL_TIMEOUT: Duration = Duration::from_mins(1);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServersFile {
    mcp_servers: BTreeMap<String, Entry>,
}

/// How one server is launched.
#[derive(Deserialize)]
struct Entry {
    command: String,
    #[serde(default)]
    args: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
}

/// Running servers, and which of them has which tool.
pub(crate) struct Servers {
    running: Vec<RunningService<RoleClient, ()>>,
    tools: BTreeMap<String, (usize, Tool)>,
}

impl Servers {
    /// Launches every server of the file.
    pub(crate) async fn launch(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}: name a file by --servers", file.display()))?;
        let file: ServersFile = serde_json::from_str(&text)?;
        let mut servers = Self {
            running: Vec::new(),
            tools: BTreeMap::new(),
        };
        for (name, entry) in file.mcp_servers {
            servers
                .add(&entry)
                .await
                .with_context(|| format!("{name} ({}) does not start", entry.command))?;
        }
        Ok(servers)
    }

    async fn add(&mut self, entry: &Entry) -> anyhow::Result<()> {
        let mut command = Command::new(&entry.command);
        command.args(&entry.args).envs(&entry.env).env_remove(KEY);
        let service = ().serve(TokioChildProcess::new(command)?).await?;
        let number = self.running.len();
        for tool in service.list_all_tools().await? {
            self.tools.insert(tool.name.to_string(), (number, tool));
        }
        self.running.push(service);
        Ok(())
    }

    /// All tools.
    pub(crate) fn tools(&self) -> impl Iterator<Item = &Tool> {
        self.tools.values().map(|(_, tool)| tool)
    }

    /// What a tool answered, or why it did not: the model reads both.
    pub(crate) async fn call(&self, tool: &str, arguments: JsonObject) -> String {
        let Some((number, _)) = self.tools.get(tool) else {
            let known: Vec<&str> = self.tools.keys().map(String::as_str).collect();
            return format!("there is no tool `{tool}`; there are {}", known.join(", "));
        };
        let request = CallToolRequestParams::new(tool.to_owned()).with_arguments(arguments);
        match timeout(CALL_TIMEOUT, self.running[*number].call_tool(request)).await {
            Ok(Ok(result)) => text(&result),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} s", CALL_TIMEOUT.as_secs()),
        }
    }

    /// Ends them as hosts do, by closing their stdin.
    pub(crate) async fn close(self) {
        for service in self.running {
            // A server that is gone already needs no farewell.
            let _ended = service.cancel().await;
        }
    }
}

fn text(result: &CallToolResult) -> String {
    let blocks = result.content.iter();
    let texts: Vec<&str> = blocks
        .filter_map(|block| Some(block.as_text()?.text.as_str()))
        .collect();
    texts.join("\n")
}
