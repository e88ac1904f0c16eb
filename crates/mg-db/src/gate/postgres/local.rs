//! Sockets of the file system. The driver would keep them: opened here, they are ours to take back like every other
//! line.

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

use super::line::{Lent, Line, Owner};

/// The server's socket, where the URL names its folder instead of a host.
pub(super) fn socket(config: &Config) -> Option<PathBuf> {
    let Some(Host::Unix(folder)) = config.get_hosts().first() else {
        return None;
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    Some(folder.join(format!(".s.PGSQL.{port}")))
}

/// Opens the socket and puts a line that comes back around it, where the driver puts TLS.
pub(super) async fn open(
    config: &mut Config,
    path: &Path,
    owner: Owner,
) -> io::Result<(UnixStream, Ours)> {
    config.ssl_mode(SslMode::Require);
    config.ssl_negotiation(SslNegotiation::Direct);
    Ok((UnixStream::connect(path).await?, Ours(owner)))
}

/// Asks the server at the socket to end what the token stands for.
pub(super) async fn cancel(token: &CancelToken, path: &Path) {
    if let Ok(socket) = UnixStream::connect(path).await {
        // The server closes without an answer; whether it worked shows at the connection itself.
        let _asked = token.cancel_query_raw(socket, Ours(Owner::default())).await;
    }
}

/// Makes a line of ours of a socket.
pub(super) struct Ours(Owner);

impl TlsConnect<UnixStream> for Ours {
    type Stream = Lent;
    type Error = io::Error;
    type Future = Ready<io::Result<Lent>>;

    fn connect(self, socket: UnixStream) -> Self::Future {
        ready(Ok(Lent::new(Line::Local(socket), self.0)))
    }
}
