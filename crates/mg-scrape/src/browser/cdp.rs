//! The DevTools protocol over the browser's two pipes: JSON messages, each ended by a zero byte.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    sync::{mpsc, oneshot},
};

use super::BrowserError;

/// The longest message that is read: a longer one ends the browser. A document of [`super::page::MOST_CHARACTERS`]
/// fits, each letter written as `\uXXXX`.
const LONGEST_MESSAGE: u64 = 32 << 20;
/// Commands that wait to be written.
const COMMANDS: usize = 256;
/// Events of one page that wait to be heard.
const EVENTS: usize = 4_096;
/// What the buffer of messages keeps between two of them.
const KEPT_BUFFER: usize = 64 << 10;

/// What a page is told of without having asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Its process ended.
    Crashed,
    /// It opened a dialog, and waits.
    Dialog,
    /// A request of a kind that is blocked waits, by its identifier.
    Paused(String),
}

/// A line to a running browser. When the browser ends, every call that waits fails, and so does every later one.
pub(super) struct Cdp {
    commands: mpsc::Sender<Vec<u8>>,
    shared: Arc<Shared>,
    last: AtomicU64,
}

/// Whoever waits for something.
#[derive(Default)]
struct Shared(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    is_closed: bool,
    answers: HashMap<u64, oneshot::Sender<Vec<u8>>>,
    events: HashMap<String, mpsc::Sender<Event>>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cdp {
    /// Speaks over these pipes, from tasks of its own that end with them.
    pub(super) fn over(
        to: impl AsyncWrite + Unpin + Send + 'static,
        from: impl AsyncRead + Unpin + Send + 'static,
    ) -> Self {
        let (commands, queue) = mpsc::channel(COMMANDS);
        let shared = Arc::new(Shared::default());
        tokio::spawn(write(queue, to));
        tokio::spawn(read(from, Arc::clone(&shared)));
        Self {
            commands,
            shared,
            last: AtomicU64::new(0),
        }
    }

    /// Whether the browser has ended.
    pub(super) fn is_closed(&self) -> bool {
        self.shared.lock().is_closed
    }

    /// Sends a command, to a page where a session is named, and waits for its result.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        session: Option<&str>,
        method: &'static str,
        parameters: Value,
    ) -> Result<T, BrowserError> {
        let (sender, answer) = oneshot::channel();
        let number = self.next();
        let _forgotten = self.wait_for(number, sender)?;
        let command = message(number, session, method, parameters);
        let sent = self.commands.send(command).await;
        sent.map_err(|_| BrowserError::Gone)?;
        let answer = answer.await.map_err(|_| BrowserError::Gone)?;
        result(method, &answer)
    }

    /// Sends a page a command whose answer nobody waits for.
    pub(super) async fn post(&self, session: &str, method: &'static str, parameters: Value) {
        let command = message(self.next(), Some(session), method, parameters);
        // Whoever waits for the page hears of a browser that has ended.
        let _ended = self.commands.send(command).await;
    }

    /// Sends a command without waiting for anything; lost where the browser does not read.
    pub(super) fn tell(&self, method: &'static str, parameters: Value) {
        let command = message(self.next(), None, method, parameters);
        // A browser that has ended, or that has not read hundreds of commands, cannot be told anything.
        let _lost = self.commands.try_send(command);
    }

    /// The events of a page from now on. The line breaks when the browser or the page is gone, or when a page
    /// causes them faster than they are heard.
    pub(super) fn listen(&self, session: &str) -> mpsc::Receiver<Event> {
        let (sender, events) = mpsc::channel(EVENTS);
        let mut waiting = self.shared.lock();
        if !waiting.is_closed {
            waiting.events.insert(session.to_owned(), sender);
        }
        events
    }

    /// Hears no more of a page.
    pub(super) fn stop_listening(&self, session: &str) {
        self.shared.lock().events.remove(session);
    }

    fn next(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed)
    }

    fn wait_for(
        &self,
        number: u64,
        sender: oneshot::Sender<Vec<u8>>,
    ) -> Result<Forgotten<'_>, BrowserError> {
        let mut waiting = self.shared.lock();
        if waiting.is_closed {
            return Err(BrowserError::Gone);
        }
        waiting.answers.insert(number, sender);
        Ok(Forgotten(&self.shared, number))
    }
}

