//! The end of a server that listens: what runs is finished, what does not finish is stopped.

use std::time::Duration;

use mg_testkit::Service;
use reqwest::StatusCode;
use serde_json::json;
use tempfile::tempdir;

use crate::client::{Client, Reply, get};

#[tokio::test]
async fn an_idle_server_ends_at_a_signal_without_an_error() {
    for signal in ["TERM", "INT"] {
        let home = tempdir().unwrap();
        let mut service = Service::start("mg-fixture", &[], &[], home.path());
        // A connection that is kept for the next request does not hold the end.
        let client = Client::new(service.url("/mcp"));
        client.tools().await;
        service.signal(signal);
        assert_eq!(service.finish(), Some(0), "{}", service.said());
    }
}

/// A call that runs for a while, and the server that runs it.
async fn busy(drain: &str) -> (Service, tokio::task::JoinHandle<Reply>, tempfile::TempDir) {
    let home = tempdir().unwrap();
    let config = home.path().join("mg.toml");
    std::fs::write(&config, format!("[http]\ndrain_s = {drain}")).unwrap();
    let variables = [("MG_CONFIG", config.to_str().unwrap())];
    let service = Service::start("mg-fixture", &[], &variables, home.path());
    let client = Client::new(service.url("/mcp"));
    let call = json!({"name": "sleeps", "arguments": {}, "_meta": {"progressToken": "p"}});
    let mut response = client.request("tools/call", &call).send().await.unwrap();
    let first = response.chunk().await.unwrap().unwrap();
    assert!(
        String::from_utf8_lossy(&first).contains("progress"),
        "{first:?}"
    );
    let rest = tokio::spawn(Reply::of(response));
    (service, rest, home)
}

#[tokio::test]
async fn a_call_that_does_not_finish_is_stopped_after_the_time_for_it() {
    let (mut service, _call, _home) = busy("1").await;
    service.signal("TERM");
    assert_eq!(service.finish(), Some(0), "{}", service.said());
    service.wait_for("\"outcome\":\"cancelled\"");
}

#[tokio::test]
async fn a_second_signal_ends_what_still_runs() {
    let (mut service, _call, _home) = busy("3600").await;
    service.signal("TERM");
    tokio::time::sleep(Duration::from_millis(100)).await; // two at once would count as one
    service.signal("TERM");
    assert_eq!(service.finish(), Some(0), "{}", service.said());
}

#[tokio::test]
async fn while_it_ends_calls_are_finished_and_no_new_ones_taken() {
    let home = tempdir().unwrap();
    let mut service = Service::start("mg-fixture", &[], &[], home.path());
    let client = Client::new(service.url("/mcp"));
    let calls: Vec<_> = (0..20)
        .map(|number| {
            let client = client.clone();
            let call = json!({"name": "echo", "arguments": {"text": number.to_string()}});
            tokio::spawn(async move { client.request("tools/call", &call).send().await })
        })
        .collect();
    service.signal("TERM");
    let mut answered = 0;
    for call in calls {
        // Refused connections are told to their callers; an answer that was begun is whole.
        if let Ok(response) = call.await.unwrap() {
            let reply = Reply::of(response).await;
            assert_eq!(reply.status, StatusCode::OK);
            reply.result();
            answered += 1;
        }
    }
    eprintln!("{answered} of 20 were answered while the server ended");
    assert_eq!(service.finish(), Some(0), "{}", service.said());
    assert!(reqwest::get(service.url("/healthz")).await.is_err());
}

#[tokio::test]
async fn a_server_that_drains_says_so_to_the_balancer_on_open_connections() {
    let (service, _call, _home) = busy("3600").await;
    assert_eq!(get(&service.url("/readyz")).await.status, StatusCode::OK);
    service.signal("TERM");
    // New connections are refused: a balancer takes the instance out.
    while reqwest::get(service.url("/readyz")).await.is_ok() {}
}
