//! Two connections joined.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    time::timeout,
};

use super::{response, tally::Tally};

/// How long a site may say nothing.
const SILENCE: Duration = Duration::from_mins(1);
/// The most that a site may send in answer to one request: 64 MiB.
const LONGEST_ANSWER: u64 = 64 << 20;
const BUFFER: usize = 16 << 10;

/// Carries a tunnel's bytes both ways until the site has ended or said nothing for a minute.
pub(super) async fn join(client: TcpStream, upstream: TcpStream, tally: &Tally) -> io::Result<()> {
    let (mut from_client, to_client) = client.into_split();
    let (from_upstream, mut to_upstream) = upstream.into_split();
    let up = async {
        copy(&mut from_client, &mut to_upstream).await?;
        // The browser has said all; the site may still answer.
        to_upstream.shutdown().await?;
        std::future::pending::<io::Result<()>>().await
    };
    tokio::select! {
        // Many answers share a tunnel, and pages have limits of their own.
        ended = down(from_upstream, to_client, u64::MAX, tally) => ended,
        broken = up => broken,
    }
}

/// Carries so many bytes of a request's body to the site, and its one answer back.
pub(super) async fn exchange(
    client: TcpStream,
    upstream: TcpStream,
    body: u64,
    tally: &Tally,
) -> io::Result<()> {
    let (from_client, mut to_client) = client.into_split();
    let (mut from_upstream, mut to_upstream) = upstream.into_split();
    let mut body = from_client.take(body);
    let up = async {
        copy(&mut body, &mut to_upstream).await?;
        // One request a connection: whatever the browser does now ends it.
        body.into_inner().read(&mut [0]).await?;
        Ok(())
    };
    let down = async {
        let head = timeout(SILENCE, response::read(&mut from_upstream)).await??;
        to_client.write_all(&head).await?;
        tally.carried(head.len() as u64);
        down(from_upstream, to_client, LONGEST_ANSWER, tally).await
    };
    tokio::select! {
        ended = down => ended,
        ended = up => ended,
    }
}

async fn down(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    limit: u64,
    tally: &Tally,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    let mut sent = 0;
    while sent <= limit {
        let length = timeout(SILENCE, from.read(&mut buffer)).await??;
        if length == 0 {
            return to.shutdown().await;
        }
        to.write_all(&buffer[..length]).await?;
        sent += length as u64;
        tally.carried(length as u64);
    }
    tracing::warn!(limit, "a site sent too much and was cut off");
    Ok(())
}
