//! What happens when the database is slow, gone, privileged or not there.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
};

use mg_testkit::{PostgresCluster, shared_postgres};
use serde_json::json;

use crate::engines::{client, engines, postgres_demo};

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
async fn a_killed_server_is_told_and_the_next_call_works_once_it_runs_again() {
    let Some(cluster) = PostgresCluster::start() else {
        return;
    };
    let database = cluster.create_database();
    let engine = client("postgres", Some(&cluster.url("reader", &database)), "").await;
    let ask = async |query: &str| {
        (engine.client)
            .call("run_sql", json!({"query": query}))
            .await
    };
    assert!(!ask("SELECT 1").await.is_error);
    cluster.kill();
    for _ in 0..2 {
        let refusal = ask("SELECT 1").await.refusal();
        assert!(refusal.contains("that the server runs"), "{refusal}");
    }
    cluster.restart();
    assert_eq!(ask("SELECT 1 AS n").await.ok()["rows"], json!([[1]]));
}

/// Waits until a statement of the superuser's answers as expected.
async fn wait_for(cluster: &PostgresCluster, sql: &str, expected: &str) {
    for _ in 0..200 {
        if cluster.sql("postgres", sql) == expected {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{sql} never answered {expected}");
}

/// Sends rows slowly enough that something can happen to the connection meanwhile.
const SLOW_ROWS: &str = "SELECT i, repeat('x', 1000), (SELECT COUNT(*) FROM generate_series(1, 100000 + i)) \
    FROM generate_series(1, 3000) AS i";

#[tokio::test]
async fn a_connection_that_is_ended_between_two_rows_is_told_and_replaced() {
    let Some(url) = postgres_demo().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    let engine = client("postgres", Some(&url), "").await;
    let database = url.rsplit('/').next().unwrap();
    let end = format!(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{database}' AND query LIKE 'FETCH%' AND state = 'active' AND now() - query_start > interval '100 ms'"
    );
    let ask = engine.client.call("run_sql", json!({"query": SLOW_ROWS}));
    let (answer, ()) = tokio::join!(ask, wait_for(cluster, &end, "1"));
    let refusal = answer.refusal();
    assert!(
        refusal.contains("connection to PostgreSQL was lost"),
        "{refusal}"
    );
    let next = engine
        .client
        .call("run_sql", json!({"query": "SELECT 1 AS n"}));
    assert_eq!(next.await.ok()["rows"], json!([[1]]));
}

#[tokio::test]
async fn a_network_that_breaks_in_the_middle_of_the_rows_is_told_and_the_next_call_works() {
    let Some(url) = postgres_demo().await else {
        return;
    };
    let cluster = shared_postgres().unwrap();
    let port = network_that_breaks_once(cluster.port(), 300_000);
    let url = url.replace(&format!(":{}/", cluster.port()), &format!(":{port}/"));
    let engine = client("postgres", Some(&url), "").await;
    let many = "SELECT i, repeat('x', 1000) AS x FROM generate_series(1, 5000) AS i";
    let ask = async |query: &str| {
        (engine.client)
            .call("run_sql", json!({"query": query}))
            .await
    };
    let refusal = ask(many).await.refusal();
    assert!(
        refusal.contains("connection to PostgreSQL was lost"),
        "{refusal}"
    );
    let data = ask(many).await.ok();
    assert_eq!(data["truncated"], true);
}

/// A port that passes on to PostgreSQL; its first connection ends after so many bytes of answers.
fn network_that_breaks_once(postgres: u16, after: u64) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for (number, client) in listener.incoming().take(20).enumerate() {
            let client = client.unwrap();
            let server = TcpStream::connect(("127.0.0.1", postgres)).unwrap();
            let limit = if number == 0 { after } else { u64::MAX };
            pass_on(
                client.try_clone().unwrap(),
                server.try_clone().unwrap(),
                u64::MAX,
            );
            pass_on(server, client, limit);
        }
    });
    port
}

/// Copies bytes in a thread until either end closes or the limit is reached, then closes both.
fn pass_on(from: TcpStream, mut to: TcpStream, limit: u64) {
    std::thread::spawn(move || {
        let mut left = limit;
        let mut bytes = [0; 4096];
        let mut reader = &from;
        while left > 0 {
            let Ok(count @ 1..) = reader.read(&mut bytes) else {
                break;
            };
            if to.write_all(&bytes[..count]).is_err() {
                break;
            }
            left = left.saturating_sub(count as u64);
        }
        for end in [&from, &to] {
            let _closed = end.shutdown(Shutdown::Both);
        }
    });
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

#[tokio::test]
async fn statements_of_many_terms_are_answered_or_refused_and_the_server_lives() {
    let engine = client("sqlite", None, "").await;
    for terms in [900, 100_000] {
        for sql in [
            format!("SELECT 1{}", " + 1".repeat(terms)),
            format!("SELECT 1 WHERE 1 = 0{}", " OR 1 = 1".repeat(terms)),
            format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(terms)),
            format!("SELECT {}1{}", "(".repeat(terms), ")".repeat(terms)),
            format!("SELECT {}1", "- ".repeat(terms)),
            format!("SELECT 'a'{}", " || 'a'".repeat(terms)),
            format!("SELECT 1 IN (0{})", ", 1".repeat(terms)),
            format!(
                "SELECT * FROM dim_commune{}",
                " NATURAL JOIN dim_commune".repeat(terms)
            ),
            format!("SELECT 1{}", "::text".repeat(terms)),
            format!("SELECT a{}", ".a".repeat(terms)),
            format!("SELECT a{}", "[1]".repeat(terms)),
            format!("SELECT 1{}", " IS NULL".repeat(terms)),
            format!(
                "SELECT {}1{}",
                "CASE WHEN 1 THEN ".repeat(terms),
                " END".repeat(terms)
            ),
        ] {
            engine.client.call("run_sql", json!({"query": sql})).await;
            engine
                .client
                .call("explain_sql", json!({"query": sql}))
                .await;
        }
    }
    let answer = engine
        .client
        .call("run_sql", json!({"query": "SELECT 7"}))
        .await;
    assert_eq!(answer.ok()["rows"], json!([[7]]));
}
