//! Two connections joined.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy},
    net::{TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf},
    time::timeout,
};

/// How long a site may say nothing.
const SILENCE: Duration = Duration::from_mins(1);
/// The most that a site may send in answer to one request: 64 MiB.
const LONGEST_ANSWER: u64 = 64 << 20;
const BUFFER: usize = 16 << 10;

/// How many bytes a site may send over one connection: many answers share a tunnel, whose pages have limits of
/// their own.
pub(super) fn limit(is_tunnel: bool) -> u64 {
    if is_tunnel { u64::MAX } else { LONGEST_ANSWER }
}

/// Carries bytes both ways until the site has ended, said nothing for a minute or sent too much; tells how many
/// it sent.
pub(super) async fn join(client: TcpStream, upstream: TcpStream, limit: u64) -> io::Result<u64> {
    let (mut from_client, to_client) = client.into_split();
    let (from_upstream, mut to_upstream) = upstream.into_split();
    let up = async {
        copy(&mut from_client, &mut to_upstream).await?;
        // The browser has said all; the site may still answer.
        to_upstream.shutdown().await?;
        std::future::pending::<io::Result<u64>>().await
    };
    tokio::select! {
        sent = down(from_upstream, to_client, limit) => sent,
        broken = up => broken,
    }
}

async fn down(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, limit: u64) -> io::Result<u64> {
    let mut buffer = vec![0; BUFFER];
    let mut sent = 0;
    loop {
        let length = timeout(SILENCE, from.read(&mut buffer)).await??;
        if length == 0 {
            to.shutdown().await?;
            return Ok(sent);
        }
        to.write_all(&buffer[..length]).await?;
        sent += length as u64;
        if sent > limit {
            tracing::warn!(limit, "a site sent too much and was cut off");
            return Ok(sent);
        }
    }
}
