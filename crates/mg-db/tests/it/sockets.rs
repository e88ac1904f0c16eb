//! PostgreSQL through a socket of the file system: bounded and cancelled like every other line.

use std::time::Duration;

use mg_db::{
    DatabaseUrl,
    gate::{Gate, GateError, GateOptions},
};
use mg_testkit::{PostgresCluster, shared_postgres};
use serde_json::json;

use crate::bench::{caps, patient, read};

/// A gate through the socket, and the database behind it.
fn through_the_socket(cluster: &PostgresCluster) -> (Gate, String) {
    let database = cluster.create_database();
    let url = DatabaseUrl::parse(&cluster.socket_url("reader", &database)).unwrap();
    let options = GateOptions {
        row_bytes: 1_000_000,
        connections: 1,
        ..GateOptions::default()
    };
    (Gate::new(&url, options), database)
}

#[tokio::test]
async fn a_socket_is_read_with_the_types_of_the_database() {
    let Some(cluster) = shared_postgres() else {
        return;
    };
    let (gate, database) = through_the_socket(cluster);
    cluster.sql(&database, "CREATE DOMAIN price AS numeric(9, 2)");
    for _ in 0..2 {
        let sql = "SELECT 1.10::price AS a, ARRAY[1.10::price] AS b, inet_server_addr() AS c";
        let (rows, _) = read(&gate, sql, &[], caps()).await.unwrap();
        assert_eq!(rows.values, [[json!("1.10"), json!(["1.10"]), json!(null)]]);
        let types: Vec<&str> = (rows.columns.iter())
            .map(|column| column.r#type.as_str())
            .collect();
        // The server itself describes a domain by what it is made of.
        assert_eq!(types, ["numeric", "price[]", "inet"]);
    }
}

#[tokio::test]
async fn a_row_beyond_the_limit_is_refused_on_a_socket_too() {
    let Some(cluster) = shared_postgres() else {
        return;
    };
    let (gate, _) = through_the_socket(cluster);
    // The server itself takes a while to make so much.
    let error = read(&gate, "SELECT repeat('x', 300000000)", &[], patient()).await;
    assert!(
        matches!(error, Err(GateError::TooLarge(_))),
        "{:?}",
        error.err()
    );
    let (rows, _) = read(&gate, "SELECT 1", &[], caps()).await.unwrap();
    assert_eq!(rows.values, [[json!(1)]]);
}

#[tokio::test]
async fn a_dropped_call_stops_the_work_behind_a_socket() {
    let Some(cluster) = shared_postgres() else {
        return;
    };
    let (gate, database) = through_the_socket(cluster);
    let endless = "SELECT count(*) FROM generate_series(1, 100000000000)";
    let call = read(&gate, endless, &[], caps());
    let dropped = tokio::time::timeout(Duration::from_millis(200), call).await;
    assert!(dropped.is_err());
    let running = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}' AND state = 'active'"
    );
    for _ in 0..100 {
        if cluster.sql("postgres", &running) == "0" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the statement still runs");
}

#[tokio::test]
async fn a_folder_without_a_socket_is_told_with_what_to_check() {
    let url = DatabaseUrl::parse("postgres://u:s3cret@%2Fnowhere:5433/d").unwrap();
    let gate = Gate::new(&url, GateOptions::default());
    let error = read(&gate, "SELECT 1", &[], caps()).await.unwrap_err();
    let told = error.to_string();
    assert!(
        told.contains("/nowhere/.s.PGSQL.5433") && told.contains("check the folder"),
        "{told}"
    );
    assert!(!told.contains("s3cret"), "{told}");
}
