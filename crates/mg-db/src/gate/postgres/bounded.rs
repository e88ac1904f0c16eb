//! The line to the server, cut as soon as a message announces more than may lie in memory: the driver
//! would gather all of it, up to 1 GB, before anyone can look at it.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::{
    Socket,
    tls::{ChannelBinding, MakeTlsConnect, TlsStream},
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How large one message may be, and how large the one was that was refused: shared by a connection's
/// line and by who uses it.
#[derive(Debug, Clone)]
pub(super) struct Bound {
    bytes: usize,
    refused: Arc<AtomicUsize>,
}

impl Bound {
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            bytes,
            refused: Arc::default(),
        }
    }

    /// What to tell when a message was refused.
    pub(super) fn exceeded(&self) -> Option<String> {
        let refused = self.refused.load(Ordering::Relaxed);
        (refused > 0).then(|| {
            format!(
                "a row of {refused} bytes is larger than the {} bytes taken here: ask for parts of its large values, e.g. left(column, 1000), substr(column, 1, 1000) or octet_length(column)",
                self.bytes
            )
        })
    }
}

/// What the TLS library makes of a socket.
type Encrypted = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

/// Either kind of line.
pub(super) enum Line {
    Plain(Socket),
    Encrypted(Box<Encrypted>),
}

trait Duplex: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Duplex for T {}

impl Line {
    fn pinned(&mut self) -> Pin<&mut dyn Duplex> {
        match self {
            Self::Plain(socket) => Pin::new(socket),
            Self::Encrypted(stream) => Pin::new(&mut **stream),
        }
    }
}

/// A line whose incoming messages are measured by their headers.
pub(super) struct Bounded {
    line: Line,
    frames: Frames,
}

impl Bounded {
    pub(super) fn new(line: Line, bound: Bound) -> Self {
        let frames = Frames {
            bound,
            header: [0; 5],
            known: 0,
            left: 0,
        };
        Self { line, frames }
    }
}

/// Where in the stream of messages the reading stands: each is a letter, its length in four bytes
/// (these included), and its content.
struct Frames {
    bound: Bound,
    header: [u8; 5],
    /// Bytes of the header that have come.
    known: usize,
    /// Bytes of the content that have not come yet.
    left: usize,
}

impl Frames {
    fn follow(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while let Some((first, rest)) = bytes.split_first() {
            if self.left > 0 {
                let here = self.left.min(bytes.len());
                self.left -= here;
                bytes = &bytes[here..];
                continue;
            }
            self.header[self.known] = *first;
            self.known += 1;
            bytes = rest;
            if self.known == self.header.len() {
                self.known = 0;
                let [_, length @ ..] = self.header;
                self.left = (u32::from_be_bytes(length) as usize).saturating_sub(4);
                if self.left > self.bound.bytes {
                    self.bound.refused.store(self.left, Ordering::Relaxed);
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "a message is too large",
                    ));
                }
            }
        }
        Ok(())
    }
}

impl AsyncRead for Bounded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = self.line.pinned().poll_read(context, buffer);
        if let Poll::Ready(Ok(())) = read {
            return Poll::Ready(self.frames.follow(&buffer.filled()[before..]));
        }
        read
    }
}

impl AsyncWrite for Bounded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.line.pinned().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.line.pinned().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.line.pinned().poll_shutdown(context)
    }
}

impl TlsStream for Bounded {
    fn channel_binding(&self) -> ChannelBinding {
        match &self.line {
            Line::Plain(_) => ChannelBinding::none(),
            Line::Encrypted(stream) => stream.channel_binding(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(content: usize) -> Vec<u8> {
        let length = u32::try_from(content + 4).unwrap();
        [b"D".as_slice(), &length.to_be_bytes(), &vec![0; content]].concat()
    }

    fn frames() -> Frames {
        Frames {
            bound: Bound::new(10),
            header: [0; 5],
            known: 0,
            left: 0,
        }
    }

    #[test]
    fn messages_up_to_the_bound_pass_however_they_are_cut() {
        let stream = [message(10), message(0), message(3)].concat();
        for size in 1..stream.len() {
            let mut frames = frames();
            assert!(
                stream.chunks(size).all(|part| frames.follow(part).is_ok()),
                "{size}"
            );
            assert_eq!(
                (frames.known, frames.left, frames.bound.exceeded()),
                (0, 0, None)
            );
        }
    }

    #[test]
    fn one_byte_more_is_refused_by_its_header_alone() {
        let stream = [message(10), message(11)].concat();
        let mut frames = frames();
        assert!(frames.follow(&stream[..19]).is_ok());
        assert!(frames.follow(&stream[19..20]).is_err());
        assert!(
            frames
                .bound
                .exceeded()
                .unwrap()
                .starts_with("a row of 11 bytes")
        );
    }
}
