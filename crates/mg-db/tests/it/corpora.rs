//! The collected statements of others: what reads is answered rightly, what attacks changes nothing.

use std::path::Path;

use mg_db::{
    DatabaseUrl, Engine,
    gate::{Gate, GateError, GateOptions},
};
use mg_testkit::{shared_data, shared_mariadb, shared_postgres};
use serde_json::{Value as Json, json};

use crate::{
    bench::{caps, read},
    canary::Target,
};

const ENGINES: [Engine; 3] = [Engine::Sqlite, Engine::Postgres, Engine::MariaDb];

/// One collected statement.
struct Collected {
    id: String,
    sql: String,
    expect: String,
    /// Text that the answer may not hold.
    leak: Option<String>,
    /// A file that may not come to be.
    file: Option<String>,
}

fn collected(file: &str, engine: Engine) -> Option<Vec<Collected>> {
    let dialect = match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
        Engine::MariaDb => "mariadb",
    };
    let text = std::fs::read_to_string(shared_data(&format!("sql/{file}"))?).unwrap();
    let rows = text
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap());
    let told = |row: &Json, key: &str| row[key].as_str().map(str::to_owned);
    let statement = |row: Json| Collected {
        id: told(&row, "id").unwrap(),
        sql: told(&row, "sql").unwrap(),
        expect: told(&row, "expect").unwrap(),
        leak: told(&row, "leak"),
        file: told(&row, "file"),
    };
    Some(
        rows.filter(|row| row["dialect"] == dialect)
            .map(statement)
            .collect(),
    )
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
async fn collected_statements_that_read_are_answered_with_the_right_values() {
    for engine in ENGINES {
        let (Some(statements), Some(target)) =
            (collected("legit.jsonl", engine), Target::new(engine).await)
        else {
            continue; // said so
        };
        for (account, gate) in &target.accounts {
            for Collected {
                id, sql, expect, ..
            } in &statements
            {
                let answer = target.attack(gate, sql).await;
                let rows = match answer {
                    Ok(rows) => rows,
                    Err(_) if expect == "accept_or_refuse" => continue,
                    Err(error) => panic!("{account}: {id}: {sql}: {error}"),
                };
                if let Some(expected) = first_row(id) {
                    assert_eq!(json!(rows.values[0]), expected, "{account}: {id}: {sql}");
                }
            }
        }
    }
}

#[tokio::test]
async fn collected_attacks_change_nothing_and_learn_nothing() {
    for engine in ENGINES {
        let (Some(attacks), Some(target)) = (
            collected("attacks.jsonl", engine),
            Target::new(engine).await,
        ) else {
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
            } in &attacks
            {
                let answer = target.attack(gate, sql).await;
                assert!(
                    expect != "refuse" || answer.is_err(),
                    "{account}: {id}: {sql}: {answer:?}"
                );
                let told = format!("{answer:?}");
                let leaked = answer.is_ok()
                    && leak
                        .as_ref()
                        .is_some_and(|leak| told.contains(leak.as_str()));
                assert!(!leaked, "{account}: {id}: {sql}: {told}");
                assert!(
                    !file.as_ref().is_some_and(|file| Path::new(file).exists()),
                    "{account}: {id}: {sql}"
                );
                assert_eq!(target.state().await, state, "{account}: {id}: {sql}");
                assert_eq!(
                    target.session(gate).await,
                    session,
                    "{account}: {id}: {sql}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_superuser_runs_none_of_them() {
    for (engine, superuser) in [(Engine::Postgres, "postgres"), (Engine::MariaDb, "root")] {
        let (Some(attacks), Some(target)) = (
            collected("attacks.jsonl", engine),
            Target::new(engine).await,
        ) else {
            continue; // said so
        };
        let database = &target.bench.database;
        let url = match engine {
            Engine::MariaDb => shared_mariadb().unwrap().url(superuser, database),
            _ => shared_postgres().unwrap().url(superuser, database),
        };
        let gate = Gate::new(&DatabaseUrl::parse(&url).unwrap(), GateOptions::default());
        let state = target.state().await;
        for Collected { id, sql, .. } in attacks {
            let refused = read(&gate, &sql, &[], caps()).await;
            let early = matches!(
                refused,
                Err(GateError::Privileged { .. } | GateError::Refused(_))
            );
            assert!(early, "{id}: {sql}: {refused:?}");
        }
        assert_eq!(target.state().await, state);
    }
}
