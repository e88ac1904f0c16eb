//! Every value arrives as it is: nothing rounded, shortened or renamed.

use mg_db::{
    Engine,
    gate::{Gate, GateError, GateOptions, Statement},
};
use mg_testkit::shared_postgres;
use serde_json::{Value as Json, json};

use crate::bench::{Bench, Rows, benches, caps, patient, read};

#[tokio::test]
async fn large_integers_and_reals_are_exact_everywhere() {
    for bench in benches().await {
        let cell = async |sql: &str| bench.cell(sql, &[]).await;
        assert_eq!(
            cell("SELECT 9007199254740993").await,
            json!(9_007_199_254_740_993_i64)
        );
        assert_eq!(
            cell("SELECT -9223372036854775807").await,
            json!(-9_223_372_036_854_775_807_i64)
        );
        let double = match bench.engine {
            Engine::Sqlite | Engine::Postgres => "DOUBLE PRECISION",
            Engine::MariaDb => "DOUBLE",
        };
        assert_eq!(
            cell(&format!("SELECT CAST(0.1 AS {double})")).await,
            json!(0.1)
        );
        assert_eq!(cell("SELECT NULL").await, Json::Null);
        assert_eq!(cell("SELECT 'été — 🏘️'").await, json!("été — 🏘️"));
        assert_eq!(cell("SELECT ''").await, json!(""));
    }
}

#[tokio::test]
async fn sqlite_values_are_typed_one_by_one() {
    let bench = Bench::sqlite().await;
    let sql = "SELECT 1 AS a, 1.5 AS a, 'x' AS a, x'00ff' AS a, 1e999 AS a, -1e999 AS a, CAST(x'ff61' AS TEXT) AS a, '2024-01-01' AS a";
    let rows = bench.read(sql, &[]).await.unwrap();
    assert_eq!(
        rows.values[0],
        [
            json!(1),
            json!(1.5),
            json!("x"),
            json!("\\x00ff"),
            json!("Infinity"),
            json!("-Infinity"),
            json!("\u{fffd}a"),
            json!("2024-01-01")
        ]
    );
    let types: Vec<&str> = rows
        .columns
        .iter()
        .map(|column| column.r#type.as_str())
        .collect();
    assert_eq!(types[..4], ["integer", "real", "text", "blob"]);
    assert!(rows.columns.iter().all(|column| column.name == "a"));
}

#[tokio::test]
async fn postgres_values_keep_their_own_text() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    for (expression, expected) in [
        ("true", json!(true)),
        ("7::int2", json!(7)),
        ("4294967295::oid", json!(4_294_967_295_i64)),
        ("0.1::float4", json!(0.1)),
        ("'NaN'::float8", json!("NaN")),
        ("'-Infinity'::float8", json!("-Infinity")),
        ("1.10::numeric(38,18)", json!("1.100000000000000000")),
        (
            "12345678901234567890.5::numeric",
            json!("12345678901234567890.5"),
        ),
        ("'NaN'::numeric", json!("NaN")),
        ("'2024-03-15'::date", json!("2024-03-15")),
        ("'infinity'::date", json!("infinity")),
        ("'12:34:56.789012'::time", json!("12:34:56.789012")),
        (
            "'2024-03-15 12:34:56.789012'::timestamp",
            json!("2024-03-15T12:34:56.789012"),
        ),
        (
            "'1 year 2 months 3 days 04:05:06.7'::interval",
            json!("P1Y2M3DT4H5M6.7S"),
        ),
        ("'\\x00ff'::bytea", json!("\\x00ff")),
        ("'{1.10,NULL}'::numeric[]", json!(["1.10", null])),
        ("'[1,10)'::int4range", json!("[1,10)")),
        (
            "'{\"a\": 9007199254740993, \"a\": 1.10}'::json",
            json!({"document": "{\"a\": 9007199254740993, \"a\": 1.10}"}),
        ),
        (
            "'{\"b\":1.10}'::jsonb",
            json!({"document": "{\"b\": 1.10}"}),
        ),
        ("'<a/>'::xml", json!("<a/>")),
        ("ROW(1,'a b')", json!("(1,\"a b\")")),
        ("B'101'", json!("101")),
        ("'things'::regclass", json!("things")),
    ] {
        assert_eq!(
            bench.cell(&format!("SELECT {expression}"), &[]).await,
            expected,
            "{expression}"
        );
    }
}

#[tokio::test]
async fn types_of_the_database_are_named_and_read() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = mg_testkit::shared_postgres().unwrap();
    cluster.sql(&bench.database, "CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TYPE pair AS (a int, b text); CREATE DOMAIN year AS int; CREATE TABLE odd AS SELECT g AS id, 'glad'::mood AS m, ROW(g,'x')::pair AS p, 2024::year AS y, ARRAY['sad'::mood] AS ms FROM generate_series(1,20000) g; GRANT SELECT ON odd TO owner");
    // Twenty thousand rows: the look-up of an unknown type must not wait for rows that nobody reads.
    for _ in 0..2 {
        let caps = mg_db::gate::Caps {
            rows: 30_000,
            ..caps()
        };
        let (rows, outcome) = read(&bench.gate, "SELECT id, m, p, y, ms FROM odd", &[], caps)
            .await
            .unwrap();
        assert_eq!(outcome.rows, 20_000);
        assert_eq!(
            rows.values[0],
            [
                json!(1),
                json!("glad"),
                json!("(1,x)"),
                json!(2024),
                json!(["sad"])
            ]
        );
        let types: Vec<&str> = rows
            .columns
            .iter()
            .map(|column| column.r#type.as_str())
            .collect();
        assert_eq!(types, ["int4", "mood", "pair", "int4", "mood[]"]);
    }
}

