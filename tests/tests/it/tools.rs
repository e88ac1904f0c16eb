//! The tools as clients are shown them: golden files, portable schemas, sizes.

use mg_testkit::{MODEL_BYTES, Process, assert_portable, golden, model_part};
use serde_json::Value;
use tempfile::tempdir;

use crate::servers::{every, shipped};

/// What `--list-tools` prints for a role.
pub(crate) fn printed(binary: &str, role: &str) -> String {
    let home = tempdir().unwrap();
    let arguments = ["--list-tools", "--role", role];
    let output = Process::command(binary, &arguments, &[], home.path()).output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(0), "{binary}");
    String::from_utf8(output.stdout).unwrap()
}

/// The tools a role is offered.
pub(crate) fn tools_of(binary: &str, role: &str) -> Vec<Value> {
    serde_json::from_str(&printed(binary, role)).unwrap()
}

#[test]
fn the_tools_of_every_server_are_those_of_its_golden_file() {
    for server in shipped() {
        golden(
            &format!("crates/{server}/tools.json"),
            &printed(server, "editor"),
        );
    }
}

#[test]
fn every_schema_is_one_that_all_clients_can_read() {
    for binary in every() {
        for role in ["viewer", "editor"] {
            assert_portable(&tools_of(binary, role));
        }
    }
}

#[test]
fn what_a_model_is_sent_stays_small() {
    for server in shipped() {
        let bytes = model_part(&tools_of(server, "editor")).len();
        eprintln!("{server}: the model's part of tools/list has {bytes} bytes");
        assert!(bytes < MODEL_BYTES, "{server}: {bytes}");
    }
}

#[test]
fn no_two_servers_share_the_name_of_a_tool() {
    let mut names: Vec<String> = shipped()
        .flat_map(|server| tools_of(server, "editor"))
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "{names:?}");
}

#[test]
fn every_sentence_about_a_tool_says_what_when_and_how() {
    for server in shipped() {
        for tool in tools_of(server, "editor") {
            let text = tool["description"].as_str().unwrap();
            assert!(text.contains("Example") || text.contains("e.g."), "{text}");
            let required = tool["inputSchema"]["required"].as_array();
            for name in required.into_iter().flatten() {
                let name = name.as_str().unwrap();
                assert!(
                    text.contains(&format!("\"{name}\"")),
                    "the example lacks {name}: {text}"
                );
            }
        }
    }
}
