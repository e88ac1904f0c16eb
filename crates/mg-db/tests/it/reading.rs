//! What the gate answers: rows, parameters, exact truncation, positions of errors.

use mg_db::{
    Engine,
    gate::{Caps, GateError, StatementFault},
};
use serde_json::{Value as Json, json};

use crate::bench::{Bench, Rows, benches, caps, read};

#[tokio::test]
async fn statements_that_read_are_answered() {
    for bench in benches().await {
        let count = async |sql: &str| bench.read(sql, &[]).await.map(|rows| rows.values.len());
        for (sql, rows) in [
            ("SELECT * FROM things", 5),
            ("-- a comment\nselect id from things where id < 3;", 2),
            ("/* one */ SELECT 1; -- and a tail", 1),
            ("SELECT 1;;", 1),
            (
                "WITH few AS (SELECT id FROM things WHERE id > 3) SELECT * FROM few",
                2,
            ),
            ("VALUES (1), (2), (3)", 3),
            ("SELECT 'a;b', 'it''s'", 1),
            ("SELECT id FROM things UNION ALL SELECT 9", 6),
            ("SELECT id FROM things WHERE id > 99", 0),
        ] {
            assert_eq!(count(sql).await, Ok(rows), "{}: {sql}", bench.engine);
        }
    }
}

#[tokio::test]
async fn an_engine_explains_a_query_without_running_it() {
    for bench in benches().await {
        let sql = match bench.engine {
            Engine::Sqlite => "EXPLAIN QUERY PLAN SELECT * FROM things WHERE id = 1",
            Engine::Postgres | Engine::MariaDb => "EXPLAIN SELECT * FROM things WHERE id = 1",
        };
        let plan = bench.read(sql, &[]).await.unwrap();
        let text = format!("{:?}", plan.values);
        assert!(text.contains("things"), "{text}");
    }
}

/// Beside queries, what describes the database: a statement and what its answer holds.
fn descriptions(engine: Engine) -> &'static [(&'static str, &'static str)] {
    match engine {
        Engine::Sqlite => &[
            ("PRAGMA table_info(things)", "amount"),
            ("PRAGMA table_list", "things"),
            ("PRAGMA index_list(things)", ""),
            ("PRAGMA foreign_key_list(things)", ""),
            ("SELECT name FROM pragma_table_xinfo('things')", "amount"),
        ],
        Engine::Postgres => &[
            ("SHOW default_transaction_read_only", "on"),
            ("SHOW ALL", "work_mem"),
            ("TABLE things", "thing 5"),
            ("(TABLE things) LIMIT 1", ""),
        ],
        Engine::MariaDb => &[
            ("DESCRIBE things", "amount"),
            ("DESC things amount", "amount"),
            ("SHOW TABLES", "things"),
            ("SHOW COLUMNS FROM things", "amount"),
            ("SHOW CREATE TABLE things", "CREATE TABLE"),
            ("SHOW INDEX FROM things", ""),
        ],
    }
}

#[tokio::test]
async fn descriptions_of_the_engine_are_answered() {
    for bench in benches().await {
        for (sql, expected) in descriptions(bench.engine) {
            let rows = bench.read(sql, &[]).await.unwrap();
            assert!(
                format!("{:?}", rows.values).contains(expected),
                "{sql}: {rows:?}"
            );
        }
    }
    if let Some(bench) = Bench::postgres().await {
        let plan = bench.cell("EXPLAIN (FORMAT JSON) SELECT 1", &[]).await;
        assert!(
            plan["document"]
                .as_str()
                .unwrap()
                .contains("\"Node Type\": \"Result\"")
        );
    }
}

