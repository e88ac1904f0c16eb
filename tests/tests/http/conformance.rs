//! The MCP conformance suite over HTTP, in both eras: what applies passes; docs/conformance.md tells what does not.

use std::process::Command;

use mg_testkit::Service;
use tempfile::tempdir;

use crate::tools::{node, node_modules};

const OLD: &str = "2025-11-25";
const NEW: &str = "2026-07-28";

/// Scenarios that need nothing of a name: each real server passes them.
const GENERAL: [(&str, &[&str]); 7] = [
    ("server-initialize", &[OLD]),
    ("ping", &[OLD]),
    ("tools-list", &[OLD, NEW]),
    ("dns-rebinding-protection", &[OLD, NEW]),
    ("caching", &[NEW]),
    ("sep-2164-resource-not-found", &[NEW]),
    ("prompts-list", &[OLD, NEW]),
];

/// Scenarios that call for tools, prompts and resources of the suite's own.
const NAMED: [(&str, &[&str]); 12] = [
    ("completion-complete", &[OLD, NEW]),
    ("tools-call-simple-text", &[OLD, NEW]),
    ("tools-call-image", &[OLD, NEW]),
    ("tools-call-audio", &[OLD, NEW]),
    ("tools-call-embedded-resource", &[OLD, NEW]),
    ("tools-call-mixed-content", &[OLD, NEW]),
    ("tools-call-error", &[OLD, NEW]),
    ("tools-call-with-progress", &[OLD, NEW]),
    ("resources-list", &[OLD, NEW]),
    ("resources-read-text", &[OLD, NEW]),
    ("resources-templates-read", &[OLD, NEW]),
    ("prompts-get-simple", &[OLD, NEW]),
];

fn run(server: &str, scenarios: &[(&str, &[&str])]) {
    let Some(modules) = node_modules("@modelcontextprotocol/conformance") else {
        return;
    };
    let home = tempdir().unwrap();
    let service = Service::start(server, &[], &[], home.path());
    let mut failed = Vec::new();
    for (scenario, versions) in scenarios {
        for version in *versions {
            let output = Command::new(node(&modules))
                .arg(modules.join(".bin/conformance"))
                .args(["server", "--url", &service.url("/mcp")])
                .args(["--scenario", scenario, "--spec-version", version])
                .current_dir(home.path())
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&output.stdout);
            eprintln!("{server} {version} {scenario}: {}", output.status);
            if !output.status.success() {
                failed.push(format!("{scenario} {version}\n{told}"));
            }
        }
    }
    assert!(failed.is_empty(), "{server}: {}", failed.join("\n"));
}

#[test]
fn the_real_servers_pass_what_needs_no_fixture() {
    for server in ["mg-sql", "mg-kpi"] {
        run(server, &GENERAL);
    }
}

#[test]
fn the_serve_path_passes_what_needs_one() {
    run("mg-conformance", &GENERAL);
    run("mg-conformance", &NAMED);
    run("mg-conformance", &[("prompts-get-with-args", &[OLD, NEW])]);
}
