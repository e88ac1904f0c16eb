//! The collected statements of others: what reads is answered rightly, what attacks changes nothing.

use std::path::Path;

use mg_db::{
    DatabaseUrl, Engine,
    gate::{Gate, GateError, GateOptions},
};
use mg_testkit::{shared_data, shared_mariadb, shared_postgres};
use serde_json::{Value as Json, json};

use crate::{
    bench::{Rows, caps, read},
    canary::{CAPS, Target},
};

const ENGINES: [Engine; 3] = [Engine::Sqlite, Engine::Postgres, Engine::MariaDb];

/// One statement of a corpus.
struct Collected {
    id: String,
    sql: String,
    expect: String,
    /// Text that the answer may not hold.
    leak: Option<String>,
    /// A file that may not come to be.
    file: Option<String>,
    /// The first row of the right answer, where it does not depend on the server.
    answer: Option<Json>,
}

#[derive(Clone, Copy)]
enum Corpus {
    Attacks,
    Legit,
}

/// The statements that we wrote ourselves, in the same form as the collected ones.
fn own(corpus: Corpus, engine: Engine) -> &'static str {
    match (corpus, engine) {
        (Corpus::Attacks, Engine::Postgres) => include_str!("corpora/postgres.attacks.jsonl"),
        (Corpus::Attacks, Engine::MariaDb) => include_str!("corpora/mariadb.attacks.jsonl"),
        (Corpus::Attacks, Engine::Sqlite) => include_str!("corpora/sqlite.attacks.jsonl"),
        (Corpus::Legit, Engine::Postgres) => include_str!("corpora/postgres.legit.jsonl"),
        (Corpus::Legit, Engine::MariaDb) => include_str!("corpora/mariadb.legit.jsonl"),
        (Corpus::Legit, Engine::Sqlite) => include_str!("corpora/sqlite.legit.jsonl"),
    }
}

/// The collected statements of an engine, where they are here, and our own.
fn statements(corpus: Corpus, engine: Engine) -> Vec<Collected> {
    let file = match corpus {
        Corpus::Attacks => "sql/attacks.jsonl",
        Corpus::Legit => "sql/legit.jsonl",
    };
    let dialect = match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
        Engine::MariaDb => "mariadb",
    };
    let shared = shared_data(file).map(|path| std::fs::read_to_string(path).unwrap());
    let ours = rows(own(corpus, engine));
    let theirs = shared.iter().flat_map(|text| rows(text));
    let theirs = theirs.filter(|row| row["dialect"] == dialect);
    theirs.chain(ours).map(|row| statement(&row)).collect()
}

fn rows(text: &str) -> impl Iterator<Item = Json> {
    text.lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap())
}

fn statement(row: &Json) -> Collected {
    let told = |key: &str| row[key].as_str().map(str::to_owned);
    let id = told("id").unwrap();
    Collected {
        answer: row.get("answer").cloned().or_else(|| first_row(&id)),
        id,
        sql: told("sql").unwrap(),
        expect: told("expect").unwrap(),
        leak: told("leak"),
        file: told("file"),
    }
}

/// The first row of statements that read, where it does not depend on the server.
fn first_row(id: &str) -> Option<Json> {
    Some(match id {
        "ok-pg-062" => json!(["a"]),
        "ok-pg-027" => json!([2, 3, [1, 2, 3]]),
        "ok-pg-061" | "ok-pg-040" | "ok-pg-007" | "ok-pg-008" | "ok-pg-009" | "ok-pg-010"
        | "ok-pg-033" | "ok-pg-015" | "ok-my-004" | "ok-my-005" | "ok-my-018" | "ok-my-025" => {
            json!([1])
        }
        "ok-pg-045" => json!([true]),
        "ok-pg-016" => json!([5.5]),
        "ok-pg-053" => json!([3]),
        "ok-pg-028" => json!([true, false]),
        "ok-pg-056" | "ok-my-017" => json!([1, 2]),
        "ok-pg-057" => json!([]),
        "ok-pg-011" => json!([10]),
        "ok-pg-051" => json!(["<a>1</a>", "n1, n2, n3, n4, n5, n6, n7, n8, n9, n10"]),
        "ok-pg-025" => json!([{"document": "2"}]),
        "ok-pg-001" | "ok-sl-001" | "ok-my-001" => json!(["DROP TABLE victim; --"]),
        "ok-pg-002" => json!(["it's; DELETE FROM victim"]),
        "ok-sl-025" => json!(["2020-01", 1]),
        "ok-sl-004" => json!([1, "a", 1]),
        "ok-sl-022" => json!([2, 2, "n2", "s2"]),
        "ok-sl-009" => json!([0]),
        "ok-sl-017" => json!([2, 1]),
        "ok-sl-024" => json!(["delete"]),
        "ok-sl-003" => json!(["C:\\"]),
        "ok-sl-005" => json!([0, "id", "INTEGER", 0, null, 1]),
        "ok-my-002" => json!(["it's; DELETE"]),
        "ok-my-003" => json!(["update; it"]),
        "ok-my-021" => json!([1, 1]),
        "ok-my-023" => json!(["18446744073709551615", "0.3", "1.00000000000000000000"]),
        _ => return None,
    })
}

