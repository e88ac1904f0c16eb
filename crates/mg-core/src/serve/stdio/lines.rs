//! Messages as lines over a pair of pipes.
//!
//! The SDK's own transport tries each kind of message in turn until one fits, and a call is among the last: more
//! instructions than all that the call then does outside the database. Here a call is read as one; what is none is left
//! to the SDK's codec.

use std::{borrow::Cow, io, sync::Arc};

use futures::{FutureExt, future::Either};
use rmcp::{
    ErrorData, RoleServer,
    model::{
        CallToolRequest, CallToolRequestMethod, CallToolRequestParams, ClientRequest,
        JsonRpcMessage, JsonRpcVersion2_0, RequestId,
    },
    service::{RxJsonRpcMessage, TxJsonRpcMessage},
    transport::{
        Transport,
        async_rw::{JsonRpcMessageCodec, JsonRpcMessageCodecError},
    },
};
use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    sync::Mutex,
};
use tokio_util::{bytes::BytesMut, codec::Decoder};

/// The longest line that is read; one that is longer is refused.
const LONGEST: usize = 16 << 20;
/// What is kept of the end of a line that is too long: clients write a message's number last.
const END: usize = 64;
/// A buffer that grew beyond this for one line is not kept for the next.
const KEPT: usize = 64 << 10;

type Received = RxJsonRpcMessage<RoleServer>;
type Sent = TxJsonRpcMessage<RoleServer>;

/// A transport that reads a message from each line and writes one to a line.
pub(super) struct Lines<R, W> {
    reader: BufReader<R>,
    /// The line as far as it has come: a receive that is dropped goes on where it was.
    line: Vec<u8>,
    /// The end of a line that is too long, as far as it has come.
    skipped: Option<Vec<u8>>,
    writer: Arc<Mutex<W>>,
}

/// What a line holds.
enum Line {
    Message(Box<Received>),
    /// Something to pass over: a blank line, no JSON at all, or a notification that the SDK passes over.
    Nothing,
    /// JSON that is no message.
    Invalid,
}

impl<R, W> Lines<R, W>
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send + 'static,
{
    pub(super) fn new(reader: R, writer: W) -> Self {
        Self {
            reader: BufReader::new(reader),
            line: Vec::new(),
            skipped: None,
            writer: Arc::new(Mutex::new(writer)),
        }
    }

    /// Reads to the end of a line; false at the end of all, where half a line is none.
    async fn read_line(&mut self) -> io::Result<bool> {
        loop {
            let room = (LONGEST - self.line.len()) as u64;
            let mut bounded = (&mut self.reader).take(room);
            let read = bounded.read_until(b'\n', &mut self.line).await?;
            if self.line.ends_with(b"\n") {
                let Some(end) = self.skipped.take() else {
                    return Ok(true);
                };
                self.refuse(&[&end, &self.line[..]].concat());
                self.line.clear();
            } else if read == 0 {
                return Ok(false);
            } else if self.line.len() == LONGEST {
                self.skipped = Some(self.line.split_off(LONGEST - END));
                self.line.clear();
            }
        }
    }

    /// Answers a line that is too long, by its end.
    fn refuse(&mut self, end: &[u8]) {
        let most = LONGEST >> 20;
        tracing::error!("a message of more than {most} MB is dropped");
        let sentence =
            format!("the message is longer than the {most} MB that are read: ask for less at once");
        let refusal = ErrorData::invalid_request(sentence, None);
        tokio::spawn(self.send(Sent::error(refusal, number_at(end))));
    }

    fn take_line(&mut self) -> Line {
        let line = decoded(&self.line);
        if self.line.capacity() > KEPT {
            self.line = Vec::new();
        }
        self.line.clear();
        line
    }
}

