//! `mgctl doctor`: every kind of wrong thing is named, with what mends it.

use crate::home::{Home, text};

const DESKTOP: &str = ".config/Claude/claude_desktop_config.json";

/// What the doctor says of an entry of Claude Desktop.
fn as_desktop(home: &Home, entry: &str) -> (Option<i32>, String) {
    home.write(
        DESKTOP,
        &format!(r#"{{"mcpServers": {{"mg-sql": {entry}}}}}"#),
    );
    home.mgctl(&["doctor", "--as", "claude-desktop", "--timeout", "1"], &[])
        .told()
}

fn scripted(body: &str) -> (Option<i32>, String) {
    let home = Home::new();
    let program = home.script("server", body);
    as_desktop(&home, &format!(r#"{{"command": {:?}}}"#, text(&program)))
}

#[test]
fn a_fresh_machine_is_in_order() {
    let told = Home::new().mgctl(&["doctor"], &[]).ok();
    assert!(
        told.lines().all(|line| line.starts_with("ok      ")),
        "{told}"
    );
    for shown in [
        "all defaults",
        "viewer",
        "made on first use",
        "mg-kpi answers",
        "run_sql",
        "schema 1",
    ] {
        assert!(told.contains(shown), "{shown} in {told}");
    }
}

#[test]
fn settings_that_cannot_be_read_are_wrong() {
    let home = Home::new();
    let config = home.write("mg.toml", "[sql]\nmax_row = 1");
    let (code, told) = home
        .mgctl(&["doctor", "--config", text(&config)], &[])
        .told();
    assert_eq!(code, Some(78));
    assert!(
        told.contains("wrong   ") && told.contains("max_row"),
        "{told}"
    );
}

#[test]
fn a_database_that_is_not_there_is_down() {
    let home = Home::new();
    let url = format!("sqlite:{}", text(&home.path("missing.db")));
    let (code, told) = home.mgctl(&["doctor"], &[("MG_DATABASE_URL", &url)]).told();
    assert_eq!(code, Some(69), "{told}");
    assert!(
        told.contains("down    database.url: ") && told.contains("missing.db"),
        "{told}"
    );
}

#[test]
fn a_database_without_tables_says_which_command_makes_them() {
    let home = Home::new();
    let empty = home.write("empty.db", "");
    let url = format!("sqlite:{}", text(&empty));
    let (code, told) = home.mgctl(&["doctor"], &[("MG_DATABASE_URL", &url)]).told();
    assert_eq!(code, Some(78), "{told}");
    assert!(
        told.contains("wrong   schema: ") && told.contains("mgctl db init"),
        "{told}"
    );
}

#[test]
fn one_login_for_reader_and_writer_is_wrong() {
    let variables = [
        ("MG_DATABASE_URL", "postgres://mg:a@127.0.0.1:1/d"),
        ("MG_DATABASE_WRITE_URL", "postgres://mg:b@127.0.0.1:1/d"),
    ];
    let (code, told) = Home::new().mgctl(&["doctor"], &variables).told();
    assert_eq!(code, Some(78), "{told}");
    assert!(
        told.contains("wrong   reader and writer are the same login `mg`"),
        "{told}"
    );
}

#[test]
fn a_missing_token_is_wrong() {
    let home = Home::new();
    let ended = home.mgctl(&["token", "new", "--name", "ana"], &[]);
    let line = ended
        .stderr
        .lines()
        .find(|line| line.starts_with("auth.public_key"))
        .unwrap()
        .to_owned();
    home.write(".config/mg-platform/mg.toml", &line);
    let (code, told) = home.mgctl(&["doctor"], &[]).told();
    assert!(
        code == Some(78) && told.contains("MG_TOKEN must hold a signed token"),
        "{told}"
    );
    let told = home
        .mgctl(&["doctor"], &[("MG_TOKEN", ended.ok().trim())])
        .ok();
    assert!(
        told.contains("caller ana as viewer, token valid until"),
        "{told}"
    );
}

#[test]
fn a_server_of_another_version_is_wrong() {
    let home = Home::new();
    let program = home.script("mg-sql", "echo mg-sql 0.0.1");
    let servers = home.write(
        "servers.json",
        &format!(
            r#"{{"mcpServers": {{"mg-sql": {{"command": {:?}}}}}}}"#,
            text(&program)
        ),
    );
    let (code, told) = home
        .mgctl(&["doctor", "--servers", text(&servers)], &[])
        .told();
    assert!(
        code == Some(78) && told.contains("`mg-sql 0.0.1`"),
        "{told}"
    );
}

#[test]
fn what_was_installed_is_in_order_as_the_client_launches_it() {
    let home = Home::new();
    for client in ["claude-desktop", "claude-code", "cursor", "vscode"] {
        assert!(
            home.mgctl(&["doctor", "--as", client], &[])
                .stdout
                .contains("mgctl clients install")
        );
        home.mgctl(&["clients", "install", client], &[]).ok();
        let told = home.mgctl(&["doctor", "--as", client], &[]).ok();
        assert!(
            told.contains("mg-sql answers") && told.contains("mg-kpi answers"),
            "{told}"
        );
    }
}

#[test]
fn garbage_on_stdout_is_shown() {
    let answering = format!("echo Welcome; exec {:?}", mg_testkit::binary("mg-sql"));
    let (code, told) = scripted(&answering);
    assert!(
        code == Some(78) && told.contains("`Welcome`") && told.contains("mg-sql answers"),
        "{told}"
    );
    let (code, told) = scripted("echo garbage; cat > /dev/null");
    assert!(
        code == Some(78)
            && told.contains("no answer to initialize within 1 s")
            && told.contains("`garbage`"),
        "{told}"
    );
}

#[test]
fn exit_code_and_stderr_of_a_server_that_dies_are_shown() {
    let (code, told) = scripted("echo the licence is missing >&2; exit 9");
    assert!(
        code == Some(78) && told.contains("exit code 9") && told.contains("the licence is missing"),
        "{told}"
    );
}

#[test]
fn a_reference_that_the_client_does_not_replace_is_shown() {
    let sql = mg_testkit::binary("mg-sql");
    let entry = format!(
        r#"{{"command": {:?}, "env": {{"MG_DATABASE_URL": "${{DB_URL}}"}}}}"#,
        text(&sql)
    );
    let (code, told) = as_desktop(&Home::new(), &entry);
    assert_eq!(code, Some(78));
    assert!(
        told.contains("env.MG_DATABASE_URL holds `${DB_URL}`") && told.contains("exit code 78"),
        "{told}"
    );
}

#[test]
fn a_command_that_is_not_found_and_a_relative_one_are_shown() {
    for command in [
        "/nowhere/mg-sql",
        "mg-sql-that-is-nowhere",
        "target/release/mg-sql",
    ] {
        let (code, told) = as_desktop(&Home::new(), &format!(r#"{{"command": {command:?}}}"#));
        assert!(
            code == Some(78) && told.contains("command not found"),
            "{told}"
        );
    }
}

#[test]
fn a_client_passes_only_a_bare_environment_and_starts_in_the_root_folder() {
    let home = Home::new();
    let program = home.script("server", "pwd >&2; env >&2; exit 1");
    home.write(
        DESKTOP,
        &format!(
            r#"{{"mcpServers": {{"mg-x": {{"command": {:?}, "env": {{"MG_LOG": "info"}}}}}}}}"#,
            text(&program)
        ),
    );
    let ended = home.mgctl(
        &["doctor", "--as", "claude-desktop"],
        &[("MG_DATABASE_URL", "postgres://u:hunter2@h/d")],
    );
    let (_, told) = ended.told();
    assert!(
        told.contains("it said: /\n") && told.contains("MG_LOG=info") && told.contains("HOME="),
        "{told}"
    );
    assert!(!told.contains("hunter2"), "{told}");
}

#[test]
fn servers_of_others_are_named_and_not_launched() {
    let home = Home::new();
    let marker = home.path("launched");
    let program = home.script("other", &format!("touch {}", text(&marker)));
    home.write(
        DESKTOP,
        &format!(
            r#"{{"mcpServers": {{"github": {{"command": {:?}}}}}}}"#,
            text(&program)
        ),
    );
    let (code, told) = home
        .mgctl(&["doctor", "--as", "claude-desktop"], &[])
        .told();
    assert!(
        code == Some(78) && told.contains("not ours, so not launched: github"),
        "{told}"
    );
    assert!(!marker.exists());
}
