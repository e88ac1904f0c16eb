//! Connections: accepted while there is room, wrapped in TLS, served with time-outs, ended in order.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower_service::Service as _;

use super::{certificates::Presented, metrics::Metrics};
use crate::config::HttpSection;

/// Bytes of the head of a request.
const HEAD: usize = 64 * 1024;

/// How long connections have to close once their calls were stopped.
const CLOSING: Duration = Duration::from_millis(500);

/// How long stopped calls have to tell the audit trail so: they outlive their connections by a moment.
const LAST_WORDS: Duration = Duration::from_millis(50);

/// What every connection is served with.
#[derive(Clone)]
pub(super) struct Connections {
    pub(super) router: Router,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) read_timeout: Duration,
    pub(super) write_timeout: Duration,
    pub(super) draining: CancellationToken,
}

impl Connections {
    /// Accepts until the process is told to end; then waits for what runs, for at most `drain_s` seconds,
    /// and stops the rest.
    pub(super) async fn serve(
        self,
        listener: TcpListener,
        section: &HttpSection,
        stopping: &CancellationToken,
    ) {
        let open = TaskTracker::new();
        let room = Arc::new(Semaphore::new(section.connections));
        while let Some((stream, place)) = self.next(&listener, &room).await {
            let connections = self.clone();
            open.spawn(async move {
                connections.connection(stream).await;
                drop(place);
            });
        }
        drop(listener);
        open.close();
        let drain = Duration::from_secs(section.drain_s);
        tokio::select! {
            () = open.wait() => return,
            () = tokio::time::sleep(drain) => {}
            () = stopping.cancelled() => {}
        }
        stopping.cancel();
        // What does not end by itself is dropped with the runtime.
        let _late = tokio::time::timeout(CLOSING, open.wait()).await;
        tokio::time::sleep(LAST_WORDS).await;
    }

    /// The next connection, once there is room for one; `None` when no more are wanted.
    async fn next(
        &self,
        listener: &TcpListener,
        room: &Arc<Semaphore>,
    ) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
        loop {
            let accepted = async {
                let place = Arc::clone(room).acquire_owned().await.ok()?;
                Some((listener.accept().await, place))
            };
            let (accepted, place) = tokio::select! {
                () = self.draining.cancelled() => return None,
                accepted = accepted => accepted?,
            };
            match accepted {
                Ok((stream, _)) => return Some((stream, place)),
                Err(error) => {
                    // A connection that broke off, or no file left: either passes.
                    tracing::warn!(%error, "a connection cannot be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    async fn connection(self, stream: TcpStream) {
        let _counted = self.metrics.connection();
        // An answer is one write: waiting for more to send would only delay it.
        let _unset = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.write_timeout));
        let stream = Box::pin(stream);
        let Some(tls) = &self.tls else {
            return self.requests(stream, None).await;
        };
        let handshake = tokio::time::timeout(self.read_timeout, tls.accept(stream));
        match handshake.await {
            Ok(Ok(stream)) => {
                let chain = stream.get_ref().1.peer_certificates();
                let presented = chain.and_then(|chain| Presented::read(chain.first()?));
                self.requests(stream, presented).await;
            }
            Ok(Err(error)) => {
                self.metrics.refused("tls");
                tracing::warn!(%error, "a TLS handshake failed");
            }
            Err(_) => self.metrics.refused("tls"),
        }
    }

    async fn requests<I>(&self, stream: I, presented: Option<Presented>)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let service = service_fn(|mut request: Request<Incoming>| {
            if let Some(presented) = &presented {
                request.extensions_mut().insert(presented.clone());
            }
            self.router.clone().call(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.read_timeout)
            .max_buf_size(HEAD)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = self.draining.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke off");
        }
    }
}

/// Takes the address.
///
/// # Errors
///
/// When it is taken already, or may not be taken; in words.
pub(super) async fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| format!("cannot listen on {address}: {error}"))
}
