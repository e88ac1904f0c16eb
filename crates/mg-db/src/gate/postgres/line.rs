//! The line to a server. It is lent to the driver, which opens it and proves who we are, and is taken back from it:
//! statements then go over it in a form that the driver has no words for.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::UnixStream,
};
use tokio_postgres::{
    Socket,
    tls::{ChannelBinding, MakeTlsConnect, TlsStream},
};
use tokio_postgres_rustls::MakeRustlsConnect;

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

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.pinned().poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.pinned().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pinned().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pinned().poll_shutdown(context)
    }
}

/// Where a lent line comes back to.
#[derive(Clone, Default)]
pub(super) struct Owner(Arc<Mutex<Claim>>);

#[derive(Default)]
struct Claim {
    wanted: bool,
    line: Option<Line>,
}

impl Owner {
    /// Takes the line back from who has it; `None` when there was none in it.
    pub(super) fn take_back(&self, borrower: impl Sized) -> Option<Line> {
        self.claim().wanted = true;
        drop(borrower);
        let mut claim = self.claim();
        claim.wanted = false;
        claim.line.take()
    }

    fn claim(&self) -> MutexGuard<'_, Claim> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line in the driver's hands.
pub(super) struct Lent {
    line: Option<Line>,
    owner: Owner,
}

impl Lent {
    pub(super) fn new(line: Line, owner: Owner) -> Self {
        Self {
            line: Some(line),
            owner,
        }
    }

    fn pinned(&mut self) -> io::Result<Pin<&mut dyn Duplex>> {
        let line = self.line.as_mut().map(Line::pinned);
        line.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let mut claim = self.owner.claim();
        if claim.wanted {
            claim.line = self.line.take();
        }
    }
}

impl AsyncRead for Lent {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.pinned()?.poll_read(context, buffer)
    }
}

impl AsyncWrite for Lent {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.pinned()?.poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pinned()?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pinned()?.poll_shutdown(context)
    }
}

impl TlsStream for Lent {
    fn channel_binding(&self) -> ChannelBinding {
        match &self.line {
            Some(Line::Encrypted(stream)) => stream.channel_binding(),
            _ => ChannelBinding::none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lent() -> (Lent, Owner, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let owner = Owner::default();
        (Lent::new(Line::Local(ours), owner.clone()), owner, theirs)
    }

    #[tokio::test]
    async fn a_line_comes_back_when_it_is_asked_for() {
        let (lent, owner, _theirs) = lent();
        assert!(owner.take_back(lent).is_some());
        assert!(owner.take_back(()).is_none());
    }

    #[tokio::test]
    async fn a_line_that_nobody_asked_for_is_closed() {
        let (lent, owner, mut theirs) = lent();
        drop(lent);
        let end = tokio::io::AsyncReadExt::read(&mut theirs, &mut [0]).await;
        assert_eq!(end.unwrap(), 0);
        assert!(owner.take_back(()).is_none());
    }
}
