//! `mgctl demo`: a short story told by the servers, and the smoke test of a fresh machine.

mod story;

use std::{collections::BTreeMap, path::PathBuf};

use clap::Args;
use mg_core::Language;
use rmcp::model::CallToolResult;

use super::call;
use crate::{
    client::{self, Client},
    context::Context,
    failure::Failure,
    servers_file::ServersFile,
    terminal::Terminal,
};
use story::{STORY, Step};

/// Arguments of `demo`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// How servers are launched [default: servers.json beside this program or in the working folder]
    #[arg(long, value_name = "FILE")]
    servers: Option<PathBuf>,
}

const INDENT: &str = "   ";

/// Runs the sub-command.
pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let language = context.settings()?.language;
    let servers = ServersFile::find(arguments.servers.as_deref())?;
    let mut clients = BTreeMap::new();
    for name in STORY.iter().map(|step| step.server) {
        if !clients.contains_key(name) {
            clients.insert(name, call::connect(name, &servers, context).await?);
        }
    }
    let terminal = &mut context.terminal;
    terminal.heading(language.pick(
        "mgctl demo : une courte histoire, racontée par les serveurs mg",
        "mgctl demo: a short story told by the mg servers",
    ));
    let mut failed = 0;
    for (number, step) in STORY.iter().enumerate() {
        if let Some(client) = clients.get(step.server) {
            failed += usize::from(!tell(number + 1, step, client, language, terminal).await);
        }
    }
    for (name, client) in clients {
        let ending = client.close().await;
        if ending.code != Some(0) || !ending.foreign.is_empty() {
            failed += 1;
            terminal.verdict(false, &format!("{name}{ending}"));
        }
    }
    end(failed, language, terminal)
}

fn end(failed: usize, language: Language, terminal: &mut Terminal<'_>) -> Result<(), Failure> {
    if failed > 0 {
        return Err(Failure::Failed(match language {
            Language::French => format!(
                "{failed} point(s) ne montrent pas ce qu'ils devraient : lancez `mgctl doctor`"
            ),
            Language::English => {
                format!("{failed} step(s) do not show what they should: run `mgctl doctor`")
            }
        }));
    }
    terminal.line("");
    terminal.heading(language.pick(
        "Tout est en place. Ensuite : `mgctl clients install claude-desktop` (ou cursor, vscode, claude-code).",
        "All is in place. Next: `mgctl clients install claude-desktop` (or cursor, vscode, claude-code).",
    ));
    Ok(())
}

/// One step: what is asked, the answer, and whether it shows what it should.
async fn tell(
    number: usize,
    step: &Step,
    client: &Client,
    language: Language,
    terminal: &mut Terminal<'_>,
) -> bool {
    terminal.line("");
    terminal.heading(&format!(
        "{number}. {}",
        language.pick(step.question.0, step.question.1)
    ));
    let asked = (step.arguments)();
    let shown = serde_json::to_string(&asked).unwrap_or_default();
    let call = format!("{} › {} {shown}", step.server, step.tool);
    terminal.aside(INDENT, &call);
    let verdict = match client.call(step.tool, asked).await {
        Ok(answer) => {
            show(&answer, terminal);
            (step.check)(&answer)
        }
        Err(failure) => Err(failure.sentence().unwrap_or_default().to_owned()),
    };
    match &verdict {
        Ok(()) => terminal.verdict(
            true,
            &format!("{INDENT}✓ {}", language.pick(step.shows.0, step.shows.1)),
        ),
        Err(why) => terminal.verdict(false, &format!("{INDENT}✗ {why}")),
    }
    verdict.is_ok()
}

/// The answer as people read it: rows as a table, a list of objects by their names, else the text.
fn show(answer: &CallToolResult, terminal: &mut Terminal<'_>) {
    let data = answer.structured_content.clone().unwrap_or_default();
    if let (Some(columns), Some(rows)) = (data["columns"].as_array(), data["rows"].as_array()) {
        let header: Vec<String> = columns
            .iter()
            .map(|column| plain(&column["name"]))
            .collect();
        let rows: Vec<Vec<String>> = rows
            .iter()
            .filter_map(|row| Some(row.as_array()?.iter().map(plain).collect()))
            .collect();
        terminal.table(INDENT, &header, &rows);
    } else if let Some(objects) = data["objects"].as_array() {
        let names: Vec<String> = objects
            .iter()
            .map(|object| plain(&object["name"]))
            .collect();
        terminal.paragraph(INDENT, &names.join(", "));
    } else {
        terminal.paragraph(INDENT, &client::text(answer));
    }
}

fn plain(value: &serde_json::Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
