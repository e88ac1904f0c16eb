//! `mgctl demo`.

use crate::home::{Home, text};

#[test]
fn the_story_is_told_in_french_with_right_numbers() {
    let home = Home::new();
    let story = home.mgctl(&["demo"], &[]).ok();
    for shown in [
        "fact_permis",
        "Bussy-Saint-Georges",
        "1\u{202f}564",
        "pas zéro",
        "Lagny-sur-Marne (77243)",
        "l'écriture est refusée",
    ] {
        assert!(story.contains(shown), "{shown} in {story}");
    }
    assert_eq!(story.matches('✓').count(), 6, "{story}");
    assert!(
        story.lines().count() <= 80 && !story.contains('\x1b'),
        "{story}"
    );
    assert!(home.path(".local/share/mg-platform/mg.db").is_file());
}

#[test]
fn the_story_is_told_in_english_too() {
    let story = Home::new().mgctl(&["demo", "--lang", "en"], &[]).ok();
    assert!(
        story.contains("1,564") && story.contains("not zero"),
        "{story}"
    );
}

#[test]
fn a_database_without_the_demo_fails_the_smoke_test() {
    let home = Home::new();
    let url = format!("sqlite:{}", text(&home.path("mine.db")));
    home.mgctl(&["db", "init", "--database-url", &url], &[])
        .ok();
    let ended = home.mgctl(&["demo", "--lang", "en", "--database-url", &url], &[]);
    assert!(ended.stdout.contains('✗'), "{ended:?}");
    assert!(ended.failed(1).contains("mgctl doctor"));
}

#[test]
fn a_server_that_does_not_start_is_told_with_its_exit_code_and_stderr() {
    let home = Home::new();
    let program = home.script("broken", "echo no licence >&2; exit 7");
    let servers = home.write(
        "servers.json",
        &format!(r#"{{"mcpServers": {{"mg-sql": {{"command": {:?}}}, "mg-kpi": {{"command": "mg-kpi"}}}}}}"#, text(&program)),
    );
    let told = home
        .mgctl(&["demo", "--servers", text(&servers)], &[])
        .failed(1);
    assert!(
        told.contains("exit code 7") && told.contains("no licence"),
        "{told}"
    );
}

#[test]
fn a_wrong_setting_is_a_configuration_error() {
    let told = Home::new()
        .mgctl(&["demo"], &[("MG_LANG", "de")])
        .failed(78);
    assert_eq!(told, "mgctl: MG_LANG is `de`; it may be fr or en\n");
}
