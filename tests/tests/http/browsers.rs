//! Web pages: what a page in a browser on the same machine must not reach, and what an allowed one may.

use mg_testkit::Service;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tempfile::tempdir;

use crate::client::{Client, Reply};

async fn naming(client: &Client, header: &str, value: &str) -> StatusCode {
    let request = client.request("tools/list", &json!({}));
    request.header(header, value).send().await.unwrap().status()
}

#[tokio::test]
async fn a_host_that_is_not_ours_is_refused_as_a_rebound_name_would_be() {
    let home = tempdir().unwrap();
    let service = Service::start("mg-fixture", &[], &[], home.path());
    let client = Client::new(service.url("/mcp"));
    for host in ["evil.example", "evil.example:80", "127.0.0.1.evil.example"] {
        assert_eq!(
            naming(&client, "host", host).await,
            StatusCode::FORBIDDEN,
            "{host}"
        );
    }
    for host in ["localhost:9", "127.0.0.1", "[::1]:8811"] {
        assert_eq!(
            naming(&client, "host", host).await,
            StatusCode::OK,
            "{host}"
        );
    }
}

#[tokio::test]
async fn a_page_of_any_origin_is_refused_unless_it_is_listed() {
    let home = tempdir().unwrap();
    let service = Service::start("mg-fixture", &[], &[], home.path());
    let client = Client::new(service.url("/mcp"));
    let own = service.url("");
    let neighbour = "http://localhost:1"; // another program of this machine
    for origin in ["https://evil.example", "null", neighbour] {
        assert_eq!(
            naming(&client, "origin", origin).await,
            StatusCode::FORBIDDEN,
            "{origin}"
        );
    }
    assert_eq!(naming(&client, "origin", &own).await, StatusCode::OK);
}

#[tokio::test]
async fn a_listed_origin_may_call_and_read_the_answer() {
    let home = tempdir().unwrap();
    let config = home.path().join("mg.toml");
    let text = "[http]\nallowed_origins = [\"https://app.example.fr\"]\nallowed_hosts = [\"mcp.internal\"]";
    std::fs::write(&config, text).unwrap();
    let variables = [("MG_CONFIG", config.to_str().unwrap())];
    let service = Service::start("mg-fixture", &[], &variables, home.path());
    let client = Client::new(service.url("/mcp"));
    let request = client.request("tools/list", &json!({}));
    let sent = request.header("origin", "https://app.example.fr").send();
    let reply = Reply::of(sent.await.unwrap()).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(
        reply.headers["access-control-allow-origin"],
        "https://app.example.fr"
    );
    assert_eq!(
        naming(&client, "origin", "https://evil.example").await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        naming(&client, "host", "mcp.internal").await,
        StatusCode::OK
    );
    let asked = reqwest::Client::new()
        .request(Method::OPTIONS, service.url("/mcp"))
        .header("origin", "https://app.example.fr")
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization, content-type, mcp-protocol-version",
        );
    let preflight = Reply::of(asked.send().await.unwrap()).await;
    assert_eq!(preflight.status, StatusCode::OK, "{preflight:?}");
    let allowed = preflight.headers["access-control-allow-headers"]
        .to_str()
        .unwrap();
    assert!(allowed.contains("authorization"), "{allowed}");
}
