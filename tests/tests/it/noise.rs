//! Bytes no server should be sent: it lives on, and stdout carries nothing but JSON-RPC.

use mg_testkit::Process;
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::servers::{FIXTURE, SHIPPED, every, initialized};

fn assert_alive(process: &mut Process, after: &str) {
    assert_eq!(
        process.ask("ping", &json!({}))["result"],
        json!({}),
        "{after}"
    );
}

#[test]
fn lines_that_are_no_json_are_passed_over() {
    for binary in every() {
        let home = tempdir().unwrap();
        let mut process = initialized(binary, home.path());
        for line in ["", "garbage", "{", "\u{0}", "Content-Length: 5\r"] {
            process.write(line.as_bytes());
        }
        assert!(process.is_silent(), "{binary}");
        assert_alive(&mut process, binary);
    }
}

#[test]
fn a_garbage_line_before_the_handshake_does_not_spoil_it() {
    for binary in every() {
        let home = tempdir().unwrap();
        let mut process = Process::start(binary, &[], &[], home.path());
        process.write(b"garbage");
        assert_eq!(process.initialize()["result"]["serverInfo"]["name"], binary);
    }
}

#[test]
fn a_line_that_is_no_utf_8_is_passed_over() {
    for binary in every() {
        let home = tempdir().unwrap();
        let mut process = initialized(binary, home.path());
        process.write(
            b"{\"jsonrpc\":\"2.0\",\"id\":900,\"method\":\"ping\",\"params\":{\"x\":\"\xff\xfe\"}}",
        );
        assert_alive(&mut process, binary);
    }
}

#[test]
fn a_line_of_17_megabytes_is_dropped_and_answered() {
    let long = "x".repeat(17 << 20);
    let call = format!(
        r#"{{"method":"tools/call","params":{{"name":"echo","arguments":{{"text":"{long}"}}}},"jsonrpc":"2.0","id":900}}"#
    );
    for binary in every() {
        let home = tempdir().unwrap();
        let mut process = initialized(binary, home.path());
        for (line, number) in [(&long, json!(null)), (&call, json!(900))] {
            process.write(line.as_bytes());
            let answer = process.receive();
            let told = (&answer["id"], &answer["error"]["code"]);
            assert_eq!(told, (&number, &json!(-32600)), "{binary}");
        }
        assert_alive(&mut process, binary);
        let exit = process.close();
        assert_eq!(exit.code, Some(0));
        assert!(exit.stderr.contains("more than 16 MB"), "{binary}");
    }
}

#[test]
fn batches_and_values_that_are_no_messages_are_invalid_requests() {
    let lines = [
        "[]",
        "42",
        r#"[{"jsonrpc":"2.0","id":900,"method":"ping"}]"#,
        r#"{"jsonrpc":"1.0","id":901,"method":"ping"}"#,
        r#"{"id":902,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
    ];
    for binary in every() {
        let home = tempdir().unwrap();
        let mut process = initialized(binary, home.path());
        for line in lines {
            process.write(line.as_bytes());
            assert_eq!(
                process.receive()["error"]["code"],
                -32600,
                "{binary}: {line}"
            );
        }
        assert_alive(&mut process, binary);
    }
}

#[test]
fn unknown_methods_and_notifications_harm_nothing() {
    for binary in every() {
        let home = tempdir().unwrap();
        let mut process = initialized(binary, home.path());
        for method in ["no/such", "logging/setLevel", "tasks/list", ""] {
            let code = process.ask(method, &json!({}))["error"]["code"].clone();
            assert_eq!(code, -32601, "{binary} {method}");
        }
        process.send(&json!({"jsonrpc": "2.0", "method": "notifications/no_such"}));
        process.send(&json!({"jsonrpc": "2.0", "id": 900, "result": {}}));
        process.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 901}}));
        assert_alive(&mut process, binary);
    }
}

#[test]
fn an_unknown_tool_is_answered_with_those_there_are() {
    for server in &SHIPPED {
        let home = tempdir().unwrap();
        let mut process = initialized(server.name, home.path());
        let error = process.ask("tools/call", &json!({"name": "nope"}))["error"].clone();
        assert_eq!(error["code"], -32602);
        assert!(
            error["message"].as_str().unwrap().contains(server.tool),
            "{error}"
        );
    }
}

/// The methods behind a capability, each with parameters that need nothing to exist.
fn methods(capability: &str) -> Vec<(&'static str, Value)> {
    let reference =
        json!({"ref": {"type": "ref/prompt", "name": "x"}, "argument": {"name": "x", "value": ""}});
    match capability {
        "prompts" => vec![("prompts/list", json!({}))],
        "resources" => vec![
            ("resources/list", json!({})),
            ("resources/templates/list", json!({})),
        ],
        _ => vec![("completion/complete", reference)],
    }
}

#[test]
fn what_is_advertised_answers_and_what_is_not_is_an_unknown_method() {
    for binary in every() {
        let home = tempdir().unwrap();
        let mut process = Process::start(binary, &[], &[], home.path());
        let offered = process.initialize()["result"]["capabilities"].clone();
        for capability in ["prompts", "resources", "completions"] {
            for (method, parameters) in methods(capability) {
                let response = process.ask(method, &parameters);
                if offered[capability].is_object() {
                    assert!(
                        response["result"].is_object(),
                        "{binary} {method}: {response}"
                    );
                } else {
                    assert_eq!(response["error"]["code"], -32601, "{binary} {method}");
                }
            }
        }
    }
}

/// A frame of the protocol with some of its bytes replaced.
fn damaged_frame() -> impl Strategy<Value = Vec<u8>> {
    let frame = json!({"jsonrpc": "2.0", "id": 900_000, "method": "tools/call", "params": {"name": "echo", "arguments": {"text": "x"}}});
    let frame = frame.to_string().into_bytes();
    vec((0..frame.len(), any::<u8>()), 1..6).prop_map(move |changes| {
        let mut damaged = frame.clone();
        for (place, byte) in changes {
            damaged[place] = byte;
        }
        damaged
    })
}

fn any_line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![vec(any::<u8>(), 0..80), damaged_frame()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn whatever_is_written_stdout_carries_json_rpc_alone(lines in vec(any_line(), 40..60)) {
        let home = tempdir().unwrap();
        let mut process = initialized(FIXTURE, home.path());
        for line in &lines {
            process.write(line);
        }
        assert_alive(&mut process, "a random line"); // every line before the answer is checked on the way
        let exit = process.close();
        prop_assert_eq!(exit.code, Some(0));
    }
}
