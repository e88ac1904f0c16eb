//! Clients that press stop, and more of them than there are connections.

use std::time::Duration;

use mg_testkit::shared_postgres;
use rmcp::{
    RoleClient,
    model::{CallToolRequest, CallToolRequestParams, ClientRequest},
    service::{PeerRequestOptions, RequestHandle},
};
use serde_json::json;

use crate::engines::{Engine, client, engines_with, postgres_demo};

const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n";
/// Longer than any test: what ends earlier was ended.
const PATIENT: &str = "[sql]\nstatement_timeout_s = 3600";

/// Starts a call that its client can cancel.
async fn started(engine: &Engine, query: &str) -> RequestHandle<RoleClient> {
    let arguments = json!({"query": query}).as_object().cloned();
    let call = CallToolRequestParams::new("run_sql").with_arguments(arguments.unwrap());
    let request = ClientRequest::CallToolRequest(CallToolRequest::new(call));
    let peer = engine.client.peer();
    let handle = peer.send_cancellable_request(request, PeerRequestOptions::no_options());
    handle.await.unwrap()
}

async fn answers(engine: &Engine) {
    let next = engine
        .client
        .call("run_sql", json!({"query": "SELECT 7 AS n"}));
    assert_eq!(next.await.ok()["rows"], json!([[7]]), "{}", engine.name);
}

#[tokio::test]
async fn a_cancelled_query_is_gone_from_the_server_soon_after() {
    let Some(url) = postgres_demo().await else {
        return;
    };
    let name = "presses_stop";
    let url = format!("{url}?application_name={name}");
    let engine = client("postgres", Some(&url), PATIENT).await;
    let running = || {
        let sql = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = '{name}' AND state <> 'idle' AND query LIKE 'DECLARE%'"
        );
        shared_postgres().unwrap().sql("postgres", &sql)
    };
    let sending = "SELECT i FROM generate_series(1, 100000000000) AS i WHERE i % 1000000 = 0";
    for query in [ENDLESS, sending] {
        let call = started(&engine, query).await;
        becomes(&running, "1").await;
        let reason = "the user pressed stop".to_owned();
        call.cancel(Some(reason)).await.unwrap();
        becomes(&running, "0").await;
        answers(&engine).await;
    }
}

/// Waits until a look at the server tells what is expected.
async fn becomes(look: &impl Fn() -> String, expected: &str) {
    for _ in 0..200 {
        if look() == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    panic!("{} instead of {expected}", look());
}

#[tokio::test]
async fn cancelled_queries_give_their_threads_back_on_sqlite() {
    let engine = client("sqlite", None, PATIENT).await;
    answers(&engine).await; // the database is made
    // More than there are readers: each has to end for the next to begin.
    for _ in 0..3 {
        let mut calls = Vec::new();
        for _ in 0..4 {
            calls.push(started(&engine, ENDLESS).await);
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
        for call in calls {
            call.cancel(None).await.unwrap();
        }
    }
    answers(&engine).await;
}

#[tokio::test]
async fn more_queries_than_connections_end_in_time_and_the_next_call_works() {
    let limited = "[sql]\nstatement_timeout_s = 1";
    for engine in engines_with(limited).await {
        answers(&engine).await;
        let calls = (0..8).map(|_| engine.client.call("run_sql", json!({"query": ENDLESS})));
        let refusals: Vec<String> = (futures::future::join_all(calls).await.into_iter())
            .map(mg_testkit::ToolAnswer::refusal)
            .collect();
        let told = |words: &str| refusals.iter().filter(|told| told.contains(words)).count();
        let (stopped, busy) = (told("stopped after 1 s"), told("are in use: try again"));
        // One that waits until the moment when a connection comes free is stopped at once.
        assert!(
            stopped >= 4 && stopped + busy == 8,
            "{}: {refusals:?}",
            engine.name
        );
        answers(&engine).await;
    }
}
