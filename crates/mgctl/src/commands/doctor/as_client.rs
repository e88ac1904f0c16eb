//! What a host application's own file launches, as that host would: from `/`, in a bare environment.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use mg_core::{Environment, serve::Finding};

use super::probe;
use crate::{
    client::Launch,
    failure::Failure,
    hosts::{Host, HostName},
    servers_file::{self, Entry, ServersFile},
};

/// The variables that hosts pass on from their own surroundings.
const PASSED: &[&str] = &[
    "HOME",
    "LANG",
    "LC_ALL",
    "LOGNAME",
    "PATH",
    "SHELL",
    "TERM",
    "TMPDIR",
    "USER",
    "APPDATA",
    "HOMEDRIVE",
    "HOMEPATH",
    "LOCALAPPDATA",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "USERNAME",
    "USERPROFILE",
];

/// Every server of ours in the file of this host.
pub(super) async fn examine(
    client: HostName,
    named: Option<&Path>,
    patience: Duration,
    environment: &Environment,
) -> Vec<Finding> {
    let servers = match read(client, named) {
        Ok(servers) => servers,
        Err(failure) => {
            return vec![Finding::Wrong(
                failure.sentence().unwrap_or_default().to_owned(),
            )];
        }
    };
    let place = servers.path.clone().unwrap_or_default();
    let (ours, others): (Vec<_>, Vec<_>) = servers
        .servers
        .iter()
        .partition(|(name, entry)| is_ours(name, entry));
    let mut findings = Vec::new();
    for (name, entry) in &ours {
        findings.extend(launched(name, entry, client.host(), patience, environment).await);
    }
    if ours.is_empty() {
        findings.push(Finding::Wrong(format!(
            "{} names no mg server: `mgctl clients install {client}` writes them",
            place.display()
        )));
    }
    if !others.is_empty() {
        let left: Vec<&str> = others.iter().map(|(name, _)| name.as_str()).collect();
        findings.push(Finding::Good(format!(
            "not ours, so not launched: {}",
            left.join(", ")
        )));
    }
    findings
}

fn read(client: HostName, named: Option<&Path>) -> Result<ServersFile, Failure> {
    let host = client.host();
    let path = named.map_or_else(|| host.file(), |path| Ok(PathBuf::from(path)))?;
    if !path.exists() {
        return Err(Failure::Configuration(format!(
            "{} has no file {}: `mgctl clients install {client}` makes it",
            host.title,
            path.display()
        )));
    }
    ServersFile::read(path, host.servers_key)
}

fn is_ours(name: &str, entry: &Entry) -> bool {
    let program = entry
        .command
        .as_deref()
        .map(Path::new)
        .and_then(Path::file_name);
    name.starts_with("mg-")
        || program.is_some_and(|program| program.to_string_lossy().starts_with("mg-"))
}

async fn launched(
    name: &str,
    entry: &Entry,
    host: &Host,
    patience: Duration,
    environment: &Environment,
) -> Vec<Finding> {
    let Some(command) = &entry.command else {
        return vec![Finding::Wrong(format!(
            "{name} has no `command`: write the program's absolute path"
        ))];
    };
    let mut findings = Vec::new();
    let mut expanded = |place: &str, text: &str| {
        let (text, left) = host.expanded(text, environment);
        findings.extend(
            left.iter()
                .map(|reference| unreplaced(name, place, reference, host)),
        );
        text
    };
    let command = expanded("command", command);
    let arguments = entry
        .args
        .iter()
        .map(|argument| expanded("args", argument))
        .collect();
    let mut variables = passed(environment);
    for (key, value) in &entry.env {
        variables.push((key.clone(), expanded(&format!("env.{key}"), value)));
    }
    match program(name, &command, environment) {
        Err(finding) => findings.push(finding),
        Ok(program) => {
            let folder = Some(PathBuf::from("/"));
            let launch = Launch {
                program,
                arguments,
                variables,
                bare: true,
                folder,
            };
            findings.extend(probe::examine(name, &launch, patience).await);
        }
    }
    findings
}

fn passed(environment: &Environment) -> Vec<(String, String)> {
    let passed = PASSED
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), environment.raw(name)?.to_owned())));
    passed.collect()
}

fn unreplaced(name: &str, place: &str, reference: &str, host: &Host) -> Finding {
    Finding::Wrong(format!(
        "{name}: {place} holds `{reference}`, which {} passes on as it stands: write the value itself, or keep secrets in mg.toml and name that file in MG_CONFIG",
        host.title
    ))
}

/// The program the host would find; a host stands in `/` and does not look beside mgctl.
fn program(name: &str, command: &str, environment: &Environment) -> Result<PathBuf, Finding> {
    let found = if servers_file::is_bare(command) {
        servers_file::on_path(command, environment)
    } else {
        servers_file::executable(Path::new("/").join(command))
    };
    found.ok_or_else(|| {
        Finding::Wrong(format!(
            "{name}: command not found: `{command}`; write the absolute path of a program that may be run (`mgctl clients install` does)"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_ours_by_their_name_or_their_program() {
        let entry = |command: &str| Entry {
            command: Some(command.into()),
            ..Entry::default()
        };
        assert!(is_ours("mg-sql", &Entry::default()));
        assert!(is_ours("sql", &entry("/opt/mg-sql")));
        assert!(!is_ours("github", &entry("npx")));
    }

    #[test]
    fn a_command_that_is_not_there_says_what_to_write() {
        let told = program("mg-sql", "/nowhere/mg-sql", &Environment::default())
            .unwrap_err()
            .to_string();
        assert!(
            told.contains("command not found") && told.contains("absolute path"),
            "{told}"
        );
    }
}
