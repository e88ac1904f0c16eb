//! Serving over HTTP: the protocol's Streamable HTTP without sessions, on hyper and axum, behind a gate of
//! bearer tokens, access tokens or client certificates. Nothing of it is built unless `--http` asks.

mod addresses;
mod certificates;
mod exposure;
mod gate;
mod limits;
mod listener;
mod metrics;
mod oauth;
mod refusal;
mod router;
mod step_up;
mod tls;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

pub(super) use self::step_up::LacksRole;
use self::{
    addresses::Addresses,
    gate::Gate,
    listener::{Connections, listen},
    metrics::Metrics,
    router::{Front, router},
};
use super::{Finding, Host, Server, logs, signals::cancel_on_signal};
use crate::{Clock, ConfigError, Settings};

/// Serving over HTTP, with everything checked that can be before the address is taken.
#[derive(Debug)]
pub(super) struct Http {
    address: SocketAddr,
    gate: Gate,
    tls: Option<Tls>,
    clock: Clock,
}

struct Tls(TlsAcceptor);

impl std::fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Tls")
    }
}

impl Http {
    /// Reads keys and certificates; takes no address and asks nobody.
    ///
    /// # Errors
    ///
    /// When the settings cannot be served, in a sentence that says what would work.
    pub(super) fn new(
        address: SocketAddr,
        settings: &Settings,
        clock: Clock,
    ) -> Result<Self, ConfigError> {
        let section = &settings.file.http;
        if settings.trace.is_some() {
            return Err(ConfigError::new(
                "MG_TRACE writes the frames of stdio; leave it unset with --http",
            ));
        }
        exposure::check(address, section, settings.file.auth.public_key.is_some())?;
        let tls = section.tls.as_ref().map(tls::acceptor).transpose()?;
        Ok(Self {
            address,
            gate: Gate::new(settings, clock.clone())?,
            tls: tls.map(Tls),
            clock,
        })
    }

    /// What `--check` finds of it.
    pub(super) async fn check(&self) -> Finding {
        match self.gate.ready().await {
            Ok(found) => Finding::Good(format!("HTTP on {} ({found})", self.address)),
            Err(reason) => Finding::Down(reason),
        }
    }

    /// Serves until the process is told to end.
    ///
    /// # Errors
    ///
    /// When the address cannot be had.
    pub(super) async fn serve<S: Server>(
        self,
        host: Host<S>,
        settings: &Settings,
    ) -> Result<(), String> {
        let section = &settings.file.http;
        let (draining, stopping) = (CancellationToken::new(), CancellationToken::new());
        cancel_on_signal([&draining, &stopping]).map_err(|error| error.to_string())?;
        let listener = listen(self.address).await?;
        let listening = listener.local_addr().map_err(|error| error.to_string())?;
        let addresses = Addresses::new(S::NAME, listening, section);
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let [path, own] = &addresses.paths;
        logs::write_line(&format!(
            "{} listens on {scheme}://{listening}{path} (and {own})\n",
            S::NAME
        ));
        let metrics = Arc::new(Metrics::new(self.clock.now()));
        let front = Arc::new(Front {
            host,
            gate: self.gate,
            addresses,
            metrics: Arc::clone(&metrics),
            draining: draining.clone(),
            stopping: stopping.clone(),
        });
        let connections = Connections {
            router: router(&front, section),
            tls: self.tls.map(|Tls(acceptor)| acceptor),
            metrics,
            read_timeout: Duration::from_secs(section.read_timeout_s),
            write_timeout: Duration::from_secs(section.write_timeout_s),
            draining,
        };
        connections.serve(listener, section, &stopping).await;
        Ok(())
    }
}
