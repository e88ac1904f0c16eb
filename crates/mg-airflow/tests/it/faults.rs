//! Airflow down, slow, or something else altogether: a clear sentence in time, no storm of requests, nothing started twice.

use std::time::{Duration, Instant};

use mg_core::Role;
use serde_json::{Value, json};

use crate::{
    hostile::{Deed, Hostile},
    world::Client,
};

const LOGIN: &str = "POST /auth/token";
const DAGS: &str = "GET /api/v2/dags";
const DETAILS: &str = "GET /api/v2/dags/mg_x/details";
const TRIGGER: &str = "POST /api/v2/dags/mg_x/dagRuns";
const RUN: &str = "GET /api/v2/dags/mg_x/dagRuns/mcp__k";
const NONE: &str = r#"{"dags": [], "total_entries": 0}"#;

/// A server that lets everybody in and answers lists as it is told.
async fn listing(deed: impl Fn(usize) -> Deed + Send + Sync + 'static) -> (Hostile, Client) {
    let hostile = Hostile::start(move |line, before| match line {
        LOGIN => Hostile::token(),
        DAGS => deed(before),
        _ => Hostile::json(200, r#"{"import_errors": [], "dag_runs": []}"#),
    })
    .await;
    let client = Client::of(&hostile.url(), Role::Editor, "").await;
    (hostile, client)
}

async fn refusal(client: &Client) -> String {
    client.refusal("list_workflows", json!({})).await
}

#[tokio::test]
async fn what_passes_is_tried_again_and_what_lasts_is_told_after_three_attempts() {
    let (hostile, client) = listing(|before| match before {
        0 => Hostile::answer(502, "text/html", "<html>Bad Gateway</html>"),
        1 => Hostile::half(NONE),
        _ => Hostile::json(200, NONE),
    })
    .await;
    assert_eq!(client.ok("list_workflows", json!({})).await["total"], 0);
    assert_eq!((hostile.count(DAGS), hostile.count(LOGIN)), (3, 1));

    let (hostile, client) = listing(|_| Hostile::answer(503, "text/plain", "starting")).await;
    let told = refusal(&client).await;
    assert!(told.contains("overloaded or starting (HTTP 503)"), "{told}");
    assert_eq!(hostile.count(DAGS), 3);

    let (hostile, client) = listing(|_| Hostile::half(NONE)).await;
    let told = refusal(&client).await;
    assert!(told.contains("broke off"), "{told}");
    assert_eq!(hostile.count(DAGS), 3);
}

#[tokio::test]
async fn an_airflow_that_fails_is_asked_again_and_told_in_its_words() {
    let busy = r#"{"detail": {"reason": "Database error", "statement": "hidden"}}"#;
    let (hostile, client) = listing(move |before| match before {
        0 => Hostile::json(500, busy),
        1 => Hostile::answer(500, "text/plain", "Internal Server Error"),
        _ => Hostile::json(200, NONE),
    })
    .await;
    assert_eq!(client.ok("list_workflows", json!({})).await["total"], 0);
    assert_eq!((hostile.count(DAGS), hostile.count(LOGIN)), (3, 1));

    let (hostile, client) = listing(move |_| Hostile::json(500, busy)).await;
    let told = refusal(&client).await;
    assert!(
        told.contains("failed while it answered (HTTP 500: Database error)"),
        "{told}"
    );
    assert_eq!(hostile.count(DAGS), 3);
}

#[tokio::test]
async fn what_is_no_airflow_is_told_at_once() {
    for (deed, part) in [
        (Hostile::answer(200, "text/html", "<!doctype html><p>Sign in"), "a web page"),
        (Hostile::answer(200, "application/json", "{\"dags\": ["), "not JSON"),
        (Hostile::json(200, r#"{"message": "hello"}"#), "another shape"),
        (Hostile::json(404, r#"{"error": "gone"}"#), "the API v2 is not there"),
        (Hostile::json(418, r#"{"detail": "boom"}"#), "418 boom"),
        (Deed::Says(b"HTTP/1.1 302 X\r\nLocation: https://login.example.org/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()), "redirects to https://login.example.org/"),
    ] {
        let (hostile, client) = listing(move |_| deed.clone()).await;
        let told = refusal(&client).await;
        assert!(told.contains(part) && told.contains("airflow.url"), "{part}: {told}");
        assert_eq!(hostile.count(DAGS), 1, "{part}");
    }
}

#[tokio::test]
async fn airflows_own_words_reach_the_model_and_a_refusal_is_no_expired_token() {
    let (hostile, client) = listing(|_| Hostile::json(403, r#"{"detail": "Forbidden"}"#)).await;
    let told = refusal(&client).await;
    assert!(
        told.contains("refuses this") && told.contains("(Forbidden)"),
        "{told}"
    );
    assert_eq!((hostile.count(DAGS), hostile.count(LOGIN)), (1, 1));
    let (_, client) = listing(|_| {
        Hostile::json(
            422,
            r#"{"detail": [{"loc": ["query", "limit"], "msg": "too much"}]}"#,
        )
    })
    .await;
    let told = refusal(&client).await;
    assert!(told.contains("query.limit: too much"), "{told}");
}

#[tokio::test]
async fn a_token_that_is_good_no_longer_is_renewed_once_for_all_calls() {
    for (status, detail) in [(401, "Not authenticated"), (403, "Invalid JWT token")] {
        let body = format!(r#"{{"detail": "{detail}"}}"#);
        let (hostile, client) = listing(move |before| match before {
            0..4 => Hostile::json(status, &body),
            _ => Hostile::json(200, NONE),
        })
        .await;
        let calls = (0..4).map(|_| client.ok("list_workflows", json!({})));
        let answers = futures_join(calls).await;
        assert!(answers.iter().all(|answer| answer["total"] == 0));
        assert!(
            hostile.count(LOGIN) <= 5 && hostile.count(DAGS) <= 8,
            "{:?}",
            hostile.requests()
        );
    }
    let (hostile, client) = listing(|_| Hostile::json(401, "{}")).await;
    let told = refusal(&client).await;
    assert!(told.contains("jwt_secret"), "{told}");
    assert_eq!((hostile.count(DAGS), hostile.count(LOGIN)), (2, 2));
}

#[tokio::test]
async fn many_calls_at_once_log_in_once() {
    let (hostile, client) = listing(|_| Hostile::json(200, NONE)).await;
    let calls = (0..8).map(|_| client.ok("list_workflows", json!({})));
    assert_eq!(futures_join(calls).await.len(), 8);
    assert_eq!(hostile.count(LOGIN), 1);
}

#[tokio::test]
async fn an_account_that_is_refused_is_not_tried_again_and_again() {
    let hostile =
        Hostile::start(|_, _| Hostile::json(401, r#"{"detail": "Invalid credentials"}"#)).await;
    let client = Client::of(&hostile.url(), Role::Viewer, "").await;
    for _ in 0..5 {
        let told = refusal(&client).await;
        assert!(
            told.contains("does not let the account `mg_viewer` in"),
            "{told}"
        );
    }
    assert_eq!(hostile.requests(), [LOGIN]);
}

#[tokio::test]
async fn nothing_there_and_nothing_said_end_in_time() {
    let client = Client::of("http://127.0.0.1:1", Role::Viewer, "").await;
    let told = refusal(&client).await;
    assert!(told.contains("nothing answers there"), "{told}");
    let (hostile, client) = listing(|_| Deed::Stalls(Vec::new())).await;
    let began = Instant::now();
    let told = refusal(&client).await;
    assert!(told.contains("did not answer within 15 s"), "{told}");
    assert!(began.elapsed() < Duration::from_secs(25));
    assert_eq!(hostile.count(DAGS), 1, "a slow server is not asked twice");
}

#[tokio::test]
async fn a_list_without_end_and_an_answer_without_end_are_bounded() {
    let huge = format!(
        r#"{{"dags": [], "total_entries": 0, "x": "{}"}}"#,
        "x".repeat(9 << 20)
    );
    let (_, client) = listing(move |_| Hostile::json(200, &huge)).await;
    let told = refusal(&client).await;
    assert!(told.contains("too large"), "{told}");
    let page: Vec<Value> = (0..100)
        .map(|n| json!({"dag_id": format!("d{n}"), "is_paused": false}))
        .collect();
    let page = json!({"dags": page, "total_entries": 1_000_000}).to_string();
    let (hostile, client) = listing(move |_| Hostile::json(200, &page)).await;
    let listed = client.ok("list_workflows", json!({})).await;
    assert_eq!(
        (
            &listed["truncated"],
            listed["workflows"].as_array().unwrap().len()
        ),
        (&json!(true), 50)
    );
    assert_eq!(hostile.count(DAGS), 30);
}

/// A server with one workflow, which answers a trigger and a look at the run as it is told.
async fn starting(trigger: Deed, look: Deed) -> (Hostile, Client) {
    let hostile = Hostile::start(move |line, _| match line {
        LOGIN => Hostile::token(),
        DETAILS => Hostile::json(200, r#"{"dag_id": "mg_x", "params": {}}"#),
        TRIGGER => trigger.clone(),
        RUN => look.clone(),
        _ => Hostile::json(404, r#"{"detail": "not found"}"#),
    })
    .await;
    let client = Client::of(&hostile.url(), Role::Editor, "").await;
    (hostile, client)
}

fn wish() -> Value {
    json!({"dag_id": "mg_x", "idempotency_key": "k"})
}

#[tokio::test]
async fn a_trigger_whose_answer_is_lost_starts_one_run_and_finds_it() {
    let run = Hostile::json(
        200,
        r#"{"dag_id": "mg_x", "dag_run_id": "mcp__k", "state": "queued", "conf": {}}"#,
    );
    let conflict = Hostile::json(
        409,
        r#"{"detail": {"reason": "Unique constraint violation"}}"#,
    );
    for trigger in [
        conflict,
        Hostile::half("{\"dag_id\": \"mg_x\"}"),
        Hostile::json(502, ""),
    ] {
        let (hostile, client) = starting(trigger, run.clone()).await;
        let told = client.ok("run_workflow", wish()).await;
        assert_eq!(
            (&told["run_id"], &told["state"]),
            (&json!("mcp__k"), &json!("queued"))
        );
        assert!(hostile.count(TRIGGER) <= 3, "{:?}", hostile.requests());
    }
}

#[tokio::test]
async fn after_a_lost_answer_a_run_of_another_wish_is_not_taken_for_ours() {
    let other = Hostile::json(
        200,
        r#"{"dag_id": "mg_x", "dag_run_id": "mcp__k", "state": "running", "conf": {"year": 2020}}"#,
    );
    let (_, client) = starting(Hostile::json(504, ""), other).await;
    let told = client.refusal("run_workflow", wish()).await;
    assert!(
        told.contains("other params") && told.contains("2020"),
        "{told}"
    );
}

#[tokio::test]
async fn a_run_whose_first_answer_was_lost_is_told_as_created_and_an_older_one_is_not() {
    for (queued_at, created) in [
        ("2999-01-01T00:00:00Z", true),
        ("2020-01-01T00:00:00Z", false),
    ] {
        let hostile = Hostile::start(move |line, before| match (line, before) {
            (LOGIN, _) => Hostile::token(),
            (DETAILS, _) => Hostile::json(200, r#"{"dag_id": "mg_x"}"#),
            (TRIGGER, 0) => Hostile::half("{\"dag_id\": \"mg_x\"}"),
            (TRIGGER, _) => Hostile::json(409, r#"{"detail": "clash"}"#),
            (RUN, _) => Hostile::json(
                200,
                &json!({"dag_id": "mg_x", "dag_run_id": "mcp__k", "state": "queued", "conf": {}, "queued_at": queued_at}).to_string(),
            ),
            _ => Hostile::json(404, r#"{"detail": "unknown"}"#),
        })
        .await;
        let client = Client::of(&hostile.url(), Role::Editor, "").await;
        let told = client.ok("run_workflow", wish()).await;
        assert_eq!(told["created"], created, "{queued_at}: {told}");
        assert_eq!(hostile.count(TRIGGER), 2);
    }
}

#[tokio::test]
async fn where_nobody_knows_whether_a_run_started_the_answer_says_how_to_find_out() {
    let absent = Hostile::json(404, r#"{"detail": "no run"}"#);
    let (_, client) = starting(Hostile::json(504, ""), absent.clone()).await;
    let told = client.refusal("run_workflow", wish()).await;
    for part in ["not known", "run_id `mcp__k`", "never starts a second one"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let (_, client) = starting(Hostile::json(409, r#"{"detail": "clash"}"#), absent).await;
    let told = client.refusal("run_workflow", wish()).await;
    assert!(told.contains("conflict (clash)"), "{told}");
}

#[tokio::test]
async fn a_wait_survives_a_stream_that_is_none_and_an_airflow_that_goes() {
    let running = r#"{"dag_id": "mg_x", "dag_run_id": "mcp__k", "state": "running", "conf": {}}"#;
    let ended = r#"{"dag_id": "mg_x", "dag_run_id": "mcp__k", "state": "success", "conf": {}}"#;
    let hostile = Hostile::start(move |line, before| match (line, before) {
        (LOGIN, _) => Hostile::token(),
        (RUN, 0) => Hostile::json(200, running),
        (RUN, _) => Hostile::json(200, ended),
        (line, _) if line.ends_with("/wait") => Hostile::answer(200, "text/html", "<p>no stream\n"),
        _ => Hostile::json(200, r#"{"task_instances": [], "total_entries": 0}"#),
    })
    .await;
    let client = Client::of(&hostile.url(), Role::Viewer, "").await;
    let asked = json!({"dag_id": "mg_x", "run_id": "mcp__k", "wait_s": 20});
    assert_eq!(
        client.ok("get_workflow_run", asked.clone()).await["state"],
        "success"
    );

    let hostile = Hostile::start(move |line, before| match (line, before) {
        (LOGIN, _) => Hostile::token(),
        (RUN, 0) => Hostile::json(200, running),
        _ => Hostile::json(503, ""),
    })
    .await;
    let client = Client::of(&hostile.url(), Role::Viewer, "").await;
    let mut asked = asked;
    asked["wait_s"] = json!(3);
    let told = client.ok("get_workflow_run", asked).await;
    assert_eq!(told["state"], "running");
    assert!(
        told["notes"].to_string().contains("last one known"),
        "{told}"
    );
}

/// All of them at once.
async fn futures_join<F: Future<Output = Value>>(calls: impl Iterator<Item = F>) -> Vec<Value> {
    futures::future::join_all(calls).await
}

#[tokio::test]
async fn a_log_larger_than_is_kept_is_diagnosed_by_its_end() {
    let run = r#"{"dag_id": "mg_quick", "dag_run_id": "r", "state": "failed", "conf": {}}"#;
    let tasks = r#"{"task_instances": [{"task_id": "load", "map_index": -1, "state": "failed", "try_number": 1, "max_tries": 0}], "total_entries": 1}"#;
    let line = format!(
        r#"{{"event": "{}", "logger": "task.stdout", "level": "info"}}"#,
        "x".repeat(1000)
    );
    let last = r#"{"event": "Task failed", "level": "error", "error_detail": [{"exc_type": "ValueError", "exc_value": "at the very end", "frames": []}]}"#;
    let log = format!("{}{last}\n", format!("{line}\n").repeat(30_000));
    let hostile = Hostile::start(move |asked, _| match asked {
        LOGIN => Hostile::token(),
        "GET /api/v2/dags/mg_quick/dagRuns/r" => Hostile::json(200, run),
        "GET /api/v2/dags/mg_quick/dagRuns/r/taskInstances" => Hostile::json(200, tasks),
        "GET /api/v2/dags/mg_quick" => Hostile::json(200, r#"{"dag_id": "mg_quick"}"#),
        _ if asked.ends_with("/logs/1") => Hostile::answer(200, "application/x-ndjson", &log),
        _ => Hostile::json(404, r#"{"detail": "unknown"}"#),
    })
    .await;
    let client = Client::of(&hostile.url(), Role::Viewer, "").await;
    let asked = json!({"dag_id": "mg_quick", "run_id": "r"});
    let told = client.ok("diagnose_workflow_run", asked).await;
    let failed = &told["failed_tasks"][0];
    assert_eq!(
        (&failed["exception"], &failed["message"]),
        (&json!("ValueError"), &json!("at the very end")),
        "{told:#}"
    );
    assert!(failed["omitted"].as_u64().unwrap() > 29_000, "{failed}");
}
