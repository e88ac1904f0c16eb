//! A small HTTP server of ours that answers what a test tells it to, and counts what it was asked.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// What is done with one request.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    /// These bytes, then the connection is closed.
    Says(Vec<u8>),
    /// These bytes, and then nothing for ever.
    Stalls(Vec<u8>),
}

type Script = dyn Fn(&str, usize) -> Deed + Send + Sync;

/// A running server; ends with the test.
pub(crate) struct Hostile {
    port: u16,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Hostile {
    /// Answers `GET /path` (without the query) by what the script says of it and of how often it was asked before.
    pub(crate) async fn start(
        script: impl Fn(&str, usize) -> Deed + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hostile = Self {
            port: listener.local_addr().unwrap().port(),
            seen: Arc::default(),
        };
        let (script, seen): (Arc<Script>, _) = (Arc::new(script), Arc::clone(&hostile.seen));
        tokio::spawn(async move {
            while let Ok((line, _)) = listener.accept().await {
                tokio::spawn(serve(line, Arc::clone(&script), Arc::clone(&seen)));
            }
        });
        hostile
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every request so far, `GET /path`.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// How often this was asked.
    pub(crate) fn count(&self, line: &str) -> usize {
        self.requests().iter().filter(|seen| *seen == line).count()
    }

    /// An answer of JSON.
    pub(crate) fn json(status: u16, body: &str) -> Deed {
        Self::answer(status, "application/json", body)
    }

    /// An answer of any kind.
    pub(crate) fn answer(status: u16, kind: &str, body: &str) -> Deed {
        Deed::Says(format!("{}{body}", head(status, kind, body.len())).into_bytes())
    }

    /// An answer that breaks off after its first half.
    pub(crate) fn half(body: &str) -> Deed {
        let half = &body[..body.len() / 2];
        Deed::Says(format!("{}{half}", head(200, "application/json", body.len())).into_bytes())
    }

    /// A token that says no end.
    pub(crate) fn token() -> Deed {
        Self::json(201, r#"{"access_token": "opaque"}"#)
    }
}

fn head(status: u16, kind: &str, length: usize) -> String {
    format!(
        "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )
}

async fn serve(line: TcpStream, script: Arc<Script>, seen: Arc<Mutex<Vec<String>>>) {
    let mut line = BufReader::new(line);
    let Some(asked) = request(&mut line).await else {
        return;
    };
    let before = {
        let mut seen = seen.lock().unwrap();
        seen.push(asked.clone());
        seen.iter().filter(|known| **known == asked).count() - 1
    };
    let (bytes, stalls) = match script(&asked, before) {
        Deed::Says(bytes) => (bytes, false),
        Deed::Stalls(bytes) => (bytes, true),
    };
    // A client that has gone away is not our concern.
    let _gone = line.get_mut().write_all(&bytes).await;
    let _gone = line.get_mut().flush().await;
    if stalls {
        std::future::pending::<()>().await;
    }
}

/// Reads a request to the end of its body; answers `GET /path`.
async fn request(line: &mut BufReader<TcpStream>) -> Option<String> {
    let mut first = String::new();
    line.read_line(&mut first)
        .await
        .ok()
        .filter(|read| *read > 0)?;
    let mut length = 0;
    loop {
        let mut header = String::new();
        line.read_line(&mut header).await.ok()?;
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(told) = header.strip_prefix("content-length: ") {
            length = told.parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    line.read_exact(&mut body).await.ok()?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?, words.next()?);
    let path = path.split('?').next()?;
    Some(format!("{method} {path}"))
}
