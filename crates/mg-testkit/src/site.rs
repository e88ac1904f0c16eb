//! Local sites over HTTP/1.1: what a crawler meets, well or badly behaved, and what it asked for.

mod evil;
mod generated;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::oneshot,
};

pub use evil::evil;
pub use generated::{fiche, generated};

/// A request.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Path and query.
    pub path: String,
    /// The headers, their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// How often this path was asked for before.
    pub before: usize,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<Part>,
    is_raw: bool,
}

/// A piece of a body.
#[derive(Clone, Debug)]
pub enum Part {
    /// These bytes.
    Bytes(Vec<u8>),
    /// These bytes so many times.
    Repeat(Vec<u8>, u64),
    /// Nothing for so long.
    Pause(Duration),
}

impl Reply {
    /// A page.
    #[must_use]
    pub fn html(body: impl Into<String>) -> Self {
        Self::of(200, "text/html; charset=utf-8", body.into().into_bytes())
    }

    /// Any answer with its length told.
    #[must_use]
    pub fn of(status: u16, content_type: &str, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type".into(), content_type.into())],
            body: vec![Part::Bytes(body)],
            is_raw: false,
        }
    }

    /// A status alone.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::of(status, "text/plain", Vec::new())
    }

    /// A redirection.
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        Self::status(302).with("Location", location)
    }

    /// A page whose body comes in parts, its length not told; the connection ends with it.
    #[must_use]
    pub fn parts(parts: Vec<Part>) -> Self {
        Self {
            body: parts,
            is_raw: true,
            ..Self::html("")
        }
    }

    /// With one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {} Told\r\n", self.status);
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        match (self.is_raw, self.body.as_slice()) {
            (false, [Part::Bytes(body)]) if self.status != 304 => {
                let _ = write!(head, "Content-Length: {}\r\n", body.len());
            }
            (true, _) => head += "Connection: close\r\n",
            _ => {}
        }
        head + "\r\n"
    }
}

type Answer = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A site that runs until it is dropped.
#[derive(Debug)]
pub struct Site {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Site {
    /// A site on a free port of 127.0.0.1 that answers like this.
    #[must_use]
    pub fn start(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        listener
            .set_nonblocking(true)
            .expect("a listener of the runtime");
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (end, ended) = oneshot::channel();
        let (noted, answer): (_, Arc<Answer>) = (Arc::clone(&asked), Arc::new(answer));
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.expect("a runtime").block_on(async {
                tokio::select! {
                    () = serve(listener, answer, noted) => {}
                    _ = ended => {}
                }
            });
        });
        Self {
            address,
            asked,
            end: Some(end),
            thread: Some(thread),
        }
    }

    /// `127.0.0.1:port`.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What was asked for so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How often a path was asked for.
    #[must_use]
    pub fn count(&self, path: &str) -> usize {
        self.asked()
            .iter()
            .filter(|asked| asked.path == path)
            .count()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.end.take().map(|end| end.send(()));
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

async fn serve(
    listener: std::net::TcpListener,
    answer: Arc<Answer>,
    asked: Arc<Mutex<Vec<Asked>>>,
) {
    let listener = TcpListener::from_std(listener).expect("a listener of the runtime");
    while let Ok((stream, _)) = listener.accept().await {
        // A client that goes away in the middle is what some tests are about.
        let (answer, asked) = (Arc::clone(&answer), Arc::clone(&asked));
        tokio::spawn(async move { converse(stream, &*answer, &asked).await });
    }
}

async fn converse(
    stream: TcpStream,
    answer: &Answer,
    noted: &Mutex<Vec<Asked>>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(mut asked) = read_head(&mut stream).await? {
        {
            let mut noted = noted.lock().unwrap_or_else(PoisonError::into_inner);
            asked.before = noted
                .iter()
                .filter(|before| before.path == asked.path)
                .count();
            noted.push(asked.clone());
        }
        let reply = answer(&asked);
        let mut head = reply.head().into_bytes();
        if let (false, [Part::Bytes(body)]) = (reply.is_raw, reply.body.as_slice()) {
            head.extend_from_slice(body);
            stream.write_all(&head).await?;
            continue;
        }
        stream.write_all(&head).await?;
        for part in &reply.body {
            write_part(&mut stream, part).await?;
        }
        return stream.shutdown().await;
    }
    Ok(())
}

async fn write_part(stream: &mut BufReader<TcpStream>, part: &Part) -> std::io::Result<()> {
    match part {
        Part::Bytes(bytes) => stream.write_all(bytes).await?,
        Part::Repeat(bytes, times) => {
            for _ in 0..*times {
                stream.write_all(bytes).await?;
            }
        }
        Part::Pause(pause) => tokio::time::sleep(*pause).await,
    }
    stream.flush().await
}

async fn read_head(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<Asked>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let mut asked = Asked {
        path: line.split(' ').nth(1).unwrap_or_default().to_owned(),
        ..Asked::default()
    };
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => asked.headers.insert(name.to_lowercase(), value.to_owned()),
            None => return Ok(Some(asked)),
        };
    }
}

/// The texts of all, one behind the other.
fn strung<T>(all: impl IntoIterator<Item = T>, text: impl Fn(T) -> String) -> String {
    all.into_iter().fold(String::new(), |mut strung, one| {
        strung.push_str(&text(one));
        strung
    })
}
