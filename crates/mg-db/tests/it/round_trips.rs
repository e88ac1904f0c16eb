//! Drawn values of each type, told by the gate and by PostgreSQL's own `::text`: the same, type by type.

use mg_testkit::shared_postgres;
use proptest::{
    prelude::*,
    strategy::{BoxedStrategy, ValueTree},
    test_runner::TestRunner,
};
use serde_json::Value as Json;

use crate::bench::Bench;

/// Values drawn for one type: one statement each.
const DRAWS: usize = 60;

/// A drawn value as the input of its type.
type Input = BoxedStrategy<String>;

fn number<T: Arbitrary + ToString + 'static>() -> Input {
    any::<T>().prop_map(|value| value.to_string()).boxed()
}

fn real<T: Arbitrary + std::fmt::Display + 'static>() -> Input {
    // PostgreSQL reads `NaN` and `inf` in Rust's spelling too.
    let special = prop::sample::select(vec!["NaN", "Infinity", "-Infinity", "0", "-0"])
        .prop_map(str::to_owned);
    prop_oneof![3 => any::<T>().prop_map(|value| value.to_string()), 1 => special].boxed()
}

fn decimal() -> Input {
    prop_oneof![9 => "-?[0-9]{1,40}(\\.[0-9]{1,40})?", 1 => "NaN|Infinity|-Infinity"].boxed()
}

fn text() -> Input {
    prop_oneof!["[^\\x00]{0,20}", "[\"\\\\,{}' ]{0,6}", "NULL|null|"].boxed()
}

fn date(last_year: i32) -> Input {
    let date = (1..=last_year, 1_u8..=12, 1_u8..=28);
    let date = date.prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"));
    date.boxed()
}

fn time() -> Input {
    let time = (0_u8..24, 0_u8..60, 0_u8..60, 0_u32..1_000_000);
    time.prop_map(|(hour, minute, second, micro)| {
        format!("{hour:02}:{minute:02}:{second:02}.{micro:06}")
    })
    .boxed()
}

fn zone() -> Input {
    (-15_i8..=15, prop::sample::select(vec![0, 30, 45]))
        .prop_map(|(hour, minute)| format!("{hour:+03}:{minute:02}"))
        .boxed()
}

fn moment(zone: &Input) -> Input {
    let after = (date(9_999), time(), zone.clone());
    let after = after.prop_map(|(date, time, zone)| format!("{date} {time}{zone}"));
    // The calendar begins in 4714 BC.
    let before = (date(4_713), time(), zone.clone());
    let before = before.prop_map(|(date, time, zone)| format!("{date} {time}{zone} BC"));
    prop_oneof![8 => after, 1 => before, 1 => "-?infinity"].boxed()
}

fn interval() -> Input {
    let parts = (
        -99_i16..=99,
        -99_i16..=99,
        -99_i16..=99,
        any::<i32>(),
        0_u32..1_000_000,
    );
    parts
        .prop_map(|(years, months, days, seconds, micro)| {
            format!("{years} years {months} mons {days} days {seconds}.{micro:06} seconds")
        })
        .boxed()
}

fn document() -> Input {
    let leaf = prop_oneof![
        any::<i64>().prop_map(Json::from),
        "[^\\x00\\PC]{0,8}".prop_map(Json::from),
        Just(Json::Null)
    ];
    let nested = leaf.prop_recursive(3, 12, 4, |inner| {
        prop::collection::vec(inner, 0..4).prop_map(Json::from)
    });
    nested.prop_map(|value| value.to_string()).boxed()
}

/// The types that are drawn, each with its inputs.
fn types() -> Vec<(&'static str, Input)> {
    let no_zone = Just(String::new()).boxed();
    vec![
        ("bool", number::<bool>()),
        ("int2", number::<i16>()),
        ("int4", number::<i32>()),
        ("int8", number::<i64>()),
        ("oid", number::<u32>()),
        ("float4", real::<f32>()),
        ("float8", real::<f64>()),
        ("numeric", decimal()),
        ("text", text()),
        ("varchar(9)", "[^\\x00]{0,9}".boxed()),
        (
            "bytea",
            "([0-9a-f]{2}){0,12}"
                .prop_map(|hex| format!("\\x{hex}"))
                .boxed(),
        ),
        ("date", date(9_999)),
        ("time", time()),
        (
            "timetz",
            (time(), zone())
                .prop_map(|(time, zone)| time + &zone)
                .boxed(),
        ),
        ("timestamp", moment(&no_zone)),
        ("timestamptz", moment(&zone())),
        ("interval", interval()),
        (
            "uuid",
            "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}".boxed(),
        ),
        ("json", document()),
        ("jsonb", document()),
        ("bit varying", "[01]{0,40}".boxed()),
        (
            "int8range",
            (any::<i32>(), 1_i64..99)
                .prop_map(|(from, more)| format!("[{from},{})", i64::from(from) + more))
                .boxed(),
        ),
    ]
}

/// What the engine's own text of a value would be, from how it was told.
fn as_text(kind: &str, told: &Json) -> Option<String> {
    match told {
        Json::Null => None,
        Json::String(text) if kind.starts_with("time") => Some(without_iso(text)),
        Json::String(text) => Some(text.clone()),
        Json::Object(document) => document["document"].as_str().map(str::to_owned),
        other => Some(other.to_string()),
    }
}

