//! Drawn values on SQLite and MariaDB, told by the gate and by the engine's own text: the same, column by column.

use mg_db::Engine;
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, TestCaseError, TestRunner},
};
use serde_json::Value as Json;

use crate::{bench::Bench, fuzz::cases};

/// An expression of a value, and one of the text that the engine makes of it.
type Pair = (String, String);

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', "''"))
}

/// A value, and itself as a text.
fn cast(value: String) -> Pair {
    let text = format!("CAST({value} AS CHAR)");
    (value, text)
}

fn as_type(
    kind: &'static str,
    inputs: impl Strategy<Value = String> + 'static,
) -> BoxedStrategy<Pair> {
    inputs
        .prop_map(move |input| cast(format!("CAST({} AS {kind})", literal(&input))))
        .boxed()
}

fn moment() -> impl Strategy<Value = String> {
    let date = (1_000_i32..=9_999, 1_u8..=12, 1_u8..=28);
    (date, 0_u8..24, 0_u8..60, 0_u8..60, 0_u32..1_000_000).prop_map(
        |((year, month, day), hour, minute, second, micro)| {
            format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{micro:06}")
        },
    )
}

fn duration() -> impl Strategy<Value = String> {
    (
        any::<bool>(),
        0_u16..=838,
        0_u8..60,
        0_u8..60,
        0_u32..1_000_000,
    )
        .prop_map(|(negative, hour, minute, second, micro)| {
            let sign = if negative { "-" } else { "" };
            format!("{sign}{hour:02}:{minute:02}:{second:02}.{micro:06}")
        })
}

fn of_mariadb() -> Vec<BoxedStrategy<Pair>> {
    let number = |text: String| cast(text);
    let bytes = "([0-9A-F]{2}){0,12}".prop_map(|hex| {
        let text = format!("CONCAT('\\\\x', LOWER('{hex}'))");
        (format!("x'{hex}'"), text)
    });
    vec![
        any::<i64>()
            .prop_map(move |value| number(format!("CAST({value} AS SIGNED)")))
            .boxed(),
        any::<u64>()
            .prop_map(move |value| number(format!("CAST({value} AS UNSIGNED)")))
            .boxed(),
        as_type("DECIMAL(65,30)", "-?[0-9]{1,35}\\.[0-9]{1,30}"),
        as_type(
            "DOUBLE",
            any::<f64>().prop_map(|value| format!("{value:e}")),
        ),
        as_type("FLOAT", any::<f32>().prop_map(|value| format!("{value:e}"))),
        as_type("CHAR(20)", "[^\\x00]{0,20}"),
        as_type("DATE", moment()),
        as_type("DATETIME(6)", moment()),
        as_type("DATETIME", moment()),
        as_type("TIME(6)", duration()),
        bytes.boxed(),
    ]
}

fn of_sqlite() -> Vec<BoxedStrategy<Pair>> {
    let plain = |text: String| format!("'{}'", text.replace('\'', "''"));
    let whole = any::<i64>().prop_filter("has no literal", |value| *value != i64::MIN);
    vec![
        whole
            .prop_map(|value| (value.to_string(), format!("CAST({value} AS TEXT)")))
            .boxed(),
        any::<f64>()
            .prop_map(|value| format!("{value:e}"))
            .prop_map(|value| (value.clone(), format!("format('%!.17g', {value})")))
            .boxed(),
        "[^\\x00]{0,20}"
            .prop_map(move |text| (plain(text.clone()), plain(text)))
            .boxed(),
        "([0-9A-F]{2}){0,12}"
            .prop_map(|hex| {
                (
                    format!("x'{hex}'"),
                    format!("'\\x' || lower(hex(x'{hex}'))"),
                )
            })
            .boxed(),
        Just(("NULL".to_owned(), "NULL".to_owned())).boxed(),
    ]
}

/// Whether what the gate told is what the engine wrote.
fn same(told: &Json, written: &Json) -> bool {
    let (told, written) = match (told, written) {
        (Json::Null, written) => return written.is_null(),
        (Json::Number(told), Json::String(written)) => {
            let exact = told.as_i64().map(|told| told.to_string());
            // Two spellings of one number, of which the engine's may have fewer digits.
            return exact.as_ref() == Some(written)
                || told.as_f64().zip(written.parse().ok()).is_some_and(near);
        }
        (Json::String(told), Json::String(written)) => (told, written),
        _ => return false,
    };
    // The protocol does not tell how many digits of a second a column has.
    let digits = |text: &str| match text.rsplit_once('.') {
        Some((whole, fraction)) if whole.contains(':') => format!("{whole}.{fraction}")
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned(),
        _ => text.to_owned(),
    };
    told == written || told.replacen('T', " ", 1) == digits(written) || *told == digits(written)
}

/// MariaDB writes six digits of a FLOAT, and the least of them lie far apart.
fn near((told, written): (f64, f64)) -> bool {
    (told - written).abs() <= told.abs() * 1e-5 + 1e-44
}

/// One row of values for each case.
fn draw(bench: &Bench, runtime: &tokio::runtime::Runtime, values: &[BoxedStrategy<Pair>]) {
    let config = Config {
        cases: cases(),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..Config::with_source_file(file!())
    };
    let outcome = TestRunner::new(config).run(&values.to_vec(), |pairs| {
        let columns = pairs.iter().map(|(value, text)| format!("{value}, {text}"));
        let sql = format!("SELECT {}", columns.collect::<Vec<_>>().join(", "));
        let rows = runtime.block_on(bench.read(&sql, &[]));
        let rows = rows.map_err(|error| TestCaseError::fail(format!("{sql}: {error}")))?;
        for (cells, (value, _)) in rows.values[0].chunks(2).zip(&pairs) {
            prop_assert!(
                same(&cells[0], &cells[1]),
                "{}: told {}, written {}",
                value,
                cells[0],
                cells[1]
            );
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{}: {failure}", bench.engine));
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(2)
        .build()
        .unwrap()
}

#[test]
fn drawn_values_of_sqlite_are_told_as_the_engine_writes_them() {
    let runtime = runtime();
    let bench = runtime.block_on(Bench::sqlite());
    assert_eq!(bench.engine, Engine::Sqlite);
    draw(&bench, &runtime, &of_sqlite());
}

#[test]
fn drawn_values_of_mariadb_are_told_as_the_engine_writes_them() {
    let runtime = runtime();
    if let Some(bench) = runtime.block_on(Bench::mariadb()) {
        draw(&bench, &runtime, &of_mariadb());
    }
}
