//! The static bearer token, and what a server without any way in does on loopback.

use mg_testkit::Service;
use reqwest::StatusCode;
use serde_json::json;
use tempfile::tempdir;

use crate::client::{Client, TOKEN};

#[tokio::test]
async fn the_token_opens_the_server_in_the_role_of_the_process() {
    let home = tempdir().unwrap();
    for (role, names) in [("viewer", 5), ("editor", 6)] {
        let variables = [("MG_HTTP_TOKEN", TOKEN), ("MG_ROLE", role)];
        let service = Service::start("mg-fixture", &[], &variables, home.path());
        for path in ["/mcp", "/fixture/mcp"] {
            let client = Client::new(service.url(path)).showing(TOKEN);
            assert_eq!(client.tools().await.len(), names);
            let answer = client.call("echo", &json!({"text": "over HTTP"})).await;
            assert_eq!(answer.text, "over HTTP");
        }
    }
}

#[tokio::test]
async fn without_the_token_nothing_is_told_but_that_one_is_needed() {
    let home = tempdir().unwrap();
    let variables = [("MG_HTTP_TOKEN", TOKEN)];
    let service = Service::start("mg-fixture", &[], &variables, home.path());
    let open = Client::new(service.url("/mcp"));
    let nothing = open.ask("tools/list", &json!({})).await;
    assert_eq!(nothing.status, StatusCode::UNAUTHORIZED);
    assert!(nothing.challenge().starts_with("Bearer "), "{nothing:?}");
    assert!(!nothing.challenge().contains("error="), "{nothing:?}");
    for wrong in ["x", &TOKEN[1..], &format!("{TOKEN}0")] {
        let reply = open
            .clone()
            .showing(wrong)
            .ask("tools/list", &json!({}))
            .await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
        assert!(
            reply.challenge().contains("error=\"invalid_token\""),
            "{reply:?}"
        );
        assert!(!reply.text.contains("echo"), "{reply:?}");
    }
    assert!(!service.said().contains(TOKEN));
}

#[tokio::test]
async fn on_loopback_the_owner_of_the_process_may_call_without_a_token() {
    let home = tempdir().unwrap();
    let service = Service::start("mg-fixture", &["--role", "editor"], &[], home.path());
    let client = Client::new(service.url("/mcp"));
    let answer = client.call("writes", &json!({})).await;
    assert_eq!(answer.text, "written by local");
    service.wait_for("\"tool\":\"writes\"");
}

#[tokio::test]
async fn a_viewer_is_told_of_an_editors_tool_as_of_an_unknown_one_and_the_trail_knows() {
    let home = tempdir().unwrap();
    let variables = [("MG_HTTP_TOKEN", TOKEN)];
    let service = Service::start("mg-fixture", &[], &variables, home.path());
    let client = Client::new(service.url("/mcp")).showing(TOKEN);
    let told = |tool: &'static str| {
        let client = client.clone();
        async move {
            let call = json!({"name": tool, "arguments": {}});
            client.ask("tools/call", &call).await.text
        }
    };
    assert_eq!(
        told("writes").await.replace("writes", "x"),
        told("wrotes").await.replace("wrotes", "x")
    );
    service.wait_for("\"outcome\":\"forbidden\"");
    service.wait_for("\"caller\":\"token\"");
}
