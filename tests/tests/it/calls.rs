//! Calls over the pipes: cancelled, reported on, panicking, many at once, with nulls and odd arguments.

use std::time::{Duration, Instant};

use mg_testkit::{Process, ToolAnswer};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::servers::{FIXTURE, SHIPPED, initialized, modern};

fn cancel(process: &mut Process, id: i64) {
    let parameters = json!({"requestId": id, "reason": "the user pressed stop"});
    process.send(
        &json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": parameters}),
    );
}

#[test]
fn the_servers_that_ship_answer_and_refuse_as_they_should() {
    for server in &SHIPPED {
        let home = tempdir().unwrap();
        let mut process = initialized(server.name, home.path());
        let answer = process.call(server.tool, &server.arguments());
        assert!(
            answer
                .text
                .replace(['\u{202f}', ' '], "")
                .contains(server.shows),
            "{}",
            answer.text
        );
        assert!(answer.ok().to_string().contains(server.shows));
        let refusal = process.call(server.tool, &server.wrong()).refusal();
        assert!(refusal.contains(server.refusal), "{refusal}");
    }
}

#[test]
fn a_cancelled_call_is_not_answered_and_the_next_one_is() {
    let home = tempdir().unwrap();
    let mut process = initialized(FIXTURE, home.path());
    let id = process.request("tools/call", &json!({"name": "sleeps", "arguments": {}}));
    cancel(&mut process, id);
    assert!(process.is_silent());
    assert_eq!(process.call("echo", &json!({"text": "next"})).text, "next");
}

#[test]
fn a_call_of_2026_is_cancelled_the_same_way() {
    let home = tempdir().unwrap();
    let mut process = Process::start(FIXTURE, &[], &[], home.path());
    let call = |name, arguments: Value| modern(&json!({"name": name, "arguments": arguments}));
    let id = process.request("tools/call", &call("sleeps", json!({})));
    cancel(&mut process, id);
    assert!(process.is_silent());
    let response = process.ask("tools/call", &call("echo", json!({"text": "next"})));
    assert_eq!(ToolAnswer::of(&response["result"]).text, "next");
}

#[test]
fn progress_comes_at_least_every_two_seconds_and_only_grows() {
    let home = tempdir().unwrap();
    let mut process = initialized(FIXTURE, home.path());
    let parameters = json!({"name": "blocks", "arguments": {}, "_meta": {"progressToken": "t-1"}});
    process.request("tools/call", &parameters);
    let (mut last, mut gap) = (0.0, Duration::ZERO);
    for _ in 0..3 {
        let waited = Instant::now();
        let message = process.receive();
        gap = gap.max(waited.elapsed());
        assert_eq!(message["params"]["progressToken"], "t-1", "{message}");
        let done = message["params"]["progress"].as_f64().unwrap();
        assert!(done > last, "{message}");
        last = done;
    }
    eprintln!("longest silence of a running call: {gap:.2?}");
    assert!(gap < Duration::from_secs(4), "{gap:?}"); // a loaded machine may be late
}

#[test]
fn without_a_token_there_is_no_progress() {
    let home = tempdir().unwrap();
    let mut process = initialized(FIXTURE, home.path());
    process.request("tools/call", &json!({"name": "sleeps", "arguments": {}}));
    assert!(process.is_silent());
}

#[test]
fn a_panicking_tool_is_an_internal_error_and_the_server_lives_on() {
    let home = tempdir().unwrap();
    let mut process = initialized(FIXTURE, home.path());
    for _ in 0..3 {
        let refusal = process.call("panics", &json!({})).refusal();
        assert!(refusal.contains("internal error"), "{refusal}");
    }
    assert_eq!(
        process.call("echo", &json!({"text": "alive"})).text,
        "alive"
    );
    let stderr = process.close().stderr;
    assert!(
        stderr.contains("on purpose"),
        "the log has the cause: {stderr}"
    );
}

