//! SQLite files that a killed writer left, and files that are replaced while they are read.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use mg_db::{
    DatabaseUrl,
    gate::{Gate, GateError, GateOptions},
    hidden::Hidden,
    store::Store,
};
use rusqlite::Connection;
use serde_json::json;

use crate::bench::{caps, read};

/// Set for the child that writes and is killed.
const VICTIM: &str = "MG_TEST_INTERRUPTED_WRITER";
const TOTAL: &str = "SELECT sum(amount) FROM accounts";

fn database(folder: &Path, journal: &str) -> PathBuf {
    let path = folder.join("accounts.db");
    let connection = Connection::open(&path).unwrap();
    connection
        .pragma_update(None, "journal_mode", journal)
        .unwrap();
    connection
        .execute_batch("CREATE TABLE accounts (id INTEGER PRIMARY KEY, amount INTEGER, filler TEXT); WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 2000) INSERT INTO accounts SELECT n, 1, hex(randomblob(200)) FROM r")
        .unwrap();
    path
}

/// Not a test of its own: what the killed child runs. It changes rows, lets half of them reach
/// the file, says so and waits for its end.
#[test]
fn an_interrupted_writer() {
    let Some(path) = std::env::var_os(VICTIM) else {
        return;
    };
    let connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "cache_size", 5).unwrap();
    connection
        .execute_batch("BEGIN; UPDATE accounts SET amount = 100, filler = hex(randomblob(200))")
        .unwrap();
    eprintln!("\nwritten");
    std::thread::park();
}

fn interrupt_a_writer(path: &Path) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "sqlite_files::an_interrupted_writer",
            "--nocapture",
        ])
        .env(VICTIM, path)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line == "written"));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test]
async fn a_reader_that_meets_a_hot_journal_recovers_the_file() {
    for through_the_gate in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let path = database(folder.path(), "DELETE");
        interrupt_a_writer(&path);
        let journal = folder.path().join("accounts.db-journal");
        assert!(
            journal.metadata().unwrap().len() > 0,
            "the child left a hot journal"
        );
        let url = DatabaseUrl::sqlite(&path);
        if through_the_gate {
            let gate = Gate::new(&url, GateOptions::default());
            let (rows, _) = read(&gate, TOTAL, &[], caps()).await.unwrap();
            assert_eq!(rows.values, [[json!(2000)]]);
        } else {
            let rows = Store::reader(&url).fetch(TOTAL, &[]).await.unwrap();
            assert_eq!(rows[0].integer(0), Ok(2000));
        }
        assert!(!journal.exists());
    }
}

#[tokio::test]
async fn a_writer_killed_in_wal_mode_leaves_a_readable_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path(), "WAL");
    interrupt_a_writer(&path);
    let gate = Gate::new(&DatabaseUrl::sqlite(&path), GateOptions::default());
    let (rows, _) = read(&gate, TOTAL, &[], caps()).await.unwrap();
    assert_eq!(rows.values, [[json!(2000)]]);
}

#[tokio::test]
async fn a_journal_that_cannot_be_rolled_back_is_told_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path(), "DELETE");
    interrupt_a_writer(&path);
    // The writer's lock of another process stands in the way of the recovery, as missing rights would.
    let blocker = Connection::open(&path).unwrap();
    blocker
        .busy_timeout(std::time::Duration::from_millis(1))
        .unwrap();
    blocker
        .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .unwrap();
    blocker.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let gate = Gate::new(&DatabaseUrl::sqlite(&path), GateOptions::default());
    let error = read(&gate, TOTAL, &[], caps()).await.unwrap_err();
    assert!(error.to_string().contains("locked"), "{error}");
    blocker.execute_batch("ROLLBACK").unwrap();
    let (rows, _) = read(&gate, TOTAL, &[], caps()).await.unwrap();
    assert_eq!(rows.values, [[json!(2000)]]);
}

