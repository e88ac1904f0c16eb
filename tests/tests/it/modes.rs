//! The modes that do not serve: `--version`, `--help`, `--list-tools`, `--check`.

use mg_testkit::{Process, shared_mariadb, shared_postgres};
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::servers::{SHIPPED, every, initialized};

/// Exit code and stdout of a binary with these arguments; stderr must be empty.
fn run(binary: &str, arguments: &[&str], variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let home = tempdir().unwrap();
    let mut command = Process::command(binary, arguments, variables, home.path());
    let output = command.output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "",
        "{binary} {arguments:?}"
    );
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[test]
fn version_tells_commit_schema_and_protocols() {
    for server in &SHIPPED {
        let (code, text) = run(server.name, &["--version"], &[]);
        assert_eq!((code, text.lines().count()), (Some(0), 1), "{text}");
        for word in [server.name, "commit", "schema", "2024-11-05", "2026-07-28"] {
            assert!(text.contains(word), "{word} in {text}");
        }
    }
}

#[test]
fn help_tells_every_flag_with_its_variable() {
    for binary in every() {
        let (code, text) = run(binary, &["--help"], &[]);
        assert_eq!(code, Some(0));
        for word in [
            "--role",
            "MG_ROLE",
            "--database-url",
            "--data-dir",
            "--check",
            "--list-tools",
        ] {
            assert!(text.contains(word), "{binary}: {word} in {text}");
        }
    }
}

#[test]
fn list_tools_prints_what_tools_list_answers() {
    for binary in every() {
        for role in ["viewer", "editor"] {
            let (code, text) = run(binary, &["--list-tools", "--role", role], &[]);
            assert_eq!(code, Some(0));
            let printed: Value = serde_json::from_str(&text).unwrap();
            let home = tempdir().unwrap();
            let mut process = Process::start(binary, &["--role", role], &[], home.path());
            process.initialize();
            let listed = process.ask("tools/list", &json!({}))["result"]["tools"].clone();
            assert_eq!(printed, listed, "{binary} {role}");
        }
    }
}

#[test]
fn check_finds_the_embedded_database_in_order() {
    for server in &SHIPPED {
        let (code, text) = run(server.name, &["--check"], &[]);
        assert_eq!(code, Some(0), "{text}");
        assert!(text.lines().all(|line| line.starts_with("ok ")), "{text}");
        assert!(text.lines().count() >= 3, "{text}");
    }
}

#[test]
fn check_tells_a_database_that_is_not_there_and_never_its_password() {
    let absent = [
        "postgres://reader:hunter2@127.0.0.1:1/mg",
        "sqlite:/nowhere/hunter2-free.db",
    ];
    for server in &SHIPPED {
        for url in absent {
            let (code, text) = run(server.name, &["--check"], &[("MG_DATABASE_URL", url)]);
            assert_eq!(code, Some(69), "{} {text}", server.name);
            assert!(text.contains("down "), "{text}");
            assert!(!text.contains("reader:hunter2"), "{text}");
        }
    }
}

#[test]
fn check_tells_an_account_that_may_do_more_than_read() {
    let mut urls = Vec::new();
    urls.extend(shared_postgres().map(|cluster| cluster.url("postgres", "postgres")));
    urls.extend(shared_mariadb().map(|cluster| cluster.url("root", "mysql")));
    for url in &urls {
        let (code, text) = run("mg-sql", &["--check"], &[("MG_DATABASE_URL", url)]);
        assert_eq!(code, Some(78), "{text}");
        assert!(
            text.contains("privileged") && text.contains("mgctl db grants"),
            "{text}"
        );
    }
}

#[test]
fn a_database_that_is_not_there_is_a_tool_error_and_the_server_still_starts() {
    let variables = [(
        "MG_DATABASE_URL",
        "postgres://reader:hunter2@127.0.0.1:1/mg",
    )];
    for server in &SHIPPED {
        let home = tempdir().unwrap();
        let mut process = Process::start(server.name, &[], &variables, home.path());
        process.initialize();
        for _ in 0..2 {
            let refusal = process.call(server.tool, &server.arguments()).refusal();
            assert!(
                !refusal.contains("hunter2") && !refusal.contains("internal"),
                "{refusal}"
            );
        }
        assert_eq!(process.close().code, Some(0));
    }
}

#[test]
fn a_viewer_is_offered_no_tool_that_an_editor_lacks_and_may_not_call_an_editors() {
    for binary in every() {
        let names = |role| -> Vec<String> {
            let (_, text) = run(binary, &["--list-tools", "--role", role], &[]);
            let tools: Vec<Value> = serde_json::from_str(&text).unwrap();
            tools
                .iter()
                .map(|tool| tool["name"].as_str().unwrap().to_owned())
                .collect()
        };
        let (viewer, editor) = (names("viewer"), names("editor"));
        assert!(
            viewer.iter().all(|name| editor.contains(name)),
            "{binary}: {viewer:?}"
        );
        let home = tempdir().unwrap();
        let mut process = initialized(binary, home.path());
        for hidden in editor.iter().filter(|name| !viewer.contains(name)) {
            let response = process.ask("tools/call", &json!({"name": hidden, "arguments": {}}));
            assert_eq!(response["error"]["code"], -32602, "{binary} {hidden}");
        }
    }
}