impl<R, W> Transport<RoleServer> for Lines<R, W>
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send + 'static,
{
    type Error = io::Error;

    fn name() -> Cow<'static, str> {
        "stdio".into()
    }

    /// Writes at once what the pipe takes, and leaves only the rest to the future: the SDK gives that to a task of its own,
    /// and an answer would wait for it.
    fn send(&mut self, message: Sent) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let line = serde_json::to_vec(&message);
        let mut writing = Box::pin(write(Arc::clone(&self.writer), line));
        match (&mut writing).now_or_never() {
            Some(written) => Either::Left(std::future::ready(written)),
            None => Either::Right(writing),
        }
    }

    async fn receive(&mut self) -> Option<Received> {
        loop {
            match self.read_line().await {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => {
                    tracing::error!(%error, "stdin cannot be read");
                    return None;
                }
            }
            match self.take_line() {
                Line::Message(message) => return Some(*message),
                Line::Nothing => {}
                Line::Invalid => {
                    // Written aside: a receive that is dropped must not leave half an answer.
                    let refusal = ErrorData::invalid_request("Invalid request", None);
                    tokio::spawn(self.send(Sent::error(refusal, None)));
                }
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        self.writer.lock().await.shutdown().await
    }
}

/// The number of a message whose end this is.
fn number_at(end: &[u8]) -> Option<RequestId> {
    let end = String::from_utf8_lossy(end);
    let (_, number) = end.rsplit_once("\"id\":")?;
    serde_json::from_str(number.trim_end().strip_suffix('}')?).ok()
}

async fn write<W: AsyncWrite + Unpin>(
    writer: Arc<Mutex<W>>,
    line: serde_json::Result<Vec<u8>>,
) -> io::Result<()> {
    let mut line = line?;
    line.push(b'\n');
    let mut writer = writer.lock().await;
    writer.write_all(&line).await?;
    writer.flush().await
}

/// A call as it stands in a line.
#[derive(Deserialize)]
struct ToolCall {
    #[serde(rename = "jsonrpc")]
    _version: JsonRpcVersion2_0,
    id: RequestId,
    #[serde(rename = "method")]
    _method: CallToolRequestMethod,
    params: CallToolRequestParams,
}

impl ToolCall {
    fn into_message(mut self) -> Received {
        let meta = self.params.meta.take();
        let mut request = CallToolRequest::new(self.params);
        if let Some(meta) = meta {
            request.extensions.insert(meta); // where the SDK looks for it
        }
        JsonRpcMessage::request(ClientRequest::CallToolRequest(request), self.id)
    }
}

fn decoded(line: &[u8]) -> Line {
    if let Ok(call) = serde_json::from_slice::<ToolCall>(line) {
        return Line::Message(Box::new(call.into_message()));
    }
    match JsonRpcMessageCodec::<Received>::new().decode(&mut BytesMut::from(line)) {
        Ok(Some(message)) => Line::Message(Box::new(message)),
        // Nothing to answer to: there is no telling what was asked, and an echo of it would not end.
        Ok(None) => Line::Nothing,
        Err(JsonRpcMessageCodecError::Serde(error)) if error.is_data() => Line::Invalid,
        Err(error) => {
            tracing::debug!(%error, "a line that is no JSON is passed over");
            Line::Nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tokio::io::{DuplexStream, duplex};

    use super::*;

    fn call(params: &Value) -> Vec<u8> {
        let call = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params});
        format!("{call}\r\n").into_bytes()
    }

    fn told(line: Line) -> String {
        match line {
            Line::Message(message) => format!("{message:?}"),
            Line::Nothing => "nothing".into(),
            Line::Invalid => "invalid".into(),
        }
    }

    fn lines() -> (
        Lines<DuplexStream, DuplexStream>,
        DuplexStream,
        DuplexStream,
    ) {
        let (theirs, ours) = (duplex(100), duplex(10_000));
        (Lines::new(theirs.1, ours.0), theirs.0, ours.1)
    }

    #[test]
    fn a_call_is_read_as_the_sdk_reads_it() {
        for params in [
            json!({"name": "echo"}),
            json!({"name": "echo", "arguments": null}),
            json!({"name": "echo", "arguments": {"a": [1, {"b": null}], "c": "é"}, "unknown": 1}),
            json!({"name": "echo", "_meta": {"progressToken": "p", "other": 1}, "requestState": "s"}),
        ] {
            let line = call(&params);
            assert!(
                serde_json::from_slice::<ToolCall>(&line).is_ok(),
                "{params}"
            );
            let theirs =
                JsonRpcMessageCodec::<Received>::new().decode(&mut BytesMut::from(&line[..]));
            assert_eq!(
                told(decoded(&line)),
                format!("{:?}", theirs.unwrap().unwrap())
            );
        }
    }

    #[test]
    fn what_is_no_call_is_left_to_the_sdk() {
        let line = |text: &str| told(decoded(format!("{text}\n").as_bytes()));
        assert!(line(r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#).contains("PingRequest"));
        assert!(line(r#"{"jsonrpc":"2.0","method":"notifications/no_such"}"#).contains("no_such"));
        for nothing in ["", "{", "garbage"] {
            assert_eq!(line(nothing), "nothing", "{nothing}");
        }
        for invalid in [
            "[]",
            r#"{"jsonrpc":"1.0","id":1,"method":"tools/call","params":{"name":"echo"}}"#,
        ] {
            assert_eq!(line(invalid), "invalid", "{invalid}");
        }
    }

    #[tokio::test]
    async fn a_receive_that_is_dropped_loses_nothing_of_its_line() {
        let (mut lines, mut theirs, _answers) = lines();
        let line = call(&json!({"name": "echo"}));
        for part in line.chunks(7) {
            assert!(futures::poll!(Box::pin(lines.receive())).is_pending());
            theirs.write_all(part).await.unwrap();
        }
        assert!(lines.receive().await.is_some());
        theirs.write_all(b"{\"half").await.unwrap();
        drop(theirs);
        assert!(lines.receive().await.is_none());
    }

    #[tokio::test]
    async fn what_is_no_message_is_told_and_the_next_is_read() {
        let (mut lines, mut theirs, answers) = lines();
        theirs.write_all(b"[]\n\n").await.unwrap();
        theirs
            .write_all(&call(&json!({"name": "echo"})))
            .await
            .unwrap();
        assert!(lines.receive().await.is_some());
        let answer = BufReader::new(answers).lines().next_line().await.unwrap();
        assert!(answer.unwrap().contains("-32600"));
    }

    fn refusal(text: String) -> Sent {
        Sent::error(ErrorData::invalid_request(text, None), None)
    }

    #[tokio::test]
    async fn a_message_is_written_before_anybody_waits_for_it() {
        let (mut lines, _theirs, answers) = lines();
        drop(lines.send(refusal("no".into())));
        let mut answers = BufReader::new(answers).lines();
        assert!(answers.next_line().await.unwrap().unwrap().contains("no"));
    }

    #[tokio::test]
    async fn what_a_pipe_does_not_take_at_once_is_written_whole_and_before_the_next() {
        let (mut lines, _theirs, answers) = lines();
        let first = tokio::spawn(lines.send(refusal("1".repeat(25_000))));
        let second = tokio::spawn(lines.send(refusal("2".into())));
        let mut answers = BufReader::new(answers).lines();
        let mut told = async || answers.next_line().await.unwrap().unwrap();
        assert!(told().await.contains(&"1".repeat(25_000)));
        assert!(told().await.contains('2'));
        first.await.unwrap().unwrap();
        second.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn a_line_that_is_too_long_is_dropped_to_its_end_and_answered() {
        let (mut lines, mut theirs, answers) = lines();
        let writing = tokio::spawn(async move {
            for end in [&br#"","jsonrpc":"2.0","id": 7}"#[..], b"", b"\"id\":{}}"] {
                theirs.write_all(&vec![b'x'; LONGEST + 5]).await?;
                theirs.write_all(end).await?;
                theirs.write_all(b"\r\n").await?;
            }
            theirs.write_all(&call(&json!({"name": "echo"}))).await
        });
        assert!(lines.receive().await.is_some());
        let mut answers = BufReader::new(answers).lines();
        for number in [json!(7), Value::Null, Value::Null] {
            let answer = answers.next_line().await.unwrap().unwrap();
            let answer: Value = serde_json::from_str(&answer).unwrap();
            assert_eq!(
                (&answer["id"], &answer["error"]["code"]),
                (&number, &json!(-32600))
            );
        }
        assert!(lines.line.capacity() <= KEPT);
        writing.await.unwrap().unwrap();
    }
}