#[tokio::test]
async fn a_select_without_columns_has_rows() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let rows = bench.read("SELECT FROM things", &[]).await.unwrap();
    assert_eq!((rows.columns.len(), rows.values.len()), (0, 5));
}

#[tokio::test]
async fn a_value_beyond_the_limit_is_refused_before_it_is_made() {
    let bench = Bench::sqlite().await;
    let gate = Gate::new(
        &bench.owner,
        GateOptions {
            row_bytes: 1_000_000,
            ..GateOptions::default()
        },
    );
    let error = read(&gate, "SELECT randomblob(1000001)", &[], caps())
        .await
        .unwrap_err();
    assert!(matches!(error, GateError::TooLarge(_)), "{error:?}");
    let (rows, _) = read(&gate, "SELECT length(randomblob(999999))", &[], caps())
        .await
        .unwrap();
    assert_eq!(rows.values, [[json!(999_999)]]);
}

#[tokio::test]
async fn a_row_beyond_the_limit_is_refused_before_it_is_read() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let options = GateOptions {
        row_bytes: 1_000_000,
        connections: 1,
        ..GateOptions::default()
    };
    let gate = Gate::new(&bench.owner, options);
    for sql in [
        "SELECT repeat('x', 300000000)",
        "SELECT 1, repeat('x', 600000), repeat('y', 600000)",
        "SELECT repeat('x', g) FROM generate_series(999000, 1001000, 500) AS g",
        "SELECT CAST(repeat('x', 2000000) AS int)",
    ] {
        let error = read(&gate, sql, &[], patient()).await.unwrap_err();
        let GateError::TooLarge(told) = &error else {
            panic!("{sql}: {error:?}")
        };
        assert!(told.contains("left(column, 1000)"), "{told}");
        let (rows, _) = read(&gate, "SELECT length(repeat('x', 2000000))", &[], caps())
            .await
            .unwrap();
        assert_eq!(rows.values, [[json!(2_000_000)]], "{sql}");
    }
    let (rows, _) = read(&gate, "SELECT repeat('x', 999000)", &[], caps())
        .await
        .unwrap();
    assert_eq!(rows.values[0][0].as_str().map(str::len), Some(999_000));
}

#[tokio::test]
async fn a_row_of_many_large_values_is_refused_on_sqlite_before_they_are_made() {
    let bench = Bench::sqlite().await;
    let options = GateOptions {
        connections: 1,
        ..GateOptions::default()
    };
    let gate = Gate::new(&bench.owner, options);
    for (value, columns) in [
        ("zeroblob(16000000)", 12),
        ("zeroblob(16000000)", 60),
        ("zeroblob(1000000)", 1_900),
        ("hex(zeroblob(4000000))", 12),
        ("x", 60),
    ] {
        let list = vec![value; columns].join(", ");
        let sql = format!("SELECT {list} FROM (SELECT zeroblob(16000000) AS x)");
        let error = read(&gate, &sql, &[], patient()).await.unwrap_err();
        let GateError::TooLarge(told) = &error else {
            panic!("{value} x {columns}: {error:?}")
        };
        // What the engine itself has to make before it has a row, its own limit stops.
        let by_us = told.contains("substr(column, 1, 1000)");
        assert!(by_us || told.contains("too much memory"), "{told}");
    }
    let many = vec!["zeroblob(250000)"; 60].join(", ");
    let (rows, _) = read(&gate, &format!("SELECT {many}"), &[], patient())
        .await
        .unwrap();
    assert_eq!(rows.values[0][59].as_str().map(str::len), Some(500_002));
}

#[tokio::test]
async fn many_rows_of_a_type_that_is_met_for_the_first_time_are_read() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    cluster.sql(&bench.database, "CREATE TYPE mood AS ENUM ('sad', 'ok')");
    let options = GateOptions {
        connections: 1,
        ..GateOptions::default()
    };
    let gate = Gate::new(&bench.reader, options);
    let sql = "SELECT 'ok'::mood, repeat('x', 10000000), g FROM generate_series(1, 1000) AS g";
    for _ in 0..2 {
        let sink = Rows {
            room: Some(3),
            ..Rows::default()
        };
        let reading = gate.read(Statement::of(sql), patient(), sink);
        let (rows, outcome) = reading.await.unwrap();
        assert_eq!(rows.columns[0].r#type, "mood");
        let numbers: Vec<&Json> = rows.values.iter().map(|row| &row[2]).collect();
        assert_eq!(numbers, [1, 2, 3]);
        assert!(outcome.truncated);
    }
}
