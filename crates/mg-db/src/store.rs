//! Our own statements: one portable SQL, `?` for parameters, the same rows from every engine.

mod error;
mod mariadb;
mod postgres;
mod row;
mod scan;
mod sqlite;
mod watch;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

pub use error::StoreError;
pub use row::Row;

use crate::{
    url::{DatabaseUrl, Engine, Target},
    value::Value,
};
use mariadb::{MariaDbStore, MariaDbTransaction};
use postgres::PostgresStore;
use sqlite::SqliteStore;

pub(crate) use scan::statements;

/// What an account is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// The session cannot write.
    Read,
    /// The session writes to what exists.
    Write,
    /// As `Write`; a SQLite file is made where there is none.
    Create,
    /// As `Create`, for a file that is thrown away when anything fails: no journal is kept.
    Build,
}

/// The database as our own code uses it. Cheap to clone; constructing it opens nothing.
#[derive(Debug, Clone)]
pub struct Store {
    engine: EngineStore,
    /// What a statement of [`Store::fetch`] may take.
    limit: Option<Duration>,
}

/// What an engine may be late by, before its answer is not waited for any more.
const GRACE: Duration = Duration::from_secs(2);

/// One arm an engine.
#[derive(Debug, Clone)]
enum EngineStore {
    Sqlite(Arc<SqliteStore>),
    Postgres(Arc<PostgresStore>),
    MariaDb(Arc<MariaDbStore>),
}

impl Store {
    /// A store that only reads.
    #[must_use]
    pub fn reader(url: &DatabaseUrl) -> Self {
        Self::new(url, Access::Read)
    }

    /// A store that only reads, for at most `limit` a statement. A fetch that is dropped ends its statement in the
    /// database.
    #[must_use]
    pub fn reader_within(url: &DatabaseUrl, limit: Duration) -> Self {
        Self::limited(url, Access::Read, Some(limit))
    }

    /// A store that writes to a database that exists.
    #[must_use]
    pub fn writer(url: &DatabaseUrl) -> Self {
        Self::new(url, Access::Write)
    }

    /// A writer that makes the SQLite file where there is none (`mgctl db init`).
    #[must_use]
    pub fn creator(url: &DatabaseUrl) -> Self {
        Self::new(url, Access::Create)
    }

    /// A writer of a file that is no database of anybody's before it is finished.
    pub(crate) fn builder(url: &DatabaseUrl) -> Self {
        Self::new(url, Access::Build)
    }

    /// What loads and swaps tables takes as long as it takes.
    fn new(url: &DatabaseUrl, access: Access) -> Self {
        Self::limited(url, access, None)
    }

    fn limited(url: &DatabaseUrl, access: Access, limit: Option<Duration>) -> Self {
        let engine = match url.target() {
            Target::Sqlite(path) => {
                EngineStore::Sqlite(Arc::new(SqliteStore::new(path, access, limit)))
            }
            Target::Postgres(url) => {
                EngineStore::Postgres(Arc::new(PostgresStore::new(url, access, limit)))
            }
            Target::MariaDb(url) => {
                EngineStore::MariaDb(Arc::new(MariaDbStore::new(url, access, limit)))
            }
        };
        Self { engine, limit }
    }