#[test]
fn the_cause_of_an_internal_error_stands_in_the_log_alone() {
    let home = tempdir().unwrap();
    let mut process = initialized(FIXTURE, home.path());
    let refusal = process.call("fails", &json!({})).refusal();
    assert!(!refusal.contains("secret-cause"), "{refusal}");
    assert!(process.close().stderr.contains("secret-cause"));
}

#[test]
fn sixty_four_calls_at_once_are_each_answered_with_their_own() {
    let home = tempdir().unwrap();
    let mut process = initialized(FIXTURE, home.path());
    let mut waiting: Vec<(i64, String)> = (0..64)
        .map(|number| {
            let text = format!("call {number}");
            let call = json!({"name": "echo", "arguments": {"text": text}});
            (process.request("tools/call", &call), text)
        })
        .collect();
    for _ in 0..64 {
        let message = process.receive();
        let place = waiting.iter().position(|(id, _)| message["id"] == *id);
        let (_, text) = waiting.swap_remove(place.unwrap());
        assert_eq!(ToolAnswer::of(&message["result"]).text, text);
    }
    assert!(waiting.is_empty());
}

#[test]
fn sixty_four_statements_at_once_are_all_answered() {
    let home = tempdir().unwrap();
    let mut process = initialized("mg-sql", home.path());
    let ids: Vec<i64> = (0..64)
        .map(|number| {
            let call =
                json!({"name": "run_sql", "arguments": {"query": format!("SELECT {number}")}});
            process.request("tools/call", &call)
        })
        .collect();
    let mut answered: Vec<i64> = (0..64)
        .filter_map(|_| process.receive()["id"].as_i64())
        .collect();
    answered.sort_unstable();
    assert_eq!(answered, ids);
}

#[test]
fn a_call_beyond_the_queue_is_told_that_the_server_is_busy() {
    let home = tempdir().unwrap();
    let mut process = initialized(FIXTURE, home.path());
    let ids: Vec<i64> = (0..=8 + 64)
        .map(|_| process.request("tools/call", &json!({"name": "sleeps", "arguments": {}})))
        .collect();
    let message = process.receive();
    assert!(ids.iter().any(|id| message["id"] == *id), "{message}");
    let refusal = ToolAnswer::of(&message["result"]).refusal();
    assert!(refusal.contains("busy"), "{refusal}");
    assert!(process.is_silent());
    assert_eq!(process.close().code, Some(0));
}

#[test]
fn a_null_counts_as_absent_and_arguments_may_be_absent_altogether() {
    let home = tempdir().unwrap();
    let mut process = initialized(FIXTURE, home.path());
    let answer = process.call("echo", &json!({"text": "x", "times": null}));
    assert_eq!(answer.text, "x");
    for arguments in [json!(null), json!({}), json!({"text": null})] {
        let refusal = process.call("echo", &arguments).refusal();
        assert!(refusal.contains("text"), "{arguments}: {refusal}");
    }
}

#[test]
fn an_unknown_argument_is_refused_with_the_nearest_name() {
    for server in &SHIPPED {
        let home = tempdir().unwrap();
        let mut process = initialized(server.name, home.path());
        let mut arguments = server.arguments();
        arguments["teritory"] = json!("x");
        let refusal = process.call(server.tool, &arguments).refusal();
        assert!(
            refusal.contains("`teritory`") && refusal.contains(server.tool),
            "{refusal}"
        );
    }
}

#[test]
fn a_client_that_never_reads_stderr_blocks_no_call() {
    let home = tempdir().unwrap();
    let mut process =
        Process::start_with_stderr_unread(FIXTURE, &[("MG_LOG", "trace")], home.path());
    process.initialize();
    let text = "x".repeat(4_000);
    for _ in 0..200 {
        assert_eq!(process.call("echo", &json!({"text": text})).text, text);
    }
    assert_eq!(process.close().code, Some(0));
}
