//! One connection to PostgreSQL: how it is opened, what its account may do, how it is abandoned.

use std::{path::PathBuf, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::JoinHandle,
};
use tokio_postgres::{CancelToken, Client, Config, SimpleQueryMessage, SimpleQueryRow};

use super::{
    bounded::Watch,
    error, local,
    policy::{Policy, VOLATILE},
    tls::Connector,
    types::Types,
};
use crate::{
    gate::{Account, GateError},
    url::{PostgresUrl, address},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Settings of every session, sent with the first message. What a statement changes of them is
/// undone by its ROLLBACK.
const SETTINGS: &str = "-c default_transaction_read_only=on -c intervalstyle=iso_8601 -c datestyle=ISO \
     -c bytea_output=hex -c extra_float_digits=1 -c synchronize_seqscans=off -c row_security=on \
     -c idle_in_transaction_session_timeout=60s -c standard_conforming_strings=on";

/// The server looks every second whether the client is still there. Not before version 14.
const CHECK_CLIENT: &str = "SET client_connection_check_interval = '1s'";

const ACCOUNT: &str = include_str!("account.sql");

/// An open connection; dropping it ends it politely.
pub(super) struct Connection {
    pub(super) client: Client,
    pub(super) login: String,
    pub(super) server_version: String,
    pub(super) privileged: Option<String>,
    pub(super) policy: Policy,
    pub(super) watch: Watch,
    pub(super) types: Types,
    /// What a statement may take here; another limit has to be set for it.
    pub(super) time: Duration,
    driver: JoinHandle<()>,
    way: Way,
}

/// How the server is reached, once more for a cancel request.
enum Way {
    Network(Connector),
    Local(PathBuf, Watch),
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
        let watch = Watch::new(bytes);
        // The library's own limit ends with the handshake of TCP: a silent server is waited for here.
        let connecting = connect(url, config, &address, watch.clone());
        let connected = tokio::time::timeout(CONNECT_TIMEOUT * 2, connecting).await;
        let (client, driver, way) = connected.map_err(|_| error::silent(&address))??;
        let (row, volatile, _) = tokio::join!(biased;
            first_row(&client, ACCOUNT),
            first_row(&client, VOLATILE),
            client.batch_execute(CHECK_CLIENT),
        );
        // A server that hides its catalogue leaves the names that are always refused.
        let volatile = volatile
            .ok()
            .and_then(|row| row.into_iter().next().flatten());
        let row = row.map_err(|error| error::unreachable(&address, &error))?;
        let mut values = row.into_iter();
        Ok(Self {
            login: values.next().flatten().unwrap_or_default(),
            server_version: values.next().flatten().unwrap_or_default(),
            privileged: values.next().flatten(),
            policy: Policy::new(&volatile.unwrap_or_default()),
            watch,
            types: Types::default(),
            time,
            client,
            driver,
            way,
        })
    }

    /// The account, with whether it may write: a look at every table, so only when asked for.
    pub(super) async fn account(&self) -> Result<Account, GateError> {
        let row = first_row(&self.client, include_str!("may_write.sql")).await;
        let row = row.map_err(|error| error::unreachable("the server", &error))?;
        Ok(Account {
            login: Some(self.login.clone()),
            server_version: self.server_version.clone(),
            privileged: self.privileged.clone(),
            may_write: row
                .first()
                .is_some_and(|value| value.as_deref() == Some("t")),
        })
    }

    /// Ends whatever runs on the connection and closes it; never used again.
    pub(super) fn abandon(self) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let token = self.client.cancel_token();
        let Self {
            client,
            driver,
            way,
            ..
        } = self;
        // Without its client the driver leaves as soon as the server has answered what was sent.
        drop(client);
        runtime.spawn(cancel(token, way, driver));
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

/// A limit as the server takes it, for which 0 would be none at all.
pub(super) fn milliseconds(time: Duration) -> u128 {
    time.as_millis().clamp(1, i32::MAX as u128)
}

async fn connect(
    url: &PostgresUrl,
    mut config: Config,
    address: &str,
    watch: Watch,
) -> Result<(Client, JoinHandle<()>, Way), GateError> {
    let unreachable = |error| error::unreachable(address, &error);
    if let Some(path) = local::socket(&config) {
        let opened = local::open(&mut config, &path, watch.clone()).await;
        let (socket, line) = opened.map_err(|error| error::no_socket(&path, &error))?;
        let (client, driver) = (config.connect_raw(socket, line).await).map_err(unreachable)?;
        return Ok((client, drive(driver), Way::Local(path, watch)));
    }
    let tls = Connector::new(url, watch)?;
    Connector::take_over(&mut config);
    let (client, driver) = (config.connect(tls.clone()).await).map_err(unreachable)?;
    Ok((client, drive(driver), Way::Network(tls)))
}

/// Lets the driver work for as long as the connection lives.
fn drive<S, T>(driver: tokio_postgres::Connection<S, T>) -> JoinHandle<()>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    tokio::spawn(async move {
        if let Err(error) = driver.await {
            tracing::debug!(%error, "a connection to PostgreSQL ended");
        }
    })
}

impl Way {
    /// Sends one cancel request; whether it worked shows at the connection itself.
    async fn cancel(&self, token: &CancelToken) {
        match self {
            Self::Network(tls) => drop(token.cancel_query(tls.clone()).await),
            Self::Local(path, watch) => local::cancel(token, path, watch.clone()).await,
        }
    }
}

/// Cancels until the connection has ended: a request that comes before the statement is started
/// has no effect, so it is repeated. At last the socket is closed, which the server notices.
async fn cancel(token: CancelToken, way: Way, mut driver: JoinHandle<()>) {
    for pause in [20, 50, 100, 200, 400, 800, 1600] {
        let _ = tokio::time::timeout(CONNECT_TIMEOUT, way.cancel(&token)).await;
        let ended = tokio::time::timeout(Duration::from_millis(pause), &mut driver).await;
        if ended.is_ok() {
            return;
        }
    }
    driver.abort();
}

/// The values of the first row, as text.
async fn first_row(
    client: &Client,
    sql: &str,
) -> Result<Vec<Option<String>>, tokio_postgres::Error> {
    let messages = client.simple_query(sql).await?;
    let row = messages.into_iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let text = |row: &SimpleQueryRow, index| row.get(index).map(str::to_owned);
    Ok(row
        .iter()
        .flat_map(|row| (0..row.len()).map(|index| text(row, index)))
        .collect())
}
