//! The gate to PostgreSQL: a cursor in a read-only transaction, everything of a call in one write.

mod alarm;
mod array;
mod cells;
mod connection;
mod error;
mod line;
mod local;
mod moment;
mod policy;
mod scan;
mod sequence;
mod shape;
mod taking;
mod tls;
mod types;
mod wire;

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::OwnedSemaphorePermit;
use tokio_postgres::types::Oid;

use super::{
    Account, Caps, Delivery, GateError, GateOptions, RowSink, Statement, nesting, permits::Permits,
};
use crate::url::PostgresUrl;
use connection::Connection;
use sequence::{Ending, Fault, Unanswered};
use shape::Shape;

/// Answers one JSON document for each object that the account may read.
pub(super) const CATALOGUE: &str = include_str!("postgres/catalogue.sql");

/// What a call may take beyond the server's own deadline before it is cut from here.
const GRACE: Duration = Duration::from_secs(2);

/// What the questions about an account may take.
const ACCOUNT_TIME: Duration = Duration::from_secs(30);

/// How often a statement is begun: after a connection that died idle, and after types that were not known, once each, and once
/// more for good measure. Types that others make anew meanwhile would keep it going.
const ATTEMPTS: usize = 4;
const CHANGING: &str =
    "connections to the database or the types of its columns keep changing: try again in a moment";

/// The tokens of a text.
pub(super) fn tokens(sql: &str) -> Vec<nesting::Token<'_>> {
    let token = |token| match token {
        scan::Token::Word(word) => nesting::Token::Word(word),
        scan::Token::Quoted(name) | scan::Token::Escaped(name) => nesting::Token::Name(name.into()),
        scan::Token::Symbol('(') => nesting::Token::Open,
        scan::Token::Symbol(')') => nesting::Token::Close,
        scan::Token::Text(_) | scan::Token::Symbol(_) | scan::Token::Unclosed(_) => {
            nesting::Token::Mark
        }
    };
    scan::Scanner::new(sql).map(token).collect()
}

/// The gate to one database of a server.
#[derive(Debug)]
pub(super) struct PostgresGate {
    url: PostgresUrl,
    options: GateOptions,
    idle: Mutex<Vec<Connection>>,
    permits: Permits,
}

/// A connection in use. Dropped before it is given back, its work is cancelled and it is closed; its permit is held until
/// the server has ended that work.
struct Lease {
    connection: Option<Connection>,
    permit: Option<OwnedSemaphorePermit>,
    reused: bool,
}

impl Lease {
    /// Which way the statement goes, unless this server's policy refuses it.
    fn shape_of(&self, sql: &str) -> Result<Shape, GateError> {
        let shape = shape::shape(sql)?;
        let policy = self
            .connection
            .as_ref()
            .map(|connection| &connection.policy);
        match policy.and_then(|policy| policy.refusal(sql)) {
            Some(refusal) => Err(GateError::Refused(refusal)),
            None => Ok(shape),
        }
    }

    fn give_back(&mut self, idle: &Mutex<Vec<Connection>>) {
        let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.extend(self.connection.take());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.abandon(self.permit.take());
        }
    }
}

impl PostgresGate {
    pub(super) fn new(url: &PostgresUrl, options: GateOptions) -> Self {
        Self {
            url: url.clone(),
            idle: Mutex::default(),
            permits: Permits::new(options.connections),
            options,
        }
    }

    pub(super) async fn read<S: RowSink>(
        &self,
        statement: &Statement,
        caps: Caps,
        mut delivery: Delivery<S>,
    ) -> Result<Delivery<S>, GateError> {
        // First of all: an account that is too strong is told whatever the statement is.
        let mut lease = self.lease(caps.time).await?;
        let shape = match lease.shape_of(&statement.sql) {
            Ok(shape) => shape,
            Err(refused) => {
                lease.give_back(&self.idle);
                return Err(refused);
            }
        };
        let mut unmet = Vec::new();
        for _ in 0..ATTEMPTS {
            let reused = lease.reused;
            let running = self.run(lease, shape, &unmet, statement, caps, &mut delivery);
            match running.await {
                Ok(()) => return Ok(delivery),
                // From the beginning, and with all of its time: that happens once a connection and type.
                Err(Failure::Unmet(types)) => unmet = types,
                // It died while it was idle: the others have too, and a fresh one may be well.
                Err(Failure::Lost(_)) if reused && !delivery.begun() => self.forget_idle(),
                Err(Failure::Lost(error) | Failure::Told(error)) => return Err(error),
            }
            lease = self.lease(caps.time).await?;
        }
        lease.give_back(&self.idle);
        Err(GateError::Busy(CHANGING.to_owned()))
    }

