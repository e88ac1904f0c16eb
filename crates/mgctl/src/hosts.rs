//! The host applications whose configuration we read and write, one file each.

mod claude_code;
mod claude_desktop;
mod cursor;
mod vscode;

use std::path::PathBuf;

use clap::ValueEnum;
use directories::BaseDirs;
use mg_core::Environment;
use serde_json::Value;

use crate::failure::Failure;

/// A host application, as people name it on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum HostName {
    /// Claude Desktop
    ClaudeDesktop,
    /// Claude Code, for this user
    ClaudeCode,
    /// Cursor, for this user
    Cursor,
    /// VS Code, for this user
    #[value(name = "vscode")]
    VsCode,
}

/// What we know of a host application.
#[derive(Debug)]
pub(crate) struct Host {
    /// Its name for people.
    pub(crate) title: &'static str,
    /// The key its servers stand under.
    pub(crate) servers_key: &'static str,
    /// Whether an entry says `"type": "stdio"`.
    pub(crate) typed: bool,
    /// Its file, given the user's folders.
    file: fn(&BaseDirs) -> PathBuf,
    /// What it puts in the place of `${…}`; `None`: the text is passed on as it stands.
    replace: fn(&str, &Environment) -> Option<String>,
    /// What adds a server of this name and entry in one step, a link or a command; none where it takes a bundle.
    pub(crate) one_step: Option<fn(&str, &Value) -> String>,
}

impl HostName {
    /// What we know of it.
    pub(crate) fn host(self) -> &'static Host {
        match self {
            Self::ClaudeDesktop => &claude_desktop::HOST,
            Self::ClaudeCode => &claude_code::HOST,
            Self::Cursor => &cursor::HOST,
            Self::VsCode => &vscode::HOST,
        }
    }
}

impl std::fmt::Display for HostName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(
            self.to_possible_value()
                .as_ref()
                .map_or("client", |value| value.get_name()),
        )
    }
}

impl Host {
    /// The path of its configuration file for this user; the file may not exist.
    pub(crate) fn file(&self) -> Result<PathBuf, Failure> {
        let folders = BaseDirs::new().ok_or_else(|| {
            Failure::Configuration(format!(
                "this user has no home folder: name the file of {} by --file",
                self.title
            ))
        })?;
        Ok((self.file)(&folders))
    }

    /// The text as the server gets it, and the references that are left in it.
    pub(crate) fn expanded(&self, text: &str, environment: &Environment) -> (String, Vec<String>) {
        let (mut done, mut left, mut rest) = (String::new(), Vec::new(), text);
        while let Some((before, reference, after)) = reference(rest) {
            done.push_str(before);
            if let Some(value) = (self.replace)(reference, environment) {
                done.push_str(&value);
            } else {
                let whole = format!("${{{reference}}}");
                done.push_str(&whole);
                left.push(whole);
            }
            rest = after;
        }
        (done + rest, left)
    }
}

fn reference(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("${")?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// `${env:NAME}` and `${userHome}`, as Cursor and VS Code know them; an unset variable is empty.
fn editor_reference(reference: &str, environment: &Environment) -> Option<String> {
    match reference.split_once(':') {
        Some(("env", name)) => Some(environment.raw(name).unwrap_or_default().to_owned()),
        None if reference == "userHome" => Some(BaseDirs::new()?.home_dir().display().to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(host: HostName, text: &str) -> (String, Vec<String>) {
        host.host()
            .expanded(text, &Environment::from([("DB", "postgres://h/d")]))
    }

    #[test]
    fn claude_desktop_replaces_nothing() {
        let (text, left) = expanded(HostName::ClaudeDesktop, "a ${DB} ${env:DB}");
        assert_eq!(
            (text.as_str(), left),
            (
                "a ${DB} ${env:DB}",
                vec!["${DB}".to_owned(), "${env:DB}".to_owned()]
            )
        );
    }

    #[test]
    fn claude_code_replaces_variables_and_their_defaults() {
        assert_eq!(
            expanded(HostName::ClaudeCode, "${DB}/${X:-y}"),
            ("postgres://h/d/y".to_owned(), vec![])
        );
        assert_eq!(expanded(HostName::ClaudeCode, "${X}").1, ["${X}"]);
    }

    #[test]
    fn cursor_and_vs_code_replace_variables_of_the_environment() {
        for host in [HostName::Cursor, HostName::VsCode] {
            assert_eq!(
                expanded(host, "${env:DB}${env:X}"),
                ("postgres://h/d".to_owned(), vec![])
            );
            assert_eq!(expanded(host, "${DB} ${input:password}").1.len(), 2);
        }
    }

    #[test]
    fn every_host_has_a_file_of_json_and_vs_code_a_key_of_its_own() {
        for name in HostName::value_variants() {
            let host = name.host();
            let file = host.file().unwrap();
            assert!(
                file.is_absolute() && file.extension().is_some_and(|ending| ending == "json"),
                "{name}"
            );
            let key = if *name == HostName::VsCode {
                "servers"
            } else {
                "mcpServers"
            };
            assert_eq!(host.servers_key, key);
        }
        assert_eq!(HostName::VsCode.to_string(), "vscode");
    }
}
