//! One row with every kind of value PostgreSQL has, each told without loss.

use mg_testkit::shared_postgres;
use serde_json::{Value as Json, json};

use crate::bench::Bench;

/// Types of the database's own that the columns name.
const TYPES: &str = "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); CREATE TYPE addr AS (street text, zip text); \
    CREATE DOMAIN posint AS int CHECK (VALUE > 0); CREATE DOMAIN moods AS mood[]; CREATE EXTENSION hstore; \
    CREATE TABLE victim (id int)";

/// Name, type and value of each column, and how it is told.
#[expect(clippy::too_many_lines, reason = "a table: an entry a type")]
fn columns() -> Vec<(&'static str, &'static str, &'static str, Json)> {
    vec![
        ("c_bool", "bool", "true", json!(true)),
        ("c_int2", "int2", "32767", json!(32_767)),
        ("c_int4", "int4", "2147483647", json!(2_147_483_647)),
        (
            "c_int8",
            "int8",
            "9007199254740993",
            json!(9_007_199_254_740_993_i64),
        ),
        (
            "c_num",
            "numeric",
            "12345678901234567890.123456789012345678",
            json!("12345678901234567890.123456789012345678"),
        ),
        (
            "c_num_38",
            "numeric(38,18)",
            "1.5",
            json!("1.500000000000000000"),
        ),
        ("c_num_nan", "numeric", "NaN", json!("NaN")),
        ("c_num_inf", "numeric", "-Infinity", json!("-Infinity")),
        ("c_f4", "float4", "0.1", json!(0.1)),
        ("c_f8", "float8", "0.1", json!(0.1)),
        ("c_f8_nan", "float8", "NaN", json!("NaN")),
        ("c_f8_inf", "float8", "-Infinity", json!("-Infinity")),
        ("c_money", "money", "1234.56", json!("$1,234.56")),
        ("c_text", "text", "é€😀", json!("é€😀")),
        ("c_char", "char(5)", "ab", json!("ab   ")),
        ("c_bytea", "bytea", "\\xdeadbeef00", json!("\\xdeadbeef00")),
        ("c_date", "date", "2026-11-22", json!("2026-11-22")),
        ("c_date_inf", "date", "infinity", json!("infinity")),
        ("c_date_bc", "date", "0044-03-15 BC", json!("0044-03-15 BC")),
        (
            "c_time",
            "time",
            "12:34:56.789012",
            json!("12:34:56.789012"),
        ),
        ("c_timetz", "timetz", "12:34:56+02", json!("12:34:56+02:00")),
        (
            "c_ts",
            "timestamp",
            "2026-11-22 12:34:56.789012",
            json!("2026-11-22T12:34:56.789012"),
        ),
        (
            "c_tstz",
            "timestamptz",
            "2026-11-22 12:34:56.789012+01",
            json!("2026-11-22T12:34:56.789012+01:00"),
        ),
        ("c_tstz_inf", "timestamptz", "infinity", json!("infinity")),
        (
            "c_tstz_bc",
            "timestamptz",
            "0044-03-15 12:00:00+00:09:21 BC",
            json!("0044-03-15 12:00:00+00:09:21 BC"),
        ),
        (
            "c_interval",
            "interval",
            "1 year 2 mons 3 days 04:05:06.7",
            json!("P1Y2M3DT4H5M6.7S"),
        ),
        (
            "c_uuid",
            "uuid",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            json!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ),
        ("c_inet", "inet", "192.168.1.5/24", json!("192.168.1.5/24")),
        ("c_cidr", "cidr", "10.0.0.0/8", json!("10.0.0.0/8")),
        (
            "c_macaddr",
            "macaddr",
            "08:00:2b:01:02:03",
            json!("08:00:2b:01:02:03"),
        ),
        (
            "c_json",
            "json",
            "{\"a\": 1, \"a\": 2}",
            json!({"document": "{\"a\": 1, \"a\": 2}"}),
        ),
        (
            "c_jsonb_big",
            "jsonb",
            "{\"n\": 9007199254740993, \"d\": 0.1234567890123456789012345}",
            json!({"document": "{\"d\": 0.1234567890123456789012345, \"n\": 9007199254740993}"}),
        ),
        ("c_xml", "xml", "<a>1</a>", json!("<a>1</a>")),
        ("c_int_arr", "int[]", "{1,NULL,3}", json!([1, null, 3])),
        (
            "c_int8_arr",
            "int8[]",
            "{1,9007199254740993}",
            json!([1, "9007199254740993"]),
        ),
        (
            "c_text_arr",
            "text[]",
            "{\"a\",\"b,c\",NULL,\"NULL\",\"\\\"\\\\\"}",
            json!(["a", "b,c", null, "NULL", "\"\\"]),
        ),
        (
            "c_arr2",
            "int[][]",
            "{{1,2},{3,4}}",
            json!([[1, 2], [3, 4]]),
        ),
        ("c_arr_bounds", "int[]", "[2:3]={5,6}", json!([5, 6])),
        ("c_arr_empty", "int[]", "{}", json!([])),
        (
            "c_num_arr",
            "numeric[]",
            "{1.10,2.20}",
            json!(["1.10", "2.20"]),
        ),
        (
            "c_f8_arr",
            "float8[]",
            "{0.1,NaN,Infinity}",
            json!([0.1, "NaN", "Infinity"]),
        ),
        ("c_bool_arr", "bool[]", "{t,f}", json!([true, false])),
        (
            "c_tstz_arr",
            "timestamptz[]",
            "{2026-11-22 12:00:00+01,infinity}",
            json!(["2026-11-22T12:00:00+01:00", "infinity"]),
        ),
        (
            "c_json_arr",
            "json[]",
            "{\"{\\\"a\\\": 1.10}\"}",
            json!(["{\"a\": 1.10}"]),
        ),
        (
            "c_bytea_arr",
            "bytea[]",
            "{\"\\\\x00ff\"}",
            json!(["\\x00ff"]),
        ),
        (
            "c_box_arr",
            "box[]",
            "{(1,1),(0,0);(2,2),(1,1)}",
            json!(["(1,1),(0,0)", "(2,2),(1,1)"]),
        ),
        ("c_enum", "mood", "happy", json!("happy")),
        ("c_enum_arr", "mood[]", "{sad,ok}", json!(["sad", "ok"])),
        ("c_domain", "posint", "5", json!(5)),
        ("c_domain_arr", "moods", "{ok}", json!(["ok"])),
        ("c_arr_domain", "posint[]", "{5,6}", json!([5, 6])),
        (
            "c_comp",
            "addr",
            "(\"12 rue, X\",77400)",
            json!("(\"12 rue, X\",77400)"),
        ),
        (
            "c_comp_arr",
            "addr[]",
            "{\"(\\\"12 rue, X\\\",77400)\"}",
            json!(["(\"12 rue, X\",77400)"]),
        ),
        ("c_int4range", "int4range", "[1,10)", json!("[1,10)")),
        (
            "c_range_arr",
            "int4range[]",
            "{\"[1,10)\"}",
            json!(["[1,10)"]),
        ),
        (
            "c_multirange",
            "int4multirange",
            "{[1,3),[5,7)}",
            json!("{[1,3),[5,7)}"),
        ),
        ("c_point", "point", "(1.5,2.5)", json!("(1.5,2.5)")),
        (
            "c_polygon",
            "polygon",
            "((0,0),(1,1),(1,0))",
            json!("((0,0),(1,1),(1,0))"),
        ),
        ("c_bit", "bit(4)", "1010", json!("1010")),
        ("c_varbit", "varbit", "101", json!("101")),
        (
            "c_tsvector",
            "tsvector",
            "a fat cat",
            json!("'a' 'cat' 'fat'"),
        ),
        ("c_int2vector", "int2vector", "1 2", json!("1 2")),
        ("c_oid", "oid", "4294967295", json!(4_294_967_295_i64)),
        ("c_regclass", "regclass", "victim", json!("victim")),
        ("c_null", "text", "", Json::Null),
        ("c_name", "name", "nm", json!("nm")),
        ("c_pglsn", "pg_lsn", "16/B374D848", json!("16/B374D848")),
        ("c_hstore", "hstore", "a=>1", json!("\"a\"=>\"1\"")),
    ]
}

