//! One client, one call after the other: over stdio and over HTTP.

use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};

use mg_testkit::Process;
use serde_json::json;

use crate::{
    QUERY,
    connection::{Connection, Kind},
    times::tell,
};

/// One client over stdio, one call after the other.
pub(crate) fn over_stdio(variables: &[(&str, &str)], home: &Path) {
    let mut process = Process::start("mg-sql", &[], variables, home);
    process.initialize();
    let call = json!({"query": QUERY});
    assert!(!process.call("run_sql", &call).is_error);
    let mut times = Vec::new();
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(5) {
        let begun = Instant::now();
        assert!(!process.call("run_sql", &call).is_error);
        times.push(begun.elapsed());
    }
    tell("stdio, 1 client", since.elapsed(), &mut times);
}

/// One client over HTTP, one call after the other.
pub(crate) async fn over_http(address: SocketAddr) {
    let mut client = Connection::open(address).await;
    client.call(0, Kind::Steady).await.unwrap();
    let mut times = Vec::new();
    let since = Instant::now();
    while since.elapsed() < Duration::from_secs(5) {
        let begun = Instant::now();
        client.call(1, Kind::Steady).await.unwrap();
        times.push(begun.elapsed());
    }
    tell("HTTP, 1 client", since.elapsed(), &mut times);
}
