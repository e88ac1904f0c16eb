//! `docs/configuration.md`: every setting with its variable, flag, key, default and meaning.

use std::{collections::BTreeSet, fmt::Write};

use mg_core::{Environment, config::ConfigFile};
use mg_testkit::{Process, golden, workspace_root};
use tempfile::tempdir;

use crate::servers::shipped;

/// One line of `settings.txt`; what does not apply is empty.
struct Setting {
    variable: &'static str,
    flag: &'static str,
    key: &'static str,
    default: &'static str,
    meaning: &'static str,
}

fn settings() -> Vec<Setting> {
    let lines = include_str!("../settings.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.splitn(5, '|').map(str::trim).collect();
            let [variable, flag, key, default, meaning] = cells[..] else {
                unreachable!("five cells: {line}")
            };
            Setting {
                variable,
                flag,
                key,
                default,
                meaning,
            }
        })
        .collect()
}

const HEAD: &str = "# Configuration\n\n\
    Written by a test; `just golden` writes it anew. A flag beats its variable, which beats `mg.toml`, which beats the\n\
    default. Unknown keys are refused; `${NAME}` in `mg.toml` takes a secret from the environment. Relative paths belong to\n\
    the folder of `mg.toml`; in flags to the working directory; in variables they are refused. A configuration that cannot\n\
    be served ends the process with exit code 78 and one sentence.\n\n\
    | variable | flag | mg.toml | default | meaning |\n|---|---|---|---|---|\n";

fn code(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("`{text}`")
    }
}

/// The dotted names of all values of a TOML table.
fn keys(table: &toml::Table, before: &str) -> BTreeSet<String> {
    let entries = table.iter().flat_map(|(key, value)| match value {
        toml::Value::Table(inner) => keys(inner, &format!("{before}{key}.")),
        _ => BTreeSet::from([format!("{before}{key}")]),
    });
    entries.collect()
}

#[test]
fn the_reference_of_the_settings_is_written_from_the_table() {
    let mut text = HEAD.to_owned();
    for setting in settings() {
        let cells = [setting.variable, setting.flag, setting.key, setting.default];
        let [variable, flag, key, default] = cells.map(code);
        let meaning = setting.meaning;
        writeln!(
            text,
            "| {variable} | {flag} | {key} | {default} | {meaning} |"
        )
        .unwrap();
    }
    golden("docs/configuration.md", &text);
}

#[test]
fn every_key_of_mg_toml_is_told() {
    let path = workspace_root().join("crates/mg-core/tests/full.toml");
    let full: toml::Table = toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let settings = settings();
    let told = settings.iter().filter(|setting| !setting.key.is_empty());
    let told: BTreeSet<String> = told.map(|setting| setting.key.to_owned()).collect();
    assert_eq!(told, keys(&full, ""));
}

#[test]
fn the_defaults_told_are_those_of_the_servers() {
    let settings = settings();
    let with_default = settings
        .iter()
        .filter(|setting| !setting.default.is_empty());
    let lines = with_default.map(|setting| format!("{} = {}", setting.key, setting.default));
    let text = lines.collect::<Vec<_>>().join("\n");
    let told = ConfigFile::parse(&text, &Environment::default()).unwrap();
    assert_eq!(format!("{told:?}"), format!("{:?}", ConfigFile::default()));
}

#[test]
fn every_flag_of_the_help_is_told_and_every_flag_that_is_told_exists() {
    let settings = settings();
    for server in shipped() {
        let home = tempdir().unwrap();
        let output = Process::command(server, &["--help"], &[], home.path()).output();
        let help = String::from_utf8(output.unwrap().stdout).unwrap();
        let words = help.split(|letter: char| letter.is_whitespace() || "[]`,".contains(letter));
        for word in words.filter(|word| word.starts_with("--") && *word != "--help") {
            assert!(
                settings.iter().any(|setting| setting.flag == word),
                "{word}"
            );
        }
        for setting in settings.iter().filter(|setting| !setting.flag.is_empty()) {
            let (flag, variable) = (setting.flag, setting.variable);
            assert!(
                help.contains(flag) && help.contains(variable),
                "the help of {server} lacks {flag} or {variable}"
            );
        }
    }
}
