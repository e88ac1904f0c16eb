//! `mgctl call`: one tool of a server, for people and scripts.

mod file;

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
    /// Write the answer to this file, all pages of it
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
    let called = answered(arguments, &client, context).await;
    let ending = client.close().await;
    called.map_err(|failure| with_ending(failure, &ending))
}

/// Calls the tool and puts the answer where it is wanted.
async fn answered(
    arguments: &Arguments,
    client: &Client,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let Arguments { tool, given, .. } = arguments;
    let answer = client.call(tool, given.clone()).await?;
    if answer.is_error == Some(true) {
        return Err(Failure::Failed(client::text(&answer)));
    }
    let Some(path) = &arguments.out else {
        context.terminal.raw(&arguments.form().shown(&answer)?);
        return Ok(());
    };
    let written = file::write(path, arguments.form(), (client, tool, given), answer).await?;
    let rows = (written.rows).map_or_else(String::new, |rows| format!("{rows} rows "));
    let more = if written.truncated {
        "; the answer is cut (truncated: true) by what the server keeps: narrow it, or ask for more by max_rows or limit"
    } else {
        ""
    };
    let told = format!("{rows}written to {}{more}", path.display());
    let _closed = writeln!(std::io::stderr(), "{told}");
    Ok(())
}

impl Arguments {
    fn form(&self) -> Form {
        match (self.csv, self.json) {
            (true, _) => Form::Csv,
            (_, true) => Form::Json,
            _ => Form::Text,
        }
    }
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// The text, as a model reads it.
    Text,
    /// Rows for a spreadsheet.
    Csv,
    /// The structured content.
    Json,
}

impl Form {
    fn shown(self, answer: &CallToolResult) -> Result<String, Failure> {
        let data = || answer.structured_content.as_ref().ok_or_else(no_data);
        match self {
            Self::Text => Ok(client::text(answer) + "\n"),
            Self::Csv => spreadsheet(data()?, false),
            Self::Json => pretty(data()?),
        }
    }
}

/// The rows for a French Excel; without a header where they follow others.
fn spreadsheet(data: &Value, follows: bool) -> Result<String, Failure> {
    if data["columns"].is_array() && !data["rows"].is_array() {
        return Err(Failure::Failed(
            "--csv makes its table from the rows: leave `format` out of the arguments".to_owned(),
        ));
    }
    Ok(if follows {
        csv::rows(data)
    } else {
        csv::of(data)
    })
}

fn pretty(data: &Value) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(data);
    Ok(text.map_err(|error| Failure::Failed(error.to_string()))? + "\n")
}

fn no_data() -> Failure {
    Failure::Failed("the answer of this tool has no structured content".to_owned())
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

fn with_ending(failure: Failure, ending: &client::Ending) -> Failure {
    match failure {
        Failure::Failed(sentence) if ending.code != Some(0) => {
            Failure::Failed(format!("{sentence}{ending}"))
        }
        other => other,
    }
}
