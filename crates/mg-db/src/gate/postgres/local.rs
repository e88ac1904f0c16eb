//! Sockets of the file system. The driver would hand them over as they are: opened here, they are
//! watched like every other line.

use std::{
    future::{Ready, ready},
    io,
    path::{Path, PathBuf},
};

use tokio::net::UnixStream;
use tokio_postgres::{
    CancelToken, Config,
    config::{Host, SslMode, SslNegotiation},
    tls::TlsConnect,
};

use super::bounded::{Bounded, Line, Watch};

/// The server's socket, where the URL names its folder instead of a host.
pub(super) fn socket(config: &Config) -> Option<PathBuf> {
    let Some(Host::Unix(folder)) = config.get_hosts().first() else {
        return None;
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    Some(folder.join(format!(".s.PGSQL.{port}")))
}

/// Opens the socket and puts the line that is watched around it, where the driver puts TLS.
pub(super) async fn open(
    config: &mut Config,
    path: &Path,
    watch: Watch,
) -> io::Result<(UnixStream, Watched)> {
    config.ssl_mode(SslMode::Require);
    config.ssl_negotiation(SslNegotiation::Direct);
    Ok((UnixStream::connect(path).await?, Watched(watch)))
}

/// Asks the server at the socket to end what the token stands for.
pub(super) async fn cancel(token: &CancelToken, path: &Path, watch: Watch) {
    if let Ok(socket) = UnixStream::connect(path).await {
        // The server closes without an answer; whether it worked shows at the connection itself.
        let _asked = token.cancel_query_raw(socket, Watched(watch)).await;
    }
}

/// Makes a watched line of a socket.
pub(super) struct Watched(Watch);

impl TlsConnect<UnixStream> for Watched {
    type Stream = Bounded;
    type Error = io::Error;
    type Future = Ready<io::Result<Bounded>>;

    fn connect(self, socket: UnixStream) -> Self::Future {
        ready(Ok(Bounded::new(Line::Local(socket), self.0)))
    }
}