#[tokio::test]
async fn columns_keep_repeated_names_and_have_types() {
    for bench in benches().await {
        let rows = bench
            .read("SELECT id, label, id FROM things WHERE id = 1", &[])
            .await
            .unwrap();
        let told: Vec<_> = rows
            .columns
            .iter()
            .map(|column| (column.name.as_str(), column.r#type.as_str()))
            .collect();
        let (integer, text) = match bench.engine {
            Engine::Sqlite => ("integer", "varchar(40)"),
            Engine::Postgres => ("int4", "varchar"),
            Engine::MariaDb => ("int", "varchar"),
        };
        assert_eq!(told, [("id", integer), ("label", text), ("id", integer)]);
        let empty = bench
            .read("SELECT id FROM things WHERE id = 0", &[])
            .await
            .unwrap();
        assert_eq!(empty.columns.len(), 1, "columns are told without rows too");
    }
}

#[tokio::test]
async fn truncation_is_exact() {
    for bench in benches().await {
        let outcome = async |rows| {
            let caps = Caps { rows, ..caps() };
            let (taken, outcome) = read(&bench.gate, "SELECT id FROM things", &[], caps)
                .await
                .unwrap();
            assert_eq!(taken.values.len(), outcome.rows);
            (outcome.rows, outcome.truncated)
        };
        assert_eq!(outcome(4).await, (4, true));
        assert_eq!(outcome(5).await, (5, false));
        assert_eq!(outcome(6).await, (5, false));
        assert_eq!(outcome(0).await, (0, true));
    }
}

#[tokio::test]
async fn a_sink_that_is_full_ends_the_statement_and_the_next_one_works() {
    for bench in benches().await {
        let sql = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 40000) SELECT n, 'a text that makes the row longer than it would be, and a little longer still' FROM r";
        let caps = Caps {
            rows: 100_000,
            ..caps()
        };
        for _ in 0..3 {
            let sink = Rows {
                room: Some(7),
                ..Rows::default()
            };
            let statement = mg_db::gate::Statement {
                sql: sql.into(),
                params: vec![],
            };
            let (sink, outcome) = bench.gate.read(statement, caps, sink).await.unwrap();
            assert_eq!(
                (sink.values.len(), outcome.rows, outcome.truncated),
                (7, 7, true)
            );
            assert_eq!(bench.cell("SELECT 42", &[]).await, json!(42));
        }
    }
}

#[tokio::test]
async fn parameters_take_the_type_of_their_place() {
    for bench in benches().await {
        let id = async |sql: &str, param: Json| bench.cell(sql, &[param]).await;
        assert_eq!(
            id("SELECT id FROM things WHERE id = $1", json!(3)).await,
            json!(3)
        );
        assert_eq!(
            id("SELECT id FROM things WHERE label = $1", json!("thing 2")).await,
            json!(2)
        );
        assert_eq!(
            id("SELECT id FROM things WHERE day = $1", json!("2024-03-04")).await,
            json!(4)
        );
        assert_eq!(
            id("SELECT count(*) FROM things WHERE amount = $1", json!(1.5)).await,
            json!(5)
        );
        assert_eq!(
            id("SELECT count(*) FROM things WHERE label = $1", json!(null)).await,
            json!(0)
        );
        let page = "SELECT id FROM things ORDER BY id LIMIT $1 OFFSET $2";
        let page = bench.read(page, &[json!(2), json!(1)]).await.unwrap();
        assert_eq!(page.values, [[json!(2)], [json!(3)]]);
    }
}

#[tokio::test]
async fn booleans_bind_as_the_engine_has_them() {
    for bench in benches().await {
        let (sql, expected) = match bench.engine {
            Engine::Sqlite => ("SELECT ?1 + 1", json!(2)),
            Engine::Postgres => ("SELECT NOT $1::boolean", json!(false)),
            Engine::MariaDb => ("SELECT $1 + 1", json!(2)),
        };
        assert_eq!(bench.cell(sql, &[json!(true)]).await, expected);
    }
}

#[tokio::test]
async fn a_wrong_number_of_parameters_is_told_in_both_numbers() {
    for bench in benches().await {
        let sql = "SELECT id FROM things WHERE id = $1 AND label = $2";
        let error = bench.read(sql, &[json!(1)]).await.unwrap_err();
        let told = error.to_string();
        assert_eq!(
            told, "the statement has 2 parameters, 1 given in `params`",
            "{}",
            bench.engine
        );
    }
}

#[tokio::test]
async fn an_error_stands_where_the_callers_text_has_it() {
    for bench in benches().await {
        let sql = "SELECT 'é', nam FROM things";
        let Err(GateError::Statement(fault)) = bench.read(sql, &[]).await else {
            panic!("an unknown column is an error");
        };
        // MariaDB places errors of syntax only.
        let place = (bench.engine != Engine::MariaDb).then_some(13);
        assert_eq!(fault.position, place, "{fault:?}");
        assert!(fault.message.contains("nam"), "{fault:?}");
        let syntax = bench
            .read("SELECT id FRM things WHERE", &[])
            .await
            .unwrap_err();
        let GateError::Statement(StatementFault {
            position, message, ..
        }) = syntax
        else {
            panic!("{syntax:?}");
        };
        assert!(message.contains("syntax"), "{message}");
        assert!(
            position.is_some_and(|position| (11..=26).contains(&position)),
            "{position:?}"
        );
    }
}

#[tokio::test]
async fn an_error_has_the_engines_detail_and_its_hint() {
    if let Some(bench) = Bench::postgres().await {
        let sql = "SELECT to_timestamp('19971', 'YYYYMMDD')";
        let told = bench.read(sql, &[]).await.unwrap_err().to_string();
        assert!(
            told.contains("only 1 remain") && told.contains("try using the \"FM\" modifier"),
            "{told}"
        );
    }
    if let Some(bench) = Bench::mariadb().await {
        let told = bench.read("SELECT 1 FRM t WHERE", &[]).await.unwrap_err();
        let told = told.to_string();
        assert!(
            told.contains("for the right syntax to use near") && told.contains("at character"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_parameter_without_a_type_is_answered_with_the_cast_to_write() {
    let Some(bench) = Bench::postgres().await else {
        return;
    };
    let error = bench
        .read("SELECT 1 WHERE $1 IS NULL", &[json!(1)])
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("give the parameter a type, e.g. $1::text"),
        "{error}"
    );
}

#[tokio::test]
async fn many_readers_share_few_connections() {
    for bench in benches().await {
        let reads = (0..40).map(|number| {
            let bench = &bench;
            async move {
                bench
                    .cell("SELECT CAST($1 AS INTEGER)", &[json!(number)])
                    .await
            }
        });
        let answers = futures::future::join_all(reads).await;
        assert_eq!(answers, (0..40).map(Json::from).collect::<Vec<_>>());
        if bench.engine == Engine::Postgres {
            let connections = bench.cell("SELECT count(*) FROM pg_stat_activity WHERE usename = 'owner' AND datname = current_database() AND application_name = 'mg-platform' AND query NOT LIKE '%INSERT%'", &[]).await;
            assert!(connections.as_i64().unwrap() <= 8, "{connections}");
        }
    }
}
