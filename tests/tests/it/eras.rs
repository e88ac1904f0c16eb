//! Both protocol eras over raw bytes: `initialize` up to 2025-11-25, `server/discover` of 2026-07-28.

use mg_testkit::{Process, ToolAnswer};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::servers::{FIXTURE, SHIPPED, every, initialized, modern, versioned};

/// What a server answers to `initialize` with this version.
fn negotiated(binary: &str, asked: &str) -> Value {
    let home = tempdir().unwrap();
    let mut process = Process::start(binary, &[], &[], home.path());
    let parameters = json!({"protocolVersion": asked, "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}});
    process.ask("initialize", &parameters)["result"].clone()
}

#[test]
fn every_version_of_the_first_era_is_echoed() {
    for binary in every() {
        for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
            let result = negotiated(binary, version);
            assert_eq!(result["protocolVersion"], version, "{binary}");
            assert_eq!(result["serverInfo"]["name"], binary);
        }
    }
}

#[test]
fn an_unknown_version_is_answered_with_the_newest_of_the_first_era() {
    for binary in every() {
        for version in ["2026-07-28", "2099-01-01", "nonsense"] {
            let answered = negotiated(binary, version)["protocolVersion"].clone();
            assert_eq!(answered, "2025-11-25", "{binary} {version}");
        }
    }
}

#[test]
fn discover_tells_versions_capabilities_and_what_the_server_is_for() {
    for binary in every() {
        let home = tempdir().unwrap();
        let mut process = Process::start(binary, &[], &[], home.path());
        let result = process.ask("server/discover", &modern(&json!({})))["result"].clone();
        assert_eq!(
            result["supportedVersions"].as_array().unwrap().last(),
            Some(&json!("2026-07-28")),
            "{binary}"
        );
        assert_eq!(result["resultType"], "complete");
        assert!(result["capabilities"]["tools"].is_object());
        assert!(result["instructions"].as_str().unwrap().len() > 20);
        assert_eq!(process.close().code, Some(0));
    }
}

#[test]
fn a_client_of_2026_lists_and_calls_tools_without_any_handshake() {
    for server in &SHIPPED {
        let home = tempdir().unwrap();
        let mut process = Process::start(server.name, &[], &[], home.path());
        let list = process.ask("tools/list", &modern(&json!({})))["result"].clone();
        assert_eq!(list["resultType"], "complete", "{}", server.name);
        assert_eq!(list["cacheScope"], "private");
        assert!(list["ttlMs"].as_u64() > Some(0));
        let call = json!({"name": server.tool, "arguments": server.arguments()});
        let response = process.ask("tools/call", &modern(&call));
        let answer = ToolAnswer::of(&response["result"]);
        assert!(
            answer.ok().to_string().contains(server.shows),
            "{}",
            server.name
        );
    }
}

#[test]
fn a_request_of_2026_without_its_meta_is_refused_by_naming_what_is_missing() {
    for binary in every() {
        let home = tempdir().unwrap();
        let mut process = Process::start(binary, &[], &[], home.path());
        process.ask("server/discover", &modern(&json!({})));
        let error = process.ask("tools/list", &json!({}))["error"].clone();
        assert_eq!(error["code"], -32602, "{binary}");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("io.modelcontextprotocol/protocolVersion"),
            "{message}"
        );
    }
}

#[test]
fn a_version_the_server_does_not_speak_is_answered_with_those_it_does() {
    for binary in every() {
        let home = tempdir().unwrap();
        let mut process = Process::start(binary, &[], &[], home.path());
        let error =
            process.ask("tools/list", &versioned(&json!({}), "2031-01-01"))["error"].clone();
        assert_eq!(error["code"], -32022, "{binary}");
        assert_eq!(error["data"]["supported"].as_array().unwrap().len(), 5);
    }
}

#[test]
fn both_eras_list_the_same_tools_in_the_same_order() {
    for binary in every() {
        let home = tempdir().unwrap();
        let first = initialized(binary, home.path()).ask("tools/list", &json!({}));
        let mut process = Process::start(binary, &[], &[], home.path());
        let second = process.ask("tools/list", &modern(&json!({})));
        assert_eq!(
            first["result"]["tools"], second["result"]["tools"],
            "{binary}"
        );
    }
}

#[test]
fn a_client_may_ping_before_the_handshake() {
    let home = tempdir().unwrap();
    let mut process = Process::start(FIXTURE, &[], &[], home.path());
    assert_eq!(process.ask("ping", &json!({}))["result"], json!({}));
    process.initialize();
    assert_eq!(process.call("echo", &json!({"text": "x"})).text, "x");
}
