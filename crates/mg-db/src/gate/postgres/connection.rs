//! One connection to PostgreSQL: how it is opened, what its account may do, how it is abandoned.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use tokio::sync::OwnedSemaphorePermit;
use tokio_postgres::{CancelToken, Config, types::Oid};

use super::{
    alarm::Alarm,
    error::{self, Broken},
    line::{Line, Owner},
    local,
    policy::{Policy, VOLATILE},
    sequence,
    tls::Connector,
    types::Types,
    wire::Wire,
};
use crate::{
    gate::{Account, GateError, pauses},
    time_limit::{CHECK_CLIENT, milliseconds},
    url::{PostgresUrl, address},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Settings of every session, sent with the first message. What a statement changes of them is
/// undone by its ROLLBACK.
const SETTINGS: &str = "-c default_transaction_read_only=on -c intervalstyle=iso_8601 -c datestyle=ISO \
     -c bytea_output=hex -c extra_float_digits=1 -c synchronize_seqscans=off -c row_security=on \
     -c idle_in_transaction_session_timeout=60s -c standard_conforming_strings=on";

const ACCOUNT: &str = include_str!("account.sql");

/// An open connection; dropping it closes it.
pub(super) struct Connection {
    pub(super) wire: Wire,
    pub(super) login: String,
    pub(super) server_version: String,
    pub(super) privileged: Option<String>,
    pub(super) policy: Policy,
    pub(super) types: Types,
    /// Since when its account and policy are what the server said.
    pub(super) opened: Instant,
    /// What a statement may take here; another limit has to be set for it.
    pub(super) time: Duration,
    pub(super) alarm: Alarm,
    token: CancelToken,
    way: Way,
}

/// How the server is reached, once more for a cancel request.
enum Way {
    Network(Connector),
    Local(PathBuf),
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Connection")
            .field("login", &self.login)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// Connects and asks what the account may do. A message of more than `bytes` ends the connection;
    /// statements may take `time`.
    pub(super) async fn open(
        url: &PostgresUrl,
        bytes: usize,
        time: Duration,
    ) -> Result<Self, GateError> {
        let config = config(url, time)?;
        let address = address(&config);
        // The library's own limit ends with the handshake of TCP: a silent server is waited for here.
        let connecting = connect(url, config, &address);
        let connected = tokio::time::timeout(CONNECT_TIMEOUT * 2, connecting).await;
        let (line, token, way) = connected.map_err(|_| error::silent(&address))??;
        let mut wire = Wire::new(line, bytes);
        let account = wire.ask(ACCOUNT).await;
        let account = account.map_err(|broken| error::unanswered(&address, &broken))?;
        // A server that hides its catalogue leaves the names that are always refused.
        let volatile = wire.ask(VOLATILE).await.unwrap_or_default();
        let _older = wire.ask(CHECK_CLIENT).await;
        let prepared = wire.prepare(&sequence::FRAME).await;
        prepared.map_err(|broken| error::unanswered(&address, &broken))?;
        let mut values = first(account);
        Ok(Self {
            login: values.next().flatten().unwrap_or_default(),
            server_version: values.next().flatten().unwrap_or_default(),
            privileged: values.next().flatten(),
            policy: Policy::new(&first(volatile).next().flatten().unwrap_or_default()),
            types: Types::default(),
            opened: Instant::now(),
            time,
            alarm: Alarm::default(),
            wire,
            token,
            way,
        })
    }

    /// Looks types up before a statement has rows of them.
    pub(super) async fn meet(&mut self, types: &[Oid]) -> Result<(), Broken> {
        if types.is_empty() {
            return Ok(());
        }
        self.wire.settle().await?;
        self.types.look_up(&mut self.wire, types).await?;
        Ok(())
    }

    /// The account, with whether it may write: a look at every table, so only when asked for.
    pub(super) async fn account(mut self) -> Result<Account, GateError> {
        let rows = self.wire.ask(include_str!("may_write.sql")).await;
        let rows = rows.map_err(|broken| error::unanswered("the server", &broken))?;
        Ok(Account {
            may_write: first(rows).next().flatten().as_deref() == Some("t"),
            login: Some(self.login),
            server_version: self.server_version,
            privileged: self.privileged,
        })
    }

    /// Ends whatever runs on the connection and closes it; never used again. `held` is given up when the server has
    /// ended the work.
    pub(super) fn abandon(self, held: Option<OwnedSemaphorePermit>) {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                cancel(self.wire, self.token, self.way).await;
                drop(held);
            });
        }
    }
}

/// What the URL says, with our settings.
fn config(url: &PostgresUrl, time: Duration) -> Result<Config, GateError> {
    let mut config = (url.config()).map_err(|error| GateError::Unavailable(error.to_string()))?;
    let options = config.get_options().unwrap_or_default();
    let options = format!(
        "{options} {SETTINGS} -c statement_timeout={}",
        milliseconds(time)
    );
    config.options(options.trim());
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_application_name().is_none() {
        config.application_name("mg-platform");
    }
    Ok(config)
}

/// Has the driver open a line and prove who we are, and takes the line back.
async fn connect(
    url: &PostgresUrl,
    mut config: Config,
    address: &str,
) -> Result<(Line, CancelToken, Way), GateError> {
    let unreachable = |error| error::unreachable(address, &error);
    let owner = Owner::default();
    let (line, token, way) = if let Some(path) = local::socket(&config) {
        let opened = local::open(&mut config, &path, owner.clone()).await;
        let (socket, ours) = opened.map_err(|error| error::no_socket(&path, &error))?;
        let (client, driver) = (config.connect_raw(socket, ours).await).map_err(unreachable)?;
        (
            owner.take_back(driver),
            client.cancel_token(),
            Way::Local(path),
        )
    } else {
        let tls = Connector::new(url, owner.clone())?;
        Connector::take_over(&mut config);
        let (client, driver) = (config.connect(tls.clone()).await).map_err(unreachable)?;
        (
            owner.take_back(driver),
            client.cancel_token(),
            Way::Network(tls),
        )
    };
    let line = line.ok_or_else(|| error::silent(address))?;
    Ok((line, token, way))
}

impl Way {
    /// Sends one cancel request; whether it worked shows at the connection itself.
    async fn cancel(&self, token: &CancelToken) {
        match self {
            Self::Network(tls) => drop(token.cancel_query(tls.clone()).await),
            Self::Local(path) => local::cancel(token, path).await,
        }
    }
}

/// Cancels until the server has answered all: a request that comes before the statement is started has no effect, so
/// it is repeated. Some functions of the server do not look whether they were cancelled (`strpos` in long texts): these are
/// waited for a while, so that they do not add up.
async fn cancel(mut wire: Wire, token: CancelToken, way: Way) {
    if !wire.is_sent() {
        return; // nothing runs before the end of what was to be said
    }
    for pause in pauses() {
        let _ = tokio::time::timeout(CONNECT_TIMEOUT, way.cancel(&token)).await;
        let ended = tokio::time::timeout(pause, wire.rest()).await;
        if ended.is_ok() {
            return;
        }
    }
}

/// The values of the first row.
fn first(rows: Vec<Vec<Option<String>>>) -> impl Iterator<Item = Option<String>> {
    rows.into_iter().take(1).flatten()
}
