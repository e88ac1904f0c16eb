//! The browser's only way out: a proxy of our own that judges every connection as the rest of mg-scrape is judged.
//!
//! A tunnel (`CONNECT`: https, WebSockets) is judged once, since its end is fixed; of plain http one request is
//! carried a connection, so that each is judged. What is dialled is the address that was judged.

mod request;
mod response;
mod tally;
mod tunnel;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};
use url::Url;

use self::request::Request;
pub use self::tally::Tally;
use crate::web::guard::{Guard, Refusal};

/// Connections at once; a browser opens 32 to its proxy, and more for WebSockets alone.
const MOST_CONNECTIONS: usize = 128;
const UNTIL_ASKED: Duration = Duration::from_secs(10);
const UNTIL_CONNECTED: Duration = Duration::from_secs(10);
/// After an error of the system's, such as too many open files.
const BREATH: Duration = Duration::from_millis(50);

const CONNECTED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";
const FORBIDDEN: &[u8] =
    b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const BAD_GATEWAY: &[u8] =
    b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const BAD_REQUEST: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// A running proxy on the loopback interface; it and its connections end when it is dropped.
#[derive(Debug)]
pub(super) struct Proxy {
    address: SocketAddr,
    tally: Tally,
    task: AbortHandle,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// Listens on a free port.
    pub(super) async fn start(guard: Guard) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let tally = Tally::default();
        let task = tokio::spawn(accept(listener, guard, tally.clone())).abort_handle();
        Ok(Self {
            address,
            tally,
            task,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }
}

async fn accept(listener: TcpListener, guard: Guard, tally: Tally) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        if connections.len() >= MOST_CONNECTIONS {
            connections.join_next().await;
        }
        match listener.accept().await {
            Ok((client, _)) => {
                let (guard, tally) = (guard.clone(), tally.clone());
                connections.spawn(async move {
                    if let Err(error) = serve(client, &guard, &tally).await {
                        tracing::debug!(%error, "a connection of the browser broke");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the browser's proxy cannot accept a connection");
                sleep(BREATH).await;
            }
        }
    }
}

/// One connection: what it asks for, whether it may, and then the bytes.
async fn serve(mut client: TcpStream, guard: &Guard, tally: &Tally) -> io::Result<()> {
    let asked = timeout(UNTIL_ASKED, Request::read(&mut client)).await??;
    let Some(request) = asked else {
        return client.write_all(BAD_REQUEST).await;
    };
    let mut upstream = match dial(guard, request.url()).await {
        Ok(upstream) => upstream,
        Err(Unreached::Refused(refusal)) => {
            tally.refuse(request.url(), &refusal);
            return client.write_all(FORBIDDEN).await;
        }
        Err(Unreached::Away(error)) => {
            tracing::debug!(%error, url = %request.url(), "the browser's proxy cannot connect");
            return client.write_all(BAD_GATEWAY).await;
        }
    };
    tally.admit();
    match (request.head(), request.body_to_come()) {
        (None, _) => {
            client.write_all(CONNECTED).await?;
            upstream.write_all(request.rest()).await?;
            tunnel::join(client, upstream, tally).await
        }
        (Some(head), Some(body)) => {
            upstream.write_all(&head).await?;
            upstream.write_all(request.rest()).await?;
            tunnel::exchange(client, upstream, body, tally).await
        }
        (Some(_), None) => client.write_all(BAD_REQUEST).await,
    }
}

/// Why a connection was not made.
enum Unreached {
    Refused(Refusal),
    Away(io::Error),
}

async fn dial(guard: &Guard, url: &Url) -> Result<TcpStream, Unreached> {
    guard.check(url).map_err(Unreached::Refused)?;
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    let addresses = match timeout(UNTIL_CONNECTED, guard.resolve(host, port)).await {
        Ok(Ok(addresses)) => addresses,
        Ok(Err(refusal @ Refusal::Unresolved(_))) => {
            return Err(Unreached::Away(io::Error::other(refusal)));
        }
        Ok(Err(refusal)) => return Err(Unreached::Refused(refusal)),
        Err(elapsed) => return Err(Unreached::Away(elapsed.into())),
    };
    let connecting = TcpStream::connect(&*addresses);
    let connected = timeout(UNTIL_CONNECTED, connecting).await;
    let connected = connected.unwrap_or_else(|elapsed| Err(elapsed.into()));
    connected.map_err(Unreached::Away)
}

#[cfg(test)]
mod tests;
