//! EXPLAIN ANALYZE runs what it explains: only ever a query, whatever the account may do.

use mg_db::gate::GateError;
use mg_testkit::shared_postgres;
use serde_json::json;

use crate::bench::Bench;

#[tokio::test]
async fn queries_are_explained_and_measured() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    for (sql, params) in [
        ("EXPLAIN ANALYZE SELECT count(*) FROM things", vec![]),
        (
            "EXPLAIN (ANALYZE, BUFFERS) SELECT count(*) FROM things",
            vec![],
        ),
        (
            "/* a */ explain (ANALYZE 1, \"timing\" 'off') WITH a AS (SELECT 1) SELECT * FROM a, things",
            vec![],
        ),
        ("EXPLAIN ANALYZE VERBOSE (VALUES (1), (2))", vec![]),
        ("EXPLAIN ANALYZE TABLE things", vec![]),
        (
            "EXPLAIN ANALYZE SELECT * FROM things WHERE id = $1 AND label = $2",
            vec![json!(3), json!("thing 3")],
        ),
    ] {
        let rows = bench
            .read(sql, &params)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        let told = format!("{:?}", rows.values);
        assert!(told.contains("actual "), "{sql}: {told}");
    }
    let rows = bench
        .read("EXPLAIN (ANALYZE, FORMAT json) SELECT 1", &[])
        .await
        .unwrap();
    assert!(
        rows.values[0][0]["document"]
            .as_str()
            .unwrap()
            .contains("Actual Rows")
    );
}

#[tokio::test]
async fn nothing_that_writes_is_run_to_be_explained() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    cluster.sql(
        &bench.database,
        "CREATE SEQUENCE numbers; GRANT ALL ON numbers TO owner",
    );
    let before = bench.fingerprint().await;
    for sql in [
        "EXPLAIN ANALYZE SELECT * INTO evil FROM things",
        "EXPLAIN ANALYZE SELECT * INTO TEMP evil FROM things",
        "EXPLAIN ANALYZE WITH a AS (SELECT 1) SELECT * INTO evil FROM a",
        "EXPLAIN ANALYZE CREATE TABLE evil AS SELECT * FROM things",
        "EXPLAIN ANALYZE CREATE MATERIALIZED VIEW evil AS SELECT 1",
        "EXPLAIN (ANALYZE 1) WITH d AS (DELETE FROM things RETURNING *) SELECT * FROM d",
        "EXPLAIN ANALYZE WITH d AS (DELETE FROM things) SELECT 1",
        "EXPLAIN ANALYZE WITH d AS (SELECT 1) DELETE FROM things",
        "EXPLAIN ANALYZE SELECT * FROM things FOR UPDATE",
        "EXPLAIN ANALYZE SELECT * FROM things FOR KEY SHARE",
        "EXPLAIN (VERBOSE, ANALYZE) DELETE FROM things",
        "EXPLAIN ANALYZE (DELETE FROM things)",
        "EXPLAIN ANALYZE INSERT INTO things (id) SELECT 9",
        "EXPLAIN ANALYZE EXECUTE evil",
        "EXPLAIN ANALYZE DECLARE evil CURSOR FOR SELECT 1",
        "EXPLAIN ANALYZE SELECT 1; DELETE FROM things",
        "EXPLAIN ANALYZE SELECT nextval('numbers')",
        "EXPLAIN SELECT * INTO evil FROM things",
        "EXPLAIN (ANALYZE) (SELECT 1) DELETE FROM things",
    ] {
        let answer = bench.read(sql, &[]).await;
        assert!(answer.is_err(), "{sql}: {answer:?}");
        assert_eq!(
            bench.cell("SELECT count(*) FROM things", &[]).await,
            json!(5),
            "{sql}"
        );
    }
    assert_eq!(bench.fingerprint().await, before);
    assert_eq!(
        cluster.sql(&bench.database, "SELECT is_called FROM numbers"),
        "f"
    );
}

#[tokio::test]
async fn a_mistake_behind_explain_is_told_where_it_stands() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let error = bench
        .read(
            "EXPLAIN (ANALYZE, /* é */ COSTS) SELECT nam FROM things",
            &[],
        )
        .await
        .unwrap_err();
    let GateError::Statement(fault) = &error else {
        panic!("{error:?}")
    };
    assert_eq!(
        (fault.message.as_str(), fault.position),
        ("column \"nam\" does not exist", Some(41))
    );
    let error = bench
        .read("EXPLAIN (ANALYZE, NONSENSE) SELECT 1", &[])
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("unrecognized EXPLAIN option"),
        "{error}"
    );
}
