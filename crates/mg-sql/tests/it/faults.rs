//! What happens when the database is slow, gone, privileged or not there.

use mg_testkit::PostgresCluster;
use serde_json::json;

use crate::engines::{client, engines};

#[tokio::test]
async fn a_statement_that_never_ends_is_stopped_and_the_next_call_works() {
    let endless =
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT COUNT(*) FROM r";
    for engine in [
        Some(client("sqlite", None, "[sql]\nstatement_timeout_s = 1").await),
        on_postgres("statement_timeout_s = 1").await,
    ]
    .into_iter()
    .flatten()
    {
        let refusal = engine
            .client
            .call("run_sql", json!({"query": endless}))
            .await
            .refusal();
        assert!(
            refusal.contains("stopped after 1 s"),
            "{}: {refusal}",
            engine.name
        );
        assert_eq!(
            engine
                .client
                .call("run_sql", json!({"query": "SELECT 1 AS n"}))
                .await
                .ok()["rows"],
            json!([[1]])
        );
    }
}

async fn on_postgres(sql: &str) -> Option<crate::engines::Engine> {
    let url = crate::engines::postgres_demo().await?;
    Some(client("postgres", Some(&url), &format!("[sql]\n{sql}")).await)
}

#[tokio::test]
async fn a_database_that_is_gone_is_told_and_the_next_call_works_once_it_is_back() {
    let Some(cluster) = PostgresCluster::start() else {
        return;
    };
    let database = cluster.create_database();
    let engine = client("postgres", Some(&cluster.url("reader", &database)), "").await;
    let ask = async || {
        engine
            .client
            .call("run_sql", json!({"query": "SELECT 1 AS n"}))
            .await
    };
    assert!(!ask().await.is_error);
    cluster.stop();
    let refusal = ask().await.refusal();
    assert!(
        !refusal.contains("reader@") && refusal.len() > 30,
        "{refusal}"
    );
    cluster.restart();
    assert_eq!(ask().await.ok()["rows"], json!([[1]]));
}

#[tokio::test]
async fn a_superuser_is_refused_with_what_to_do_on_every_call() {
    let Some(cluster) = mg_testkit::shared_postgres() else {
        return;
    };
    let url = cluster.url("postgres", "postgres");
    let engine = client("postgres", Some(&url), "").await;
    for _ in 0..2 {
        let refusal = engine
            .client
            .call("run_sql", json!({"query": "SELECT 1"}))
            .await
            .refusal();
        assert!(
            refusal.contains("privileged") && refusal.contains("mgctl db grants"),
            "{refusal}"
        );
    }
    let engine = client(
        "postgres",
        Some(&url),
        "[database]\nallow_privileged_account = true",
    )
    .await;
    let answer = engine
        .client
        .call("run_sql", json!({"query": "SELECT 1 AS n"}))
        .await;
    assert!(
        answer.text.contains("privileged"),
        "every answer says so: {}",
        answer.text
    );
    assert_eq!(answer.ok()["rows"], json!([[1]]));
}

#[tokio::test]
async fn a_file_that_does_not_exist_says_how_to_make_it() {
    let engine = client("sqlite", Some("sqlite:/nowhere/at/all.db"), "").await;
    let refusal = engine
        .client
        .call("run_sql", json!({"query": "SELECT 1"}))
        .await
        .refusal();
    assert!(
        refusal.contains("/nowhere/at/all.db") && refusal.contains("mgctl db init"),
        "{refusal}"
    );
}

#[tokio::test]
async fn sixty_four_calls_at_once_are_all_answered() {
    for engine in engines().await {
        let calls = (0..64).map(|number| {
            engine
                .client
                .call("run_sql", json!({"query": format!("SELECT {number} AS n")}))
        });
        for (number, answer) in futures::future::join_all(calls)
            .await
            .into_iter()
            .enumerate()
        {
            assert_eq!(answer.ok()["rows"], json!([[number]]), "{}", engine.name);
        }
    }
}
