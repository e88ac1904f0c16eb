//! A site of this machine whose pages are functions of the path.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;

/// What a path is answered with.
pub(super) enum Answer {
    /// The bytes after `HTTP/1.1 `.
    Whole(Vec<u8>),
    /// A page that never ends, a little at a time.
    Endless,
    /// Nothing, and the connection stays open.
    Silence,
}

pub(super) struct Site {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

/// A page in UTF-8.
pub(super) fn page(html: &str) -> Answer {
    answer(
        "200 OK",
        "Content-Type: text/html; charset=utf-8",
        html.as_bytes(),
    )
}

pub(super) fn answer(status: &str, header: &str, body: &[u8]) -> Answer {
    let head = format!(
        "{status}\r\n{header}\r\nAccess-Control-Allow-Origin: *\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    Answer::Whole([head.as_bytes(), body].concat())
}

impl Site {
    /// Starts on a free port.
    pub(super) async fn start(answers: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let site = Self {
            address: listener.local_addr().unwrap(),
            asked: Arc::default(),
        };
        let (answers, asked) = (Arc::new(answers), Arc::clone(&site.asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&answers), Arc::clone(&asked)));
            }
        });
        site
    }

    pub(super) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(super) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    /// The paths that were asked for, in order.
    pub(super) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    answers: Arc<impl Fn(&str) -> Answer>,
    asked: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default();
    asked.lock().unwrap().push(path.to_owned());
    match answers(path) {
        Answer::Whole(bytes) => stream.write_all(&[b"HTTP/1.1 ", &*bytes].concat()).await,
        Answer::Silence => std::future::pending().await,
        Answer::Endless => endless(&mut stream).await,
    }
}

async fn endless(stream: &mut TcpStream) -> std::io::Result<()> {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<body>";
    stream.write_all(head).await?;
    loop {
        stream.write_all(b"<p>more</p>").await?;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
