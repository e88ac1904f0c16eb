//! The servers that ship, each with a call it answers and one it refuses, and how tests speak to them.

use std::path::Path;

use mg_testkit::{Process, workspace_root};
use serde_json::{Value, json};

/// One server of `servers.json`.
pub(crate) struct Shipped {
    /// The binary.
    pub(crate) name: &'static str,
    /// A tool of viewers.
    pub(crate) tool: &'static str,
    /// Arguments it answers on the demo database, as JSON.
    arguments: &'static str,
    /// What that answer shows.
    pub(crate) shows: &'static str,
    /// Arguments it refuses.
    wrong: &'static str,
    /// What the refusal says.
    pub(crate) refusal: &'static str,
}

/// Every server that ships.
pub(crate) const SHIPPED: [Shipped; 2] = [
    Shipped {
        name: "mg-sql",
        tool: "run_sql",
        arguments: r#"{"query": "SELECT SUM(log_aut) AS n FROM fact_logements_annuel WHERE annee = 2022 AND type_lgt = 'Tous' AND territoire IN (SELECT comm FROM dim_commune)"}"#,
        shows: "1564",
        wrong: r#"{"query": "DROP TABLE fact_permis"}"#,
        refusal: "read",
    },
    Shipped {
        name: "mg-kpi",
        tool: "get_indicator",
        arguments: r#"{"name": "logements_autorises", "date": "2022"}"#,
        shows: "1564",
        wrong: r#"{"name": "logements_autorises", "date": "2022", "territory": "Lagni"}"#,
        refusal: "Lagny",
    },
];

/// Servers that ship and answer from elsewhere than the database: their own tests bring what they need.
pub(crate) const ELSEWHERE: [&str; 2] = ["mg-scrape", "mg-airflow"];

/// The names of all servers of `servers.json`.
pub(crate) fn shipped() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|server| server.name).chain(ELSEWHERE)
}

impl Shipped {
    /// The arguments of the call it answers.
    pub(crate) fn arguments(&self) -> Value {
        serde_json::from_str(self.arguments).unwrap()
    }

    /// The arguments of the call it refuses.
    pub(crate) fn wrong(&self) -> Value {
        serde_json::from_str(self.wrong).unwrap()
    }
}

/// The server with tools that misbehave on purpose.
pub(crate) const FIXTURE: &str = "mg-fixture";

/// All binaries that speak the protocol.
pub(crate) fn every() -> impl Iterator<Item = &'static str> {
    std::iter::once(FIXTURE).chain(shipped())
}

/// A server without any setting but its folder, after the handshake.
pub(crate) fn initialized(binary: &str, home: &Path) -> Process {
    let mut process = Process::start(binary, &[], &[], home);
    process.initialize();
    process
}

/// Parameters of a request of 2026-07-28, which says in each request what `initialize` said once.
pub(crate) fn modern(parameters: &Value) -> Value {
    versioned(parameters, "2026-07-28")
}

/// The same with any version.
pub(crate) fn versioned(parameters: &Value, version: &str) -> Value {
    let mut parameters = parameters.clone();
    parameters["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!(version);
    parameters["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
    parameters["_meta"]["io.modelcontextprotocol/clientInfo"] =
        json!({"name": "mg-tests", "version": "0"});
    parameters
}

/// A SELECT without end.
pub(crate) const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n";

/// Sends a call and waits until the server says that it runs; gives the request's id.
pub(crate) fn run_until_progress(process: &mut Process, tool: &str, arguments: &Value) -> i64 {
    let parameters = json!({"name": tool, "arguments": arguments, "_meta": {"progressToken": "p"}});
    let id = process.request("tools/call", &parameters);
    let message = process.receive();
    assert_eq!(message["method"], "notifications/progress", "{message}");
    id
}

#[test]
fn the_tests_know_every_server_of_servers_json() {
    let text = std::fs::read_to_string(workspace_root().join("servers.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let listed: Vec<&String> = file["mcpServers"].as_object().unwrap().keys().collect();
    let known: Vec<&str> = shipped().collect();
    for name in &known {
        assert!(listed.iter().any(|listed| listed == name), "{name}");
    }
    assert_eq!(listed.len(), known.len(), "{listed:?}");
}