/// Takes a call out of the waiting ones, also when its future is dropped.
struct Forgotten<'a>(&'a Shared, u64);

impl Drop for Forgotten<'_> {
    fn drop(&mut self) {
        self.0.lock().answers.remove(&self.1);
    }
}

fn message(number: u64, session: Option<&str>, method: &str, parameters: Value) -> Vec<u8> {
    let mut message = json!({"id": number, "method": method, "params": parameters});
    if let Some(session) = session {
        message["sessionId"] = session.into();
    }
    let mut bytes = message.to_string().into_bytes();
    bytes.push(0);
    bytes
}

fn result<T: DeserializeOwned>(method: &'static str, answer: &[u8]) -> Result<T, BrowserError> {
    #[derive(Deserialize)]
    struct Answer<T> {
        result: Option<T>,
        error: Option<Failure>,
    }
    #[derive(Deserialize)]
    struct Failure {
        message: String,
    }
    let refused = |reason| BrowserError::Protocol { method, reason };
    let answer: Answer<T> =
        serde_json::from_slice(answer).map_err(|error| refused(error.to_string()))?;
    match (answer.result, answer.error) {
        (Some(result), None) => Ok(result),
        (_, Some(failure)) => Err(refused(failure.message)),
        (None, None) => Err(refused("an answer without a result".to_owned())),
    }
}

async fn write(mut queue: mpsc::Receiver<Vec<u8>>, mut to: impl AsyncWrite + Unpin) {
    while let Some(command) = queue.recv().await {
        if to.write_all(&command).await.is_err() {
            return;
        }
    }
}

async fn read(from: impl AsyncRead + Unpin, shared: Arc<Shared>) {
    let mut from = BufReader::with_capacity(KEPT_BUFFER, from);
    let mut message = Vec::new();
    loop {
        let mut bounded = (&mut from).take(LONGEST_MESSAGE);
        let read = bounded.read_until(0, &mut message).await;
        // A message that is not ended was cut: by the end of the browser, or by its length.
        if read.is_err() || message.pop() != Some(0) {
            break;
        }
        dispatch(&mut message, &shared);
        message.clear();
        message.shrink_to(KEPT_BUFFER);
    }
    *shared.lock() = Waiting {
        is_closed: true,
        ..Waiting::default()
    };
}

/// Hands a message to whoever waits for it, whole: only who asked knows its shape.
fn dispatch(message: &mut Vec<u8>, shared: &Shared) {
    let Ok(head) = serde_json::from_slice::<Head<'_>>(message) else {
        return;
    };
    let mut waiting = shared.lock();
    if let Some(number) = head.id {
        if let Some(waiter) = waiting.answers.remove(&number) {
            // Who gave up waiting needs no answer.
            let _given_up = waiter.send(std::mem::take(message));
        }
        return;
    }
    let Some((session, event)) = head.event() else {
        return;
    };
    let is_kept = match (waiting.events.get(&*session), event) {
        (Some(listener), Some(event)) => listener.try_send(event).is_ok(),
        (_, None) => false,
        (None, _) => true,
    };
    if !is_kept {
        waiting.events.remove(&*session);
    }
}

/// What tells whose a message is.
#[derive(Deserialize)]
struct Head<'a> {
    id: Option<u64>,
    #[serde(borrow, rename = "sessionId")]
    session: Option<Cow<'a, str>>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a serde_json::value::RawValue>,
}

