//! The gate to MariaDB and MySQL: a session for each call, which only reads and is then gone.
//!
//! Four layers, each enough for most attacks: the session (`SET SESSION TRANSACTION READ ONLY`, which
//! also refuses what would commit a transaction: error 1792), the protocol (one prepared statement),
//! the policy (what a read-only session still obeys: files, locks, sleep), the account.

mod account;
mod error;
mod policy;
mod relay;
mod scan;
mod session;

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::OwnedSemaphorePermit;

use super::{
    Account, Caps, Delivery, GateError, GateOptions, RowSink, Statement, nesting, permits::Permits,
};
use crate::url::MariaDbUrl;
use session::{Failure, Session};

/// Answers one JSON document for each object that the account may read.
pub(super) const CATALOGUE: &str = include_str!("mariadb/catalogue.sql");

/// What a call may take beyond the server's own deadline before it is cut from here.
const GRACE: Duration = Duration::from_secs(2);

/// The tokens of a text; none of one that is refused anyhow, because the scanner is not sure of it.
pub(super) fn tokens(sql: &str) -> Vec<nesting::Token<'_>> {
    let token = |(_, token)| match token {
        scan::Token::Word(word) => nesting::Token::Word(word),
        scan::Token::Name(name) => nesting::Token::Name(name.into()),
        scan::Token::Mark('(') => nesting::Token::Open,
        scan::Token::Mark(')') => nesting::Token::Close,
        scan::Token::Text | scan::Token::Mark(_) => nesting::Token::Mark,
    };
    let tokens = scan::tokens(sql).unwrap_or_default();
    tokens.into_iter().map(token).collect()
}

/// The gate to one database of a server.
#[derive(Debug)]
pub(super) struct MariaDbGate {
    url: MariaDbUrl,
    options: GateOptions,
    permits: Permits,
    /// Known once the account was asked for its rights and is not too strong: whether it reads some
    /// table by column only, and since when.
    by_column: Mutex<Option<(bool, Instant)>>,
}

impl MariaDbGate {
    pub(super) fn new(url: &MariaDbUrl, options: GateOptions) -> Self {
        Self {
            url: url.clone(),
            permits: Permits::new(options.connections),
            by_column: Mutex::default(),
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
        if let (Some(_), Err(refused)) = (self.known(), &sql) {
            return Err(refused.clone()); // without asking the server
        }
        let permit = self.permits.one(caps.time).await?;
        let mut session = self.session(caps.time, Some(permit)).await?;
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
        let told = |error: &sqlx::Error| error::told(error, sql, caps, over);
        let answer = match ended {
            Err(_) => return Err(GateError::Timeout(caps.time)),
            // Still being sent, or no longer understood: the session is dropped, which ends it.
            Ok(Ok(false)) => return Ok(delivery),
            Ok(Err(Failure::Driver(error))) if error.as_database_error().is_none() => {
                return Err(told(&error));
            }
            Ok(Ok(true)) => Ok(delivery),
            Ok(Err(Failure::Driver(error))) => Err(told(&error)),
            Ok(Err(Failure::Told(error))) => Err(error),
        };
        session.close().await;
        answer
    }

    pub(super) async fn account(&self) -> Result<Account, GateError> {
        let mut session = self.session(GRACE, None).await?;
        let account = session.account().await;
        session.close().await;
        account.map(|(account, _)| account)
    }

    async fn session(
        &self,
        time: Duration,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<Session, GateError> {
        Session::open(&self.url, self.options.row_bytes, time, permit).await
    }

    /// Refuses an account that is too strong; one that is not is asked again after a while only.
    async fn reads_by_column(&self, session: &mut Session) -> Result<bool, GateError> {
        if let Some(known) = self.known() {
            return Ok(known);
        }
        let (account, by_column) = session.account().await?;
        match account.privileged {
            Some(why) if !self.options.allow_privileged => Err(GateError::Privileged {
                login: account.login.unwrap_or_default(),
                why,
            }),
            _ => {
                *self.rights() = Some((by_column, Instant::now()));
                Ok(by_column)
            }
        }
    }

    fn known(&self) -> Option<bool> {
        let young = |since: &Instant| since.elapsed() < self.options.recheck;
        (*self.rights()).and_then(|(known, since)| young(&since).then_some(known))
    }

    fn rights(&self) -> MutexGuard<'_, Option<(bool, Instant)>> {
        self.by_column
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
