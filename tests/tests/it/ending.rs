//! How a server ends: exit code 0 and no noise, idle or with a call running, at the end of stdin or at a signal.
//!
//! The times are printed; `just bench` measures them against the promise of 100 ms.

use std::{path::Path, time::Duration};

use mg_testkit::{Exit, Process, ToolAnswer};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::servers::{ENDLESS, FIXTURE, every, initialized, modern, run_until_progress};

/// Far beyond the promise, so that a loaded machine fails nothing.
const AT_MOST: Duration = Duration::from_secs(2);

/// The ways a client ends a server.
const WAYS: [&str; 3] = ["EOF", "TERM", "INT"];

fn end(process: Process, way: &str) -> Exit {
    match way {
        "EOF" => process.close(),
        signal => process.signal(signal),
    }
}

fn assert_ended(exit: &Exit, what: &str) {
    eprintln!("{what}: ended in {:.1?}", exit.took);
    assert_eq!(exit.code, Some(0), "{what}: {}", exit.stderr);
    assert!(exit.took < AT_MOST, "{what} took {:?}", exit.took);
}

#[test]
fn an_idle_server_ends_at_once_and_silently() {
    for binary in every() {
        for way in WAYS {
            let home = tempdir().unwrap();
            let exit = end(initialized(binary, home.path()), way);
            assert_ended(&exit, &format!("{binary} idle, {way}"));
            assert_eq!(exit.stderr, "", "{binary} {way}");
        }
    }
}

#[test]
fn a_server_whose_client_went_away_before_the_handshake_is_no_error() {
    for binary in every() {
        for way in WAYS {
            let home = tempdir().unwrap();
            let mut process = Process::start(binary, &[], &[], home.path());
            if way != "EOF" {
                process.ask("ping", &json!({})); // a signal may come before the process has begun
            }
            let exit = end(process, way);
            assert_ended(&exit, &format!("{binary} before the handshake, {way}"));
            assert_eq!((exit.stderr.as_str(), exit.unread.len()), ("", 0));
        }
    }
}

#[test]
fn a_probe_that_is_dropped_after_discover_leaves_no_trace() {
    for binary in every() {
        for way in WAYS {
            let home = tempdir().unwrap();
            let mut process = Process::start(binary, &[], &[], home.path());
            process.ask("server/discover", &modern(&json!({})));
            let exit = end(process, way);
            assert_ended(&exit, &format!("{binary} probed, {way}"));
            assert_eq!(exit.stderr, "");
            assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
        }
    }
}

/// A server that is busy with this call.
fn busy(binary: &str, tool: &str, arguments: &Value, home: &Path) -> Process {
    let mut process = initialized(binary, home);
    if binary == "mg-sql" {
        assert!(
            !process
                .call("run_sql", &json!({"query": "SELECT 1"}))
                .is_error
        ); // the database is made
    }
    run_until_progress(&mut process, tool, arguments);
    process
}

#[test]
fn a_running_call_does_not_hold_the_end() {
    let endless = json!({"query": ENDLESS});
    for (binary, tool, arguments) in [
        (FIXTURE, "sleeps", &json!({})),
        (FIXTURE, "blocks", &json!({})),
        ("mg-sql", "run_sql", &endless),
    ] {
        for way in WAYS {
            let home = tempdir().unwrap();
            let exit = end(busy(binary, tool, arguments, home.path()), way);
            assert_ended(&exit, &format!("{binary} with {tool} running, {way}"));
        }
    }
}

#[test]
fn many_running_calls_do_not_hold_the_end_either() {
    let home = tempdir().unwrap();
    let mut process = busy(FIXTURE, "blocks", &json!({}), home.path());
    for _ in 0..20 {
        process.request("tools/call", &json!({"name": "blocks", "arguments": {}}));
    }
    assert_ended(&process.close(), "21 blocking calls, EOF");
}

#[test]
fn a_request_that_was_just_sent_is_still_answered() {
    for _ in 0..10 {
        let home = tempdir().unwrap();
        let mut process = initialized(FIXTURE, home.path());
        let call = json!({"name": "echo", "arguments": {"text": "last words"}});
        let id = process.request("tools/call", &call);
        let exit = process.close();
        assert_eq!(exit.code, Some(0));
        let [line] = exit.unread.as_slice() else {
            unreachable!("one answer: {:?}", exit.unread)
        };
        let message: Value = serde_json::from_str(line).unwrap();
        assert_eq!(message["id"], id);
        assert_eq!(ToolAnswer::of(&message["result"]).text, "last words");
    }
}
