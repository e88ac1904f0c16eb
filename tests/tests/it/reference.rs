//! `docs/tools.md`, written from what the servers themselves say.

use std::fmt::Write;

use mg_testkit::golden;
use serde_json::Value;

use crate::{servers::shipped, tools::tools_of};

const HEAD: &str = "# Tools\n\n\
    Written by a test from what the servers say of themselves; `just golden` writes it anew. A `?` marks an argument\n\
    that may be left out. Every answer may carry `notes`; failures come as `isError` with a sentence that says what would work.\n";

/// One line of Markdown that can stand in a table.
fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

/// `query` string: what it means.
fn argument(name: &str, schema: &Value, required: bool) -> String {
    let mark = if required { "" } else { "?" };
    let kind = match (&schema["enum"], schema["type"].as_str()) {
        (Value::Array(values), _) => {
            let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
            values.join(" \\| ")
        }
        (_, kind) => kind.unwrap_or("any").to_owned(),
    };
    let meaning = cell(schema["description"].as_str().unwrap_or_default());
    format!("`{name}`{mark} ({kind}): {meaning}")
}

fn arguments(schema: &Value) -> String {
    let required = schema["required"].as_array();
    let is_required =
        |name: &str| required.is_some_and(|names| names.iter().any(|known| known == name));
    let properties = schema["properties"].as_object();
    let mut lines: Vec<(bool, String)> = properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| {
            (
                !is_required(name),
                argument(name, schema, is_required(name)),
            )
        })
        .collect();
    lines.sort_by_key(|(optional, _)| *optional); // those that must be given first
    let lines: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
    lines.join("<br>")
}

fn section(server: &str) -> String {
    let viewers: Vec<Value> = tools_of(server, "viewer")
        .iter()
        .map(|tool| tool["name"].clone())
        .collect();
    let mut text = format!(
        "\n## {server}\n\n| tool | title | role | arguments | description |\n|---|---|---|---|---|\n"
    );
    for tool in tools_of(server, "editor") {
        let role = if viewers.contains(&tool["name"]) {
            "viewer, editor"
        } else {
            "editor"
        };
        writeln!(
            text,
            "| `{}` | {} | {role} | {} | {} |",
            tool["name"].as_str().unwrap(),
            cell(tool["title"].as_str().unwrap()),
            arguments(&tool["inputSchema"]),
            cell(tool["description"].as_str().unwrap()),
        )
        .unwrap();
    }
    text
}

#[test]
fn the_reference_of_the_tools_is_what_the_servers_say() {
    let sections: String = shipped().map(section).collect();
    golden("docs/tools.md", &format!("{HEAD}{sections}"));
}

#[test]
fn a_line_of_the_reference_breaks_no_table() {
    assert_eq!(cell("one |\n two"), "one \\| two");
    let schema = serde_json::json!({"enum": ["a", "b"], "description": "which"});
    assert_eq!(argument("kind", &schema, false), "`kind`? (a \\| b): which");
}
