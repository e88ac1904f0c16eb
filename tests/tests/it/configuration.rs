//! Settings that cannot be served: exit code 78, one sentence on stderr that names the mistake, no secret in it.

use std::process::Output;

use mg_testkit::Process;
use tempfile::tempdir;

use crate::servers::every;

/// A password that stands in wrong settings; no sentence may show it.
const SECRET: &str = "hunter2";

/// Runs a binary to its end with these variables and this mg.toml.
fn run(binary: &str, arguments: &[&str], variables: &[(&str, &str)], file: Option<&str>) -> Output {
    let home = tempdir().unwrap();
    let mut command = Process::command(binary, arguments, variables, home.path());
    if let Some(text) = file {
        let path = home.path().join("mg.toml");
        std::fs::write(&path, text).unwrap();
        command.env("MG_CONFIG", path);
    }
    command.output().unwrap()
}

/// Asserts that the start was refused in one sentence that contains these words.
fn assert_refused(output: &Output, words: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "one sentence: {stderr}");
    assert!(output.stdout.is_empty());
    assert!(!stderr.contains(SECRET), "{stderr}");
    for word in words {
        assert!(stderr.contains(word), "`{word}` in {stderr}");
    }
}

#[test]
fn a_wrong_mg_toml_is_refused_by_the_key_or_the_line() {
    for (file, words) in [
        ("[sql]\nmax_row = 3", vec!["max_row", "max_rows", "sql"]),
        ("[sqll]\n", vec!["sqll"]),
        ("role = \"editor\"\nlang = ", vec!["line 2"]),
        (
            "[limits]\nconcurrent = 0",
            vec!["limits.concurrent", "at least 1"],
        ),
        ("[limits]\nburst = \"many\"", vec!["limits.burst", "u32"]),
        (
            "[database]\nurl = \"postgres://a:${NOPE}@h/d\"",
            vec!["${NOPE}"],
        ),
        ("[auth]\npublic_key = \"missing.pem\"", vec!["MG_TOKEN"]),
    ] {
        for binary in every() {
            assert_refused(&run(binary, &[], &[], Some(file)), &words);
        }
    }
}

#[test]
fn a_wrong_variable_is_refused_by_its_name() {
    for (name, value, words) in [
        ("MG_ROLE", "admin", vec!["viewer", "editor"]),
        ("MG_LANG", "de", vec!["fr", "en"]),
        ("MG_LOG", "loud=very", vec!["warn"]),
        ("MG_DATA_DIR", "data", vec!["absolute"]),
        ("MG_DATABASE_URL", "sqlite:a.db", vec!["absolute"]),
        ("MG_DATABASE_URL", "${DATABASE}", vec!["mg.toml"]),
        ("MG_ROLE", "${env:ROLE}", vec!["reference"]),
        ("MG_CONFIG", "mg.toml", vec!["absolute"]),
    ] {
        for binary in every() {
            let output = run(binary, &[], &[(name, value)], None);
            assert_refused(&output, &[&[name], words.as_slice()].concat());
        }
    }
}

#[test]
fn a_database_url_that_is_none_says_how_one_is_written() {
    for url in [
        "nonsense",
        "oracle://u:hunter2@h/d",
        "postgres://u:hunter2@",
    ] {
        for binary in ["mg-sql", "mg-kpi"] {
            let output = run(binary, &[], &[("MG_DATABASE_URL", url)], None);
            assert_refused(&output, &["postgres://"]);
        }
    }
}

#[test]
fn a_file_that_is_not_there_is_refused_by_its_path() {
    let missing = [("MG_CONFIG", "/nowhere/mg.toml")];
    let key = "[auth]\npublic_key = \"/nowhere/key.pem\"";
    for binary in every() {
        assert_refused(&run(binary, &[], &missing, None), &["/nowhere/mg.toml"]);
        let output = run(binary, &[], &[("MG_TOKEN", SECRET)], Some(key));
        assert_refused(&output, &["/nowhere/key.pem"]);
    }
}

#[test]
fn a_wrong_flag_is_refused_by_its_name() {
    for (arguments, word) in [
        (["--nope"].as_slice(), "--nope"),
        (&["--role", "admin"], "viewer"),
    ] {
        for binary in every() {
            let output = run(binary, arguments, &[], None);
            assert_refused(&output, &[word]);
        }
    }
}

#[test]
fn a_trace_that_cannot_be_written_stops_the_start() {
    for binary in every() {
        let output = run(binary, &[], &[("MG_TRACE", "/nowhere/trace.jsonl")], None);
        assert_refused(&output, &["MG_TRACE", "/nowhere/trace.jsonl"]);
    }
}

#[test]
fn a_flag_beats_the_variable() {
    for binary in every() {
        let output = run(
            binary,
            &["--role", "viewer", "--check"],
            &[("MG_ROLE", "editor")],
            None,
        );
        let found = String::from_utf8_lossy(&output.stdout);
        assert!(found.contains("as viewer"), "{found}");
    }
}
