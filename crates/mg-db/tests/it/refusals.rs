//! What the gate refuses, through an account that could do it, and that nothing has changed after.

use mg_db::{
    Engine,
    gate::{Gate, GateError, GateOptions},
};
use mg_testkit::{shared_mariadb, shared_postgres};
use serde_json::json;

use crate::bench::{Bench, benches, caps, read};

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
async fn a_privileged_account_is_refused_until_the_operator_allows_it() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    let url = mg_db::DatabaseUrl::parse(&cluster.url("postgres", &bench.database)).unwrap();
    let gate = Gate::new(&url, GateOptions::default());
    for _ in 0..2 {
        let error = read(&gate, "SELECT 1", &[], caps()).await.unwrap_err();
        let GateError::Privileged { login, why } = &error else {
            panic!("{error:?}")
        };
        assert_eq!(
            (login.as_str(), why.as_str()),
            ("postgres", "it is a superuser")
        );
        assert!(error.to_string().contains("`mgctl db grants`"), "{error}");
    }
    let account = gate.account().await.unwrap();
    assert_eq!(account.privileged.as_deref(), Some("it is a superuser"));
    let allowed = Gate::new(
        &url,
        GateOptions {
            allow_privileged: true,
            ..GateOptions::default()
        },
    );
    assert_eq!(
        read(&allowed, "SELECT 1", &[], caps())
            .await
            .unwrap()
            .0
            .values,
        [[json!(1)]]
    );
}

