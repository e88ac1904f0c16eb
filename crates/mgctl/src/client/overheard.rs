//! What a server says beside the protocol: its stderr, and lines on stdout that are no JSON.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::de::IgnoredAny;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream},
    task::JoinHandle,
};

/// Bytes of one line at most.
const LINE: u64 = 64 << 20;
/// Bytes of stderr and foreign lines that are kept.
const KEPT: usize = 2_000;
/// Bytes that may wait for the client.
const BUFFER: usize = 64 << 10;
/// How long the ends of the pipes are waited for once the process has left; its children may keep them.
const REST: Duration = Duration::from_millis(300);

/// What was overheard so far.
#[derive(Debug, Default)]
pub(super) struct Overheard {
    stderr: Arc<Mutex<String>>,
    foreign: Arc<Mutex<Vec<String>>>,
    listeners: Vec<JoinHandle<()>>,
}

impl Overheard {
    /// Keeps the beginning of stderr; audit lines are left out.
    pub(super) fn listen_to_stderr(&mut self, stderr: impl AsyncRead + Send + Unpin + 'static) {
        let kept = Arc::clone(&self.stderr);
        self.listeners.push(tokio::spawn(async move {
            let mut stderr = BufReader::new(stderr);
            while let Some(line) = next_line(&mut stderr).await {
                let text = String::from_utf8_lossy(&line);
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                if !is_json(&line) && kept.len() + text.len() < KEPT {
                    kept.push_str(&text);
                }
            }
        }));
    }

    /// Passes lines of JSON on and keeps all others.
    pub(super) fn filter(
        &mut self,
        stdout: impl AsyncRead + Send + Unpin + 'static,
    ) -> DuplexStream {
        let (client, mut server) = tokio::io::duplex(BUFFER);
        let foreign = Arc::clone(&self.foreign);
        self.listeners.push(tokio::spawn(async move {
            let mut stdout = BufReader::new(stdout);
            while let Some(line) = next_line(&mut stdout).await {
                if is_json(&line) {
                    if server.write_all(&line).await.is_err() {
                        break;
                    }
                    continue;
                }
                let text: String = String::from_utf8_lossy(&line)
                    .trim_end()
                    .chars()
                    .take(200)
                    .collect();
                let mut foreign = foreign.lock().unwrap_or_else(PoisonError::into_inner);
                if foreign.len() < 5 {
                    foreign.push(mg_core::clean(&text));
                }
            }
        }));
        client
    }

    /// Stderr, and the foreign lines on stdout.
    pub(super) async fn all(self) -> (String, Vec<String>) {
        for listener in self.listeners {
            let _silent = tokio::time::timeout(REST, listener).await;
        }
        let stderr = self.stderr.lock().unwrap_or_else(PoisonError::into_inner);
        let foreign = self.foreign.lock().unwrap_or_else(PoisonError::into_inner);
        (mg_core::clean(stderr.trim()), foreign.clone())
    }
}

async fn next_line(reader: &mut (impl AsyncBufReadExt + Unpin)) -> Option<Vec<u8>> {
    let mut line = Vec::new();
    let read = reader.take(LINE).read_until(b'\n', &mut line).await;
    matches!(read, Ok(1..)).then_some(line)
}

/// An object or an array, as messages are.
fn is_json(line: &[u8]) -> bool {
    matches!(line.trim_ascii_start().first(), Some(b'{' | b'['))
        && serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn json_passes_and_everything_else_is_kept() {
        let mut overheard = Overheard::default();
        let stdout = b"Loading\xff...\n{\"jsonrpc\":\"2.0\"}\n42\n[1]\n".as_slice();
        let mut passed = String::new();
        overheard
            .filter(stdout)
            .read_to_string(&mut passed)
            .await
            .unwrap();
        let (stderr, foreign) = overheard.all().await;
        assert_eq!(passed, "{\"jsonrpc\":\"2.0\"}\n[1]\n");
        assert_eq!(
            (stderr.as_str(), foreign.len(), foreign[1].as_str()),
            ("", 2, "42")
        );
        assert!(foreign[0].starts_with("Loading"));
    }

    #[tokio::test]
    async fn stderr_is_kept_without_audit_lines_and_up_to_a_length() {
        let mut overheard = Overheard::default();
        let long = "x".repeat(KEPT);
        let text = format!("first\n{{\"tool\":\"run_sql\"}}\n{long}\nlast\n");
        overheard.listen_to_stderr(std::io::Cursor::new(text));
        assert_eq!(overheard.all().await.0, "first\nlast");
    }
}
