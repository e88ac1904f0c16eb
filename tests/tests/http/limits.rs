//! Requests that are too large, too slow or too many.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
};

use mg_testkit::Service;
use reqwest::StatusCode;
use serde_json::json;
use tempfile::tempdir;

use crate::client::{Client, get};

fn service(http: &str, home: &Path) -> Service {
    let config = home.join("mg.toml");
    std::fs::write(&config, format!("[http]\n{http}")).unwrap();
    let variables = [("MG_CONFIG", config.to_str().unwrap())];
    Service::start("mg-fixture", &[], &variables, home)
}

/// What comes back for these bytes before the server closes.
fn raw(service: &Service, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(service.address()).unwrap();
    stream.write_all(bytes).unwrap();
    let mut text = Vec::new();
    // A connection that is reset after the answer has said all it had to.
    let _reset = stream.read_to_end(&mut text);
    String::from_utf8_lossy(&text).into_owned()
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_with_the_limit() {
    let home = tempdir().unwrap();
    let service = service("body_kb = 8", home.path());
    let client = Client::new(service.url("/mcp"));
    let fits = client
        .call("echo", &json!({"text": "x".repeat(7_000)}))
        .await;
    assert!(!fits.is_error);
    let large = json!({"name": "echo", "arguments": {"text": "x".repeat(9_000)}});
    let refused = client.ask("tools/call", &large).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(refused.text.contains("8 kB"), "{refused:?}");
}

#[test]
fn a_body_without_a_length_is_counted_as_it_comes() {
    let home = tempdir().unwrap();
    let service = service("body_kb = 8", home.path());
    let mut request =
        b"POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
        accept: application/json, text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            .to_vec();
    for _ in 0..3 {
        request.extend(b"1000\r\n");
        request.extend([b'x'; 0x1000]);
        request.extend(b"\r\n");
    }
    let told = raw(&service, &request);
    assert!(told.starts_with("HTTP/1.1 413"), "{told}");
}

#[test]
fn a_client_that_sends_its_request_too_slowly_is_let_go() {
    let home = tempdir().unwrap();
    let service = service("read_timeout_s = 1", home.path());
    let body = b"POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{";
    let told = raw(&service, body);
    assert!(told.starts_with("HTTP/1.1 408"), "{told}");
    let head = raw(&service, b"POST /mcp HTTP/1.1\r\nhost: local");
    assert!(
        head.is_empty() || head.starts_with("HTTP/1.1 408"),
        "{head}"
    );
}

#[tokio::test]
async fn requests_beyond_the_limit_are_told_to_come_back_and_health_is_still_told() {
    let home = tempdir().unwrap();
    let service = service("concurrent = 1", home.path());
    let client = Client::new(service.url("/mcp"));
    let sleeps = json!({"name": "sleeps", "arguments": {}, "_meta": {"progressToken": "p"}});
    // Its answer has begun, with progress, and goes on.
    let running = client.request("tools/call", &sleeps).send().await.unwrap();
    let refused = client.ask("tools/list", &json!({})).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(get(&service.url("/healthz")).await.status, StatusCode::OK);
    drop(running);
    // The client that went away takes its call with it, which makes room.
    while client.ask("tools/list", &json!({})).await.status != StatusCode::OK {}
    service.wait_for("\"outcome\":\"cancelled\"");
}

#[tokio::test]
async fn a_connection_beyond_the_limit_waits_until_another_one_ends() {
    let home = tempdir().unwrap();
    let service = service("connections = 1\nread_timeout_s = 2", home.path());
    let holding = TcpStream::connect(service.address()).unwrap();
    let client = Client::new(service.url("/mcp"));
    let waiting = tokio::spawn(async move { client.tools().await.len() });
    // It never says a word, and is let go by the time-out.
    assert_eq!(waiting.await.unwrap(), 5);
    drop(holding);
}
