//! A line between the driver and the server on which bytes are counted. The driver takes a row of any length, and the server
//! sends one of as many values as a statement has columns, each as large as its packets.
//!
//! The driver connects to a socket of this process instead of the server's, with or without TLS: what goes over it is not
//! read here. Whoever else connects to one is not listened to.

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use sqlx::{ConnectOptions, Error, mysql::MySqlConnection};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixListener, UnixStream},
};

use crate::url::{MariaDbPlace, MariaDbUrl};

/// How long the driver may take to connect to this process.
const PATIENCE: Duration = Duration::from_secs(6);
const CHUNK: usize = 64 << 10;
/// What may lie on the way of the rows that come next, in the buffers of sockets and of the driver.
const ON_THE_WAY: usize = 1 << 20;

/// How many bytes came since a row was taken last.
#[derive(Debug, Clone)]
pub(super) struct Tally(Arc<Count>);

#[derive(Debug)]
struct Count {
    most: usize,
    waiting: AtomicUsize,
    is_over: AtomicBool,
}

impl Tally {
    fn new(most: usize) -> Self {
        Self(Arc::new(Count {
            most,
            waiting: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        }))
    }

    /// What came is not waiting any more.
    pub(super) fn taken(&self) {
        self.0.waiting.store(0, Ordering::Relaxed);
    }

    /// The most bytes of a row, where one had more and the line was ended.
    pub(super) fn exceeded(&self) -> Option<usize> {
        self.0
            .is_over
            .load(Ordering::Relaxed)
            .then_some(self.0.most)
    }

    /// Whether so many bytes more may wait.
    fn admits(&self, bytes: usize) -> bool {
        let waiting = self.0.waiting.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let is_over = waiting > self.0.most + ON_THE_WAY;
        if is_over {
            self.0.is_over.store(true, Ordering::Relaxed);
        }
        !is_over
    }
}

/// Connects the driver by a line that ends when a row of more than `most` bytes comes over it.
pub(super) async fn connect(
    url: &MariaDbUrl,
    most: usize,
) -> Result<(MySqlConnection, Tally), Error> {
    let (listener, socket) = listen()?;
    let tally = Tally::new(most);
    match url.place() {
        MariaDbPlace::Host(host, port) => {
            let server = TcpStream::connect((host, port)).await?;
            server.set_nodelay(true)?;
            tokio::spawn(relay(listener, server, tally.clone()));
        }
        MariaDbPlace::Socket(path) => {
            let server = UnixStream::connect(path).await?;
            tokio::spawn(relay(listener, server, tally.clone()));
        }
    }
    let options = url.options().set_names(false).socket(&socket);
    Ok((options.connect().await?, tally))
}

/// A socket of its own, which on Linux needs no file.
#[cfg(target_os = "linux")]
fn listen() -> io::Result<(UnixListener, PathBuf)> {
    use std::os::{linux::net::SocketAddrExt, unix::net};
    let name = name();
    let address = net::SocketAddr::from_abstract_name(&name)?;
    let listener = net::UnixListener::bind_addr(&address)?;
    listener.set_nonblocking(true)?;
    // So the driver's runtime writes such a name.
    let path = PathBuf::from(format!("\0{name}"));
    Ok((UnixListener::from_std(listener)?, path))
}

#[cfg(not(target_os = "linux"))]
fn listen() -> io::Result<(UnixListener, PathBuf)> {
    let path = std::env::temp_dir().join(name());
    Ok((UnixListener::bind(&path)?, path))
}

fn name() -> String {
    format!("mg-{:032x}", rand::random::<u128>())
}

/// Carries bytes both ways until one side leaves or a row is too large.
async fn relay(
    listener: UnixListener,
    server: impl AsyncRead + AsyncWrite,
    tally: Tally,
) -> io::Result<()> {
    let driver = tokio::time::timeout(PATIENCE, accepted(&listener)).await;
    forget(&listener);
    drop(listener);
    let driver = driver??;
    let (mut of_server, mut to_server) = tokio::io::split(server);
    let (mut of_driver, mut to_driver) = driver.into_split();
    tokio::select! {
        sent = tokio::io::copy(&mut of_driver, &mut to_server) => sent.map(drop),
        ended = carry(&mut of_server, &mut to_driver, &tally) => ended,
    }
}

/// Closes the socket, and removes its file where it has one.
fn forget(listener: &UnixListener) {
    let address = listener.local_addr().ok();
    if let Some(path) = address.as_ref().and_then(|address| address.as_pathname()) {
        drop(std::fs::remove_file(path));
    }
}

/// The driver, which is this process.
async fn accepted(listener: &UnixListener) -> io::Result<UnixStream> {
    let own = i32::try_from(std::process::id()).ok();
    loop {
        let (stream, _) = listener.accept().await?;
        if stream.peer_cred()?.pid() == own {
            return Ok(stream);
        }
    }
}

async fn carry(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    tally: &Tally,
) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = from.read(&mut chunk).await?;
        if read == 0 || !tally.admits(read) {
            return Ok(());
        }
        to.write_all(&chunk[..read]).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_taken_waits_no_more() {
        let tally = Tally::new(10);
        assert!(tally.admits(10) && tally.admits(ON_THE_WAY));
        tally.taken();
        assert!(tally.admits(10) && tally.exceeded().is_none());
        assert!(!tally.admits(ON_THE_WAY + 1));
        assert_eq!(tally.exceeded(), Some(10));
    }

    #[tokio::test]
    async fn a_line_ends_where_more_comes_than_is_taken() {
        let (mut server, far) = tokio::io::duplex(CHUNK);
        let (listener, socket) = listen().unwrap();
        let tally = Tally::new(CHUNK);
        let relayed = tokio::spawn(relay(listener, far, tally.clone()));
        let mut driver = UnixStream::connect(&socket).await.unwrap();
        driver.write_all(b"hello").await.unwrap();
        let mut heard = [0; 5];
        server.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"hello");
        let row = vec![b'x'; ON_THE_WAY];
        for _ in 0..4 {
            let mut taken = vec![0; row.len()];
            let (sent, read) = tokio::join!(server.write_all(&row), driver.read_exact(&mut taken));
            assert!(sent.is_ok() && read.is_ok());
            tally.taken();
        }
        let sending = async { while server.write_all(&row).await.is_ok() {} };
        let mut rest = Vec::new();
        let (read, ()) = tokio::join!(driver.read_to_end(&mut rest), sending);
        assert!(read.unwrap() <= CHUNK + ON_THE_WAY);
        assert_eq!(tally.exceeded(), Some(CHUNK));
        assert!(relayed.await.unwrap().is_ok());
    }
}