#[tokio::test]
async fn membership_in_a_strong_role_counts_as_privileged() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    for (login, role) in [
        ("strong_a", "pg_read_all_data"),
        ("strong_b", "pg_read_server_files"),
        ("strong_c", "postgres"),
        ("strong_d", "pg_signal_backend"),
    ] {
        cluster.sql(
            &bench.database,
            &format!("CREATE ROLE {login} LOGIN NOINHERIT; GRANT {role} TO {login}"),
        );
        let url = mg_db::DatabaseUrl::parse(&cluster.url(login, &bench.database)).unwrap();
        let error = read(
            &Gate::new(&url, GateOptions::default()),
            "SELECT 1",
            &[],
            caps(),
        )
        .await
        .unwrap_err();
        assert!(
            matches!(&error, GateError::Privileged { why, .. } if why.contains(role)),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn an_account_that_makes_others_is_privileged_whatever_it_asks() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    for (login, attribute, told) in [
        ("strong_e", "CREATEROLE", "it may create roles"),
        ("strong_f", "REPLICATION", "it may replicate the server"),
    ] {
        cluster.sql(
            &bench.database,
            &format!("CREATE ROLE {login} LOGIN {attribute}"),
        );
        let url = mg_db::DatabaseUrl::parse(&cluster.url(login, &bench.database)).unwrap();
        let gate = Gate::new(&url, GateOptions::default());
        for sql in [
            "SELECT 1",
            "DELETE FROM things",
            "EXPLAIN DELETE FROM things",
            "SELECT pg_sleep(1)",
        ] {
            let error = read(&gate, sql, &[], caps()).await.unwrap_err();
            assert!(
                matches!(&error, GateError::Privileged { why, .. } if why == told),
                "{sql}: {error:?}"
            );
        }
    }
}

#[tokio::test]
async fn the_account_is_told_with_its_rights() {
    for bench in benches().await {
        let reader = Gate::new(&bench.reader, GateOptions::default())
            .account()
            .await
            .unwrap();
        let owner = bench.gate.account().await.unwrap();
        assert_eq!(owner.login, bench.owner.login());
        assert_eq!(reader.login, bench.reader.login());
        assert!(owner.may_write);
        assert!(!owner.server_version.is_empty());
        if bench.engine != Engine::Sqlite {
            assert!(!reader.may_write);
            assert_eq!(reader.privileged, None);
        }
    }
}

#[tokio::test]
async fn what_the_account_may_not_read_is_told_with_the_tables_name() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    cluster.sql(
        &bench.database,
        "REVOKE SELECT ON things FROM reader; GRANT SELECT (id) ON things TO reader",
    );
    let gate = Gate::new(&bench.reader, GateOptions::default());
    let (rows, _) = read(&gate, "SELECT id FROM things", &[], caps())
        .await
        .unwrap();
    assert_eq!(rows.values.len(), 5);
    let error = read(&gate, "SELECT label FROM things", &[], caps())
        .await
        .unwrap_err();
    let table = "things".to_owned();
    assert_eq!(
        error,
        GateError::Denied {
            table,
            column: None
        }
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

#[tokio::test]
async fn an_account_of_mariadb_that_is_too_strong_is_refused_until_the_operator_allows_it() {
    let Some(bench) = Bench::mariadb().await else {
        return;
    };
    let cluster = shared_mariadb().unwrap();
    cluster.sql(&bench.database, "CREATE USER strong_a; GRANT FILE ON *.* TO strong_a; CREATE USER strong_b; GRANT SELECT ON *.* TO strong_b; CREATE USER strong_c; GRANT SELECT ON mysql.global_priv TO strong_c; CREATE ROLE strong_role; GRANT PROCESS ON *.* TO strong_role; CREATE USER strong_d; GRANT strong_role TO strong_d; SET DEFAULT ROLE strong_role FOR strong_d");
    for login in ["strong_a", "strong_b", "strong_c", "strong_d"] {
        cluster.sql(
            &bench.database,
            &format!("GRANT SELECT ON `{}`.* TO {login}", bench.database),
        );
    }
    for (login, why) in [
        ("root", "GRANT OPTION"),
        ("strong_a", "it has FILE on the whole server"),
        ("strong_b", "it has SELECT on the whole server"),
        ("strong_c", "password hashes"),
        ("strong_d", "PROCESS"),
    ] {
        let url = mg_db::DatabaseUrl::parse(&cluster.url(login, &bench.database)).unwrap();
        let gate = Gate::new(&url, GateOptions::default());
        for _ in 0..2 {
            let error = read(&gate, "SELECT 1", &[], caps()).await.unwrap_err();
            assert!(
                matches!(&error, GateError::Privileged { why: told, .. } if told.contains(why)),
                "{login}: {error:?}"
            );
        }
        let options = GateOptions {
            allow_privileged: true,
            ..GateOptions::default()
        };
        let (rows, _) = read(&Gate::new(&url, options), "SELECT 1", &[], caps())
            .await
            .unwrap();
        assert_eq!(rows.values, [[json!(1)]]);
    }
}

#[tokio::test]
async fn rights_on_mariadb_are_told_without_the_hash_of_the_password() {
    let Some(bench) = Bench::mariadb().await else {
        return;
    };
    let cluster = shared_mariadb().unwrap();
    let made = "CREATE USER hashed IDENTIFIED BY 'hunter2'; GRANT SELECT ON";
    cluster.sql(
        &bench.database,
        &format!("{made} `{}`.* TO hashed", bench.database),
    );
    let url = cluster.url("hashed:hunter2", &bench.database);
    let gate = Gate::new(
        &mg_db::DatabaseUrl::parse(&url).unwrap(),
        GateOptions::default(),
    );
    for sql in ["SHOW GRANTS", "SHOW GRANTS FOR CURRENT_USER"] {
        let (rows, _) = read(&gate, sql, &[], caps()).await.unwrap();
        let told = json!(rows.values).to_string();
        assert!(
            told.contains("IDENTIFIED BY PASSWORD '…'") && told.contains("GRANT SELECT"),
            "{told}"
        );
    }
    let error = read(&gate, "SHOW CREATE USER", &[], caps())
        .await
        .unwrap_err();
    assert!(matches!(error, GateError::Refused(_)), "{error:?}");
}
