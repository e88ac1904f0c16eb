//! One connection to PostgreSQL: how it is opened, what its account may do, how it is abandoned.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::{CancelToken, Client, SimpleQueryMessage, SimpleQueryRow};

use super::{
    bounded::Bound,
    error,
    policy::{Policy, VOLATILE},
    tls::Connector,
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
    pub(super) bound: Bound,
    driver: JoinHandle<()>,
    tls: Connector,
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
    /// Connects and asks what the account may do. A message of more than `bytes` ends the connection.
    pub(super) async fn open(url: &PostgresUrl, bytes: usize) -> Result<Self, GateError> {
        let mut config = url
            .config()
            .map_err(|error| GateError::Unavailable(error.to_string()))?;
        let options = config.get_options().map(str::to_owned).unwrap_or_default();
        config.options(format!("{options} {SETTINGS}").trim());
        let bound = Bound::new(bytes);
        let tls = Connector::new(url, bound.clone())?;
        Connector::take_over(&mut config);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("mg-platform");
        }
        let address = address(&config);
        // The library's own limit ends with the handshake of TCP: a silent server is waited for here.
        let connecting = tokio::time::timeout(CONNECT_TIMEOUT * 2, config.connect(tls.clone()));
        let (client, driver) = (connecting.await)
            .map_err(|_| error::silent(&address))?
            .map_err(|error| error::unreachable(&address, &error))?;
        let driver = tokio::spawn(async move {
            if let Err(error) = driver.await {
                tracing::debug!(%error, "a connection to PostgreSQL ended");
            }
        });
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
            bound,
            client,
            driver,
            tls,
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
            tls,
            ..
        } = self;
        // Without its client the driver leaves as soon as the server has answered what was sent.
        drop(client);
        runtime.spawn(cancel(token, tls, driver));
    }
}

/// Cancels until the connection has ended: a request that comes before the statement is started
/// has no effect, so it is repeated. At last the socket is closed, which the server notices.
async fn cancel(token: CancelToken, tls: Connector, mut driver: JoinHandle<()>) {
    for pause in [20, 50, 100, 200, 400, 800, 1600] {
        let request = token.cancel_query(tls.clone());
        let _ = tokio::time::timeout(CONNECT_TIMEOUT, request).await;
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
