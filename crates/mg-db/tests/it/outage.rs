//! Databases that are not there, and that come back.

use std::time::Duration;

use mg_db::{
    DatabaseUrl,
    gate::{Gate, GateError, GateOptions},
    store::{Store, StoreError},
};
use mg_testkit::{MariaDbCluster, PostgresCluster, shared_mariadb, shared_postgres};
use serde_json::json;

use crate::bench::{caps, read};

#[tokio::test]
async fn a_server_that_stops_is_told_and_answers_again_when_it_is_back() {
    // Servers of its own: others are not to be stopped under running tests.
    if let Some(cluster) = PostgresCluster::start() {
        let url = cluster.url("owner", &cluster.create_database());
        stops_and_comes_back(&url, || cluster.stop(), || cluster.restart()).await;
    }
    if let Some(cluster) = MariaDbCluster::start() {
        let url = cluster.url("owner", &cluster.create_database());
        stops_and_comes_back(&url, || cluster.stop(), || cluster.restart()).await;
    }
}

async fn stops_and_comes_back(url: &str, stop: impl Fn(), restart: impl Fn()) {
    let url = DatabaseUrl::parse(url).unwrap();
    let gate = Gate::new(&url, GateOptions::default());
    let store = Store::reader(&url);
    let answer = async || {
        read(&gate, "SELECT 1", &[], caps())
            .await
            .map(|(rows, _)| rows.values)
    };
    let stored = async || store.fetch("SELECT 1", &[]).await;
    for _ in 0..2 {
        assert_eq!(answer().await, Ok(vec![vec![json!(1)]]));
        assert_eq!(stored().await.unwrap()[0].integer(0), Ok(1));
        stop();
        for _ in 0..2 {
            let error = answer().await.unwrap_err();
            assert!(matches!(error, GateError::Unavailable(_)), "{error:?}");
            assert!(
                error.to_string().contains("that the server runs"),
                "{error}"
            );
            let error = stored().await.unwrap_err();
            assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        }
        restart();
    }
    assert_eq!(answer().await, Ok(vec![vec![json!(1)]]));
    assert_eq!(stored().await.unwrap()[0].integer(0), Ok(1));
}

#[tokio::test]
async fn a_connection_that_the_server_ended_is_replaced_at_once() {
    let Some(cluster) = shared_postgres() else {
        return;
    };
    let database = cluster.create_database();
    let url = DatabaseUrl::parse(&cluster.url("owner", &database)).unwrap();
    let gate = Gate::new(&url, GateOptions::default());
    for _ in 0..3 {
        let (rows, _) = read(&gate, "SELECT 1", &[], caps()).await.unwrap();
        assert_eq!(rows.values, [[json!(1)]]);
        let end = format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{database}'"
        );
        assert_eq!(cluster.sql("postgres", &end), "1");
    }
}

#[tokio::test]
async fn a_refused_connection_says_what_to_check() {
    let mut servers = Vec::new();
    if let Some(cluster) = shared_postgres() {
        servers.push(("postgres", cluster.port(), "postgres"));
    }
    if let Some(cluster) = shared_mariadb() {
        servers.push(("mariadb", cluster.port(), "mysql"));
    }
    for (scheme, port, database) in servers {
        refused_connections(scheme, port, database).await;
    }
}

async fn refused_connections(scheme: &str, port: u16, database: &str) {
    for (url, advice) in [
        (
            format!("{scheme}://locked:wrong@127.0.0.1:{port}/{database}"),
            "check user and password",
        ),
        (
            format!("{scheme}://nobody_here@127.0.0.1:{port}/{database}"),
            "check user and password",
        ),
        (
            format!("{scheme}://owner@127.0.0.1:{port}/not_there"),
            "check the database name",
        ),
        (
            format!("{scheme}://owner:s3cret@127.0.0.1:1/db"),
            "check host and port",
        ),
        (
            format!("{scheme}://owner@no.such.host.invalid/db"),
            "check host and port",
        ),
    ] {
        let url = DatabaseUrl::parse(&url).unwrap();
        let error = read(
            &Gate::new(&url, GateOptions::default()),
            "SELECT 1",
            &[],
            caps(),
        )
        .await
        .unwrap_err();
        assert!(matches!(error, GateError::Unavailable(_)), "{error:?}");
        let told = error.to_string();
        assert!(told.contains(advice), "{told}");
        assert!(
            !told.contains("wrong") && !told.contains("s3cret"),
            "{told}"
        );
        let error = Store::reader(&url)
            .fetch("SELECT 1", &[])
            .await
            .unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
        assert!(
            !error.to_string().contains("timed out"),
            "the cause is told: {error}"
        );
    }
}

