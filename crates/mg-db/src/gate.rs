//! The read-only gate: statements of callers, one at a time, always rolled back.
//!
//! Every engine keeps the same promise: one statement by protocol, a session that only reads,
//! a deadline, parameters bound by the types the engine infers, exact values, and a `read` that is
//! stopped in the database when its future is dropped.

mod catalogue;
mod cell;
mod error;
mod mariadb;
mod nesting;
mod permits;
mod postgres;
mod sqlite;

use std::{sync::Arc, time::Duration};

pub use catalogue::{Account, ColumnDetail, ForeignKey, Index, Object, ObjectKind};
pub use cell::{Caps, Cell, Column, Flow, Outcome, RowSink};
pub use error::{GateError, StatementFault};

use crate::{
    Engine,
    hidden::Hidden,
    schema,
    url::{DatabaseUrl, Target},
};
use cell::Delivery;
use mariadb::MariaDbGate;
use postgres::PostgresGate;
use sqlite::SqliteGate;

/// A statement of a caller.
#[derive(Debug, Clone, Default)]
pub struct Statement {
    /// The text: `$1` marks a parameter on PostgreSQL, `?` on SQLite (also `?1`) and MariaDB.
    pub sql: String,
    /// Strings, numbers, booleans and nulls, in order.
    pub params: Vec<serde_json::Value>,
}

impl Statement {
    /// A statement without parameters.
    #[must_use]
    pub fn of(sql: impl Into<String>) -> Self {
        Self {
            sql: sql.into(),
            params: Vec::new(),
        }
    }
}

/// How a gate is set up.
#[derive(Debug, Clone)]
pub struct GateOptions {
    /// Connections at most, each opened when first needed.
    pub connections: usize,
    /// Read through superusers and their like too.
    pub allow_privileged: bool,
    /// Bytes of one row at most: SQLite makes no larger value, and of a larger row of PostgreSQL no more is read than its
    /// length. Values of MariaDB have its own `max_allowed_packet`.
    pub row_bytes: usize,
    /// How long it is believed what a server said of its functions and of the account's rights.
    pub recheck: Duration,
    /// What callers do not read. SQLite's gate withholds it; elsewhere the account's grants do.
    pub hidden: Hidden,
}

impl Default for GateOptions {
    fn default() -> Self {
        Self {
            connections: 4,
            allow_privileged: false,
            row_bytes: 16 << 20,
            recheck: Duration::from_mins(10),
            hidden: Hidden::default(),
        }
    }
}

/// The gate to one database. Cheap to clone; constructing it opens nothing.
#[derive(Debug, Clone)]
pub struct Gate {
    engine: EngineGate,
}

/// One arm an engine.
#[derive(Debug, Clone)]
enum EngineGate {
    Sqlite(Arc<SqliteGate>),
    Postgres(Arc<PostgresGate>),
    MariaDb(Arc<MariaDbGate>),
}

impl EngineGate {
    fn scan(&self) -> nesting::Scan {
        match self {
            Self::Sqlite(_) => sqlite::tokens,
            Self::Postgres(_) => postgres::tokens,
            Self::MariaDb(_) => mariadb::tokens,
        }
    }
}

/// The catalogue is read whole: these are far above any real one.
const CATALOGUE_CAPS: Caps = Caps {
    time: Duration::from_secs(30),
    rows: 100_000,
};

impl Gate {
    /// A gate to the database at `url`; nothing is opened yet.
    #[must_use]
    pub fn new(url: &DatabaseUrl, options: GateOptions) -> Self {
        let engine = match url.target() {
            Target::Sqlite(path) => EngineGate::Sqlite(Arc::new(SqliteGate::new(path, &options))),
            Target::Postgres(url) => {
                EngineGate::Postgres(Arc::new(PostgresGate::new(url, options)))
            }
            Target::MariaDb(url) => EngineGate::MariaDb(Arc::new(MariaDbGate::new(url, options))),
        };
        Self { engine }
    }

