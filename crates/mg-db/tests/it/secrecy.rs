//! A password stands in nothing that is told, however a connection fails.

use mg_core::{Clock, DatabaseTarget, serve::Finding};
use mg_db::{
    DatabaseUrl,
    gate::{Gate, GateOptions},
    open::LazyGate,
    store::Store,
};
use mg_testkit::{shared_mariadb, shared_postgres};

use crate::bench::{caps, read};

const MARKER: &str = "hunter2";

/// URLs that are none: a sign that has to be written otherwise, something missing, something strange.
fn malformed() -> Vec<String> {
    let forms = [
        "S://u:pass@hunter2@127.0.0.1:1/d",
        "S://u:hunter2@hunter2@127.0.0.1/d",
        "S://u:a/hunter2@hunter2/d@h",
        "S://u:hunter2@h:hunter2/d",
        "S://u:hunter2",
        "S://u:hunter2@",
        "S://:hunter2@h/d",
        "S:u:hunter2@h/d",
        "S://u:hunter2@h/d?hunter2",
        "S://u:hunter2@h/d?sslmode=hunter2",
        "S://u:hunter2@h/d?ssl-mode=hunter2",
        "S://u:%hunter2@h:/d",
    ];
    let schemes = ["postgres", "mysql", "mariadb", "hunter2"];
    let of = |scheme: &str| forms.map(|form| form.replacen('S', scheme, 1));
    schemes.into_iter().flat_map(of).collect()
}

/// URLs of servers that refuse: the password, the host, the encryption, the database.
fn refused() -> Vec<String> {
    let mut servers = Vec::new();
    if let Some(cluster) = shared_postgres() {
        servers.push(("postgres", cluster.port(), "sslmode=verify-full"));
    }
    if let Some(cluster) = shared_mariadb() {
        servers.push(("mariadb", cluster.port(), "ssl-mode=VERIFY_IDENTITY"));
    }
    let mut urls = vec![format!("sqlite:/no/such/file.db?key={MARKER}")];
    for (scheme, port, tls) in servers {
        let account = format!("{scheme}://locked:{MARKER}");
        urls.extend([
            format!("{account}@127.0.0.1:{port}/postgres"),
            format!("{account}@127.0.0.1:1/d"),
            format!("{account}@no.such.host.invalid/d"),
            format!("{account}@127.0.0.1:{port}/d?{tls}"),
            format!("{scheme}://owner:{MARKER}@127.0.0.1:{port}/no_such_database"),
        ]);
    }
    urls
}

fn target(url: &str) -> DatabaseTarget {
    DatabaseTarget::Url(url.into())
}

fn is_untold(url: &str, told: &str) {
    // Each form is told by its place in the list, since it holds the password.
    assert!(
        !told.contains(MARKER),
        "{}: {told}",
        url.replace(MARKER, "…")
    );
}

#[test]
fn a_url_that_is_none_is_answered_without_its_text() {
    for url in malformed() {
        let parsed = DatabaseUrl::parse(&url);
        is_untold(&url, &format!("{parsed:?}"));
        match parsed {
            Ok(parsed) => is_untold(&url, &format!("{parsed} {}", parsed.redacted())),
            Err(error) => is_untold(&url, &error.to_string()),
        }
        let gate = LazyGate::new(Ok(target(&url)), GateOptions::default(), Clock::system());
        is_untold(&url, &format!("{gate:?}"));
        if let Err(error) = gate {
            is_untold(&url, &error.to_string());
        }
    }
}

#[tokio::test]
async fn a_server_that_refuses_is_told_without_the_password() {
    for url in refused() {
        let parsed = DatabaseUrl::parse(&url).unwrap();
        is_untold(&url, &format!("{parsed} {parsed:?}"));
        let gate = Gate::new(&parsed, GateOptions::default());
        let error = read(&gate, "SELECT 1", &[], caps()).await.unwrap_err();
        is_untold(&url, &format!("{error} {error:?}"));
        let store = Store::reader(&parsed);
        let error = store.fetch("SELECT 1", &[]).await.unwrap_err();
        is_untold(&url, &format!("{error} {error:?} {store:?}"));
        let gate = LazyGate::new(Ok(target(&url)), GateOptions::default(), Clock::system());
        let (Finding::Good(told) | Finding::Wrong(told) | Finding::Down(told)) =
            gate.unwrap().check().await;
        is_untold(&url, &told);
        assert!(!told.is_empty());
    }
}
