//! `mgctl clients`: the servers in the configuration of a host application.

mod place;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use mg_core::Role;
use serde_json::json;

use crate::{
    context::Context,
    difference,
    failure::Failure,
    hosts::{Host, HostName},
    json_file,
    servers_file::{self, ServersFile},
};

/// Write the servers into the configuration of an AI client.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print what belongs into the client's file
    Print(Wanted),
    /// Print what adds each server in one step: a link for Cursor and VS Code, a command for Claude Code
    Link(Wanted),
    /// Write it there: other entries stay, the old file is kept as a backup
    Install(Install),
}

/// Which servers, for whom.
#[derive(Args, Debug)]
pub(crate) struct Wanted {
    /// The client
    #[arg(value_enum)]
    client: HostName,
    /// What the model may do
    #[arg(long, value_enum, default_value = "viewer")]
    role: Role,
    /// Only this server; may be repeated [default: all that stand beside mgctl]
    #[arg(long = "name", value_name = "NAME")]
    names: Vec<String>,
}

/// Arguments of `clients install`.
#[derive(Args, Debug)]
pub(crate) struct Install {
    #[command(flatten)]
    wanted: Wanted,
    /// Show what would change and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Another file of this client, e.g. .vscode/mcp.json of a project
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Runs the sub-command.
pub(crate) fn run(command: &Command, context: &mut Context<'_>) -> Result<(), Failure> {
    match command {
        Command::Print(wanted) => {
            let text = merged("{}", wanted.client.host(), &Ours::of(wanted, context)?);
            context.terminal.line(&text.map_err(Failure::Failed)?);
            Ok(())
        }
        Command::Link(wanted) => link(wanted, context),
        Command::Install(install) => self::install(install, context),
    }
}

/// One line a server.
fn link(wanted: &Wanted, context: &mut Context<'_>) -> Result<(), Failure> {
    let host = wanted.client.host();
    let one_step = host.one_step.ok_or_else(|| {
        Failure::Configuration(format!(
            "{} has no links: `mgctl clients install {}` writes its file, and examples/deploy/mcpb makes bundles that it installs",
            host.title, wanted.client
        ))
    })?;
    let ours = Ours::of(wanted, context)?;
    for (name, program) in &ours.programs {
        let text = entry("{}", host, name, program, &ours.variables).map_err(Failure::Failed)?;
        let entry = json_file::get(&text, &[host.servers_key, name]).unwrap_or_default();
        context.terminal.line(&one_step(name, &entry));
    }
    Ok(())
}

fn install(install: &Install, context: &mut Context<'_>) -> Result<(), Failure> {
    let host = install.wanted.client.host();
    let ours = Ours::of(&install.wanted, context)?;
    let named = install
        .file
        .as_ref()
        .map(|file| std::path::absolute(file).unwrap_or_else(|_| file.clone()));
    let path = place::behind_links(named.map_or_else(|| host.file(), Ok)?);
    let before = place::read(&path)?;
    let text = if before.trim().is_empty() {
        "{}\n"
    } else {
        &before
    };
    let after = merged(text, host, &ours).map_err(|why| {
        Failure::Configuration(format!(
            "{} is left as it is, because it is not plain JSON that can be added to ({why}): mend it, or take out comments, and try again",
            path.display()
        ))
    })?;
    let (terminal, shown) = (&mut context.terminal, path.display());
    if after == before {
        terminal.line(&format!("{shown}: nothing to change"));
    } else if install.dry_run {
        terminal.line(&format!("{shown} would change:"));
        terminal.raw(&difference::of(&before, &after));
    } else {
        if let Some(backup) = place::write(&path, &after, &context.clock)? {
            terminal.line(&format!("the old file is kept as {}", backup.display()));
        }
        terminal.line(&format!("{shown} is written: start {} again", host.title));
    }
    Ok(())
}

/// What we have to write.
struct Ours {
    /// Servers by name, with their absolute paths.
    programs: Vec<(String, String)>,
    /// What they are told.
    variables: Vec<(String, String)>,
}

impl Ours {
    fn of(wanted: &Wanted, context: &Context<'_>) -> Result<Self, Failure> {
        Ok(Self {
            programs: programs(&wanted.names)?,
            variables: variables(wanted.role, context)?,
        })
    }
}

/// The client's text with our entries in it.
fn merged(text: &str, host: &Host, ours: &Ours) -> Result<String, String> {
    ours.programs
        .iter()
        .try_fold(text.to_owned(), |text, (name, program)| {
            entry(&text, host, name, program, &ours.variables)
        })
}

/// One entry; keys that are not ours stay in it.
fn entry(
    text: &str,
    host: &Host,
    name: &str,
    program: &str,
    variables: &[(String, String)],
) -> Result<String, String> {
    let set = |text: &str, path: &[&str], value| {
        json_file::set(text, &[&[host.servers_key, name], path].concat(), &value)
    };
    let mut text = text.to_owned();
    if host.typed {
        text = set(&text, &["type"], json!("stdio"))?;
    }
    text = set(&text, &["command"], json!(program))?;
    if json_file::get(&text, &[host.servers_key, name, "args"]).is_none() {
        text = set(&text, &["args"], json!([]))?;
    }
    for (variable, value) in variables {
        text = set(&text, &["env", variable], json!(value))?;
    }
    Ok(text)
}

/// The role and the flags. A database URL is refused: it would put a password into the client's file.
fn variables(role: Role, context: &Context<'_>) -> Result<Vec<(String, String)>, Failure> {
    if context.flags.database_url.is_some() {
        return Err(Failure::Configuration(
            "a database URL may hold a password, which does not belong into a client's file: write it into mg.toml and name that by --config".into(),
        ));
    }
    let given = context.variables(&context.settings()?)?;
    Ok(
        std::iter::once(("MG_ROLE".to_owned(), role.name().to_owned()))
            .chain(given)
            .collect(),
    )
}

/// The servers that stand beside this program.
fn programs(names: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let known = ServersFile::embedded()?;
    for name in names {
        known.entry(name)?;
    }
    let folder = servers_file::own_folder()
        .ok_or_else(|| Failure::Failed("the folder of this program is not known".into()))?;
    let missing = |what: &str| {
        Failure::Configuration(format!(
            "{what} is in {}: build it with `cargo build --release`",
            folder.display()
        ))
    };
    let mut found = Vec::new();
    for name in known
        .servers
        .into_keys()
        .filter(|name| names.is_empty() || names.contains(name))
    {
        match servers_file::executable(folder.join(&name)) {
            Some(program) => found.push((name, program.display().to_string())),
            None if names.is_empty() => {}
            None => return Err(missing(&format!("no {name}"))),
        }
    }
    if found.is_empty() {
        Err(missing("no server"))
    } else {
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    fn merge(host: HostName, text: &str) -> String {
        let variables = [("MG_ROLE".to_owned(), "viewer".to_owned())];
        entry(text, host.host(), "mg-sql", "/opt/mg-sql", &variables).unwrap()
    }

    #[test]
    fn an_entry_names_the_program_the_role_and_the_type_where_the_client_wants_it() {
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&merge(HostName::VsCode, "{}")).unwrap(),
            json!({"servers": {"mg-sql": {"type": "stdio", "command": "/opt/mg-sql", "args": [], "env": {"MG_ROLE": "viewer"}}}})
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&merge(HostName::ClaudeDesktop, "{}"))
                .unwrap(),
            json!({"mcpServers": {"mg-sql": {"command": "/opt/mg-sql", "args": [], "env": {"MG_ROLE": "viewer"}}}})
        );
    }

    #[test]
    fn what_a_person_added_to_our_entry_stays() {
        let text = r#"{"mcpServers": {"mg-sql": {"command": "old", "args": ["--lang", "en"], "env": {"MG_LOG": "info"}, "disabled": true}}}"#;
        let merged: serde_json::Value =
            serde_json::from_str(&merge(HostName::Cursor, text)).unwrap();
        assert_eq!(
            merged["mcpServers"]["mg-sql"],
            json!({"command": "/opt/mg-sql", "args": ["--lang", "en"], "env": {"MG_LOG": "info", "MG_ROLE": "viewer"}, "disabled": true})
        );
    }

    #[test]
    fn merging_twice_changes_nothing_the_second_time() {
        for host in HostName::value_variants() {
            let once = merge(*host, "{\"x\": 1}");
            assert_eq!(merge(*host, &once), once, "{host}");
        }
    }
}