    /// Runs one statement that reads and gives its rows to `sink`. Dropping the future stops the
    /// work in the database.
    ///
    /// # Errors
    /// See [`GateError`]. A database that was gone is reached again by the next call.
    pub async fn read<S: RowSink>(
        &self,
        statement: Statement,
        caps: Caps,
        sink: S,
    ) -> Result<(S, Outcome), GateError> {
        check(&statement, self.engine.scan())?;
        let delivery = Delivery::new(sink, caps.rows);
        let delivery = match &self.engine {
            EngineGate::Sqlite(gate) => gate.read(statement, caps, delivery).await?,
            EngineGate::Postgres(gate) => gate.read(&statement, caps, delivery).await?,
            EngineGate::MariaDb(gate) => gate.read(&statement, caps, delivery).await?,
        };
        Ok(delivery.finish())
    }

    /// Tables, views and functions that callers may read, by the columns they may read, without
    /// system schemas.
    ///
    /// # Errors
    /// As [`Gate::read`].
    pub async fn objects(&self) -> Result<Vec<Object>, GateError> {
        let (engine, mut objects) = match &self.engine {
            EngineGate::Postgres(_) => (Engine::Postgres, self.listed(postgres::CATALOGUE).await?),
            EngineGate::MariaDb(_) => (Engine::MariaDb, self.listed(mariadb::CATALOGUE).await?),
            EngineGate::Sqlite(gate) => (Engine::Sqlite, gate.objects(CATALOGUE_CAPS).await?),
        };
        schema::comments::complete(&mut objects);
        catalogue::keep_what_can_be_named(engine, &mut objects);
        Ok(objects)
    }

    async fn listed(&self, catalogue: &str) -> Result<Vec<Object>, GateError> {
        let sink = catalogue::ObjectSink::default();
        let (sink, _) = (self.read(Statement::of(catalogue), CATALOGUE_CAPS, sink)).await?;
        sink.into_objects()
    }

    /// Who reads here, also when the account is privileged.
    ///
    /// # Errors
    /// [`GateError::Unavailable`] when the database cannot be reached.
    pub async fn account(&self) -> Result<Account, GateError> {
        match &self.engine {
            EngineGate::Sqlite(gate) => gate.account().await,
            EngineGate::Postgres(gate) => gate.account().await,
            EngineGate::MariaDb(gate) => gate.account().await,
        }
    }
}

/// The pauses between attempts to end what a server still works at: short ones first, fifteen seconds together. Longer
/// than that nobody's work may keep the others from the database.
pub(crate) fn pauses() -> impl Iterator<Item = Duration> {
    let doubled = (0..8).map(|times| Duration::from_millis(20 << times));
    doubled.chain(std::iter::repeat_n(Duration::from_secs(5), 2))
}

/// Refuses what no engine could be asked.
fn check(statement: &Statement, scan: nesting::Scan) -> Result<(), GateError> {
    let refuse = |why: &str| Err(GateError::Refused(why.to_owned()));
    if statement.sql.trim().is_empty() {
        return refuse("the statement is empty: write one that reads, e.g. SELECT … FROM …");
    }
    if statement.sql.contains('\0') {
        return refuse("the statement holds a NUL character: remove it");
    }
    if let Some(why) = nesting::refusal(&statement.sql, scan) {
        return refuse(why);
    }
    if (statement.params.iter()).any(|value| value.is_array() || value.is_object()) {
        return refuse("`params` holds strings, numbers, booleans and nulls only");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_statement_that_cannot_be_asked_is_refused_before_any_engine() {
        let refused = |sql: &str, params| {
            let statement = Statement {
                sql: sql.into(),
                params,
            };
            check(&statement, sqlite::tokens)
                .is_err_and(|error| matches!(error, GateError::Refused(_)))
        };
        assert!(refused("  \n", vec![]));
        assert!(refused("SELECT '\0'", vec![]));
        assert!(refused("SELECT $1", vec![json!([1])]));
        assert!(!refused(
            "SELECT $1",
            vec![json!(null), json!("a"), json!(1.5), json!(true)]
        ));
    }
}
