//! `MG_TRACE`: protocol frames written to a file for support, with every value of a caller or of the
//! data replaced by its length.

use std::{
    borrow::Cow,
    fs::File,
    io::Write,
    path::Path,
    sync::{Arc, Mutex},
};

use rmcp::{
    RoleServer,
    service::{RxJsonRpcMessage, TxJsonRpcMessage},
    transport::Transport,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::ConfigError;

/// A transport that tells a file what passes.
pub(super) struct Traced<T> {
    inner: T,
    file: Option<Arc<Mutex<File>>>,
}

impl<T> Traced<T> {
    /// Without a file it only passes on.
    pub(super) fn new(inner: T, file: Option<File>) -> Self {
        Self {
            inner,
            file: file.map(|file| Arc::new(Mutex::new(file))),
        }
    }

    fn note(&self, direction: &str, message: &impl Serialize) {
        let Some(file) = &self.file else { return };
        let Ok(mut frame) = serde_json::to_value(message) else {
            return;
        };
        redact(&mut frame, false);
        let line = json!({ "direction": direction, "frame": frame });
        if let Ok(mut file) = file.lock()
            && let Err(error) = writeln!(file, "{line}")
        {
            tracing::warn!(%error, "MG_TRACE cannot be written");
        }
    }
}

/// Opens the file frames are added to; only its owner may read it.
pub(super) fn open(path: &Path) -> Result<File, ConfigError> {
    let mut options = File::options();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(path);
    opened.map_err(|error| {
        ConfigError::new(format!(
            "MG_TRACE cannot be opened at {}: {error}",
            path.display()
        ))
    })
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for Traced<T> {
    type Error = T::Error;

    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn send(
        &mut self,
        item: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.note("sent", &item);
        self.inner.send(item)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        let message = self.inner.receive().await;
        if let Some(message) = &message {
            self.note("received", message);
        }
        message
    }

    fn close(&mut self) -> impl Future<Output = Result<(), Self::Error>> + Send {
        self.inner.close()
    }
}

/// Values below these keys are a caller's or the data's; all others are the protocol's.
const PRIVATE: [&str; 6] = [
    "arguments",
    "argument",
    "content",
    "contents",
    "structuredContent",
    "messages",
];

fn redact(value: &mut Value, private: bool) {
    match value {
        Value::String(text) if private => *text = format!("<{} characters>", text.chars().count()),
        Value::Number(_) if private => *value = json!("<number>"),
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, private)),
        Value::Object(object) => {
            for (key, item) in object.iter_mut() {
                redact(item, private || PRIVATE.contains(&key.as_str()));
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_keeps_the_protocol_and_loses_the_values() {
        let mut frame = json!({
            "id": 7, "method": "tools/call",
            "params": {"name": "run_sql", "arguments": {"query": "SELECT 'x'", "max_rows": 5, "params": ["p"]}},
        });
        redact(&mut frame, false);
        assert_eq!(frame["id"], 7);
        assert_eq!(frame["params"]["name"], "run_sql");
        assert_eq!(
            frame["params"]["arguments"],
            json!({"query": "<10 characters>", "max_rows": "<number>", "params": ["<1 characters>"]})
        );
    }

    #[test]
    fn an_answer_loses_its_text_and_its_data() {
        let mut frame = json!({"result": {"content": [{"type": "text", "text": "1564"}], "structuredContent": {"value": 1564}}});
        redact(&mut frame, false);
        assert!(!frame.to_string().contains("1564"), "{frame}");
    }
}