    /// The engine that answers.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.engine {
            EngineStore::Sqlite(_) => Engine::Sqlite,
            EngineStore::Postgres(_) => Engine::Postgres,
            EngineStore::MariaDb(_) => Engine::MariaDb,
        }
    }

    /// Answers all rows of one statement; `?` stands for a parameter.
    ///
    /// # Errors
    /// See [`StoreError`]. A database that was gone is reached again by the next call.
    pub async fn fetch(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let Some(limit) = self.limit else {
            return self.asked(sql, params).await;
        };
        let started = Instant::now();
        // The engines stop statements themselves; a line that is dead, or one step that lasts, they do not.
        match tokio::time::timeout(limit + GRACE, self.asked(sql, params)).await {
            Err(_) => Err(StoreError::Timeout(limit)),
            Ok(Err(error)) if started.elapsed() >= limit => Err(error.after(limit)),
            Ok(answer) => answer,
        }
    }

    async fn asked(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        match &self.engine {
            EngineStore::Sqlite(store) => store.fetch(sql, params).await,
            // Connecting makes a large future: kept off the caller's.
            EngineStore::Postgres(store) => Box::pin(store.fetch(sql, params)).await,
            EngineStore::MariaDb(store) => store.fetch(sql, params).await,
        }
    }

    /// Closes all connections once they are idle; the next call opens new ones.
    pub async fn close(&self) {
        match &self.engine {
            EngineStore::Sqlite(store) => store.close().await,
            EngineStore::Postgres(store) => store.close().await,
            EngineStore::MariaDb(store) => store.close().await,
        }
    }

    /// Begins a transaction. Dropped without [`Transaction::commit`], it is rolled back.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        let engine = match &self.engine {
            EngineStore::Sqlite(store) => EngineTransaction::Sqlite(store.begin().await?),
            EngineStore::Postgres(store) => {
                EngineTransaction::Postgres(Box::pin(store.begin()).await?)
            }
            EngineStore::MariaDb(store) => EngineTransaction::MariaDb(store.begin().await?),
        };
        Ok(Transaction { engine })
    }
}

/// Statements that take effect together or not at all. On MariaDB a statement that makes, changes or
/// drops a table commits what came before it, and another transaction begins behind it.
#[derive(Debug)]
pub struct Transaction {
    engine: EngineTransaction,
}

#[derive(Debug)]
enum EngineTransaction {
    Sqlite(sqlx::Transaction<'static, sqlx::Sqlite>),
    Postgres(sqlx::Transaction<'static, sqlx::Postgres>),
    MariaDb(MariaDbTransaction),
}

impl Transaction {
    /// The engine that answers.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self.engine {
            EngineTransaction::Sqlite(_) => Engine::Sqlite,
            EngineTransaction::Postgres(_) => Engine::Postgres,
            EngineTransaction::MariaDb(_) => Engine::MariaDb,
        }
    }

    /// Runs one statement and answers how many rows it changed.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        match &mut self.engine {
            EngineTransaction::Sqlite(open) => sqlite::execute(open, sql, params).await,
            EngineTransaction::Postgres(open) => postgres::execute(open, sql, params).await,
            EngineTransaction::MariaDb(open) => open.execute(sql, params).await,
        }
    }

    /// Answers all rows of one statement.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn fetch(&mut self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        match &mut self.engine {
            EngineTransaction::Sqlite(open) => sqlite::fetch(open, sql, params).await,
            EngineTransaction::Postgres(open) => postgres::fetch(open, sql, params).await,
            EngineTransaction::MariaDb(open) => open.fetch(sql, params).await,
        }
    }

    /// Inserts rows, each with one value for each of `columns`, in the quickest way the engine has.
    ///
    /// # Errors
    /// See [`StoreError`]; no row is inserted then.
    pub async fn insert(
        &mut self,
        table: &str,
        columns: &[&str],
        rows: &[Vec<Value>],
    ) -> Result<(), StoreError> {
        if let Some(row) = rows.iter().find(|row| row.len() != columns.len()) {
            return Err(StoreError::Value(format!(
                "a row for {table} has {} values for {} columns",
                row.len(),
                columns.len()
            )));
        }
        match &mut self.engine {
            EngineTransaction::Sqlite(open) => sqlite::insert(open, table, columns, rows).await,
            EngineTransaction::Postgres(open) => postgres::insert(open, table, columns, rows).await,
            EngineTransaction::MariaDb(open) => open.insert(table, columns, rows).await,
        }
    }

    /// Makes everything of the transaction durable.
    ///
    /// # Errors
    /// See [`StoreError`]; nothing has taken effect then.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.engine {
            EngineTransaction::Sqlite(open) => Ok(open.commit().await?),
            EngineTransaction::Postgres(open) => Ok(open.commit().await?),
            EngineTransaction::MariaDb(open) => open.commit().await,
        }
    }
}
