//! TLS as the URL's options ask, for both faces, a cancel included.

use std::{path::Path, time::Duration};

use mg_db::{
    DatabaseUrl,
    gate::{Gate, GateError, GateOptions},
    store::Store,
};
use mg_testkit::{MariaDbCluster, PostgresCluster};
use serde_json::json;

use crate::bench::{caps, read};

const ENCRYPTED: &str = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

#[tokio::test]
async fn a_connection_is_encrypted_and_checked_as_its_url_says() {
    // A cluster of its own: it is restarted.
    let Some(cluster) = PostgresCluster::start() else {
        return;
    };
    let url = |options: &str| {
        let text = format!("{}?{options}", cluster.url("owner", "postgres"));
        DatabaseUrl::parse(&text).unwrap()
    };
    let refused = asked(&url("sslmode=require")).await.unwrap_err();
    assert!(matches!(refused, GateError::Unavailable(_)), "{refused:?}");
    assert_eq!(asked(&url("sslmode=prefer")).await, Ok((false, false)));
    let Some(certificate) = cluster.enable_tls() else {
        return;
    };
    let checked = |file: &Path| {
        url(&format!(
            "sslmode=verify-full&sslrootcert={}",
            file.display()
        ))
    };
    assert_eq!(asked(&url("sslmode=disable")).await, Ok((false, false)));
    for encrypted in [url(""), url("sslmode=require"), checked(&certificate)] {
        assert_eq!(asked(&encrypted).await, Ok((true, true)));
    }
    let unknown = asked(&url("sslmode=verify-full")).await.unwrap_err();
    assert!(unknown.to_string().contains("certificate"), "{unknown}");
    let missing = asked(&checked(Path::new("/no/such.pem")))
        .await
        .unwrap_err();
    assert!(
        missing
            .to_string()
            .contains("`sslrootcert` /no/such.pem cannot be read"),
        "{missing}"
    );
    stops_when_dropped(&cluster, &url("sslmode=require")).await;
}

#[tokio::test]
async fn a_connection_to_mariadb_is_encrypted_and_checked_as_its_url_says() {
    // A server of its own: it is restarted.
    let Some(cluster) = MariaDbCluster::start() else {
        return;
    };
    let database = cluster.create_database();
    let url = |options: &str| {
        let text = format!("{}?{options}", cluster.url("owner", &database));
        DatabaseUrl::parse(&text).unwrap()
    };
    let refused = asked_of_mariadb(&url("ssl-mode=REQUIRED"))
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("TLS"), "{refused}");
    assert_eq!(asked_of_mariadb(&url("")).await, Ok([false, false]));
    let Some(certificate) = cluster.enable_tls() else {
        return;
    };
    let checked = |file: &Path| {
        url(&format!(
            "ssl-mode=VERIFY_IDENTITY&ssl-ca={}",
            file.display()
        ))
    };
    let plain = url("ssl-mode=DISABLED");
    assert_eq!(asked_of_mariadb(&plain).await, Ok([false, false]));
    for encrypted in [url(""), url("ssl-mode=REQUIRED"), checked(&certificate)] {
        assert_eq!(asked_of_mariadb(&encrypted).await, Ok([true, true]));
    }
    for unknown in [
        url("ssl-mode=VERIFY_IDENTITY"),
        checked(Path::new("/no/such.pem")),
    ] {
        let error = asked_of_mariadb(&unknown).await.unwrap_err();
        assert!(matches!(error, GateError::Unavailable(_)), "{error:?}");
    }
}

/// Whether the gate's and the store's connections to MariaDB are encrypted.
async fn asked_of_mariadb(url: &DatabaseUrl) -> Result<[bool; 2], GateError> {
    const CIPHER: &str = "SELECT variable_value FROM information_schema.session_status WHERE variable_name = 'Ssl_cipher'";
    let gate = Gate::new(url, GateOptions::default());
    let (rows, _) = read(&gate, CIPHER, &[], caps()).await?;
    let stored = Store::reader(url).fetch(CIPHER, &[]).await.unwrap();
    Ok([
        rows.values != [[json!("")]],
        !stored[0].text(0).unwrap().is_empty(),
    ])
}

/// Whether the gate's and the store's connections are encrypted.
async fn asked(url: &DatabaseUrl) -> Result<(bool, bool), GateError> {
    let gate = Gate::new(url, GateOptions::default());
    let (rows, _) = read(&gate, ENCRYPTED, &[], caps()).await?;
    let stored = Store::reader(url).fetch(ENCRYPTED, &[]).await.unwrap();
    Ok((
        rows.values == [[json!(true)]],
        stored[0].integer(0) == Ok(1),
    ))
}

async fn stops_when_dropped(cluster: &PostgresCluster, url: &DatabaseUrl) {
    let nap =
        "CREATE OR REPLACE FUNCTION nap(float8) RETURNS void LANGUAGE sql AS 'SELECT pg_sleep($1)'";
    cluster.sql("postgres", nap);
    let gate = Gate::new(url, GateOptions::default());
    let call = read(&gate, "SELECT nap(60)", &[], caps());
    assert!(
        tokio::time::timeout(Duration::from_millis(300), call)
            .await
            .is_err()
    );
    for _ in 0..100 {
        let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND wait_event = 'PgSleep'";
        if cluster.sql("postgres", sleeping) == "0" {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the statement still runs");
}
