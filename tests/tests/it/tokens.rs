//! Signed tokens: once a public key is configured, a server starts for a valid token alone.

use std::{path::Path, process::Output, time::Duration};

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mg_core::{
    Clock, Role,
    token::{self, KeyPair},
};
use mg_testkit::Process;
use secrecy::ExposeSecret;
use serde_json::json;
use tempfile::{TempDir, tempdir};

use crate::servers::{FIXTURE, every};

const HOUR: Duration = Duration::from_hours(1);

/// A folder whose mg.toml demands tokens of this pair.
fn guarded() -> (TempDir, KeyPair) {
    let home = tempdir().unwrap();
    let pair = KeyPair::generate().unwrap();
    std::fs::write(home.path().join("key.pem"), &pair.public_pem).unwrap();
    let text = "[auth]\npublic_key = \"key.pem\"";
    std::fs::write(home.path().join("mg.toml"), text).unwrap();
    (home, pair)
}

/// What `--check` says to this token.
fn check(binary: &str, home: &Path, token: Option<&str>) -> Output {
    let mut command = Process::command(binary, &["--check"], &[], home);
    command
        .env("MG_CONFIG", home.join("mg.toml"))
        .env("MG_ROLE", "viewer");
    command.envs(token.map(|token| ("MG_TOKEN", token)));
    command.output().unwrap()
}

fn assert_refused(output: &Output, token: &str, word: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(
        stderr.contains("MG_TOKEN") && stderr.contains(word),
        "{stderr}"
    );
    assert!(token.is_empty() || !stderr.contains(token), "{stderr}");
}

#[test]
fn a_valid_token_names_the_caller_and_beats_the_role() {
    let (home, pair) = guarded();
    let token = token::sign(
        &pair.private_pem,
        "ana",
        Role::Editor,
        HOUR,
        &Clock::system(),
    )
    .unwrap();
    for binary in every() {
        let output = check(binary, home.path(), Some(&token));
        let found = String::from_utf8_lossy(&output.stdout);
        assert!(found.contains("caller ana as editor"), "{binary}: {found}");
    }
}

#[test]
fn a_missing_token_stops_the_start() {
    let (home, _) = guarded();
    for binary in every() {
        assert_refused(&check(binary, home.path(), None), "", "mgctl token new");
    }
}

#[test]
fn a_tampered_token_and_one_of_another_key_stop_the_start() {
    let (home, pair) = guarded();
    let sign = |pair: &KeyPair| {
        token::sign(
            &pair.private_pem,
            "ana",
            Role::Viewer,
            HOUR,
            &Clock::system(),
        )
        .unwrap()
    };
    let own = sign(&pair);
    let (head, rest) = own.split_once('.').unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    let tampered = format!(
        "{head}.{}.{signature}",
        claims.replace(&claims[8..12], "AAAA")
    );
    let others = sign(&KeyPair::generate().unwrap());
    for binary in every() {
        for token in [&tampered, &others, "nonsense"] {
            assert_refused(&check(binary, home.path(), Some(token)), token, "not valid");
        }
    }
}

#[test]
fn an_expired_token_stops_the_start_and_says_since_when() {
    let (home, pair) = guarded();
    let then = Clock::fixed("2026-01-01T00:00:00Z".parse().unwrap());
    let token = token::sign(&pair.private_pem, "ana", Role::Viewer, HOUR, &then).unwrap();
    for binary in every() {
        let output = check(binary, home.path(), Some(&token));
        assert_refused(&output, &token, "expired at 2026-01-01T01:00:00Z");
    }
}

#[test]
fn a_token_for_another_audience_stops_the_start() {
    let (home, pair) = guarded();
    let key = EncodingKey::from_ed_pem(pair.private_pem.expose_secret().as_bytes()).unwrap();
    let claims = json!({"sub": "ana", "role": "editor", "exp": 4_102_444_800_u64, "aud": "other"});
    let token = jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), &claims, &key).unwrap();
    for binary in every() {
        assert_refused(
            &check(binary, home.path(), Some(&token)),
            &token,
            "InvalidAudience",
        );
    }
}

#[test]
fn a_token_that_ends_while_the_server_runs_ends_the_calls_and_not_the_server() {
    let (home, pair) = guarded();
    let short = Duration::from_secs(3);
    let token = token::sign(
        &pair.private_pem,
        "ana",
        Role::Viewer,
        short,
        &Clock::system(),
    )
    .unwrap();
    let config = home.path().join("mg.toml");
    let variables = [
        ("MG_CONFIG", config.to_str().unwrap()),
        ("MG_TOKEN", &token),
    ];
    let mut process = Process::start(FIXTURE, &[], &variables, home.path());
    process.initialize();
    assert_eq!(process.call("echo", &json!({"text": "x"})).text, "x");
    std::thread::sleep(short);
    let refusal = process.call("echo", &json!({"text": "x"})).refusal();
    assert!(refusal.contains("expired"), "{refusal}");
    assert_eq!(process.ask("ping", &json!({}))["result"], json!({}));
}