#[tokio::test]
async fn statements_that_read_are_answered_with_the_right_values() {
    let mut wrong = Vec::new();
    for engine in ENGINES {
        let Some(target) = Target::new(engine).await else {
            continue; // said so
        };
        for (account, gate) in &target.accounts {
            for Collected {
                id,
                sql,
                expect,
                answer,
                ..
            } in &statements(Corpus::Legit, engine)
            {
                let told = match (target.attack(gate, sql).await, expect.as_str()) {
                    (Ok(_), "refuse") => Some("was answered".to_owned()),
                    (Ok(rows), _) => (answer.as_ref())
                        .filter(|answer| {
                            Some(*answer) != rows.values.first().map(|row| json!(row)).as_ref()
                        })
                        .map(|_| json!(rows.values.first()).to_string()),
                    (Err(error), "accept") => Some(error.to_string()),
                    (Err(_), _) => None,
                };
                wrong.extend(told.map(|told| format!("{account}: {id}: {sql}: {told}")));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of them:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Whether what was to take all time or memory was answered in part, refused or stopped; that it was over in time is
/// seen to where it is run.
fn is_bounded(answer: &Result<Rows, GateError>) -> bool {
    match answer {
        Ok(rows) => {
            let bytes = |row: &Vec<Json>| -> usize {
                row.iter()
                    .map(|cell| cell.as_str().map_or(8, str::len))
                    .sum()
            };
            // Bytes of SQLite are told in twice as many digits.
            rows.values.len() <= CAPS.rows && rows.values.iter().all(|row| bytes(row) <= 33 << 20)
        }
        Err(GateError::Unavailable(_) | GateError::Busy(_)) => false,
        Err(_) => true,
    }
}

#[tokio::test]
async fn attacks_change_nothing_and_learn_nothing() {
    let mut wrong = Vec::new();
    for engine in ENGINES {
        let Some(target) = Target::new(engine).await else {
            continue; // said so
        };
        for (account, gate) in &target.accounts {
            let (state, session) = (target.state().await, target.session(gate).await);
            for Collected {
                id,
                sql,
                expect,
                leak,
                file,
                ..
            } in &statements(Corpus::Attacks, engine)
            {
                let answer = target.attack(gate, sql).await;
                let told = format!("{answer:?}");
                let leaks = |leak: &String| answer.is_ok() && told.contains(leak.as_str());
                let harm = [
                    (expect == "refuse" && answer.is_ok(), "was answered"),
                    (expect == "bounded" && !is_bounded(&answer), "had no bound"),
                    (leak.as_ref().is_some_and(leaks), "told a secret"),
                    (
                        file.as_ref().is_some_and(|file| Path::new(file).exists()),
                        "wrote a file",
                    ),
                    (target.state().await != state, "changed the database"),
                    (target.session(gate).await != session, "changed the session"),
                ];
                let harm = harm.iter().filter(|(done, _)| *done);
                let told: String = told.chars().take(300).collect();
                wrong.extend(
                    harm.map(|(_, what)| format!("{account}: {id}: {sql}: {what}: {told}")),
                );
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of them:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[tokio::test]
async fn a_superuser_runs_none_of_them() {
    for (engine, superuser) in [(Engine::Postgres, "postgres"), (Engine::MariaDb, "root")] {
        let Some(target) = Target::new(engine).await else {
            continue; // said so
        };
        let database = &target.bench.database;
        let url = match engine {
            Engine::MariaDb => shared_mariadb().unwrap().url(superuser, database),
            _ => shared_postgres().unwrap().url(superuser, database),
        };
        let gate = Gate::new(&DatabaseUrl::parse(&url).unwrap(), GateOptions::default());
        let state = target.state().await;
        for Collected { id, sql, .. } in statements(Corpus::Attacks, engine) {
            let refused = read(&gate, &sql, &[], caps()).await;
            let told = matches!(refused, Err(GateError::Privileged { .. }));
            assert!(told, "{id}: {sql}: {refused:?}");
        }
        assert_eq!(target.state().await, state);
    }
}

#[tokio::test]
async fn statements_that_are_nested_without_end_are_answered_or_refused() {
    for engine in ENGINES {
        let Some(target) = Target::new(engine).await else {
            continue; // said so
        };
        let (_, gate) = &target.accounts[0];
        for depth in [300, 30_000] {
            let nested = |before: &str, inner: &str, after: &str| {
                format!("{}{inner}{}", before.repeat(depth), after.repeat(depth))
            };
            for sql in [
                format!("SELECT {}", nested("(", "1", ")")),
                format!("SELECT {}", nested("NOT ", "1", "")),
                format!("SELECT {}", nested("- ", "1", "")),
                format!("SELECT {}", nested("abs(", "1", ")")),
                format!("SELECT {}", nested("CASE WHEN 1 = 1 THEN ", "1", " END")),
                format!("SELECT 1{}", nested(" + 1", "", "")),
                format!("SELECT 1{}", nested(" UNION ALL SELECT 1", "", "")),
                format!("SELECT 1 IN {}", nested("(SELECT 1 IN ", "(1)", ")")),
                nested("(", "SELECT 1", ")"),
                nested("SELECT * FROM (", "SELECT 1 AS a", ") AS t"),
                nested("WITH a AS (", "SELECT 1 AS a", ") SELECT 1 AS b"),
                format!(
                    "SELECT * FROM victim {}",
                    nested("NATURAL JOIN victim ", "", "")
                ),
                format!("EXPLAIN {}", nested("(", "SELECT 1", ")")),
                format!("SELECT '{}'", nested("[", "", "]")),
                format!("SELECT 'a' LIKE '{}'", nested("%_", "", "")),
            ] {
                let answer = target.attack(gate, &sql).await;
                let told = answer.err().map(|error| error.to_string());
                let start: String = sql.chars().take(60).collect();
                assert!(
                    told.as_ref().is_none_or(|told| told.len() < 1_000),
                    "{engine}: {start}: {told:?}"
                );
                let next = target.attack(gate, "SELECT 7").await.unwrap();
                assert_eq!(next.values, [[json!(7)]], "{engine}: {start}");
            }
        }
    }
}
