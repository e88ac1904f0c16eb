//! `mgctl token`, and the servers that ask for one.

use std::os::unix::fs::PermissionsExt;

use mg_testkit::Process;

use crate::home::{Home, text};

#[test]
fn keys_are_made_once_and_both_tokens_start_a_server() {
    let home = Home::new();
    let first = home.mgctl(&["token", "new", "--name", "ana", "--role", "editor"], &[]);
    let key = home.path(".config/mg-platform/token.key");
    assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let made = home.read(".config/mg-platform/token.key");
    let line = first
        .stderr
        .lines()
        .find(|line| line.starts_with("auth.public_key"))
        .unwrap()
        .to_owned();
    let second = home.mgctl(&["token", "new", "--days", "1"], &[]).ok();
    assert_eq!(home.read(".config/mg-platform/token.key"), made);
    home.write(
        ".config/mg-platform/mg.toml",
        &format!("{line}\n[sql]\nmax_rows = 10\n"),
    );
    for token in [first.ok(), second] {
        assert_eq!(token.lines().count(), 1, "stdout holds the token alone");
        let mut server =
            Process::start("mg-sql", &[], &[("MG_TOKEN", token.trim())], &home.path(""));
        assert!(server.initialize()["error"].is_null());
        assert_eq!(server.close().code, Some(0));
    }
}

#[test]
fn a_tampered_token_and_none_stop_the_server_with_78() {
    let home = Home::new();
    let made = home.mgctl(&["token", "new"], &[]);
    let line = made
        .stderr
        .lines()
        .find(|line| line.starts_with("auth.public_key"))
        .unwrap()
        .to_owned();
    home.write(".config/mg-platform/mg.toml", &line);
    let token = made.ok();
    let (claims, signature) = token.trim().rsplit_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();
    let tampered = format!("{claims}.{turned}");
    for variables in [vec![("MG_TOKEN", tampered.as_str())], vec![]] {
        let ended = Process::start("mg-sql", &[], &variables, &home.path("")).finish();
        assert_eq!(ended.code, Some(78), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("MG_TOKEN") && !ended.stderr.contains(&tampered),
            "{}",
            ended.stderr
        );
    }
}

#[test]
fn a_key_that_is_no_key_is_never_overwritten() {
    let home = Home::new();
    let key = home.write("mine", "not a key");
    let told = home
        .mgctl(&["token", "new", "--key", text(&key)], &[])
        .failed(78);
    assert!(told.contains("mine"), "{told}");
    assert_eq!(home.read("mine"), "not a key");
    assert!(!home.path("mine.pub").exists());
}