    fn forget_idle(&self) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.clear();
    }

    pub(super) async fn account(&self) -> Result<Account, GateError> {
        Box::pin(self.open(ACCOUNT_TIME)).await?.account().await
    }

    async fn open(&self, time: Duration) -> Result<Connection, GateError> {
        Connection::open(&self.url, self.options.row_bytes, time).await
    }

    /// An idle connection that still lives and is young enough, or a new one.
    async fn lease(&self, time: Duration) -> Result<Lease, GateError> {
        let permit = self.permits.one(time).await?;
        let idle = {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.retain_mut(|connection| {
                connection.opened.elapsed() < self.options.recheck && connection.wire.is_alive()
            });
            idle.pop()
        };
        let reused = idle.is_some();
        let connection = match idle {
            Some(connection) => connection,
            // Connecting makes a large future: kept off the caller's.
            None => Box::pin(self.open(time)).await?,
        };
        match &connection.privileged {
            Some(why) if !self.options.allow_privileged => Err(GateError::Privileged {
                login: connection.login.clone(),
                why: why.clone(),
            }),
            _ => Ok(Lease {
                connection: Some(connection),
                permit: Some(permit),
                reused,
            }),
        }
    }

    async fn run<S: RowSink>(
        &self,
        mut lease: Lease,
        shape: Shape,
        unmet: &[Oid],
        statement: &Statement,
        caps: Caps,
        delivery: &mut Delivery<S>,
    ) -> Result<(), Failure> {
        let Some(connection) = &mut lease.connection else {
            return Ok(());
        };
        let started = Instant::now();
        let mut alarm = std::mem::take(&mut connection.alarm);
        let work = async {
            if let Err(broken) = connection.meet(unmet).await {
                return Ending::of(Err(Unanswered::Fault(broken.into())), false);
            }
            answer(connection, shape, statement, caps, delivery).await
        };
        let ending = alarm.limit(caps.time + GRACE, work).await;
        connection.alarm = alarm;
        let Some(Ending { answered, clean }) = ending else {
            return Err(Failure::Told(GateError::Timeout(caps.time)));
        };
        if clean {
            lease.give_back(&self.idle);
        }
        let over = started.elapsed() >= caps.time;
        answered.map_err(|unanswered| Failure::of(unanswered, statement, caps, over))
    }
}

/// Runs a statement the way of its shape.
async fn answer<S: RowSink>(
    connection: &mut Connection,
    shape: Shape,
    statement: &Statement,
    caps: Caps,
    delivery: &mut Delivery<S>,
) -> Ending {
    match shape {
        Shape::Query => sequence::query(connection, statement, caps, delivery).await,
        Shape::Explain(query) => {
            sequence::utility(connection, statement, Some(query), caps, delivery).await
        }
        Shape::Show => sequence::utility(connection, statement, None, caps, delivery).await,
    }
}

/// Why a statement was not answered: a fresh connection may do better than one that was lost, and one that met these
/// types first than one that had not.
enum Failure {
    Lost(GateError),
    Unmet(Vec<Oid>),
    Told(GateError),
}

impl Failure {
    fn of(unanswered: Unanswered, statement: &Statement, caps: Caps, over: bool) -> Self {
        let Fault { broken, prefix } = match unanswered {
            Unanswered::Unmet(types) => return Self::Unmet(types),
            Unanswered::Fault(fault) => fault,
        };
        let told = error::told(&broken, statement, prefix, caps, over);
        if error::is_lost(&broken) {
            Self::Lost(told)
        } else {
            Self::Told(told)
        }
    }
}
