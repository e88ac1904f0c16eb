//! Work that does not hear that it is to end: it is waited for a while, so that it does not add up.

use std::time::Duration;

use mg_db::{
    Engine,
    gate::{Caps, Gate, GateError, GateOptions},
};
use serde_json::json;

use crate::bench::{Bench, caps, read};

/// A search that compares every place of a long text with most of a long word, some seconds long and without a look
/// at the clock.
const POSTGRES: &str = "SELECT strpos(repeat('a', 160000), 'b' || repeat('a', 80000))";
const MARIADB: &str = "SELECT locate(concat(repeat('a', 2000), 'b'), repeat('a', 1000000))";

#[tokio::test]
async fn work_that_does_not_hear_of_its_end_keeps_its_connection_for_a_while() {
    let deaf = [
        Bench::postgres().await.map(|bench| (bench, POSTGRES)),
        Bench::mariadb().await.map(|bench| (bench, MARIADB)),
    ];
    for (bench, sql) in deaf.into_iter().flatten() {
        let gate = Gate::new(
            &bench.reader,
            GateOptions {
                connections: 1,
                ..GateOptions::default()
            },
        );
        let soon = Caps {
            time: Duration::from_millis(100),
            ..caps()
        };
        let cut = tokio::time::timeout(soon.time, read(&gate, sql, &[], caps())).await;
        assert!(cut.is_err(), "{}: {cut:?}", bench.engine);
        let busy = read(&gate, "SELECT 1", &[], soon).await;
        assert!(
            matches!(busy, Err(GateError::Busy(_))),
            "{}: {busy:?}",
            bench.engine
        );
        let patient = Caps {
            time: Duration::from_secs(90),
            ..caps()
        };
        let (rows, _) = read(&gate, "SELECT 1", &[], patient).await.unwrap();
        assert_eq!(rows.values[0][0], json!(1), "{}", bench.engine);
    }
}

/// Parts of which each has the body that `body` makes of the name of the one before.
fn parts(count: usize, body: impl Fn(&str) -> String) -> String {
    let first = "c0 AS (SELECT 1 AS x)".to_owned();
    let more = (1..count).map(|part| format!("c{part} AS ({})", body(&format!("c{}", part - 1))));
    let all: Vec<String> = std::iter::once(first).chain(more).collect();
    format!("WITH {} SELECT max(x) FROM c{}", all.join(", "), count - 1)
}

fn doubled(count: usize) -> String {
    parts(count, |name| format!("SELECT a.x FROM {name} a, {name} b"))
}

fn chained(count: usize) -> String {
    parts(count, |name| format!("SELECT * FROM {name}"))
}

#[tokio::test]
async fn parts_that_no_engine_could_compile_in_time_are_refused_and_others_are_read() {
    for bench in crate::bench::benches().await {
        for sql in [doubled(16), chained(6_000)] {
            let refused = bench.read(&sql, &[]).await;
            assert!(
                matches!(refused, Err(GateError::Refused(_))),
                "{}: {refused:?}",
                bench.engine
            );
        }
        assert_eq!(bench.cell(&chained(60), &[]).await, json!(1));
        assert_eq!(bench.cell(&doubled(7), &[]).await, json!(1));
    }
}

/// A chain of parts that is far too long, with names that `named` makes of numbers, each naming the one before where
/// `body` says so.
fn chain(named: impl Fn(usize) -> String, body: impl Fn(&str) -> String) -> String {
    let part = |part: usize| match part.checked_sub(1) {
        None => format!("{} AS (SELECT 1 AS x)", named(0)),
        Some(before) => format!("{} AS ({})", named(part), body(&named(before))),
    };
    let parts: Vec<String> = (0..6_000).map(part).collect();
    format!(
        "WITH {} SELECT max(x) FROM {}",
        parts.join(", "),
        named(5_999)
    )
}

