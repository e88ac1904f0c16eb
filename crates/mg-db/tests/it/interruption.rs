//! Deadlines, and callers that go away: the database itself has to become idle.

use std::time::{Duration, Instant};

use mg_db::{
    Engine,
    gate::{Caps, GateError, Statement},
    store::{Store, StoreError},
};
use mg_testkit::{shared_mariadb, shared_postgres};
use serde_json::json;

use crate::bench::{Bench, Rows, benches, caps, read};

/// Computes for ever on every engine.
const ENDLESS: &str =
    "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r";

#[tokio::test]
async fn a_statement_is_stopped_at_its_deadline_and_the_next_one_works() {
    for bench in benches().await {
        let caps = Caps {
            time: Duration::from_millis(300),
            ..caps()
        };
        let started = Instant::now();
        let error = read(&bench.gate, ENDLESS, &[], caps).await.unwrap_err();
        assert_eq!(error, GateError::Timeout(caps.time), "{}", bench.engine);
        assert!(started.elapsed() >= caps.time);
        assert_eq!(bench.cell("SELECT 1", &[]).await, json!(1));
    }
}

#[tokio::test]
async fn a_statement_that_sends_rows_is_stopped_at_its_deadline_too() {
    for bench in benches().await {
        let caps = Caps {
            time: Duration::from_millis(300),
            rows: usize::MAX,
        };
        let sql = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r WHERE n % 1000 = 0";
        let error = read(&bench.gate, sql, &[], caps).await.unwrap_err();
        assert_eq!(error, GateError::Timeout(caps.time), "{}", bench.engine);
    }
}

#[tokio::test]
async fn a_store_with_a_limit_stops_what_takes_longer_and_the_next_call_works() {
    for bench in benches().await {
        let limit = Duration::from_millis(300);
        let store = Store::reader_within(&bench.owner, limit);
        let error = store.fetch(ENDLESS, &[]).await.unwrap_err();
        assert_eq!(error, StoreError::Timeout(limit), "{}", bench.engine);
        let told = error.to_string();
        assert!(
            told.contains("300 ms") && told.contains("sql.statement_timeout_s"),
            "{told}"
        );
        let rows = store.fetch("SELECT 1", &[]).await.unwrap();
        assert_eq!(rows[0].integer(0), Ok(1), "{}", bench.engine);
    }
}

#[tokio::test]
async fn a_dropped_fetch_of_a_store_with_a_limit_stops_the_work_in_the_database() {
    for bench in benches().await {
        let store = Store::reader_within(&bench.owner, Duration::from_mins(10));
        // More than there are connections: each one is free again at once, or the last would be refused.
        for wait in [0, 1, 5, 20, 50, 200, 50, 20] {
            let call = store.fetch(ENDLESS, &[]);
            assert!(
                tokio::time::timeout(Duration::from_millis(wait), call)
                    .await
                    .is_err()
            );
        }
        assert!(becomes_idle(&bench).await, "{}", running(&bench));
        let rows = store.fetch("SELECT 1", &[]).await.unwrap();
        assert_eq!(rows[0].integer(0), Ok(1), "{}", bench.engine);
    }
}

#[tokio::test]
async fn what_a_watched_connection_does_next_is_not_stopped_by_the_last_limit() {
    let bench = Bench::sqlite().await;
    let store = Store::reader_within(&bench.owner, Duration::from_millis(100));
    store.fetch("SELECT 1", &[]).await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    tokio::time::sleep(Duration::from_millis(150)).await;
    let counting = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 100000) SELECT count(*) FROM r";
    let rows = transaction.fetch(counting, &[]).await.unwrap();
    assert_eq!(rows[0].integer(0), Ok(100_000));
}

/// Waits inside the server: a function of users, since those of the server that wait are refused.
const NAP: &str = "CREATE FUNCTION nap(float8) RETURNS void LANGUAGE sql AS 'SELECT pg_sleep($1)'";

#[tokio::test]
async fn a_dropped_call_stops_the_work_in_the_database() {
    if let Some(bench) = Bench::postgres().await {
        shared_postgres().unwrap().sql(&bench.database, NAP);
        dropped_calls_leave_nothing(&bench, "SELECT nap(60)").await;
    }
    if let Some(bench) = Bench::mariadb().await {
        // Asked for by its own name, SLEEP is refused.
        let nap = "CREATE FUNCTION nap() RETURNS INT NO SQL RETURN SLEEP(60)";
        shared_mariadb().unwrap().sql(&bench.database, nap);
        dropped_calls_leave_nothing(&bench, "SELECT nap()").await;
    }
}

async fn dropped_calls_leave_nothing(bench: &Bench, sleeping: &str) {
    for sql in [ENDLESS, sleeping] {
        // Dropped at moments from "just sent" to "long running".
        for wait in [0, 1, 5, 50, 200] {
            let caps = Caps {
                time: Duration::from_mins(1),
                ..caps()
            };
            let call = read(&bench.gate, sql, &[], caps);
            assert!(
                tokio::time::timeout(Duration::from_millis(wait), call)
                    .await
                    .is_err()
            );
        }
    }
    assert!(becomes_idle(bench).await, "{}", running(bench));
    assert_eq!(bench.cell("SELECT 1", &[]).await, json!(1));
}

