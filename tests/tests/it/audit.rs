//! What a call leaves behind: one audit line, and frames without values where a trace was asked for.

use std::os::unix::fs::PermissionsExt;

use mg_testkit::Process;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::servers::{FIXTURE, initialized};

/// A value no trail may hold.
const PRIVATE: &str = "Madame Private";

fn audit_lines(stderr: &str) -> Vec<Value> {
    let lines = stderr
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    lines.collect()
}

#[test]
fn a_call_leaves_one_line_that_tells_who_did_what_and_no_value() {
    let home = tempdir().unwrap();
    let mut process = initialized("mg-sql", home.path());
    let query = format!("SELECT COUNT(*) FROM dim_commune WHERE nom = '{PRIVATE}' OR comm = 77243");
    assert!(!process.call("run_sql", &json!({"query": query})).is_error);
    let stderr = process.close().stderr;
    assert!(
        !stderr.contains(PRIVATE) && !stderr.contains("77243"),
        "{stderr}"
    );
    let [line] = <[Value; 1]>::try_from(audit_lines(&stderr)).unwrap();
    for (key, value) in [
        ("server", "mg-sql"),
        ("role", "viewer"),
        ("client", "mg-testkit"),
        ("tool", "run_sql"),
        ("outcome", "ok"),
    ] {
        assert_eq!(line[key], value, "{line}");
    }
    assert_eq!(
        (&line["rows"], &line["tables"]),
        (&json!(1), &json!(["dim_commune"]))
    );
    assert!(line["statement"].as_str().unwrap().contains('?'), "{line}");
    assert!(
        line["ms"].as_f64().is_some() && line["time"].is_string(),
        "{line}"
    );
}

#[test]
fn every_outcome_has_its_word() {
    let home = tempdir().unwrap();
    let mut process = initialized(FIXTURE, home.path());
    for tool in ["echo", "panics", "fails", "writes", "nope"] {
        process.ask("tools/call", &json!({"name": tool, "arguments": {}}));
    }
    let lines = audit_lines(&process.close().stderr);
    let outcomes: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["outcome"].as_str())
        .collect();
    assert_eq!(
        outcomes,
        ["error", "panicked", "error", "forbidden", "unknown_tool"]
    );
}

#[test]
fn equal_arguments_have_equal_digests_over_restarts_of_one_installation() {
    let home = tempdir().unwrap();
    let digests: Vec<Value> = (0..2)
        .map(|_| {
            let mut process = initialized(FIXTURE, home.path());
            assert!(!process.call("echo", &json!({"text": PRIVATE})).is_error);
            audit_lines(&process.close().stderr)[0]["arguments"].clone()
        })
        .collect();
    assert_eq!(digests[0], digests[1]);
    assert_eq!(digests[0].as_str().unwrap().len(), 32);
}

#[test]
fn a_trace_holds_the_frames_without_their_values_for_its_owner_alone() {
    let home = tempdir().unwrap();
    let path = home.path().join("trace.jsonl");
    let variables = [("MG_TRACE", path.to_str().unwrap())];
    let mut process = Process::start(FIXTURE, &[], &variables, home.path());
    process.initialize();
    let answer = process.call("echo", &json!({"text": PRIVATE, "times": 2}));
    assert_eq!(answer.text, PRIVATE.repeat(2));
    assert_eq!(process.close().code, Some(0));
    let trace = std::fs::read_to_string(&path).unwrap();
    assert!(!trace.contains(PRIVATE), "{trace}");
    let frames: Vec<Value> = trace
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let methods = frames
        .iter()
        .filter_map(|line| line["frame"]["method"].as_str());
    let methods: Vec<&str> = methods.collect();
    assert_eq!(
        methods,
        ["initialize", "notifications/initialized", "tools/call"]
    );
    assert_eq!(
        frames
            .iter()
            .filter(|line| line["direction"] == "sent")
            .count(),
        2
    );
    let mode = std::fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