#[tokio::test]
async fn every_type_of_postgresql_is_told_exactly() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    let columns = columns();
    let defined: Vec<String> = columns
        .iter()
        .map(|(name, kind, ..)| format!("{name} {kind}"))
        .collect();
    let literal = |(name, _, value, _): &(&str, &str, &str, Json)| match *name {
        "c_null" => "NULL".to_owned(),
        _ => format!("'{value}'"),
    };
    let values: Vec<String> = columns.iter().map(literal).collect();
    cluster.sql(
        &bench.database,
        &format!(
            "{TYPES}; ALTER DATABASE {} SET timezone = 'Europe/Paris'; SET timezone = 'Europe/Paris'; \
             CREATE TABLE types_pg ({}); INSERT INTO types_pg VALUES ({}); GRANT SELECT ON types_pg TO owner",
            bench.database,
            defined.join(", "),
            values.join(", ")
        ),
    );
    let rows = bench.read("TABLE types_pg", &[]).await.unwrap();
    for (index, (name, _, _, expected)) in columns.iter().enumerate() {
        assert_eq!(rows.columns[index].name, *name);
        assert_eq!(rows.values[0][index], *expected, "{name}");
    }
}

#[tokio::test]
async fn an_error_behind_a_type_that_was_never_met_is_told_in_its_own_words() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    cluster.sql(&bench.database, "CREATE TYPE mood AS ENUM ('ok')");
    let failing = "SELECT 'ok'::mood, 1 / (n - 2) FROM (VALUES (1), (2)) AS v (n)";
    let error = bench.read(failing, &[]).await.err().unwrap().to_string();
    assert!(error.contains("division by zero"), "{error}");
    assert_eq!(bench.cell("SELECT 'ok'::mood", &[]).await, json!("ok"));
}
