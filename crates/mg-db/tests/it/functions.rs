//! The functions a statement may call on PostgreSQL: asked of a real server, whose own list counts.

use mg_db::gate::{Gate, GateError, GateOptions};
use mg_testkit::shared_postgres;
use serde_json::json;

use crate::bench::{Bench, caps, read};

/// One call of each kind that is refused, by name.
const CALLS: &[(&str, &str)] = &[
    ("SELECT pg_sleep(0)", "waits"),
    ("SELECT * FROM pg_read_file('/etc/passwd')", "reaches files"),
    (
        "SELECT pg_catalog . pg_read_file /**/ ('/etc/passwd')",
        "reaches files",
    ),
    ("SELECT ('/etc/passwd'::text).pg_read_file", "reaches files"),
    (
        "SELECT U&\"pg\\005fread_file\"('/etc/passwd')",
        "written in escapes",
    ),
    ("SELECT pg_ls_waldir()", "reaches files"),
    ("SELECT lo_create(0)", "large objects"),
    (
        "SELECT dblink('host=127.0.0.1', 'SELECT 1')",
        "another database",
    ),
    ("SELECT \"dblink_get_connections\"()", "another database"),
    ("SELECT pg_advisory_lock(1)", "locks"),
    ("SELECT pg_try_advisory_xact_lock_shared(1)", "locks"),
    (
        "SELECT set_config('search_path', 'evil', false)",
        "the session",
    ),
    ("SELECT setseed(0.5)", "the session"),
    ("SELECT pg_notify('a', 'b')", "messages"),
    ("SELECT pg_terminate_backend(1)", "other sessions"),
    ("SELECT nextval('numbers')", "a sequence"),
    (
        "SELECT query_to_xml('SELECT 1', true, true, '')",
        "SQL that it is given as text",
    ),
    ("SELECT ts_stat('SELECT 1')", "SQL that it is given as text"),
    ("SELECT pg_create_restore_point('a')", "administers"),
    ("SELECT pg_stat_clear_snapshot()", "may change something"),
    ("EXPLAIN SELECT pg_sleep(0)", "waits"),
    ("EXPLAIN ANALYZE SELECT pg_sleep(0)", "waits"),
];

#[tokio::test]
async fn a_function_that_does_more_than_read_is_refused_by_name() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    shared_postgres().unwrap().sql(
        &bench.database,
        "CREATE EXTENSION dblink; CREATE SEQUENCE numbers",
    );
    for (sql, effect) in CALLS {
        let error = bench.read(sql, &[]).await.unwrap_err();
        assert!(matches!(error, GateError::Refused(_)), "{sql}: {error:?}");
        assert!(error.to_string().contains(effect), "{sql}: {error}");
    }
}

#[tokio::test]
async fn functions_that_only_read_are_welcome_though_the_server_calls_them_volatile() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    for call in [
        "random() < 1",
        "clock_timestamp() > '2020-01-01'",
        "length(gen_random_uuid()::text) = 36",
        "pg_total_relation_size('things') > 0",
        "NOT pg_is_in_recovery()",
        "timeofday() <> ''",
        "cardinality(pg_blocking_pids(pg_backend_pid())) = 0",
        "'pg_sleep(1)' <> 'pg_read_file(1)'",
        "(SELECT pg_sleep = 1 FROM (SELECT 1 AS pg_sleep) AS t)",
    ] {
        assert_eq!(
            bench.cell(&format!("SELECT {call}"), &[]).await,
            json!(true),
            "{call}"
        );
    }
}

#[tokio::test]
async fn functions_of_users_are_left_to_the_read_only_transaction() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    cluster.sql(
        &bench.database,
        "CREATE FUNCTION double(n integer) RETURNS integer LANGUAGE sql VOLATILE AS 'SELECT 2 * n'; \
         CREATE FUNCTION sweep() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM things RETURNING 1'",
    );
    assert_eq!(bench.cell("SELECT double(21)", &[]).await, json!(42));
    let error = bench.read("SELECT sweep()", &[]).await.unwrap_err();
    assert!(
        error.to_string().contains("cannot execute DELETE"),
        "{error}"
    );
}

#[tokio::test]
async fn every_volatile_function_of_the_server_is_either_known_to_be_harmless_or_refused() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    let names = cluster.sql(
        &bench.database,
        "SELECT DISTINCT proname FROM pg_proc WHERE provolatile = 'v' AND pronamespace = 'pg_catalog'::regnamespace \
         AND prorettype <> 'trigger'::regtype AND NOT 'internal'::regtype = ANY (proargtypes) AND prorettype::regtype::text !~ 'handler|trigger'",
    );
    let mut welcome = Vec::new();
    for name in names.lines() {
        // EXPLAIN: what is welcome is not run either.
        let error = bench.read(&format!("EXPLAIN SELECT {name}()"), &[]).await;
        if !matches!(&error, Err(GateError::Refused(told)) if told.starts_with(&format!("`{name}`")))
        {
            welcome.push(name);
        }
    }
    let effects = [
        "sleep",
        "advisory",
        "file",
        "_ls_",
        "slot",
        "create",
        "drop",
        "reset",
        "notify",
        "terminate",
        "cancel",
        "set_",
        "setval",
        "lo_",
        "replication_origin",
        "promote",
        "reload",
    ];
    for name in &welcome {
        assert!(
            !effects.iter().any(|effect| name.contains(effect)),
            "{name}"
        );
    }
    assert!(
        (30..80).contains(&welcome.len()),
        "{} welcome: {welcome:?}",
        welcome.len()
    );
}

#[tokio::test]
async fn a_refused_call_leaves_its_connection_to_the_next_one() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let gate = Gate::new(
        &bench.owner,
        GateOptions {
            connections: 1,
            ..GateOptions::default()
        },
    );
    let backend = async || {
        read(&gate, "SELECT pg_backend_pid()", &[], caps())
            .await
            .unwrap()
            .0
            .values
    };
    let before = backend().await;
    read(&gate, "SELECT pg_sleep(9)", &[], caps())
        .await
        .unwrap_err();
    assert_eq!(backend().await, before);
}
