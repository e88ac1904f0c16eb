//! What the gate refuses, through an account that could do it, and that nothing has changed after.

use mg_db::{Engine, gate::GateError};
use mg_testkit::{shared_mariadb, shared_postgres};
use serde_json::json;

use crate::bench::{Bench, benches};

/// Refused by every engine.
const WRITES: &[&str] = &[
    "INSERT INTO things (id) VALUES (9)",
    "UPDATE things SET label = 'x'",
    "DELETE FROM things",
    "/* SELECT */ DELETE FROM things",
    "DROP TABLE things",
    "CREATE TABLE evil (a INTEGER)",
    "CREATE TABLE evil AS SELECT 1 AS a",
    "CREATE TEMP TABLE evil (a INTEGER)",
    "CREATE VIEW evil AS SELECT 1 AS a",
    "CREATE INDEX evil ON things (label)",
    "ALTER TABLE things ADD COLUMN evil INTEGER",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT a",
    "VACUUM",
    "ANALYZE",
    "REINDEX TABLE things",
    "REINDEX",
    "EXPLAIN ANALYZE DELETE FROM things",
    "SELECT 1; SELECT 2",
    "SELECT 1; DELETE FROM things",
    "SELECT 1 -- x\n; DELETE FROM things",
];

const SQLITE_WRITES: &[&str] = &[
    "SELECT '\\'; DELETE FROM things; --'",
    "REPLACE INTO things (id) VALUES (1)",
    "WITH a AS (SELECT 1) DELETE FROM things",
    "ATTACH ':memory:' AS other",
    "DETACH main",
    "VACUUM INTO '/tmp/evil.db'",
    "PRAGMA query_only = 0",
    "PRAGMA writable_schema = 1",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA user_version = 7",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA wal_checkpoint",
    "PRAGMA optimize",
    "SELECT * FROM pragma_journal_mode('DELETE')",
    "SELECT load_extension('evil')",
    "EXPLAIN DELETE FROM things",
];

const POSTGRES_WRITES: &[&str] = &[
    "SELECT '\\'; DELETE FROM things; --'",
    "WITH gone AS (DELETE FROM things RETURNING *) SELECT * FROM gone",
    "SELECT * INTO evil FROM things",
    "SELECT * FROM things FOR UPDATE",
    "TRUNCATE things",
    "MERGE INTO things USING (VALUES (1)) AS v(a) ON id = a WHEN MATCHED THEN DELETE",
    "COPY things TO STDOUT",
    "COPY things FROM STDIN",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "LOCK TABLE things",
    "SET statement_timeout = 0",
    "SET LOCAL transaction_read_only = off",
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    "RESET ALL",
    "DISCARD ALL",
    "DEALLOCATE ALL",
    "PREPARE evil AS SELECT 1",
    "EXECUTE evil",
    "DECLARE evil CURSOR FOR SELECT 1",
    "FETCH 1 FROM mg",
    "MOVE 1 FROM mg",
    "CLOSE mg",
    "LISTEN evil",
    "NOTIFY evil",
    "DO $$ BEGIN DELETE FROM things; END $$",
    "CALL evil()",
    "GRANT ALL ON things TO PUBLIC",
    "COMMENT ON TABLE things IS 'evil'",
    "EXPLAIN ANALYZE CREATE TABLE evil AS SELECT 1",
    "EXPLAIN (ANALYZE) DELETE FROM things",
    "SELECT set_config('transaction_read_only', 'off', true)",
    "SELECT E'\\''; COMMIT; DROP TABLE things; --'",
    "SELECT $é$'$é$; COMMIT; DROP TABLE things; --'",
    "SELECT 1 AS a$$; COMMIT; DROP TABLE things; --$$",
    "SELECT 1 -- x\r; COMMIT; DROP TABLE things",
    "SELECT 1) TO STDOUT; --",
];

const MARIADB_WRITES: &[&str] = &[
    "REPLACE INTO things (id) VALUES (1)",
    "TRUNCATE things",
    "SELECT * FROM things FOR UPDATE",
    "SELECT * FROM things LOCK IN SHARE MODE",
    "SELECT * FROM things INTO OUTFILE '/tmp/evil'",
    "SELECT id INTO @evil FROM things LIMIT 1",
    "/*! DROP TABLE things */",
    "/*M!100100 DROP TABLE things */",
    "BEGIN NOT ATOMIC DELETE FROM things; END",
    "EXECUTE IMMEDIATE 'DROP TABLE things'",
    "PREPARE evil FROM 'DROP TABLE things'",
    "LOCK TABLES things WRITE",
    "HANDLER things OPEN",
    "SET SESSION TRANSACTION READ WRITE",
    "SET STATEMENT max_statement_time = 0 FOR SELECT 1",
    "SET @evil = 1",
    "USE mysql",
    "DO SLEEP(1)",
    "CALL evil()",
    "GRANT ALL ON *.* TO owner",
    "LOAD DATA INFILE '/etc/hostname' INTO TABLE things (label)",
    "FLUSH TABLES",
    "KILL 1",
    "SHUTDOWN",
    "RENAME TABLE things TO evil",
    "CREATE OR REPLACE TEMPORARY TABLE evil (a INTEGER)",
    "ANALYZE TABLE things",
    "ANALYZE DELETE FROM things",
    "OPTIMIZE TABLE things",
    "EXPLAIN DELETE FROM things",
    "SELECT LOAD_FILE('/etc/passwd')",
    "SELECT GET_LOCK('evil', 0)",
    "SELECT `benchmark` (9, 9)",
    "SELECT '\\''; DELETE FROM things; -- '",
    "SELECT 1 --1; COMMIT; DROP TABLE things",
    "SELECT \"\\\"\"; COMMIT; DROP TABLE things; -- \"",
];

