//! A client in a few lines: JSON-RPC in a POST, with whatever credentials a test wants to show.

use mg_testkit::ToolAnswer;
use reqwest::{RequestBuilder, Response, StatusCode, header::HeaderMap};
use serde_json::{Value, json};

/// The static token of tests.
pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A way to a server.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Client {
    /// Shows nothing.
    pub(crate) fn new(url: String) -> Self {
        Self::with(reqwest::Client::new(), url)
    }

    /// Through a client of the test's own.
    pub(crate) fn with(http: reqwest::Client, url: String) -> Self {
        Self {
            http,
            url,
            token: None,
        }
    }

    /// Shows a bearer token.
    pub(crate) fn showing(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// A request of 2025-11-25, not sent yet.
    pub(crate) fn request(&self, method: &str, parameters: &Value) -> RequestBuilder {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters});
        let request = self
            .http
            .post(&self.url)
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2025-11-25")
            .json(&message);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request and reads its answer.
    pub(crate) async fn ask(&self, method: &str, parameters: &Value) -> Reply {
        Reply::of(self.request(method, parameters).send().await.unwrap()).await
    }

    /// The names of the tools.
    pub(crate) async fn tools(&self) -> Vec<String> {
        let reply = self.ask("tools/list", &json!({})).await;
        let tools = reply.result()["tools"].as_array().cloned().unwrap();
        let names = tools.iter().map(|tool| tool["name"].as_str().unwrap());
        names.map(str::to_owned).collect()
    }

    /// Calls a tool.
    pub(crate) async fn call(&self, tool: &str, arguments: &Value) -> ToolAnswer {
        let parameters = json!({"name": tool, "arguments": arguments});
        ToolAnswer::of(&self.ask("tools/call", &parameters).await.result())
    }
}

impl Reply {
    pub(crate) async fn of(response: Response) -> Self {
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    /// The result of an answer in JSON.
    pub(crate) fn result(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        let message: Value = serde_json::from_str(&self.text).unwrap();
        assert!(message["error"].is_null(), "{message}");
        message["result"].clone()
    }

    /// The challenge of a refusal.
    pub(crate) fn challenge(&self) -> &str {
        let value = self.headers.get("www-authenticate");
        value.map_or("", |value| value.to_str().unwrap())
    }
}

/// A GET of an address.
pub(crate) async fn get(url: &str) -> Reply {
    Reply::of(reqwest::get(url).await.unwrap()).await
}
