//! Waiting for a run: progress, the end of patience, a cancelled call.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::world::airflow;

/// What the server says of a call before it answers it.
fn progress(message: &Value) -> Option<&str> {
    (message["method"] == "notifications/progress")
        .then(|| message["params"]["message"].as_str())?
}

#[tokio::test]
async fn a_long_run_is_followed_with_progress_then_let_go_and_cancelled() {
    let Some(world) = airflow().await else { return };
    let home = tempfile::tempdir().unwrap();
    let mut process = world.process(home.path());
    let wish = json!({"dag_id": "mg_slow", "params": {"seconds": 300}, "idempotency_key": "a-long-one", "wait_s": 12});
    let asked = json!({"name": "run_workflow", "arguments": wish, "_meta": {"progressToken": "p"}});
    let id = process.request("tools/call", &asked);
    let mut told = Vec::new();
    let answer = loop {
        let message = process.receive();
        if message["id"] == id {
            break message["result"]["structuredContent"].clone();
        }
        told.extend(progress(&message).map(str::to_owned));
    };
    assert!(
        told.iter()
            .any(|text| text.contains("mcp__a-long-one") && text.contains("does not stop the run")),
        "{told:?}"
    );
    assert!(
        told.iter().any(|text| text.contains("/2 tasks")),
        "{told:?}"
    );
    assert_ne!(answer["state"], "failed");
    assert!(answer["notes"].to_string().contains("goes on"), "{answer}");

    // A cancelled call ends at once; the run goes on.
    let run = json!({"dag_id": "mg_slow", "run_id": "mcp__a-long-one"});
    let mut wait = run.clone();
    wait["wait_s"] = json!(45);
    let asked =
        json!({"name": "get_workflow_run", "arguments": wait, "_meta": {"progressToken": "q"}});
    let id = process.request("tools/call", &asked);
    while progress(&process.receive()).is_none() {}
    process.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": id}}));
    let began = Instant::now();
    let stands = process.call("get_workflow_run", &run).ok();
    assert!(
        began.elapsed() < Duration::from_secs(30),
        "the wait went on"
    );
    assert!(
        stands["state"] == "running" || stands["state"] == "queued",
        "{stands}"
    );

    let mut cancel = run.clone();
    cancel["reason"] = json!("the wrong release");
    let cancelled = process.call("cancel_workflow_run", &cancel).ok();
    assert_eq!(
        (&cancelled["state"], &cancelled["cancelled"]),
        (&json!("failed"), &json!(true))
    );
    assert!(
        cancelled["note"]
            .as_str()
            .unwrap()
            .contains("the wrong release")
    );
    let again = process.call("cancel_workflow_run", &cancel).ok();
    assert_eq!(again["cancelled"], false, "{again}");
    let seen = process.call("get_workflow_run", &run).ok();
    assert!(
        seen["cause"]
            .as_str()
            .unwrap()
            .contains("the wrong release"),
        "{seen}"
    );
    assert_eq!(process.close().code, Some(0));
}
