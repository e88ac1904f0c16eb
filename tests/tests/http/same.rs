//! The same server over HTTP and over stdio: same tools, same answers, same refusals.

use mg_testkit::{Process, Service, ToolAnswer};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::client::Client;

/// What differs from call to call.
fn without_times(mut data: Value) -> Value {
    if let Some(data) = data.as_object_mut() {
        data.remove("elapsed_ms");
    }
    data
}

const CALLS: [(&str, &str, &str); 7] = [
    (
        "mg-sql",
        "run_sql",
        r#"{"query": "SELECT comm, nom FROM dim_commune ORDER BY comm"}"#,
    ),
    (
        "mg-sql",
        "run_sql",
        r#"{"query": "DROP TABLE fact_permis"}"#,
    ),
    ("mg-sql", "run_sql", r#"{"quer": "SELECT 1"}"#),
    ("mg-sql", "search_schema", r#"{"pattern": "logement"}"#),
    (
        "mg-kpi",
        "get_indicator",
        r#"{"name": "logements_autorises", "date": "2022", "territory": "Montévrain"}"#,
    ),
    ("mg-kpi", "list_indicators", r#"{"limit": 5}"#),
    ("mg-scrape", "list_spiders", "{}"),
];

#[tokio::test]
async fn every_server_answers_over_http_as_over_stdio() {
    for server in ["mg-sql", "mg-kpi", "mg-scrape", "mg-airflow"] {
        let home = tempdir().unwrap();
        let mut stdio = Process::start(server, &[], &[], home.path());
        stdio.initialize();
        let service = Service::start(server, &[], &[], home.path());
        let own = format!("/{}/mcp", server.trim_start_matches("mg-"));
        let client = Client::new(service.url(&own));
        let listed = stdio.ask("tools/list", &json!({}))["result"]["tools"].clone();
        let over_http = client.ask("tools/list", &json!({})).await.result();
        assert_eq!(over_http["tools"], listed, "{server}");
        for (_, tool, arguments) in CALLS.iter().filter(|call| call.0 == server) {
            let arguments: Value = serde_json::from_str(arguments).unwrap();
            let there: ToolAnswer = stdio.call(tool, &arguments);
            let here = client.call(tool, &arguments).await;
            assert_eq!(here.is_error, there.is_error, "{tool}: {}", here.text);
            assert_eq!(
                without_times(here.data),
                without_times(there.data),
                "{tool}"
            );
        }
    }
}

#[tokio::test]
async fn both_eras_are_answered_without_a_session() {
    let home = tempdir().unwrap();
    let service = Service::start("mg-fixture", &[], &[], home.path());
    let client = Client::new(service.url("/mcp"));
    let hello = json!({
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "mg-tests", "version": "0"},
    });
    let reply = client.ask("initialize", &hello).await;
    assert!(
        !reply.headers.contains_key("mcp-session-id"),
        "any instance may answer the next request"
    );
    assert_eq!(reply.result()["serverInfo"]["name"], "mg-fixture");
    let modern = json!({
        "jsonrpc": "2.0", "id": 1, "method": "server/discover",
        "params": {"_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "mg-tests", "version": "0"},
        }},
    });
    let sent = reqwest::Client::new()
        .post(service.url("/mcp"))
        .header("accept", "application/json, text/event-stream")
        .header("mcp-protocol-version", "2026-07-28")
        .header("mcp-method", "server/discover")
        .json(&modern);
    let reply = crate::client::Reply::of(sent.send().await.unwrap()).await;
    assert!(reply.result()["supportedVersions"].is_array());
}

#[tokio::test]
async fn the_trail_names_the_program_that_calls() {
    let home = tempdir().unwrap();
    let service = Service::start("mg-fixture", &[], &[], home.path());
    let client = Client::new(service.url("/mcp"));
    let call = json!({"name": "echo", "arguments": {"text": "x"}});
    let request = client.request("tools/call", &call);
    let sent = request.header("user-agent", "notebook/1.2").send().await;
    assert!(sent.unwrap().status().is_success());
    service.wait_for("\"client\":\"notebook/1.2\"");
}

#[tokio::test]
async fn no_rows_are_kept_for_a_next_page_and_the_answer_says_how_to_narrow() {
    let home = tempdir().unwrap();
    let service = Service::start("mg-sql", &[], &[], home.path());
    let client = Client::new(service.url("/mcp"));
    let query = json!({"query": "SELECT comm FROM dim_commune", "max_rows": 3});
    let answer = client.call("run_sql", &query).await;
    assert_eq!(answer.data["row_count"], 3);
    assert_eq!(answer.data["truncated"], true);
    assert!(answer.data["next_cursor"].is_null(), "{}", answer.data);
    assert!(answer.data["notes"].to_string().contains("over HTTP"));
    let next = json!({"query": "SELECT comm FROM dim_commune", "cursor": "made-up"});
    let refused = client.call("run_sql", &next).await;
    assert!(refused.is_error && refused.text.contains("over HTTP"));
    assert!(!home.path().join("results").exists());
}