#[tokio::test]
async fn a_file_that_was_replaced_is_read_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = database(folder.path(), "WAL");
    let url = DatabaseUrl::sqlite(&path);
    let (gate, store) = (Gate::new(&url, GateOptions::default()), Store::reader(&url));
    assert_eq!(
        read(&gate, TOTAL, &[], caps()).await.unwrap().0.values,
        [[json!(2000)]]
    );
    assert_eq!(
        store.fetch(TOTAL, &[]).await.unwrap()[0].integer(0),
        Ok(2000)
    );
    let other = folder.path().join("other.db");
    Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE accounts (id INTEGER PRIMARY KEY, amount INTEGER); INSERT INTO accounts VALUES (1, 7)")
        .unwrap();
    std::fs::rename(&other, &path).unwrap();
    assert_eq!(
        read(&gate, TOTAL, &[], caps()).await.unwrap().0.values,
        [[json!(7)]]
    );
    assert_eq!(store.fetch(TOTAL, &[]).await.unwrap()[0].integer(0), Ok(7));
}

fn file_of(folder: &Path, sql: &str) -> DatabaseUrl {
    let path = folder.join("modules.db");
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    DatabaseUrl::sqlite(path)
}

#[tokio::test]
async fn boxes_of_maps_are_read_and_described() {
    let folder = tempfile::tempdir().unwrap();
    let sql = "CREATE VIRTUAL TABLE boxes USING rtree(id, west, east); INSERT INTO boxes VALUES (7, 1.0, 2.0); CREATE TABLE t (a)";
    let url = file_of(folder.path(), sql);
    for hidden in [None, Some(&["t.a".to_owned()][..])] {
        let hidden = hidden.map_or_else(Hidden::default, |them| {
            Hidden::from_viewers(Some(them)).unwrap()
        });
        let options = GateOptions {
            hidden,
            ..GateOptions::default()
        };
        let gate = Gate::new(&url, options);
        let (rows, _) = read(&gate, "SELECT id FROM boxes WHERE west < 1.5", &[], caps())
            .await
            .unwrap();
        assert_eq!(rows.values, [[json!(7)]]);
        let written = read(&gate, "DELETE FROM boxes", &[], caps()).await;
        assert!(written.is_err());
        let objects = gate.objects().await.unwrap();
        assert!(objects.iter().any(|object| object.name == "boxes"));
    }
}

#[tokio::test]
async fn a_view_of_something_that_is_gone_hides_no_other_object() {
    let folder = tempfile::tempdir().unwrap();
    let sql = "CREATE TABLE t (a); CREATE VIEW broken AS SELECT * FROM gone; CREATE VIEW whole AS SELECT a FROM t";
    let gate = Gate::new(&file_of(folder.path(), sql), GateOptions::default());
    let objects = gate.objects().await.unwrap();
    let names: Vec<&str> = objects.iter().map(|object| object.name.as_str()).collect();
    assert_eq!(names, ["t", "whole"]);
}

#[tokio::test]
async fn a_text_search_over_a_hidden_column_is_refused_whole() {
    let folder = tempfile::tempdir().unwrap();
    let sql = "CREATE VIRTUAL TABLE notes USING fts5(title, secret); INSERT INTO notes VALUES ('n', 'zebra'); \
        CREATE VIRTUAL TABLE notes_of_others USING fts5(body); INSERT INTO notes_of_others VALUES ('n')";
    let hidden = Hidden::from_viewers(Some(&["notes.secret".to_owned()])).unwrap();
    let options = GateOptions {
        hidden,
        ..GateOptions::default()
    };
    let gate = Gate::new(&file_of(folder.path(), sql), options);
    for sql in [
        "SELECT highlight(notes, 1, '[', ']') FROM notes",
        "SELECT snippet(notes, 1, '', '', '', 10) FROM notes WHERE notes MATCH 'n'",
        "SELECT title FROM notes WHERE notes MATCH 'secret:zebra'",
        "SELECT * FROM notes_content",
        "SELECT c1 FROM NOTES_CONTENT",
        "SELECT block FROM notes_data",
        "SELECT title FROM notes",
    ] {
        let refused = read(&gate, sql, &[], caps()).await;
        assert!(
            matches!(refused, Err(GateError::Denied { .. })),
            "{sql}: {refused:?}"
        );
    }
    let called = read(&gate, "SELECT count(*) FROM notes('zebra')", &[], caps()).await;
    assert!(called.is_err(), "{called:?}");
    let others = "SELECT highlight(notes_of_others, 0, '[', ']') FROM notes_of_others('n')";
    let (rows, _) = read(&gate, others, &[], caps()).await.unwrap();
    assert_eq!(rows.values, [[json!("[n]")]]);
    let objects = gate.objects().await.unwrap();
    assert!(objects.iter().all(|object| object.name != "notes"));
}