/// Names of three characters that are no letters.
fn symbols(number: usize) -> String {
    let digits: Vec<char> = "∀∁∂∃∄∅∆∇∈∉∊∋∌∍∎∏∐∑∓∔".chars().collect();
    [number / 400, number / 20 % 20, number % 20]
        .map(|digit| digits[digit])
        .iter()
        .collect()
}

fn numbered(number: usize) -> String {
    format!("c{number}")
}

type Body = fn(&str) -> String;

const ON_ALL: &[Body] = &[
    |name| format!("SELECT x FROM {name} WHERE '''' <> ''"),
    |name| format!("SELECT x /* ' */ FROM {name} -- '\n"),
];

const ON_ONE: &[(Engine, Body)] = &[
    (Engine::Sqlite, |name| format!("SELECT x FROM '{name}'")),
    (Engine::Sqlite, |name| {
        format!("SELECT x FROM \u{feff}{name}")
    }),
    (Engine::Sqlite, |name| {
        format!("SELECT x FROM {name} AS \"as\", (SELECT 1)")
    }),
    (Engine::Sqlite, |name| {
        format!("SELECT 1 AS x WINDOW w AS (ORDER BY (SELECT x FROM {name}))")
    }),
    (Engine::Sqlite, |name| {
        format!(r"SELECT x FROM {name} WHERE '\' <> 'a'")
    }),
    (Engine::MariaDb, |name| {
        format!(r"SELECT x FROM {name} WHERE '\'' <> 'a'")
    }),
    (Engine::MariaDb, |name| format!("SELECT x #'\n FROM {name}")),
    (Engine::MariaDb, |name| {
        format!("SELECT x FROM {name} WHERE \"'\" <> 'a'")
    }),
    (Engine::Postgres, |name| {
        format!(r"SELECT x FROM {name} WHERE E'\'' <> 'a'")
    }),
    (Engine::Postgres, |name| {
        format!("SELECT x FROM {name} WHERE $a$'$a$ <> 'a'")
    }),
    (Engine::Postgres, |name| {
        format!("SELECT x FROM {name} \"as\" (x)")
    }),
];

#[tokio::test]
async fn no_spelling_hides_how_deep_parts_stand_on_each_other() {
    for bench in crate::bench::benches().await {
        let own = ON_ONE.iter().filter(|(engine, _)| *engine == bench.engine);
        let bodies = own.map(|(_, body)| body).chain(ON_ALL);
        let spelt = bodies.map(|body| chain(numbered, body));
        let in_symbols = chain(symbols, |name| format!("SELECT * FROM {name}"));
        for sql in spelt.chain([in_symbols]) {
            let refused = bench.read(&sql, &[]).await;
            let start: String = sql.chars().take(100).collect();
            assert!(
                matches!(refused, Err(GateError::Refused(_))),
                "{start}: {refused:?}"
            );
        }
        assert_eq!(bench.cell("SELECT 1", &[]).await, json!(1));
    }
}

#[tokio::test]
async fn a_variable_of_sqlite_hides_no_level() {
    let bench = Bench::sqlite().await;
    let sql = chain(numbered, |name| format!("SELECT x FROM {name}"));
    let sql = sql.replacen("SELECT 1 AS x", "SELECT $a(') AS x", 1);
    let refused = bench.read(&sql, &[json!(1)]).await;
    assert!(matches!(refused, Err(GateError::Refused(_))), "{refused:?}");
}

#[tokio::test]
async fn sqlite_looks_at_its_deadline_between_steps_that_are_long() {
    let bench = Bench::sqlite().await;
    let sql = "SELECT sum(length(randomblob(16000000))) FROM \
        (WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 100000) SELECT n FROM r)";
    let soon = Caps {
        time: Duration::from_millis(100),
        ..caps()
    };
    // More than there are readers: each is free again before the gate gives up waiting for one.
    for _ in 0..6 {
        let ended = read(&bench.gate, sql, &[], soon).await;
        assert_eq!(ended.err(), Some(GateError::Timeout(soon.time)));
    }
    assert_eq!(bench.cell("SELECT 1", &[]).await, json!(1));
}