/// ISO's `T` and whole offset as PostgreSQL writes them.
fn without_iso(text: &str) -> String {
    let text = text.replacen('T', " ", 1);
    let time = text.find(':').unwrap_or(0);
    let zone = text[time..]
        .find(['+', '-'])
        .map_or(text.len(), |at| time + at);
    match text[zone..].strip_suffix(":00") {
        Some(hours) if hours.len() == 3 => format!("{}{hours}", &text[..zone]),
        _ => text,
    }
}

fn same(kind: &str, told: Option<&str>, engine: Option<&str>) -> bool {
    match (told, engine) {
        (Some(told), Some(engine)) if kind.starts_with("float") && told != engine => {
            // Two spellings of one number.
            let number = |text: &str| text.parse::<f64>().map(f64::to_bits);
            number(told).is_ok() && number(told) == number(engine)
        }
        (told, engine) => told == engine,
    }
}

fn drawn<T: std::fmt::Debug>(
    runner: &mut TestRunner,
    strategy: &impl Strategy<Value = T>,
) -> Vec<T> {
    (0..DRAWS)
        .map(|_| strategy.new_tree(runner).unwrap().current())
        .collect()
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

async fn bench() -> Option<Bench> {
    let bench = Bench::postgres().await?;
    // A zone with offsets of seconds before 1911.
    let sql = format!(
        "ALTER DATABASE {} SET timezone = 'Europe/Paris'",
        bench.database
    );
    shared_postgres()?.sql(&bench.database, &sql);
    Some(bench)
}

#[tokio::test]
async fn drawn_values_are_told_as_the_engine_writes_them() {
    let Some(bench) = bench().await else {
        return;
    };
    let mut runner = TestRunner::deterministic();
    for (kind, inputs) in types() {
        let values: Vec<String> = drawn(&mut runner, &inputs)
            .iter()
            .map(|input| format!("({})", literal(input)))
            .collect();
        let sql = format!(
            "SELECT v::{kind}, v::{kind}::text FROM (VALUES {}) AS t (v)",
            values.join(", ")
        );
        let rows = bench
            .read(&sql, &[])
            .await
            .unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(rows.values.len(), DRAWS);
        for row in rows.values {
            let told = as_text(kind, &row[0]);
            assert!(
                same(kind, told.as_deref(), row[1].as_str()),
                "{kind}: {told:?}, engine {}",
                row[1]
            );
        }
    }
}

/// The elements in order, without their nesting.
fn flat<'a>(list: &'a Json, into: &mut Vec<&'a Json>) {
    match list {
        Json::Array(elements) => elements.iter().for_each(|element| flat(element, into)),
        element => into.push(element),
    }
}

fn lengths(list: &Json) -> Vec<usize> {
    match list {
        Json::Array(elements) if !elements.is_empty() => {
            let mut inner = lengths(&elements[0]);
            inner.insert(0, elements.len());
            inner
        }
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn drawn_arrays_are_lists_of_what_the_engine_unnests() {
    let Some(bench) = bench().await else {
        return;
    };
    let mut runner = TestRunner::deterministic();
    for (kind, inputs) in types() {
        let element = prop::option::weighted(0.9, inputs);
        let grid = (1_usize..4, 0_usize..4).prop_flat_map(move |(rows, columns)| {
            prop::collection::vec(prop::collection::vec(element.clone(), columns), rows)
        });
        let written = |grid: &Vec<Vec<Option<String>>>| {
            let element =
                |value: &Option<String>| value.as_deref().map_or("NULL".to_owned(), literal);
            let row = |row: &Vec<_>| {
                format!(
                    "ARRAY[{}]",
                    row.iter().map(element).collect::<Vec<_>>().join(",")
                )
            };
            let rows: Vec<String> = grid.iter().map(row).collect();
            format!("(ARRAY[{}]::{kind}[])", rows.join(","))
        };
        let values: Vec<String> = drawn(&mut runner, &grid).iter().map(written).collect();
        let sql = format!(
            "SELECT v, (SELECT json_agg(e::text) FROM unnest(v) AS e), concat_ws(' ', array_length(v, 1), array_length(v, 2)) FROM (VALUES {}) AS t (v)",
            values.join(", ")
        );
        let rows = bench
            .read(&sql, &[])
            .await
            .unwrap_or_else(|error| panic!("{kind}: {error}"));
        for row in rows.values {
            let mut told = Vec::new();
            flat(&row[0], &mut told);
            let engine: Vec<Option<String>> = match row[1]["document"].as_str() {
                Some(document) => serde_json::from_str(document).unwrap(),
                None => Vec::new(),
            };
            assert_eq!(told.len(), engine.len(), "{kind}: {row:?}");
            for (told, engine) in told.iter().zip(&engine) {
                let told = as_text(kind, told);
                assert!(
                    same(kind, told.as_deref(), engine.as_deref()),
                    "{kind}: {told:?}, engine {engine:?}"
                );
            }
            let lengths: Vec<String> = lengths(&row[0]).iter().map(usize::to_string).collect();
            assert_eq!(row[2], lengths.join(" "), "{kind}");
        }
    }
}
