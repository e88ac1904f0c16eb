//! The gate to MariaDB and MySQL: a session for each call, which only reads and is then gone.
//!
//! Four layers, each enough for most attacks: the session (`SET SESSION TRANSACTION READ ONLY`, which
//! also refuses what would commit a transaction: error 1792), the protocol (one prepared statement),
//! the policy (what a read-only session still obeys: files, locks, sleep), the account.

mod account;
mod error;
mod policy;
mod scan;
mod session;

use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Account, Caps, Delivery, GateError, GateOptions, RowSink, Statement};
use crate::url::MariaDbUrl;
use session::{Failure, Session};

/// Answers one JSON document for each object that the account may read.
pub(super) const CATALOGUE: &str = include_str!("mariadb/catalogue.sql");

/// What a call may take beyond the server's own deadline before it is cut from here.
const GRACE: Duration = Duration::from_secs(2);

/// The gate to one database of a server.
#[derive(Debug)]
pub(super) struct MariaDbGate {
    url: MariaDbUrl,
    options: GateOptions,
    permits: Arc<Semaphore>,
    /// Known once the account was asked for its rights and is not too strong: whether it reads some
    /// table by column only.
    by_column: OnceLock<bool>,
}

impl MariaDbGate {
    pub(super) fn new(url: &MariaDbUrl, options: GateOptions) -> Self {
        Self {
            url: url.clone(),
            permits: Arc::new(Semaphore::new(options.connections)),
            by_column: OnceLock::new(),
            options,
        }
    }

    pub(super) async fn read<S: RowSink>(
        &self,
        statement: &Statement,
        caps: Caps,
        mut delivery: Delivery<S>,
    ) -> Result<Delivery<S>, GateError> {
        let sql = policy::statement(&statement.sql);
        if let (Some(_), Err(refused)) = (self.by_column.get(), &sql) {
            return Err(refused.clone()); // without asking the server
        }
        let permit = self.permit(caps).await?;
        let mut session = Session::open(&self.url, caps.time, Some(permit)).await?;
        // First of all: an account that is too strong is told whatever the statement is.
        let by_column = self.reads_by_column(&mut session).await?;
        let sql = sql?;
        if by_column {
            policy::check_joins(sql)?;
        }
        let started = Instant::now();
        let work = session.read(sql, &statement.params, &mut delivery);
        let ended = tokio::time::timeout(caps.time + GRACE, work).await;
        let over = started.elapsed() >= caps.time;
        match ended {
            Err(_) => Err(GateError::Timeout(caps.time)),
            // Still being sent, or no longer understood: the session is dropped, which ends it.
            Ok(Ok(false)) => Ok(delivery),
            Ok(Err(Failure::Driver(error))) if error.as_database_error().is_none() => {
                Err(error::told(&error, sql, caps, over))
            }
            Ok(Ok(true)) => {
                session.close().await;
                Ok(delivery)
            }
            Ok(Err(failure)) => {
                session.close().await;
                Err(match failure {
                    Failure::Driver(error) => error::told(&error, sql, caps, over),
                    Failure::Told(error) => error,
                })
            }
        }
    }

    pub(super) async fn account(&self) -> Result<Account, GateError> {
        let mut session = Session::open(&self.url, GRACE, None).await?;
        let account = session.account().await;
        session.close().await;
        account.map(|(account, _)| account)
    }

    /// Refuses an account that is too strong; one that is not is asked only once.
    async fn reads_by_column(&self, session: &mut Session) -> Result<bool, GateError> {
        if let Some(known) = self.by_column.get() {
            return Ok(*known);
        }
        let (account, by_column) = session.account().await?;
        match account.privileged {
            Some(why) if !self.options.allow_privileged => Err(GateError::Privileged {
                login: account.login.unwrap_or_default(),
                why,
            }),
            _ => Ok(*self.by_column.get_or_init(|| by_column)),
        }
    }

    async fn permit(&self, caps: Caps) -> Result<OwnedSemaphorePermit, GateError> {
        let acquired = Arc::clone(&self.permits).acquire_owned();
        let permit = tokio::time::timeout(caps.time, acquired).await;
        (permit.ok().and_then(Result::ok)).ok_or_else(|| {
            GateError::Busy(
                "all connections to the database are in use: try again in a moment".into(),
            )
        })
    }
}
