//! The collected statements of others: what reads is answered, what attacks is refused, by the gate alone.

use std::{path::PathBuf, time::Duration};

use mg_db::{
    DatabaseUrl, Engine,
    gate::{Caps, Gate, GateOptions},
};
use mg_testkit::{shared_data, shared_mariadb, shared_postgres};
use serde_json::{Value as Json, json};

use crate::bench::{Bench, read};

/// Statements for `engine` with this expectation.
fn corpus(file: &str, engine: Engine, expected: &str) -> Option<Vec<String>> {
    let dialect = match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
        Engine::MariaDb => "mariadb",
    };
    let path: PathBuf = shared_data(&format!("sql/{file}"))?;
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text
        .lines()
        .map(|line| serde_json::from_str::<Json>(line).unwrap());
    let fits = |row: &Json| {
        row["dialect"] == dialect
            && row["expect"] == expected
            && !row["proto"].as_bool().unwrap_or(false)
    };
    Some(
        rows.filter(fits)
            .map(|row| row["sql"].as_str().unwrap().to_owned())
            .collect(),
    )
}

/// The objects that the statements name, read through an account without rights to write.
async fn target(engine: Engine) -> Option<(Bench, Gate)> {
    match engine {
        Engine::Sqlite => {
            let bench = Bench::sqlite().await;
            let path = bench.owner.path().unwrap();
            let connection = rusqlite::Connection::open(path).unwrap();
            connection
                .execute_batch("CREATE TABLE victim (id INTEGER PRIMARY KEY, name TEXT, secret TEXT); WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 10) INSERT INTO victim SELECT n, 'n' || n, 's' FROM r; CREATE TABLE \"update\" (\"order\" INTEGER, \"select\" TEXT); CREATE TABLE fact_permis (num_dau TEXT, commune TEXT, date_autorisation TEXT, nb_lgt INTEGER, surface REAL)")
                .unwrap();
            let gate = bench.gate.clone();
            Some((bench, gate))
        }
        Engine::Postgres => {
            let objects = shared_data("sql/tmpl.sql")?;
            let bench = Bench::postgres().await?;
            let cluster = shared_postgres()?;
            cluster.sql(
                "postgres",
                "CREATE ROLE ro LOGIN; CREATE ROLE rw LOGIN; CREATE ROLE pwuser LOGIN PASSWORD 'x'",
            );
            cluster.sql(&bench.database, &std::fs::read_to_string(objects).unwrap());
            cluster.sql(
                &bench.database,
                "GRANT SELECT ON ALL TABLES IN SCHEMA public TO ro",
            );
            let url = DatabaseUrl::parse(&cluster.url("ro", &bench.database)).unwrap();
            Some((bench, Gate::new(&url, GateOptions::default())))
        }
        Engine::MariaDb => {
            let objects = shared_data("sql/my_tmpl.sql")?;
            let bench = Bench::mariadb().await?;
            let objects = std::fs::read_to_string(objects).unwrap();
            // Its first line makes a database of its own.
            let objects = objects.split_once('\n').unwrap().1;
            shared_mariadb()?.sql(&bench.database, objects);
            let gate = Gate::new(&bench.reader, GateOptions::default());
            Some((bench, gate))
        }
    }
}

#[tokio::test]
async fn collected_statements_that_read_are_answered_and_attacks_are_refused() {
    for engine in [Engine::Sqlite, Engine::Postgres, Engine::MariaDb] {
        let (Some(legitimate), Some(attacks), Some(heavy)) = (
            corpus("legit.jsonl", engine, "accept"),
            corpus("attacks.jsonl", engine, "refuse"),
            corpus("attacks.jsonl", engine, "bounded"),
        ) else {
            return;
        };
        let Some((bench, gate)) = target(engine).await else {
            return;
        };
        let caps = Caps {
            time: Duration::from_secs(2),
            rows: 200,
        };
        let answer = async |sql: &str| read(&gate, sql, &[], caps).await.map(|(rows, _)| rows);
        for sql in legitimate.iter().filter(|sql| {
            !sql.to_ascii_uppercase().contains("EXPLAIN ANALYZE")
                && !sql.to_ascii_uppercase().contains("EXPLAIN (ANALYZE")
        }) {
            let answered = answer(sql).await;
            assert!(answered.is_ok(), "{engine}: {sql}: {answered:?}");
        }
        for sql in &attacks {
            let refused = answer(sql).await;
            assert!(refused.is_err(), "{engine}: {sql}: {refused:?}");
        }
        for sql in &heavy {
            // Answered in part or stopped: what matters is that it ended and the next one works.
            let _ = answer(sql).await;
        }
        let count = answer("SELECT count(*) FROM victim").await.unwrap();
        assert_eq!(count.values, [[json!(10)]], "{engine}");
        assert_eq!(
            bench.cell("SELECT count(*) FROM things", &[]).await,
            json!(5)
        );
    }
}
