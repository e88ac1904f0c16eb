//! `mgctl clients`.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fs;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::home::{Home, text};

const DESKTOP: &str = ".config/Claude/claude_desktop_config.json";

fn backups(home: &Home, folder: &str) -> Vec<String> {
    let names = fs::read_dir(home.path(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains(".bak")).collect()
}

#[test]
fn install_merges_and_keeps_a_backup_and_twice_is_the_same() {
    let home = Home::new();
    let before = "{\n    \"zebra\": 1.0,\n    \"mcpServers\": {\n        \"github\": {\"command\": \"npx\"}\n    },\n    \"alpha\": true\n}\n";
    home.write(DESKTOP, before);
    home.mgctl(&["clients", "install", "claude-desktop"], &[])
        .ok();
    let after = home.read(DESKTOP);
    assert!(after.starts_with("{\n    \"zebra\": 1.0,\n    \"mcpServers\": {\n        \"github\": {\"command\": \"npx\"},\n"), "{after}");
    assert!(
        after.ends_with("    },\n    \"alpha\": true\n}\n"),
        "{after}"
    );
    let whole: Value = serde_json::from_str(&after).unwrap();
    let expected = json!({"command": text(&mg_testkit::binary("mg-sql")), "args": [], "env": {"MG_ROLE": "viewer"}});
    assert_eq!(whole["mcpServers"]["mg-sql"], expected);
    let kept = backups(&home, ".config/Claude");
    assert_eq!(kept.len(), 1);
    assert_eq!(home.read(&format!(".config/Claude/{}", kept[0])), before);
    assert!(
        home.mgctl(&["clients", "install", "claude-desktop"], &[])
            .ok()
            .contains("nothing to change")
    );
    assert_eq!(
        (home.read(DESKTOP), backups(&home, ".config/Claude").len()),
        (after, 1)
    );
}

#[test]
fn a_dry_run_shows_the_change_and_writes_nothing() {
    let home = Home::new();
    let told = home
        .mgctl(
            &[
                "clients",
                "install",
                "cursor",
                "--dry-run",
                "--role",
                "editor",
            ],
            &[],
        )
        .ok();
    assert!(
        told.contains("+       \"command\": ") && told.contains("editor"),
        "{told}"
    );
    assert!(!home.path(".cursor").exists());
}

#[test]
fn a_file_that_is_no_json_is_left_alone() {
    let home = Home::new();
    for broken in [
        "{\"mcpServers\": {",
        "// mine\n{\"mcpServers\": {}}",
        "{\"mcpServers\": []}",
    ] {
        home.write(".claude.json", broken);
        let told = home
            .mgctl(&["clients", "install", "claude-code"], &[])
            .failed(78);
        assert!(told.contains(".claude.json is left as it is"), "{told}");
        assert_eq!(home.read(".claude.json"), broken);
    }
    assert!(backups(&home, ".").is_empty());
}

#[test]
fn one_server_can_be_installed_in_the_file_of_a_project() {
    let home = Home::new();
    let file = home.path("project/.vscode/mcp.json");
    home.mgctl(
        &[
            "clients",
            "install",
            "vscode",
            "--name",
            "mg-kpi",
            "--file",
            text(&file),
        ],
        &[],
    )
    .ok();
    let whole: Value = serde_json::from_str(&home.read("project/.vscode/mcp.json")).unwrap();
    let servers = whole["servers"].as_object().unwrap();
    assert_eq!(servers.keys().collect::<Vec<_>>(), ["mg-kpi"]);
    assert_eq!(servers["mg-kpi"]["type"], "stdio");
}

#[test]
fn print_shows_what_would_be_installed_and_flags_become_variables() {
    let home = Home::new();
    let config = home.write("mg.toml", "lang = \"en\"");
    let told = home
        .mgctl(
            &["clients", "print", "claude-code", "--config", text(&config)],
            &[],
        )
        .ok();
    let whole: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(
        whole["mcpServers"]["mg-sql"]["env"],
        json!({"MG_ROLE": "viewer", "MG_CONFIG": text(&config)})
    );
}

#[test]
fn a_password_is_never_written_into_a_clients_file() {
    let home = Home::new();
    let told = home
        .mgctl(
            &[
                "clients",
                "install",
                "cursor",
                "--database-url",
                "postgres://a:hunter2@h/d",
            ],
            &[],
        )
        .failed(78);
    assert!(
        told.contains("mg.toml") && !told.contains("hunter2"),
        "{told}"
    );
    assert!(!home.path(".cursor/mcp.json").exists());
}

#[test]
fn an_unknown_server_is_answered_with_those_that_are_there() {
    let told = Home::new()
        .mgctl(&["clients", "print", "cursor", "--name", "mg-sqll"], &[])
        .failed(78);
    assert!(told.contains("there is mg-sql"), "{told}");
}

/// What `clients print` says of a server, and what `clients link` gives for it.
fn printed_and_linked(home: &Home, client: &str, key: &str) -> (Value, String) {
    let whole = home.mgctl(&["clients", "print", client], &[]).ok();
    let whole: Value = serde_json::from_str(&whole).unwrap();
    let line = home
        .mgctl(&["clients", "link", client, "--name", "mg-sql"], &[])
        .ok();
    assert_eq!(line.lines().count(), 1, "{line}");
    (whole[key]["mg-sql"].clone(), line.trim().to_owned())
}

fn decoded(text: &str) -> String {
    let text = percent_encoding::percent_decode_str(text);
    text.decode_utf8().unwrap().into_owned()
}

#[test]
fn a_link_for_cursor_holds_the_entry_that_would_be_printed() {
    let (entry, link) = printed_and_linked(&Home::new(), "cursor", "mcpServers");
    let rest = link.strip_prefix("cursor://anysphere.cursor-deeplink/mcp/install?");
    let (name, config) = rest.unwrap().split_once('&').unwrap();
    let config = decoded(config.strip_prefix("config=").unwrap());
    let config = BASE64_STANDARD.decode(config).unwrap();
    assert_eq!(name, "name=mg-sql");
    assert_eq!(serde_json::from_slice::<Value>(&config).unwrap(), entry);
}

#[test]
fn a_link_for_vs_code_holds_the_entry_that_would_be_printed_and_its_name() {
    let (mut entry, link) = printed_and_linked(&Home::new(), "vscode", "servers");
    entry["name"] = json!("mg-sql");
    let config = decoded(link.strip_prefix("vscode:mcp/install?").unwrap());
    assert_eq!(serde_json::from_str::<Value>(&config).unwrap(), entry);
}

#[test]
fn claude_desktop_has_no_links_and_is_told_what_it_has() {
    let told = Home::new()
        .mgctl(&["clients", "link", "claude-desktop"], &[])
        .failed(78);
    assert!(
        told.contains("mgctl clients install claude-desktop"),
        "{told}"
    );
}
