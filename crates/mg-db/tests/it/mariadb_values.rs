//! Every type of MariaDB, against what was written and against the engine's own text.

use mg_db::gate::GateError;
use mg_testkit::shared_mariadb;
use serde_json::{Value as Json, json};

use crate::bench::{Bench, caps, patient, read};

/// The type of a column, the value written, its name and its cell as they are read.
type Kind = (&'static str, &'static str, &'static str, Json);

fn kinds() -> Vec<Kind> {
    [numbers(), times(), texts()].concat()
}

fn numbers() -> Vec<Kind> {
    vec![
        ("TINYINT", "-128", "tinyint", json!(-128)),
        ("TINYINT UNSIGNED", "255", "tinyint unsigned", json!(255)),
        ("TINYINT(1)", "2", "tinyint", json!(2)),
        ("TINYINT(1) UNSIGNED", "200", "tinyint unsigned", json!(200)),
        ("BOOLEAN", "TRUE", "tinyint", json!(1)),
        ("SMALLINT", "-32768", "smallint", json!(-32768)),
        ("MEDIUMINT", "-8388608", "mediumint", json!(-8_388_608)),
        (
            "MEDIUMINT UNSIGNED",
            "16777215",
            "mediumint unsigned",
            json!(16_777_215),
        ),
        ("INT", "-2147483648", "int", json!(-2_147_483_648_i64)),
        ("INT(5) ZEROFILL", "42", "int unsigned", json!(42)),
        ("BIGINT", "-9223372036854775808", "bigint", json!(i64::MIN)),
        (
            "BIGINT UNSIGNED",
            "9223372036854775807",
            "bigint unsigned",
            json!(i64::MAX),
        ),
        (
            "BIGINT UNSIGNED",
            "18446744073709551615",
            "bigint unsigned",
            json!("18446744073709551615"),
        ),
        (
            "DECIMAL(65,30)",
            "-12345678901234567890123456789012345.123456789012345678901234567890",
            "decimal",
            json!("-12345678901234567890123456789012345.123456789012345678901234567890"),
        ),
        ("DECIMAL(5,2)", "1.1", "decimal", json!("1.10")),
        ("FLOAT", "0.1", "float", json!(0.1)),
        ("DOUBLE", "0.1", "double", json!(0.1)),
    ]
}

fn times() -> Vec<Kind> {
    vec![
        ("DATE", "'2024-02-29'", "date", json!("2024-02-29")),
        ("DATE", "'0000-00-00'", "date", json!("0000-00-00")),
        ("DATE", "'2026-00-00'", "date", json!("2026-00-00")),
        (
            "DATETIME",
            "'2024-02-29 12:34:56'",
            "datetime",
            json!("2024-02-29T12:34:56"),
        ),
        (
            "DATETIME",
            "'0000-00-00 00:00:00'",
            "datetime",
            json!("0000-00-00T00:00:00"),
        ),
        (
            "DATETIME",
            "'2024-02-29 00:00:00'",
            "datetime",
            json!("2024-02-29T00:00:00"),
        ),
        (
            "DATETIME(6)",
            "'9999-12-31 23:59:59.000001'",
            "datetime",
            json!("9999-12-31T23:59:59.000001"),
        ),
        (
            "TIMESTAMP(3) NULL",
            "'2024-02-29 12:34:56.5'",
            "timestamp",
            json!("2024-02-29T12:34:56.5"),
        ),
        (
            "TIMESTAMP NULL",
            "'0000-00-00 00:00:00'",
            "timestamp",
            json!("0000-00-00T00:00:00"),
        ),
        ("TIME", "'838:59:59'", "time", json!("838:59:59")),
        (
            "TIME(6)",
            "'-838:59:59.999999'",
            "time",
            json!("-838:59:59.999999"),
        ),
        ("TIME", "'00:00:00'", "time", json!("00:00:00")),
        ("YEAR", "2024", "year", json!(2024)),
    ]
}

fn texts() -> Vec<Kind> {
    vec![
        ("BIT(1)", "b'1'", "bit", json!("1")),
        ("BIT(4)", "b'1010'", "bit", json!("1010")),
        ("BIT(12)", "b'1010'", "bit", json!("000000001010")),
        (
            "BIT(64)",
            "18446744073709551615",
            "bit",
            json!("1".repeat(64)),
        ),
        ("ENUM('été','x')", "'été'", "enum", json!("été")),
        ("SET('a','b','c')", "'a,c'", "set", json!("a,c")),
        (
            "JSON",
            "'{\"a\": 9007199254740993, \"b\": 1.10}'",
            "text",
            json!("{\"a\": 9007199254740993, \"b\": 1.10}"),
        ),
        (
            "GEOMETRY",
            "ST_GeomFromText('POINT(1 2)', 4326)",
            "geometry",
            json!("\\xe61000000101000000000000000000f03f0000000000000040"),
        ),
        ("BLOB", "x'00ff'", "blob", json!("\\x00ff")),
        ("BLOB", "''", "blob", json!("\\x")),
        ("BINARY(3)", "x'01'", "binary", json!("\\x010000")),
        ("VARBINARY(9)", "'abc'", "varbinary", json!("\\x616263")),
        ("CHAR(4)", "'ab'", "char", json!("ab")),
        (
            "VARCHAR(9) CHARACTER SET latin1",
            "'été'",
            "varchar",
            json!("été"),
        ),
        (
            "VARCHAR(9) COLLATE utf8mb4_bin",
            "'é 🏘️'",
            "varchar",
            json!("é 🏘️"),
        ),
        ("LONGTEXT", "'long'", "text", json!("long")),
        (
            "UUID",
            "'123e4567-e89b-12d3-a456-426655440000'",
            "char",
            json!("123e4567-e89b-12d3-a456-426655440000"),
        ),
        ("INET6", "'2001:db8::ff'", "char", json!("2001:db8::ff")),
        ("INET4", "'192.0.2.1'", "char", json!("192.0.2.1")),
    ]
}

#[tokio::test]
async fn every_type_arrives_with_its_name_and_as_it_was_written() {
    let Some(bench) = Bench::mariadb().await else {
        return;
    };
    let kinds = kinds();
    let names: Vec<String> = (0..kinds.len())
        .map(|number| format!("c{number}"))
        .collect();
    let join = |parts: Vec<String>| parts.join(", ");
    let columns = join(
        names
            .iter()
            .zip(&kinds)
            .map(|(name, kind)| format!("{name} {}", kind.0))
            .collect(),
    );
    let values = join(kinds.iter().map(|kind| kind.1.to_owned()).collect());
    let nulls = join(kinds.iter().map(|_| "NULL".to_owned()).collect());
    let cluster = shared_mariadb().unwrap();
    cluster.sql(
        &bench.database,
        &format!("CREATE TABLE kinds (n INT, {columns}); INSERT INTO kinds VALUES (1, {values}), (2, {nulls})"),
    );
    let rows = bench
        .read("SELECT * FROM kinds ORDER BY n", &[])
        .await
        .unwrap();
    let texts = join(
        names
            .iter()
            .zip(&kinds)
            .map(|(name, kind)| match kind.2 {
                "geometry" => "NULL".to_owned(),
                _ => format!("CAST({name} AS CHAR)"),
            })
            .collect(),
    );
    let texts = bench
        .read(&format!("SELECT 1, {texts} FROM kinds WHERE n = 1"), &[])
        .await
        .unwrap();
    for (index, (kind, value, name, expected)) in kinds.iter().enumerate() {
        let index = index + 1;
        let told = format!("{kind} {value}");
        assert_eq!(rows.values[0][index], *expected, "{told}");
        assert_eq!(rows.columns[index].r#type, *name, "{told}");
        assert_eq!(rows.values[1][index], Json::Null, "{told}");
        if !["bit", "geometry", "blob", "binary", "varbinary"].contains(name)
            && !kind.contains("ZEROFILL")
        {
            let own = texts.values[0][index].as_str().unwrap();
            assert_eq!(plain(&rows.values[0][index]), as_told(own, name), "{told}");
        }
    }
}

/// A cell without the quotes of JSON.
fn plain(cell: &Json) -> String {
    cell.as_str()
        .map_or_else(|| cell.to_string(), str::to_owned)
}

/// The engine's own text in the form that the gate gives: ISO 8601, no zeros at the end of a second.
fn as_told(own: &str, kind: &str) -> String {
    match kind {
        "datetime" | "timestamp" | "time" if own.contains('.') => {
            let own = own.trim_end_matches('0').trim_end_matches('.');
            own.replace(' ', "T")
        }
        "datetime" | "timestamp" => own.replace(' ', "T"),
        _ => own.to_owned(),
    }
}

/// Values that the engine computes over the whole range of a type.
const RANGES: &[(&str, &str)] = &[
    (
        "decimal",
        "CAST((CAST(seq AS SIGNED) * 7919 - 500000) / 997 AS DECIMAL(40,20))",
    ),
    (
        "decimal",
        "CAST(POW(-1, seq) * seq * 1e27 AS DECIMAL(65,3))",
    ),
    (
        "bigint",
        "CAST(seq AS SIGNED) * 92233720368547758 - 4611686018427387904",
    ),
    (
        "bigint unsigned",
        "CAST(18446744073709551615 AS UNSIGNED) - seq * 184467440737095516",
    ),
    (
        "date",
        "DATE_ADD(CAST('1000-01-01' AS DATE), INTERVAL seq * 32749 DAY)",
    ),
    (
        "datetime",
        "TIMESTAMPADD(MICROSECOND, seq * 2838239999999983, CAST('1000-01-01' AS DATETIME(6)))",
    ),
    (
        "time",
        "SEC_TO_TIME((CAST(seq AS SIGNED) - 50) * 60000.123457)",
    ),
    ("time", "MAKETIME(seq * 8, seq % 60, 0)"),
    (
        "varchar",
        "CONCAT(CHAR(50048 + seq % 64 USING utf8mb4), '\\\\', seq)",
    ),
];

#[tokio::test]
async fn values_over_the_whole_range_agree_with_the_engines_own_text() {
    let Some(bench) = Bench::mariadb().await else {
        return;
    };
    for (kind, expression) in RANGES {
        let sql = format!(
            "SELECT v, CAST(v AS CHAR) FROM (SELECT {expression} AS v FROM seq_1_to_100) AS r"
        );
        let (rows, _) = read(&bench.gate, &sql, &[], caps()).await.unwrap();
        assert_eq!(rows.columns[0].r#type, *kind, "{expression}");
        assert_eq!(rows.values.len(), 100);
        for row in &rows.values {
            let own = row[1].as_str().unwrap();
            assert_eq!(plain(&row[0]), as_told(own, kind), "{expression}");
        }
    }
    let sql = "SELECT v, CAST(v AS CHAR) FROM (SELECT POW(-1.7, seq * 10) / 7e0 AS v FROM seq_1_to_100) AS r";
    let (rows, _) = read(&bench.gate, sql, &[], caps()).await.unwrap();
    for row in &rows.values {
        assert_eq!(row[0].as_f64(), row[1].as_str().unwrap().parse().ok());
    }
}

#[tokio::test]
async fn nothing_is_cut_in_silence() {
    let Some(bench) = Bench::mariadb().await else {
        return;
    };
    // The server's own limits are 1,000 rounds of a recursion and 1 MB of a list.
    let rounds = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5000) SELECT COUNT(*) FROM r";
    assert_eq!(bench.cell(rounds, &[]).await, json!(5000));
    let list = "SELECT LENGTH(GROUP_CONCAT(REPEAT('x', 100) SEPARATOR '')) FROM seq_1_to_20000";
    assert_eq!(bench.cell(list, &[]).await, json!(2_000_000));
}

/// A server would send as many large values in one row as a statement has columns.
#[tokio::test]
async fn a_row_of_many_large_values_ends_its_line() {
    let Some(bench) = Bench::mariadb().await else {
        return;
    };
    for (value, columns) in [("REPEAT('x', 16000000)", 12), ("REPEAT('x', 500000)", 60)] {
        let sql = format!("SELECT {}", vec![value; columns].join(", "));
        let answer = read(&bench.gate, &sql, &[], patient()).await;
        let Err(GateError::TooLarge(told)) = &answer else {
            panic!("{value} x {columns}: {:?}", answer.err())
        };
        assert!(told.contains("LEFT(column, 1000)"), "{told}");
    }
    let list = vec!["REPEAT('x', 250000)"; 60].join(", ");
    let sql = format!("SELECT {list} FROM seq_1_to_3");
    let rows = bench.read(&sql, &[]).await.unwrap();
    assert_eq!(rows.values[2][59].as_str().map(str::len), Some(250_000));
}

#[tokio::test]
async fn parameters_do_not_make_a_row_larger_than_it_may_be() {
    let Some(bench) = Bench::mariadb().await else {
        return;
    };
    let sql = format!("SELECT {}", ["REPEAT(?, 4000000)"; 12].join(", "));
    let answer = read(&bench.gate, &sql, &vec![json!("x"); 12], patient()).await;
    assert!(
        matches!(answer, Err(GateError::TooLarge(_))),
        "{:?}",
        answer.err()
    );
}

#[tokio::test]
async fn many_rows_are_read_that_come_to_more_than_one_may() {
    let Some(bench) = Bench::mariadb().await else {
        return;
    };
    let rows = bench
        .read("SELECT REPEAT('x', 1000000) FROM seq_1_to_60", &[])
        .await
        .unwrap();
    assert_eq!(rows.values.len(), 60);
}
