//! A client's side of HTTP, in as many bytes and pauses as it likes.

use std::{net::SocketAddr, time::Duration};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::QUERY;

/// What a client does with the answers to its calls.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Reads each and sends the next.
    Steady,
    /// Hangs up while the call runs.
    HangsUp,
    /// Takes each in small pieces.
    ReadsSlowly,
}

/// Kept open from call to call.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }

    /// The answer to one call; `None` after hanging up.
    pub(crate) async fn call(&mut self, id: u64, kind: Kind) -> Option<Value> {
        let call = json!({
            "jsonrpc": "2.0", "id": id, "method": "tools/call",
            "params": {"name": "run_sql", "arguments": {"query": QUERY}},
        });
        let body = call.to_string();
        let request = format!(
            "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.0
            .get_mut()
            .write_all(request.as_bytes())
            .await
            .unwrap();
        if kind == Kind::HangsUp {
            tokio::time::sleep(Duration::from_micros(id % 3_000)).await;
            return None;
        }
        let mut body = vec![0; self.head().await];
        let piece = if kind == Kind::ReadsSlowly {
            64
        } else {
            body.len()
        };
        for piece in body.chunks_mut(piece) {
            self.0.read_exact(piece).await.unwrap();
            if kind == Kind::ReadsSlowly {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        Some(serde_json::from_slice(&body).unwrap())
    }

    /// Reads the head of an answer; gives the length of its body.
    async fn head(&mut self) -> usize {
        let mut length = 0;
        let mut first = true;
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.unwrap();
            if std::mem::take(&mut first) {
                assert!(line.starts_with("HTTP/1.1 200"), "{line}");
            }
            let line = line.trim().to_ascii_lowercase();
            if line.is_empty() {
                return length;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
    }
}
