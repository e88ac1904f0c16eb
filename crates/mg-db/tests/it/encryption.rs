//! TLS to PostgreSQL: as `sslmode` asks, for both faces, a cancel included.

use std::{path::Path, time::Duration};

use mg_db::{
    DatabaseUrl,
    gate::{Gate, GateError, GateOptions},
    store::Store,
};
use mg_testkit::PostgresCluster;
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