#[tokio::test]
async fn nothing_that_writes_is_run_and_nothing_has_changed() {
    for bench in benches().await {
        let before = bench.fingerprint().await;
        let own = match bench.engine {
            Engine::Sqlite => SQLITE_WRITES,
            Engine::Postgres => POSTGRES_WRITES,
            Engine::MariaDb => MARIADB_WRITES,
        };
        for sql in WRITES.iter().chain(own) {
            let answer = bench.read(sql, &[]).await;
            assert!(answer.is_err(), "{}: {sql}: {answer:?}", bench.engine);
            assert_eq!(
                bench.cell("SELECT count(*) FROM things", &[]).await,
                json!(5),
                "{sql}"
            );
        }
        assert_eq!(bench.fingerprint().await, before, "{}", bench.engine);
    }
}

#[tokio::test]
async fn a_refusal_says_what_is_welcome() {
    for bench in benches().await {
        for sql in [
            "DELETE FROM things",
            "SELECT 1; SELECT 2",
            "DROP TABLE things",
        ] {
            let error = bench.read(sql, &[]).await.unwrap_err();
            assert!(matches!(error, GateError::Refused(_)), "{sql}: {error:?}");
            let told = error.to_string();
            assert!(
                told.contains("only one statement that reads is welcome: SELECT"),
                "{told}"
            );
            assert!(!told.contains("DECLARE"), "{told}");
        }
        let error = bench
            .read("SELECT 1; SELECT 2", &[])
            .await
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("one statement at a time"), "{error}");
        let error = bench.read(" ", &[]).await.unwrap_err().to_string();
        assert!(error.starts_with("the statement is empty"), "{error}");
    }
}

#[tokio::test]
async fn what_a_statement_does_to_its_session_is_undone() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    for (number, call) in [
        "set_config('statement_timeout', '0', false)",
        "set_config('intervalstyle', 'postgres', false)",
        "pg_advisory_lock(7)",
        "lo_create(0)",
        "pg_notify('evil', 'x')",
    ]
    .into_iter()
    .enumerate()
    {
        // By itself each call is refused by name: here a function of users hides it.
        assert!(
            bench.read(&format!("SELECT {call}"), &[]).await.is_err(),
            "{call}"
        );
        let hiding = format!(
            "CREATE FUNCTION sly_{number}() RETURNS void LANGUAGE plpgsql AS $$BEGIN PERFORM {call}; END$$"
        );
        cluster.sql(&bench.database, &hiding);
        let answer = bench.read(&format!("SELECT sly_{number}()"), &[]).await;
        // The server lets them pass (large objects until version 15): what matters is that nothing stays.
        assert!(
            answer.is_ok() || call.starts_with("lo_"),
            "{call}: {answer:?}"
        );
    }
    let settings =
        "SELECT current_setting('intervalstyle') || ' ' || current_setting('statement_timeout')";
    assert_eq!(bench.cell(settings, &[]).await, json!("iso_8601 10s"));
    let locks = format!(
        "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE locktype = 'advisory' AND datname = '{}'",
        bench.database
    );
    assert_eq!(cluster.sql(&bench.database, &locks), "0");
    assert_eq!(
        cluster.sql(
            &bench.database,
            "SELECT count(*) FROM pg_largeobject_metadata"
        ),
        "0"
    );
}

#[tokio::test]
async fn functions_with_side_effects_cannot_write() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    let function = "CREATE SEQUENCE numbers; GRANT ALL ON numbers TO owner; CREATE FUNCTION sweep() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM things RETURNING 1'";
    cluster.sql(&bench.database, function);
    for sql in ["SELECT sweep()", "SELECT nextval('numbers')"] {
        let error = bench.read(sql, &[]).await.unwrap_err();
        assert!(matches!(error, GateError::Refused(_)), "{sql}: {error:?}");
    }
    assert_eq!(
        bench.cell("SELECT count(*) FROM things", &[]).await,
        json!(5)
    );
}

#[tokio::test]
async fn functions_of_mariadb_cannot_write() {
    let Some(bench) = Bench::mariadb().await else {
        return;
    };
    let cluster = shared_mariadb().unwrap();
    cluster.sql(&bench.database, "CREATE SEQUENCE numbers;\nDELIMITER //\nCREATE FUNCTION sweep() RETURNS INT MODIFIES SQL DATA BEGIN DELETE FROM things; RETURN 1; END//\nDELIMITER ;\nCREATE VIEW swept AS SELECT sweep() AS a; CREATE VIEW moved AS SELECT NEXT VALUE FOR numbers AS a");
    for sql in [
        "SELECT sweep()",
        "SELECT * FROM swept",
        "SELECT * FROM moved",
    ] {
        let error = bench.read(sql, &[]).await.unwrap_err();
        assert!(
            matches!(&error, GateError::Refused(told) if told.contains("READ ONLY transaction")),
            "{sql}: {error:?}"
        );
    }
    assert_eq!(
        bench.cell("SELECT count(*) FROM things", &[]).await,
        json!(5)
    );
}
