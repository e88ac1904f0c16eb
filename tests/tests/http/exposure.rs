//! Addresses that a server does not serve, each with the sentence that says what would work.

use mg_testkit::Process;
use tempfile::tempdir;

use crate::client::TOKEN;

fn refused(address: &str, variables: &[(&str, &str)]) -> String {
    let home = tempdir().unwrap();
    let exit = Process::start("mg-fixture", &["--http", address], variables, home.path()).finish();
    assert_eq!(exit.code, Some(78), "{}", exit.stderr);
    exit.stderr
}

#[test]
fn beyond_loopback_nobody_is_served_who_proved_nothing() {
    for address in ["0.0.0.0:0", "[::]:0"] {
        let told = refused(address, &[]);
        assert!(
            told.contains("MG_HTTP_TOKEN") && told.contains("127.0.0.1"),
            "{told}"
        );
    }
}

#[test]
fn beyond_loopback_no_token_travels_in_the_clear() {
    let told = refused("0.0.0.0:0", &[("MG_HTTP_TOKEN", TOKEN)]);
    assert!(
        told.contains("http.tls.certificate") && told.contains("http.public_url"),
        "{told}"
    );
}

#[test]
fn what_is_no_address_and_what_is_no_secret_is_told() {
    let told = refused("8811", &[]);
    assert!(
        told.contains("`8811`") && told.contains("127.0.0.1:8811"),
        "{told}"
    );
    let told = refused("127.0.0.1:0", &[("MG_HTTP_TOKEN", "hunter2")]);
    assert!(
        told.contains("32 characters") && !told.contains("hunter2"),
        "{told}"
    );
    let told = refused("127.0.0.1:0", &[("MG_TRACE", "/tmp/mg-trace")]);
    assert!(told.contains("MG_TRACE"), "{told}");
}

#[test]
fn an_address_that_somebody_else_has_is_an_outage_and_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let home = tempdir().unwrap();
    let exit = Process::start("mg-fixture", &["--http", &address], &[], home.path()).finish();
    assert_eq!(exit.code, Some(69), "{}", exit.stderr);
    assert!(exit.stderr.contains(&address), "{}", exit.stderr);
}
