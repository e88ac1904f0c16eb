//! PostgreSQL's values and the collected statements of others, as a client of `run_sql` meets them.

use mg_testkit::{PostgresCluster, shared_data, shared_postgres};
use serde_json::{Value, json};

use crate::engines::{Engine, client, postgres_demo};

#[tokio::test]
async fn arrays_are_lists_in_the_structured_content_and_compact_in_the_text() {
    let Some(url) = postgres_demo().await else {
        return;
    };
    let engine = client("postgres", Some(&url), "").await;
    let query = "SELECT '{{1,9007199254740993},{NULL,-1}}'::int8[] AS a, '{1.10}'::numeric[] AS b, \
        '{2024-03-15 12:00:00}'::timestamp[] AS c, '{0.1,NaN}'::float8[] AS d";
    let rows = [
        [
            [json!(1), json!("9007199254740993")],
            [Value::Null, json!(-1)],
        ]
        .into(),
        json!(["1.10"]),
        json!(["2024-03-15T12:00:00"]),
        json!([0.1, "NaN"]),
    ];
    let answer = engine.client.call("run_sql", json!({"query": query})).await;
    assert!(
        answer.text.contains("[[1,\"9007199254740993\"],[null,-1]]"),
        "{}",
        answer.text
    );
    assert_eq!(answer.ok()["rows"], json!([rows]));
    let kept = engine
        .client
        .call(
            "run_sql",
            json!({"query": format!("{query} UNION ALL {query}"), "max_rows": 1}),
        )
        .await
        .ok();
    let next =
        json!({"query": format!("{query} UNION ALL {query}"), "cursor": kept["next_cursor"]});
    assert_eq!(
        engine.client.call("run_sql", next).await.ok()["rows"],
        json!([rows]),
        "from the spool"
    );
}

#[tokio::test]
async fn a_value_that_is_too_large_is_refused_with_what_would_work() {
    let Some(url) = postgres_demo().await else {
        return;
    };
    let engine = client("postgres", Some(&url), "").await;
    let large = json!({"query": "SELECT repeat('x', 200000000)"});
    let told = engine.client.call("run_sql", large).await.refusal();
    assert!(told.contains("left(column, 1000)"), "{told}");
    assert_eq!(
        engine
            .client
            .call("run_sql", json!({"query": "SELECT 7"}))
            .await
            .ok()["rows"],
        json!([[7]])
    );
}

/// The collected statements of one file with this expectation, for PostgreSQL.
fn collected(file: &str, expected: &str) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(shared_data(&format!("sql/{file}"))?).unwrap();
    let rows = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let fits = |row: &Value| row["dialect"] == "postgres" && row["expect"] == expected;
    Some(
        rows.filter(fits)
            .map(|row| row["sql"].as_str().unwrap().to_owned())
            .collect(),
    )
}

/// A client of an account without rights to write, on the objects that the statements name.
async fn collector(cluster: &PostgresCluster) -> Option<(String, Engine)> {
    let objects = std::fs::read_to_string(shared_data("sql/tmpl.sql")?).unwrap();
    let database = cluster.create_database();
    cluster.sql(
        "postgres",
        "CREATE ROLE ro LOGIN; CREATE ROLE rw LOGIN; CREATE ROLE pwuser LOGIN PASSWORD 'x'",
    );
    cluster.sql(&database, &objects);
    cluster.sql(
        &database,
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO ro",
    );
    let url = cluster.url("ro", &database);
    Some((
        database,
        client("postgres", Some(&url), "[sql]\nstatement_timeout_s = 2\n").await,
    ))
}

#[tokio::test]
async fn collected_statements_are_answered_or_refused_through_the_tool_too() {
    let Some(cluster) = shared_postgres() else {
        return;
    };
    let Some((database, engine)) = collector(cluster).await else {
        return;
    };
    for sql in collected("legit.jsonl", "accept").unwrap() {
        let answer = engine.client.call("run_sql", json!({"query": sql})).await;
        assert!(!answer.is_error, "{sql}: {}", answer.text);
    }
    for sql in collected("attacks.jsonl", "refuse").unwrap() {
        let told = engine
            .client
            .call("run_sql", json!({"query": sql}))
            .await
            .refusal();
        assert!(!told.contains("internal"), "{sql}: {told}");
    }
    for sql in collected("attacks.jsonl", "no_effect").unwrap() {
        // Refused or harmless: what counts is what it leaves.
        engine.client.call("run_sql", json!({"query": sql})).await;
    }
    let left = "SELECT count(*), sum(id), min(secret) FROM victim";
    assert_eq!(cluster.sql(&database, left), "10|55|s1");
}
