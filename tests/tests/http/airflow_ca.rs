//! mg-airflow before an Airflow whose certificate comes from an authority of one's own.

use std::path::Path;

use mg_testkit::{Authority, Process, Service};
use serde_json::json;
use tempfile::tempdir;

use crate::{client::TOKEN, mutual_tls::LOCAL};

/// What mg-airflow says of the server at this address; `ca` is what it is told to trust.
fn told(url: &str, ca: Option<&Path>) -> String {
    let home = tempdir().unwrap();
    let mut variables = vec![
        ("MG_AIRFLOW_URL", url),
        ("MG_AIRFLOW_USERNAME", "mg_viewer"),
        ("MG_AIRFLOW_PASSWORD", "mg_viewer-password"),
        ("MG_LANG", "en"),
    ];
    if let Some(ca) = ca {
        variables.push(("MG_AIRFLOW_CA", ca.to_str().unwrap()));
    }
    let mut server = Process::start("mg-airflow", &[], &variables, home.path());
    server.initialize();
    let answer = server.call("list_workflows", &json!({}));
    assert!(answer.is_error, "{}", answer.text);
    answer.text
}

#[test]
fn an_authority_of_ones_own_is_trusted_where_the_settings_name_it() {
    let authority = Authority::new("mg-tests");
    let certificate = authority.issue("localhost", LOCAL);
    let home = tempdir().unwrap();
    let config = home.path().join("mg.toml");
    let text = format!(
        "[http]\ntoken = \"{TOKEN}\"\n[http.tls]\ncertificate = \"{}\"\nkey = \"{}\"\n",
        certificate.certificate.display(),
        certificate.key.display(),
    );
    std::fs::write(&config, text).unwrap();
    let variables = [("MG_CONFIG", config.to_str().unwrap())];
    // Any server behind TLS will do: that it is no Airflow is told only by one that is trusted.
    let service = Service::start("mg-fixture", &[], &variables, home.path());
    let url = service.url("");
    let untrusted = told(&url, None);
    assert!(
        untrusted.contains("its certificate is not trusted") && untrusted.contains("MG_AIRFLOW_CA"),
        "{untrusted}"
    );
    let trusted = told(&url, Some(&authority.certificate()));
    assert!(trusted.contains("no API of Airflow 3"), "{trusted}");
}
