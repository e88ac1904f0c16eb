//! `claude mcp add`, as `mgctl clients link claude-code` prints it, run by the real program.

use std::path::PathBuf;

use mg_testkit::binary;
use serde_json::Value;
use tempfile::tempdir;

use crate::clients::{bare, tool};

/// The folder of the program that the Claude Agent SDK brings along.
fn bundled() -> Option<PathBuf> {
    let python = tool("python/lib")?;
    let versions = std::fs::read_dir(python).unwrap();
    let mut folders = versions.map(|entry| {
        let packages = entry.unwrap().path().join("site-packages");
        packages.join("claude_agent_sdk/_bundled")
    });
    folders.find(|folder| folder.join("claude").is_file())
}

#[test]
fn claude_code_takes_the_printed_commands_and_writes_what_mgctl_would() {
    let Some(bundled) = bundled() else {
        return;
    };
    let home = tempdir().unwrap();
    let mgctl = |wanted: &str| {
        let mut command = bare(&binary("mgctl"), home.path());
        let output = command.args(["clients", wanted, "claude-code"]).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let lines = mgctl("link");
    assert_eq!(lines.lines().count(), 4, "{lines}");
    let mut shell = bare(&PathBuf::from("/bin/sh"), home.path());
    let added = shell
        .args(["-ec", &lines])
        .env("PATH", format!("{}:/usr/bin:/bin", bundled.display()))
        .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
        .output()
        .unwrap();
    assert!(added.status.success(), "{added:?}");
    let written = std::fs::read_to_string(home.path().join(".claude.json")).unwrap();
    let written: Value = serde_json::from_str(&written).unwrap();
    let printed: Value = serde_json::from_str(&mgctl("print")).unwrap();
    assert_eq!(written["mcpServers"], printed["mcpServers"]);
}
