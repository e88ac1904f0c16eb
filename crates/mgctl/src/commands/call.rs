//! `mgctl call`: one tool of a server, for people and scripts.

use std::{io::Write, path::PathBuf, time::Duration};

use clap::Args;
use rmcp::model::{CallToolResult, JsonObject};
use serde_json::Value;

use crate::{
    client::{self, Client, Launch},
    context::Context,
    csv,
    failure::Failure,
    servers_file::{self, Entry, ServersFile},
};

/// How long a server may take to start.
const PATIENCE: Duration = Duration::from_secs(30);

/// Arguments of `call`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The server's name in servers.json, e.g. mg-sql
    server: String,
    /// The tool's name, e.g. `run_sql`
    tool: String,
    /// The tool's arguments, e.g. '{"query": "SELECT 1"}'
    #[arg(value_name = "JSON", default_value = "{}", value_parser = object)]
    given: JsonObject,
    /// How servers are launched [default: servers.json beside this program or in the working folder]
    #[arg(long, value_name = "FILE")]
    servers: Option<PathBuf>,
    /// Write the answer to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The rows as CSV for a French Excel: semicolons, decimal comma, byte order mark
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// The structured content instead of the text
    #[arg(long)]
    json: bool,
}

fn object(text: &str) -> Result<JsonObject, String> {
    serde_json::from_str(text).map_err(|error| {
        format!("a JSON object is needed, e.g. '{{\"name\": \"value\"}}' ({error})")
    })
}

/// Runs the sub-command.
pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let servers = ServersFile::find(arguments.servers.as_deref())?;
    let client = connect(&arguments.server, &servers, context).await?;
    let answer = client.call(&arguments.tool, arguments.given.clone()).await;
    let ending = client.close().await;
    let answer = answer.map_err(|failure| with_ending(failure, &ending))?;
    if answer.is_error == Some(true) {
        return Err(Failure::Failed(client::text(&answer)));
    }
    let written = content(arguments, &answer)?;
    let Some(path) = &arguments.out else {
        context.terminal.raw(&written);
        return Ok(());
    };
    std::fs::write(path, written)
        .map_err(|error| Failure::Failed(format!("cannot write {}: {error}", path.display())))?;
    let cut = answer
        .structured_content
        .is_some_and(|data| data["truncated"] == true);
    let more = if cut {
        "; the answer is cut (truncated: true): ask for more by max_rows or limit, or narrow it"
    } else {
        ""
    };
    let _closed = writeln!(std::io::stderr(), "written to {}{more}", path.display());
    Ok(())
}

/// Launches a server of the file and waits until it is ready.
pub(crate) async fn connect(
    name: &str,
    servers: &ServersFile,
    context: &Context<'_>,
) -> Result<Client, Failure> {
    let launch = launch(name, servers.entry(name)?, servers, context)?;
    Client::connect(&launch, PATIENCE)
        .await
        .map_err(|error| Failure::Failed(format!("{name}: {error}")))
}

/// How the entry is launched from here: in our surroundings, with the flags of this command line.
pub(crate) fn launch(
    name: &str,
    entry: &Entry,
    servers: &ServersFile,
    context: &Context<'_>,
) -> Result<Launch, Failure> {
    let command = entry.command.as_deref().ok_or_else(|| {
        Failure::Configuration(format!(
            "{name} has no `command`: only servers that are launched can be called"
        ))
    })?;
    let program = servers_file::program(command, servers.folder(), &context.environment).ok_or_else(|| {
        Failure::Configuration(format!(
            "{name}: there is no program `{command}` beside mgctl or on PATH: build it with `cargo build --release`, or write its absolute path"
        ))
    })?;
    let settings = context.settings()?;
    let mut variables: Vec<(String, String)> = entry.env.clone().into_iter().collect();
    variables.extend(context.variables(&settings)?);
    Ok(Launch {
        program,
        arguments: entry.args.clone(),
        variables,
        bare: false,
        folder: None,
    })
}

fn content(arguments: &Arguments, answer: &CallToolResult) -> Result<String, Failure> {
    if !arguments.csv && !arguments.json {
        return Ok(client::text(answer) + "\n");
    }
    let none = || {
        Failure::Failed(format!(
            "the answer of {} has no structured content",
            arguments.tool
        ))
    };
    let data: &Value = answer.structured_content.as_ref().ok_or_else(none)?;
    if arguments.csv {
        return Ok(csv::of(data));
    }
    let text =
        serde_json::to_string_pretty(data).map_err(|error| Failure::Failed(error.to_string()))?;
    Ok(text + "\n")
}

fn with_ending(failure: Failure, ending: &client::Ending) -> Failure {
    match failure {
        Failure::Failed(sentence) if ending.code != Some(0) => {
            Failure::Failed(format!("{sentence}{ending}"))
        }
        other => other,
    }
}