#[tokio::test]
async fn a_password_with_special_characters_logs_in() {
    let mut urls = Vec::new();
    if let Some(cluster) = shared_postgres() {
        urls.push(format!(
            "postgres://locked:s3cret%2Fword@127.0.0.1:{}/postgres",
            cluster.port()
        ));
    }
    if let Some(cluster) = shared_mariadb() {
        let database = cluster.create_database();
        cluster.sql(
            "mysql",
            &format!("GRANT SELECT ON `{database}`.* TO locked"),
        );
        urls.push(format!(
            "mysql://locked:s3cret%2Fword@127.0.0.1:{}/{database}",
            cluster.port()
        ));
    }
    for url in urls {
        let url = DatabaseUrl::parse(&url).unwrap();
        let gate = Gate::new(&url, GateOptions::default());
        let (rows, _) = read(&gate, "SELECT current_user", &[], caps())
            .await
            .unwrap();
        let login = rows.values[0][0].as_str().unwrap();
        assert_eq!(login.trim_end_matches("@%"), "locked");
        let rows = Store::reader(&url)
            .fetch("SELECT CAST(current_user AS CHAR(6))", &[])
            .await
            .unwrap();
        assert_eq!(rows[0].text(0), Ok("locked"));
    }
}

#[tokio::test]
async fn a_server_that_takes_the_connection_and_is_silent_is_given_up() {
    for scheme in ["postgres", "mariadb"] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{scheme}://owner@{}/db", listener.local_addr().unwrap());
        let gate = Gate::new(&DatabaseUrl::parse(&url).unwrap(), GateOptions::default());
        let call = tokio::time::timeout(
            Duration::from_secs(30),
            read(&gate, "SELECT 1", &[], caps()),
        );
        let error = call.await.expect("the gate gives up").unwrap_err();
        assert!(error.to_string().contains("does not answer"), "{error}");
    }
}

#[tokio::test]
async fn a_missing_file_is_named_with_the_command_that_makes_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.db");
    let url = DatabaseUrl::sqlite(&path);
    let error = read(
        &Gate::new(&url, GateOptions::default()),
        "SELECT 1",
        &[],
        caps(),
    )
    .await
    .unwrap_err();
    let expected = format!(
        "no database file at {}: create it with `mgctl db init` or correct MG_DATABASE_URL",
        path.display()
    );
    assert_eq!(error, GateError::Unavailable(expected.clone()));
    for store in [Store::reader(&url), Store::writer(&url)] {
        let error = store.fetch("SELECT 1", &[]).await.unwrap_err();
        assert_eq!(error, StoreError::Unavailable(expected.clone()));
    }
    assert!(!path.exists(), "nothing is made by looking");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text.db");
    std::fs::write(
        &path,
        "this is a text of some length, certainly not a database header",
    )
    .unwrap();
    let url = DatabaseUrl::sqlite(&path);
    let error = read(
        &Gate::new(&url, GateOptions::default()),
        "SELECT 1 FROM t",
        &[],
        caps(),
    )
    .await
    .unwrap_err();
    assert!(
        error.to_string().contains("file is not a database"),
        "{error}"
    );
    assert!(matches!(error, GateError::Unavailable(_)));
    let error = Store::reader(&url)
        .fetch("SELECT 1 FROM t", &[])
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error:?}");
}