#[tokio::test]
async fn a_dropped_call_stops_the_thread_that_reads_sqlite() {
    let bench = Bench::sqlite().await;
    let caps = Caps {
        time: Duration::from_mins(10),
        ..caps()
    };
    // More than there are connections: each one is free again at once, or the last would be refused.
    for _ in 0..12 {
        let call = read(&bench.gate, ENDLESS, &[], caps);
        assert!(
            tokio::time::timeout(Duration::from_millis(20), call)
                .await
                .is_err()
        );
    }
    assert_eq!(bench.cell("SELECT 1", &[]).await, json!(1));
}

#[tokio::test]
async fn a_dropped_call_leaves_the_others_alone() {
    for bench in benches().await {
        let patient = bench.cell("SELECT count(*) FROM things", &[]);
        let hasty = tokio::time::timeout(
            Duration::from_millis(30),
            read(&bench.gate, ENDLESS, &[], caps()),
        );
        let (answer, dropped) = tokio::join!(patient, hasty);
        assert!(dropped.is_err());
        assert_eq!(answer, json!(5));
    }
}

#[tokio::test]
async fn more_callers_than_connections_are_told_to_come_back() {
    for bench in benches().await {
        let caps = Caps {
            time: Duration::from_millis(400),
            ..caps()
        };
        let calls = (0..9).map(|_| {
            let statement = Statement {
                sql: ENDLESS.into(),
                params: vec![],
            };
            bench.gate.read(statement, caps, Rows::default())
        });
        let answers = futures::future::join_all(calls).await;
        let errors: Vec<GateError> = answers
            .into_iter()
            .map(|answer| answer.unwrap_err())
            .collect();
        let stopped = errors
            .iter()
            .filter(|error| matches!(error, GateError::Timeout(_)))
            .count();
        let busy = errors
            .iter()
            .filter(|error| matches!(error, GateError::Busy(_)))
            .count();
        assert_eq!(stopped + busy, 9, "{errors:?}");
        assert!(stopped >= 4 && busy >= 1, "{errors:?}");
    }
}

#[tokio::test]
async fn a_cancel_from_outside_is_no_timeout() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    cluster.sql(&bench.database, NAP);
    let cancel = async {
        for _ in 0..200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let sql = format!(
                "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE datname = '{}' AND state = 'active' AND query LIKE 'DECLARE%'",
                bench.database
            );
            if cluster.sql("postgres", &sql) != "0" {
                return;
            }
        }
        panic!("the statement was never seen to run");
    };
    let (answer, ()) = tokio::join!(bench.read("SELECT nap(9)", &[]), cancel);
    let error = answer.unwrap_err();
    assert!(
        matches!(&error, GateError::Statement(fault) if fault.code.as_deref() == Some("57014")),
        "{error:?}"
    );
}

/// Whether within a few seconds nothing runs in the bench's database any more.
async fn becomes_idle(bench: &Bench) -> bool {
    for _ in 0..100 {
        if running(bench).is_empty() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

fn running(bench: &Bench) -> String {
    let database = &bench.database;
    match bench.engine {
        Engine::Sqlite => String::new(),
        Engine::Postgres => {
            let sql = format!(
                "SELECT state, query FROM pg_stat_activity WHERE datname = '{database}' AND state <> 'idle'"
            );
            shared_postgres().unwrap().sql("postgres", &sql)
        }
        Engine::MariaDb => {
            let sql = format!(
                "SELECT command, info FROM information_schema.processlist WHERE db = '{database}' AND command <> 'Sleep'"
            );
            shared_mariadb().unwrap().sql("mysql", &sql)
        }
    }
}

#[tokio::test]
async fn no_session_of_mariadb_outlives_its_call() {
    let Some(bench) = Bench::mariadb().await else {
        return;
    };
    bench.store.close().await;
    let caps = Caps { rows: 2, ..caps() };
    for sql in [
        "SELECT 1",
        "SELECT * FROM seq_1_to_100000",
        "SELECT nothing",
    ] {
        let _ = read(&bench.gate, sql, &[], caps).await;
    }
    let sessions = format!(
        "SELECT COUNT(*) FROM information_schema.processlist WHERE db = '{}'",
        bench.database
    );
    for _ in 0..100 {
        if shared_mariadb().unwrap().sql("mysql", &sessions) == "0" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("a session is left");
}

#[tokio::test]
async fn a_kill_from_outside_is_no_timeout() {
    let Some(bench) = Bench::mariadb().await else {
        return;
    };
    let cluster = shared_mariadb().unwrap();
    cluster.sql(
        &bench.database,
        "CREATE FUNCTION nap() RETURNS INT NO SQL RETURN SLEEP(60)",
    );
    let running = format!(
        "SELECT id FROM information_schema.processlist WHERE db = '{}' AND info LIKE 'SELECT nap%'",
        bench.database
    );
    let kill = async {
        for _ in 0..200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let id = cluster.sql("mysql", &running);
            if !id.is_empty() {
                cluster.sql("mysql", &format!("KILL QUERY {id}"));
                return;
            }
        }
        panic!("the statement was never seen to run");
    };
    let (answer, ()) = tokio::join!(bench.read("SELECT nap()", &[]), kill);
    let error = answer.unwrap_err();
    assert!(
        matches!(&error, GateError::Statement(fault) if fault.code.as_deref() == Some("1317")),
        "{error:?}"
    );
}
