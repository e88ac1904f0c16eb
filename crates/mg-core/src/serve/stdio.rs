//! Serving over stdin and stdout: prompt exit on EOF and on signals, and nothing but the protocol on stdout.

mod lines;

use std::{
    fs::File,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use rmcp::{ServiceExt, service::ServerInitializeError, transport::stdio_pipes};
use tokio::io::{AsyncRead, ReadBuf};
use tokio_util::sync::CancellationToken;

use super::{Host, Server, signals::cancel_on_signal, trace::Traced};
use lines::Lines;

/// How long calls may still finish after the client closed stdin. The SDK alone would wait 5 s, and
/// hosts would kill the process meanwhile.
const GRACE: Duration = Duration::from_millis(40);

/// Serves until the client closes stdin or the process is told to end.
///
/// # Errors
///
/// When the transport breaks.
pub async fn serve_stdio<S: Server>(host: Host<S>, trace: Option<File>) -> anyhow::Result<()> {
    let ending = CancellationToken::new();
    cancel_on_signal([&ending])?; // before the first byte is read
    let (reader, writer) = stdio_pipes();
    let reader = EndOnEof {
        inner: reader,
        ending: ending.clone(),
    };
    let transport = Traced::new(Lines::new(reader, writer), trace);
    // Boxed: the SDK moves what answers a question through its tasks, with room for the answer to any.
    match host.into_dyn().serve_with_ct(transport, ending).await {
        Ok(running) => {
            running.waiting().await?;
            Ok(())
        }
        // A client that probes and goes away is no error.
        Err(ServerInitializeError::ConnectionClosed(_) | ServerInitializeError::Cancelled) => {
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}

/// Stdin that cancels what still runs shortly after its end.
struct EndOnEof<R> {
    inner: R,
    ending: CancellationToken,
}

impl<R: AsyncRead + Unpin> AsyncRead for EndOnEof<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(context, buffer);
        let ended = match &polled {
            Poll::Ready(Ok(())) => buffer.filled().len() == before && buffer.capacity() > before,
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        };
        if ended {
            let ending = self.ending.clone();
            tokio::spawn(async move {
                tokio::time::sleep(GRACE).await;
                ending.cancel();
            });
        }
        polled
    }
}
