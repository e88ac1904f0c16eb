//! What a balancer and Prometheus ask for.

use mg_testkit::Service;
use reqwest::StatusCode;
use serde_json::json;
use tempfile::tempdir;

use crate::client::{Client, Reply, TOKEN, get};

#[tokio::test]
async fn health_and_readiness_are_told_to_anybody() {
    let home = tempdir().unwrap();
    let variables = [("MG_HTTP_TOKEN", TOKEN)];
    let service = Service::start("mg-fixture", &[], &variables, home.path());
    for path in ["/healthz", "/readyz"] {
        let reply = get(&service.url(path)).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    }
    let other = get(&service.url("/")).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
    let metadata = get(&service.url("/.well-known/oauth-protected-resource/mcp")).await;
    assert_eq!(metadata.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn metrics_count_calls_and_refusals_and_are_told_to_callers_alone() {
    let home = tempdir().unwrap();
    let variables = [("MG_HTTP_TOKEN", TOKEN)];
    let service = Service::start("mg-fixture", &[], &variables, home.path());
    let closed = get(&service.url("/metrics")).await;
    assert_eq!(closed.status, StatusCode::UNAUTHORIZED);
    let client = Client::new(service.url("/mcp")).showing(TOKEN);
    client.call("echo", &json!({"text": "a"})).await;
    client.call("fails", &json!({})).await;
    let _unknown = client
        .ask("tools/call", &json!({"name": "x\"} 1\n", "arguments": {}}))
        .await;
    let asked = reqwest::Client::new()
        .get(service.url("/metrics"))
        .bearer_auth(TOKEN);
    let told = Reply::of(asked.send().await.unwrap()).await;
    for line in [
        "mg_calls_total{tool=\"echo\",outcome=\"ok\"} 1",
        "mg_calls_total{tool=\"fails\",outcome=\"error\"} 1",
        "mg_calls_total{tool=\"unknown\",outcome=\"unknown_tool\"} 1",
        "mg_call_seconds_count{tool=\"echo\"} 1",
        "mg_http_requests_total{status=\"200\"} 3",
        "mg_http_refused_total{reason=\"missing\"} 1",
    ] {
        assert!(
            told.text.lines().any(|told| told == line),
            "{line}\n{}",
            told.text
        );
    }
    let well_formed = |line: &str| {
        line.starts_with('#')
            || line
                .rsplit_once(' ')
                .is_some_and(|(_, value)| value.parse::<f64>().is_ok())
    };
    assert!(told.text.lines().all(well_formed), "{}", told.text);
}
