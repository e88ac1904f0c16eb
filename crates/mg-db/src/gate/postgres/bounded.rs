//! The line to the server. It is cut as soon as a message announces more than may lie in memory: the
//! driver would gather all of it, up to 1 GB, before anyone can look at it. And it notes the types of
//! rows, which the driver reads over where rows come as text.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::UnixStream,
};
use tokio_postgres::{
    Socket,
    tls::{ChannelBinding, MakeTlsConnect, TlsStream},
    types::Oid,
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The letter of a message that describes rows.
const ROW_DESCRIPTION: u8 = b'T';

/// How large one message may be, and what was noted of those that came: shared by a connection's line
/// and by who uses it.
#[derive(Debug, Clone)]
pub(super) struct Watch {
    bytes: usize,
    refused: Arc<AtomicUsize>,
    described: Arc<Mutex<VecDeque<Vec<Oid>>>>,
}

impl Watch {
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            bytes,
            refused: Arc::default(),
            described: Arc::default(),
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

    /// Forgets the descriptions of earlier statements.
    pub(super) fn forget(&self) {
        self.described().clear();
    }

    /// The types of the first rows that were described since.
    pub(super) fn types(&self) -> Vec<Oid> {
        self.described().pop_front().unwrap_or_default()
    }

    fn described(&self) -> std::sync::MutexGuard<'_, VecDeque<Vec<Oid>>> {
        (self.described.lock()).unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the TLS library makes of a socket.
type Encrypted = <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream;

/// Every kind of line.
pub(super) enum Line {
    Local(UnixStream),
    Plain(Socket),
    Encrypted(Box<Encrypted>),
}

trait Duplex: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Duplex for T {}

impl Line {
    fn pinned(&mut self) -> Pin<&mut dyn Duplex> {
        match self {
            Self::Local(socket) => Pin::new(socket),
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
    pub(super) fn new(line: Line, watch: Watch) -> Self {
        Self {
            line,
            frames: Frames::new(watch),
        }
    }
}

/// Where in the stream of messages the reading stands: each is a letter, its length in four bytes
/// (these included), and its content.
struct Frames {
    watch: Watch,
    header: [u8; 5],
    /// Bytes of the header that have come.
    known: usize,
    /// Bytes of the content that have not come yet.
    left: usize,
    /// What has come of a description of rows.
    description: Option<Vec<u8>>,
}

impl Frames {
    fn new(watch: Watch) -> Self {
        Self {
            watch,
            header: [0; 5],
            known: 0,
            left: 0,
            description: None,
        }
    }

    fn follow(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while let Some((first, rest)) = bytes.split_first() {
            if self.left > 0 {
                let (here, rest) = bytes.split_at(self.left.min(bytes.len()));
                self.content(here);
                bytes = rest;
                continue;
            }
            self.header[self.known] = *first;
            self.known += 1;
            bytes = rest;
            if self.known == self.header.len() {
                self.begin()?;
            }
        }
        Ok(())
    }

    /// The header is complete.
    fn begin(&mut self) -> io::Result<()> {
        let [letter, length @ ..] = self.header;
        self.known = 0;
        self.left = (u32::from_be_bytes(length) as usize).saturating_sub(4);
        if self.left > self.watch.bytes {
            self.watch.refused.store(self.left, Ordering::Relaxed);
            let error = io::Error::new(io::ErrorKind::InvalidData, "a message is too large");
            return Err(error);
        }
        self.description = (letter == ROW_DESCRIPTION).then(Vec::new);
        Ok(())
    }

    fn content(&mut self, bytes: &[u8]) {
        self.left -= bytes.len();
        let Some(description) = &mut self.description else {
            return;
        };
        description.extend_from_slice(bytes);
        if self.left == 0 {
            let types = types(description).unwrap_or_default();
            self.watch.described().push_back(types);
            self.description = None;
        }
    }
}

/// The types in the content of a description: behind the number of columns, each has its name, closed by
/// a zero, then table (4 bytes), number in it (2), type (4), length (2), modifier (4) and format (2).
fn types(content: &[u8]) -> Option<Vec<Oid>> {
    let (count, mut rest) = content.split_first_chunk()?;
    let mut types = Vec::with_capacity(usize::from(u16::from_be_bytes(*count)));
    for _ in 0..types.capacity() {
        let name = rest.iter().position(|byte| *byte == 0)?;
        let numbers;
        (numbers, rest) = rest.get(name + 1..)?.split_first_chunk::<18>()?;
        let [.., a, b, c, d, _, _, _, _, _, _, _, _] = *numbers;
        types.push(Oid::from_be_bytes([a, b, c, d]));
    }
    Some(types)
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
            Line::Local(_) | Line::Plain(_) => ChannelBinding::none(),
            Line::Encrypted(stream) => stream.channel_binding(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(letter: u8, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len() + 4).unwrap();
        [&[letter], length.to_be_bytes().as_slice(), content].concat()
    }

    fn frames() -> Frames {
        Frames::new(Watch::new(40))
    }

    #[test]
    fn messages_up_to_the_bound_pass_however_they_are_cut() {
        let stream = [[0; 40].as_slice(), &[], &[0; 3]].map(|content| message(b'D', content));
        let stream = stream.concat();
        for size in 1..stream.len() {
            let mut frames = frames();
            assert!(
                stream.chunks(size).all(|part| frames.follow(part).is_ok()),
                "{size}"
            );
            assert_eq!(
                (frames.known, frames.left, frames.watch.exceeded()),
                (0, 0, None)
            );
        }
    }

    #[test]
    fn one_byte_more_is_refused_by_its_header_alone() {
        let stream = [message(b'D', &[0; 40]), message(b'D', &[0; 41])].concat();
        let mut frames = frames();
        assert!(frames.follow(&stream[..49]).is_ok());
        assert!(frames.follow(&stream[49..50]).is_err());
        assert!(
            frames
                .watch
                .exceeded()
                .unwrap()
                .starts_with("a row of 41 bytes")
        );
    }

    /// A column of a description.
    fn column(name: &str, oid: Oid) -> Vec<u8> {
        let mut column = [name.as_bytes(), &[0; 7]].concat();
        column.extend_from_slice(&oid.to_be_bytes());
        column.extend_from_slice(&[0; 8]);
        column
    }

    #[test]
    fn the_types_of_rows_are_noted_however_the_description_is_cut() {
        let content = [&[0, 2], column("a", 23).as_slice(), &column("", 1700)].concat();
        let stream = [
            message(b'D', b"T"),
            message(b'T', &content),
            message(b'T', &[0, 0]),
            message(b'C', b"FETCH 1"),
        ];
        let stream = stream.concat();
        for size in 1..=stream.len() {
            let mut frames = Frames::new(Watch::new(100));
            assert!(stream.chunks(size).all(|part| frames.follow(part).is_ok()));
            assert_eq!(frames.watch.types(), [23, 1700], "{size}");
            assert_eq!(frames.watch.types(), Vec::<Oid>::new(), "{size}");
            assert!(frames.watch.described().is_empty());
        }
    }

    #[test]
    fn a_broken_description_is_no_panic() {
        for content in [&b""[..], b"\0", b"\0\x01a", b"\0\x01a\0\0\0", b"\xff\xff"] {
            assert_eq!(types(content), None, "{content:?}");
        }
    }
}