impl Head<'_> {
    /// The page and what it is told of; no event where there will be no more of them.
    fn event(&self) -> Option<(Cow<'_, str>, Option<Event>)> {
        #[derive(Deserialize)]
        struct Parameters<'a> {
            #[serde(borrow, rename = "sessionId")]
            session: Option<Cow<'a, str>>,
            #[serde(rename = "requestId")]
            request: Option<String>,
        }
        let parameters = || serde_json::from_str::<Parameters<'_>>(self.params?.get()).ok();
        let session = self.session.clone();
        match self.method.as_deref()? {
            "Inspector.targetCrashed" => Some((session?, Some(Event::Crashed))),
            "Page.javascriptDialogOpening" => Some((session?, Some(Event::Dialog))),
            "Fetch.requestPaused" => Some((session?, Some(Event::Paused(parameters()?.request?)))),
            "Target.detachedFromTarget" => Some((parameters()?.session?, None)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{DuplexStream, duplex};

    use super::*;

    /// A line and its far end: what the browser reads, and where it writes.
    fn line() -> (Cdp, DuplexStream, DuplexStream) {
        let (to, commands) = duplex(1 << 20);
        let (answers, from) = duplex(1 << 20);
        (Cdp::over(to, from), commands, answers)
    }

    async fn version(cdp: &Cdp) -> Result<Value, BrowserError> {
        cdp.call(None, "Browser.getVersion", json!({})).await
    }

    /// Reads so many commands, then writes; a `#` stands for the byte that ends a message.
    async fn answer(far: &mut (DuplexStream, DuplexStream), commands: usize, text: &str) {
        let mut byte = [0];
        let mut ended = 0;
        while ended < commands {
            far.0.read_exact(&mut byte).await.unwrap();
            ended += usize::from(byte[0] == 0);
        }
        far.1
            .write_all(text.replace('#', "\0").as_bytes())
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn answers_reach_whoever_asked_in_whatever_order_they_come() {
        let (cdp, commands, answers) = line();
        let mut far = (commands, answers);
        let text = r#"{"id":1,"result":"b"}#{"id":7,"result":0}#not JSON#{"id":0,"result":"a"}#"#;
        let (first, second, ()) =
            tokio::join!(version(&cdp), version(&cdp), answer(&mut far, 2, text));
        assert_eq!((first.unwrap(), second.unwrap()), (json!("a"), json!("b")));
    }

    #[tokio::test]
    async fn the_end_of_the_browser_fails_whoever_waits_and_whoever_comes_later() {
        let (cdp, commands, answers) = line();
        let mut events = cdp.listen("page");
        let (waited, ()) = tokio::join!(version(&cdp), async { drop((commands, answers)) });
        assert!(matches!(waited, Err(BrowserError::Gone)), "{waited:?}");
        assert!(matches!(version(&cdp).await, Err(BrowserError::Gone)));
        assert_eq!(events.recv().await, None);
        assert_eq!(cdp.listen("page").recv().await, None);
        assert!(cdp.is_closed());
    }

    #[tokio::test]
    async fn a_message_beyond_the_limit_ends_the_line() {
        let (cdp, _commands, mut answers) = line();
        let endless = tokio::spawn(async move {
            let block = vec![b'1'; 1 << 16];
            while answers.write_all(&block).await.is_ok() {}
        });
        assert!(matches!(version(&cdp).await, Err(BrowserError::Gone)));
        endless.await.unwrap();
    }

    #[tokio::test]
    async fn a_refusal_says_what_was_asked_and_why() {
        let (cdp, commands, answers) = line();
        let mut far = (commands, answers);
        let text = r#"{"id":0,"error":{"code":-32601,"message":"not found"}}#"#;
        let (refused, ()) = tokio::join!(version(&cdp), answer(&mut far, 1, text));
        let sentence = refused.unwrap_err().to_string();
        assert_eq!(
            sentence,
            "the browser refused Browser.getVersion: not found"
        );
    }

    #[tokio::test]
    async fn who_gives_up_is_not_waited_for() {
        let (cdp, _commands, _answers) = line();
        let soon = std::time::Duration::from_millis(1);
        assert!(tokio::time::timeout(soon, version(&cdp)).await.is_err());
        assert!(cdp.shared.lock().answers.is_empty());
    }

    #[tokio::test]
    async fn a_page_hears_its_own_events_until_it_is_detached() {
        let (cdp, commands, answers) = line();
        let mut far = (commands, answers);
        let mut events = cdp.listen("a");
        let text = r#"{"method":"Inspector.targetCrashed","sessionId":"b","params":{}}#
            {"method":"Page.javascriptDialogOpening","sessionId":"a","params":{}}#
            {"method":"Page.frameNavigated","sessionId":"a","params":{"frame":{}}}#
            {"method":"Fetch.requestPaused","sessionId":"a","params":{"requestId":"r"}}#
            {"method":"Target.detachedFromTarget","params":{"sessionId":"a"}}#"#;
        answer(&mut far, 0, text).await;
        assert_eq!(events.recv().await, Some(Event::Dialog));
        assert_eq!(events.recv().await, Some(Event::Paused("r".into())));
        assert_eq!(events.recv().await, None);
    }
}
