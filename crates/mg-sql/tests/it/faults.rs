//! What happens when the database is slow, gone, privileged or not there.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
};

use mg_testkit::{MariaDbCluster, PostgresCluster, ToolAnswer, shared_mariadb, shared_postgres};
use serde_json::json;

use crate::engines::{Engine, client, engines, engines_with, mariadb_demo, postgres_demo};

#[tokio::test]
async fn a_statement_that_never_ends_is_stopped_and_the_next_call_works() {
    let endless =
        "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT COUNT(*) FROM r";
    for engine in engines_with("[sql]\nstatement_timeout_s = 1").await {
        let refusal = ask(&engine, endless).await.refusal();
        assert!(
            refusal.contains("stopped after 1 s"),
            "{}: {refusal}",
            engine.name
        );
        answers(&engine).await;
    }
}

async fn ask(engine: &Engine, query: &str) -> ToolAnswer {
    (engine.client)
        .call("run_sql", json!({"query": query}))
        .await
}

async fn answers(engine: &Engine) {
    let data = ask(engine, "SELECT 1 AS n").await.ok();
    assert_eq!(data["rows"], json!([[1]]), "{}", engine.name);
}

/// A server of one's own that a test may stop, and a client that reads from it.
async fn on_a_server(
    name: &'static str,
    url: &str,
    stop: impl Fn(),
    restart: impl Fn(),
    told: &str,
) {
    let engine = client(name, Some(url), "").await;
    answers(&engine).await;
    stop();
    for _ in 0..2 {
        let refusal = ask(&engine, "SELECT 1 AS n").await.refusal();
        assert!(
            refusal.contains(told) && !refusal.contains("reader@"),
            "{name}: {refusal}"
        );
    }
    restart();
    answers(&engine).await;
}

