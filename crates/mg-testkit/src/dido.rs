//! A portal that speaks as DiDo does: metadata with the release, rows page by page with filters, CSV files with two
//! header lines. It can be told to fail, to stall, and to release anew in the middle of a download.

mod list;
mod request;

use std::{
    io::Write,
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use serde_json::json;

pub use list::DidoList;
use request::Request;

/// Page sizes that DiDo takes; others are answered 400.
const PAGE_SIZES: [usize; 4] = [10, 20, 50, 100];

/// What the portal does next.
#[derive(Debug)]
struct State {
    lists: Vec<DidoList>,
    release: String,
    /// The release from the answer of this number on, counted over rows and files.
    moves: Option<(usize, String)>,
    /// How many answers are 503 before it works again.
    failures: usize,
    /// How many answers stop in their middle and say nothing more.
    stalls: usize,
    /// Page sizes that are taken.
    sizes: Vec<usize>,
    answered: usize,
    asked: Vec<String>,
}

/// A portal on a free port of the loopback interface; it ends with the process.
#[derive(Clone, Debug)]
pub struct DidoServer {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl DidoServer {
    /// Starts a portal with these lists, all of one release (`2026-01`).
    #[must_use]
    pub fn start(lists: Vec<DidoList>, release: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = State {
            lists,
            release: release.to_owned(),
            moves: None,
            failures: 0,
            stalls: 0,
            sizes: PAGE_SIZES.to_vec(),
            answered: 0,
            asked: Vec::new(),
        };
        let server = Self {
            port,
            state: Arc::new(Mutex::new(state)),
        };
        let serving = server.clone();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let serving = serving.clone();
                thread::spawn(move || serving.answer(connection));
            }
        });
        server
    }

    /// `http://127.0.0.1:PORT`, in the place of the portal's own address.
    #[must_use]
    pub fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Another release, with other rows of one list.
    pub fn release(&self, release: &str, list: Option<DidoList>) {
        let mut state = self.lock();
        release.clone_into(&mut state.release);
        if let Some(list) = list {
            state.lists.retain(|known| known.rid != list.rid);
            state.lists.push(list);
        }
    }

    /// From so many answers of rows and files on, the release is another one.
    pub fn release_after(&self, answers: usize, release: &str) {
        let mut state = self.lock();
        state.moves = Some((state.answered + answers, release.to_owned()));
    }

    /// So many answers are 503.
    pub fn fail(&self, answers: usize) {
        self.lock().failures = answers;
    }

    /// So many answers stop in their middle.
    pub fn stall(&self, answers: usize) {
        self.lock().stalls = answers;
    }

    /// Page sizes beyond this one are answered 400.
    pub fn largest_page(&self, size: usize) {
        self.lock().sizes.retain(|known| *known <= size);
    }

    /// Every path that was asked for, in order.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        self.lock().asked.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, mut connection: TcpStream) {
        let Some(request) = Request::read(&connection) else {
            return;
        };
        let (status, kind, body, stalls) = self.told(&request);
        let head = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let sent = if stalls { body.len() / 2 } else { body.len() };
        // A client that went away is its own affair.
        let _gone = connection
            .write_all(head.as_bytes())
            .and_then(|()| connection.write_all(&body.as_bytes()[..sent]))
            .and_then(|()| connection.flush());
        if stalls {
            thread::sleep(Duration::from_mins(1));
        }
    }

    /// Status, type and body of an answer, and whether it stops in its middle.
    fn told(&self, request: &Request) -> (u16, &'static str, String, bool) {
        const JSON: &str = "application/json; charset=utf-8";
        let mut guard = self.lock();
        let state = &mut *guard;
        state.asked.push(request.target.clone());
        if state.failures > 0 {
            state.failures -= 1;
            return (
                503,
                JSON,
                json!({"message": "unavailable"}).to_string(),
                false,
            );
        }
        let path: Vec<&str> = request
            .path
            .split('/')
            .filter(|part| !part.is_empty())
            .collect();
        let (rid, what) = match path.as_slice() {
            [.., "datafiles", rid] => (*rid, "about"),
            [.., "datafiles", rid, what] => (*rid, *what),
            _ => ("", ""),
        };
        let Some(list) = state.lists.iter().find(|list| list.rid == rid) else {
            return (404, JSON, json!({"message": "unknown"}).to_string(), false);
        };
        let about =
            json!({"rid": list.rid, "title": list.rid, "millesime": state.release}).to_string();
        let (status, kind, body) = match what {
            "about" => return (200, JSON, about, false),
            "rows" => {
                let (status, body) = list.rows(request, &state.sizes);
                (status, JSON, body)
            }
            "csv" => (200, "text/csv; charset=utf-8", list.csv(request)),
            _ => (404, JSON, json!({"message": "unknown"}).to_string()),
        };
        state.answered += 1;
        if let Some((_, release)) = state.moves.take_if(|(after, _)| state.answered >= *after) {
            state.release = release;
        }
        let stalls = state.stalls > 0;
        state.stalls = state.stalls.saturating_sub(1);
        (status, kind, body, stalls)
    }
}
