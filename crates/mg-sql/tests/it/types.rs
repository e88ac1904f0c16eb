//! Every kind of value as a client of `run_sql` gets it, in the structured content and in the text.

use mg_testkit::{shared_mariadb, shared_postgres};
use serde_json::{Value, json};

use crate::engines::{Engine, client};

/// An expression, its value in the structured content, and how the text writes it.
type Kind = (&'static str, Value, &'static str);

fn of_postgres() -> Vec<Kind> {
    let same = |sql, text: &'static str| (sql, json!(text), text);
    vec![
        (
            "9007199254740992",
            json!(9_007_199_254_740_992_i64),
            "9007199254740992",
        ),
        same("9007199254740993", "9007199254740993"),
        same("-9007199254740993", "-9007199254740993"),
        ("32767::int2", json!(32_767), "32767"),
        same(
            "'12345678901234567890.123456789012345678'::numeric(38,18)",
            "12345678901234567890.123456789012345678",
        ),
        same("1.50::numeric", "1.50"),
        same("'NaN'::numeric", "NaN"),
        same("'-Infinity'::numeric", "-Infinity"),
        same("'NaN'::float8", "NaN"),
        same("'Infinity'::float8", "Infinity"),
        same("'-Infinity'::float4", "-Infinity"),
        ("0.1::float4", json!(0.1), "0.1"),
        ("1e22::float8", json!(1e22), "10000000000000000000000"),
        ("'{1.10}'::numeric[]", json!(["1.10"]), "[\"1.10\"]"),
        (
            "'{\"n\": 9007199254740993, \"d\": 0.1234567890123456789012345}'::jsonb",
            json!("{\"d\": 0.1234567890123456789012345, \"n\": 9007199254740993}"),
            "{\"d\": 0.1234567890123456789012345, \"n\": 9007199254740993}",
        ),
        (
            "'{\"a\": 1, \"a\": 2}'::json",
            json!("{\"a\": 1, \"a\": 2}"),
            "{\"a\": 1, \"a\": 2}",
        ),
        same("DATE '2026-11-22'", "2026-11-22"),
        same(
            "TIMESTAMP '2026-11-22 12:34:56.789012'",
            "2026-11-22T12:34:56.789012",
        ),
        same(
            "TIMESTAMPTZ '2026-11-22 12:34:56+00' AT TIME ZONE 'UTC'",
            "2026-11-22T12:34:56",
        ),
        same("'infinity'::date", "infinity"),
        same("'-infinity'::timestamptz", "-infinity"),
        same("TIME '12:34:56.789012'", "12:34:56.789012"),
        same("TIMETZ '12:34:56+02'", "12:34:56+02:00"),
        same(
            "INTERVAL '1 year 2 mons 3 days 04:05:06.7'",
            "P1Y2M3DT4H5M6.7S",
        ),
        same("INTERVAL '-1 month 2 days'", "P-1M2D"),
        same("'\\xdeadbeef00'::bytea", "\\xdeadbeef00"),
        same("'08:00:2b:01:02:03'::macaddr", "08:00:2b:01:02:03"),
        same("'<a>1</a>'::xml", "<a>1</a>"),
        same("B'1010'", "1010"),
        (
            "'{{1,2},{3,4}}'::int[]",
            json!([[1, 2], [3, 4]]),
            "[[1,2],[3,4]]",
        ),
        (
            "'{a,\"b,c\",NULL}'::text[]",
            json!(["a", "b,c", null]),
            "[\"a\",\"b,c\",null]",
        ),
        same("int4range(1, 10)", "[1,10)"),
        same("'{[1,3),[5,7)}'::int4multirange", "{[1,3),[5,7)}"),
        same("ROW('12 rue, X', '77400')::addr", "(\"12 rue, X\",77400)"),
        (
            "'{sad,ok}'::mood[]",
            json!(["sad", "ok"]),
            "[\"sad\",\"ok\"]",
        ),
        same("'happy'::mood", "happy"),
        same("'a fat cat'::tsvector", "'a' 'cat' 'fat'"),
        same("'pg_class'::regclass", "pg_class"),
        ("4294967295::oid", json!(4_294_967_295_i64), "4294967295"),
        same("1234.56::money", "$1,234.56"),
        same("'192.168.1.5/24'::inet", "192.168.1.5/24"),
        same(
            "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        ),
        same("point '(1.5,2.5)'", "(1.5,2.5)"),
        same("'16/B374D848'::pg_lsn", "16/B374D848"),
        same("'é€😀'", "é€😀"),
        ("true", json!(true), "true"),
        ("NULL::int", Value::Null, "NULL"),
    ]
}

fn of_mariadb() -> Vec<Kind> {
    let same = |sql, text: &'static str| (sql, json!(text), text);
    vec![
        same("c_big", "18446744073709551615"),
        same(
            "c_dec",
            "-12345678901234567890123456789012345.123456789012345678901234567890",
        ),
        same("c_zero", "0000-00-00"),
        same("c_month", "2026-00-00T00:00:00"),
        same("c_time", "-838:59:59"),
        ("c_year", json!(2024), "2024"),
        same(
            "c_bit",
            "1010101010101010101010101010101010101010101010101010101010101010",
        ),
        same("c_enum", "été"),
        same("c_set", "a,c"),
        same(
            "c_geo",
            "\\xe61000000101000000000000000000f03f0000000000000040",
        ),
        same("c_blob", "\\x00ff"),
        same("c_text", "é€😀"),
        ("c_bool", json!(1), "1"),
        ("c_two", json!(2), "2"),
        same("9007199254740993", "9007199254740993"),
        same("-9007199254740993", "-9007199254740993"),
        (
            "9007199254740992",
            json!(9_007_199_254_740_992_i64),
            "9007199254740992",
        ),
        same("1.50", "1.50"),
        ("0.1e0", json!(0.1), "0.1"),
        same(
            "TIMESTAMP '2026-11-22 12:34:56.789012'",
            "2026-11-22T12:34:56.789012",
        ),
        ("NULL", Value::Null, "NULL"),
    ]
}

/// The columns that no expression makes.
const OF_MARIADB: &str = "SET sql_mode = ''; CREATE TABLE kinds (c_big BIGINT UNSIGNED, c_dec DECIMAL(65,30), c_zero DATE, \
    c_month DATETIME, c_time TIME, c_year YEAR, c_bit BIT(64), c_enum ENUM('été', 'x'), c_set SET('a', 'b', 'c'), \
    c_geo GEOMETRY, c_blob BLOB, c_text TEXT, c_bool BOOLEAN, c_two TINYINT(1)) CHARACTER SET utf8mb4; \
    INSERT INTO kinds VALUES (18446744073709551615, -12345678901234567890123456789012345.12345678901234567890123456789, \
    '0000-00-00', '2026-00-00', '-838:59:59', 2024, b'1010101010101010101010101010101010101010101010101010101010101010', \
    'été', 'a,c', ST_GeomFromText('POINT(1 2)', 4326), x'00ff', 'é€😀', TRUE, 2)";

fn of_sqlite() -> Vec<Kind> {
    let same = |sql, text: &'static str| (sql, json!(text), text);
    vec![
        same("9007199254740993", "9007199254740993"),
        same("-9223372036854775808", "-9223372036854775808"),
        (
            "9007199254740992",
            json!(9_007_199_254_740_992_i64),
            "9007199254740992",
        ),
        same("1e999", "Infinity"),
        same("-1e999", "-Infinity"),
        (
            "0.1 + 0.2",
            json!(0.300_000_000_000_000_04),
            "0.30000000000000004",
        ),
        ("2.0", json!(2.0), "2"),
        same("x'00ff'", "\\x00ff"),
        same("CAST(x'61ff62' AS TEXT)", "a\u{fffd}b"),
        same("'é€😀'", "é€😀"),
        same("'007'", "007"),
        ("NULL", Value::Null, "NULL"),
        ("1 = 1", json!(1), "1"),
    ]
}

async fn check(engine: &Engine, kinds: &[Kind], from: &str) {
    let mut wrong = Vec::new();
    for (sql, value, text) in kinds {
        let query = format!("SELECT {sql} AS v, 'end' AS e{from}");
        let answer = engine.client.call("run_sql", json!({"query": query})).await;
        if answer.is_error {
            wrong.push(format!("{sql}: {}", answer.text));
            continue;
        }
        if !answer.text.contains(text) {
            wrong.push(format!("{sql}: text: {}", answer.text));
        }
        let csv = json!({"query": query, "format": "csv"});
        let csv = engine.client.call("run_sql", csv).await.text;
        let quoted = text.replace('"', "\"\"");
        if *text != "NULL" && !csv.contains(&quoted) {
            wrong.push(format!("{sql}: csv: {csv}"));
        }
        let told = answer.ok()["rows"][0].clone();
        if told != json!([value, "end"]) {
            wrong.push(format!("{sql}: {told} instead of {value}"));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", engine.name, wrong.join("\n"));
}

#[tokio::test]
async fn every_kind_of_value_of_postgresql_arrives_exactly() {
    let Some(cluster) = shared_postgres() else {
        return;
    };
    let database = cluster.create_database();
    cluster.sql(
        &database,
        "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); CREATE TYPE addr AS (street text, zip text)",
    );
    let url = cluster.url("reader", &database);
    let engine = client("postgres", Some(&url), "").await;
    check(&engine, &of_postgres(), "").await;
}

#[tokio::test]
async fn every_kind_of_value_of_mariadb_arrives_exactly() {
    let Some(cluster) = shared_mariadb() else {
        return;
    };
    let database = cluster.create_database();
    cluster.sql(&database, OF_MARIADB);
    cluster.sql(
        &database,
        &format!("GRANT SELECT ON `{database}`.* TO reader"),
    );
    let url = cluster.url("reader", &database);
    let engine = client("mariadb", Some(&url), "").await;
    check(&engine, &of_mariadb(), " FROM kinds").await;
}

#[tokio::test]
async fn every_kind_of_value_of_sqlite_arrives_exactly() {
    let engine = client("sqlite", None, "").await;
    check(&engine, &of_sqlite(), "").await;
}

#[tokio::test]
async fn what_an_engine_calls_a_column_is_told_beside_its_values() {
    let engine = client("sqlite", None, "").await;
    let query = "SELECT 1 AS x, 'two' AS x, 3.5 AS x";
    let told = engine
        .client
        .call("run_sql", json!({"query": query}))
        .await
        .ok();
    assert_eq!(told["rows"], json!([[1, "two", 3.5]]));
    assert_eq!(
        told["columns"],
        json!([{"name": "x", "type": "integer"}, {"name": "x", "type": "text"}, {"name": "x", "type": "real"}])
    );
}