#[tokio::test]
async fn a_database_that_is_gone_is_told_and_the_next_call_works_once_it_is_back() {
    let told = "that the server runs";
    if let Some(cluster) = PostgresCluster::start() {
        let url = cluster.url("reader", &cluster.create_database());
        let restart = || cluster.restart();
        on_a_server("postgres", &url, || cluster.stop(), restart, told).await;
        on_a_server("postgres", &url, || cluster.kill(), restart, told).await;
    }
    if let Some(cluster) = MariaDbCluster::start() {
        let database = cluster.create_database();
        cluster.sql("mysql", &format!("GRANT SELECT ON {database}.* TO reader"));
        let url = cluster.url("reader", &database);
        let restart = || cluster.restart();
        on_a_server("mariadb", &url, || cluster.stop(), restart, told).await;
    }
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
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{database}' AND query LIKE 'DECLARE%' AND state = 'active' AND now() - query_start > interval '100 ms'"
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
async fn a_session_of_mariadb_that_is_ended_between_two_rows_is_told_and_replaced() {
    let Some(url) = mariadb_demo().await else {
        return;
    };
    let cluster = shared_mariadb().unwrap();
    let engine = client("mariadb", Some(&url), "").await;
    let slow = "SELECT p.comm, REPEAT('x', 1000) AS x, (SELECT COUNT(*) FROM fact_permis AS a, fact_permis AS b \
        WHERE a.date_reelle_autorisation > p.date_reelle_autorisation AND b.comm > a.comm) AS n FROM fact_permis AS p";
    let running = "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT p.comm, REPEAT%' AND time_ms > 100";
    let end = async {
        for _ in 0..200 {
            let id = cluster.sql("mysql", running);
            if !id.is_empty() {
                cluster.sql("mysql", &format!("KILL {id}"));
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the statement was never seen to run");
    };
    let (answer, ()) = tokio::join!(ask(&engine, slow), end);
    let refusal = answer.refusal();
    assert!(
        refusal.contains("connection to MariaDB was lost"),
        "{refusal}"
    );
    answers(&engine).await;
}

#[tokio::test]
async fn a_network_that_breaks_in_the_middle_of_the_rows_is_told_and_the_next_call_works() {
    if let Some(url) = postgres_demo().await {
        let many = "SELECT i, repeat('x', 1000) AS x FROM generate_series(1, 5000) AS i";
        let port = shared_postgres().unwrap().port();
        breaks("postgres", &url, port, many).await;
    }
    if let Some(url) = mariadb_demo().await {
        let many = "SELECT p.comm, REPEAT('x', 1000) AS x FROM fact_permis AS p, dim_commune AS c LIMIT 5000";
        let port = shared_mariadb().unwrap().port();
        breaks("mariadb", &url, port, many).await;
    }
}

async fn breaks(name: &'static str, url: &str, port: u16, many: &str) {
    let broken = network_that_breaks_once(port, 300_000);
    let url = url.replace(&format!(":{port}/"), &format!(":{broken}/"));
    let engine = client(name, Some(&url), "").await;
    let refusal = ask(&engine, many).await.refusal();
    assert!(refusal.contains("was lost"), "{name}: {refusal}");
    let data = ask(&engine, many).await.ok();
    assert_eq!(data["truncated"], true, "{name}");
}

/// A port that passes on to a server; its first connection ends after so many bytes of answers.
fn network_that_breaks_once(server: u16, after: u64) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for (number, client) in listener.incoming().take(20).enumerate() {
            let client = client.unwrap();
            let server = TcpStream::connect(("127.0.0.1", server)).unwrap();
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
    let mut urls = Vec::new();
    if let Some(cluster) = shared_postgres() {
        urls.push(("postgres", cluster.url("postgres", "postgres")));
    }
    if let Some(cluster) = shared_mariadb() {
        urls.push(("mariadb", cluster.url("root", "mysql")));
    }
    for (name, url) in urls {
        let engine = client(name, Some(&url), "").await;
        let first = ask(&engine, "SELECT 1").await.refusal();
        assert!(
            first.contains("privileged") && first.contains("mgctl db grants"),
            "{first}"
        );
        assert_eq!(ask(&engine, "SELECT 1").await.refusal(), first);
        let allowed = "[database]\nallow_privileged_account = true";
        let engine = client(name, Some(&url), allowed).await;
        for tool in ["run_sql", "explain_sql"] {
            let arguments = json!({"query": "SELECT 1 AS n"});
            let answer = engine.client.call(tool, arguments).await;
            let told = format!("{} {}", answer.text, answer.data);
            assert!(!answer.is_error, "{told}");
            assert!(told.contains("privileged"), "every answer says so: {told}");
        }
        let found = engine.client.call("search_schema", json!({"limit": 1}));
        let found = found.await;
        assert!(
            found.data["notes"].to_string().contains("privileged"),
            "every answer says so: {}",
            found.data
        );
    }
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

#[tokio::test]
async fn an_engines_words_are_told_cleaned_and_never_at_length() {
    let long = "x".repeat(100_000);
    for engine in engines().await {
        let quoted = if engine.name == "mariadb" { '`' } else { '"' };
        let mut queries = vec![
            (
                format!("SELECT * FROM {quoted}no\u{202e}where{quoted}"),
                "nowhere",
            ),
            (format!("SELECT 1 FROM {quoted}{long}{quoted}"), "xxx"),
        ];
        match engine.name {
            "postgres" => queries.extend([
                ("SELECT repeat('x', 10000000)::int".to_owned(), "integer"),
                (
                    "SELECT (E'a\\u202E' || nom)::int FROM dim_commune".to_owned(),
                    "\"a",
                ),
            ]),
            "mariadb" => queries.push((
                "SELECT UPDATEXML(1, CONCAT('~', 'a\u{202e}b'), 1)".to_owned(),
                "~ab",
            )),
            _ => {}
        }
        for (query, told) in queries {
            let refusal = ask(&engine, &query).await.refusal();
            assert!(
                refusal.contains(told) && refusal.chars().count() < 4_500,
                "{}: {told}: {refusal:.300}",
                engine.name
            );
            assert!(!mg_core::needs_cleaning(&refusal), "{refusal:?}");
        }
    }
}
