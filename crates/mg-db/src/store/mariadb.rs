//! Our own statements on MariaDB and MySQL.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rust_decimal::Decimal;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Executor, MySql, MySqlPool, Row as _,
    mysql::{MySqlArguments, MySqlConnection, MySqlPoolOptions, MySqlRow},
    pool::PoolConnection,
    query::Query,
};

use super::{Access, Row, StoreError};
use crate::{
    mariadb_end::end_session,
    mariadb_value::{MariaDbColumn, MariaDbValue},
    time_limit,
    url::MariaDbUrl,
    value::Value,
};

const CONNECTIONS: u32 = 4;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// A prepared statement takes 65,535 parameters.
const PARAMETERS: usize = 60_000;

/// Standard SQL: names between double quotes, `||` joins texts, a text that does not fit is an error,
/// and letters are told apart as on the other engines.
const SESSION: &str = "SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', \
     SESSION time_zone = '+00:00', NAMES utf8mb4 COLLATE utf8mb4_bin";
const BEGIN: &str = "START TRANSACTION";
const READ_ONLY: &str = "SET SESSION TRANSACTION READ ONLY";
const SESSION_NUMBER: &str = "SELECT CONNECTION_ID()";
/// Named locks belong to a session, not to a transaction.
const RELEASE: &str = "DO RELEASE_ALL_LOCKS()";

/// Statements that commit, as their first words.
const COMMITTING: &[&str] = &["ALTER", "ANALYZE", "CREATE", "DROP", "RENAME", "TRUNCATE"];

/// A pool of connections, made by the first call.
#[derive(Debug)]
pub(super) struct MariaDbStore {
    url: MariaDbUrl,
    access: Access,
    limit: Option<Duration>,
    pool: Mutex<Option<MySqlPool>>,
}

impl MariaDbStore {
    pub(super) fn new(url: &MariaDbUrl, access: Access, limit: Option<Duration>) -> Self {
        Self {
            url: url.clone(),
            access,
            limit,
            pool: Mutex::default(),
        }
    }

    pub(super) async fn fetch(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let mut lease = self.lease().await?;
        let rows = lease.fetch(sql, params).await;
        if !matches!(rows, Err(StoreError::Unavailable(_))) {
            lease.give_back();
        }
        rows
    }

    pub(super) async fn begin(&self) -> Result<MariaDbTransaction, StoreError> {
        let mut lease = self.lease().await?;
        lease.run(BEGIN).await?;
        Ok(lease)
    }

    async fn lease(&self) -> Result<MariaDbTransaction, StoreError> {
        // Connecting makes a large future: kept off the caller's.
        match Box::pin(self.pool().acquire()).await {
            Ok(connection) => self.leased(connection).await,
            Err(error) => Err(self.cause(error).await),
        }
    }

    /// A statement that may be stopped on its way needs the number of its session for that.
    async fn leased(
        &self,
        connection: PoolConnection<MySql>,
    ) -> Result<MariaDbTransaction, StoreError> {
        let mut lease = MariaDbTransaction {
            connection: Some(connection),
            session: None,
        };
        if self.limit.is_some() {
            let rows = lease.fetch(SESSION_NUMBER, &[]).await?;
            let number = rows.first().map_or(Ok(0), |row| row.integer(0))?;
            lease.session = u64::try_from(number).ok().map(|id| (self.url.clone(), id));
        }
        Ok(lease)
    }

    pub(super) async fn close(&self) {
        let pool = self
            .pool
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(pool) = pool {
            pool.close().await;
        }
    }

    fn pool(&self) -> MySqlPool {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pool.as_ref() {
            return pool.clone();
        }
        let reads = self.access == Access::Read;
        let limit = self.limit.map(time_limit::settings).unwrap_or_default();
        let session: Arc<str> = SESSION.replacen("SET ", &format!("SET {limit}"), 1).into();
        let fresh = MySqlPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(move |connection, _| {
                let session = AssertSqlSafe(Arc::clone(&session));
                Box::pin(async move {
                    connection.execute(sqlx::raw_sql(session)).await?;
                    if reads {
                        connection.execute(sqlx::raw_sql(READ_ONLY)).await?;
                    }
                    Ok(())
                })
            })
            .after_release(move |connection, _| {
                Box::pin(async move {
                    if !reads {
                        connection.execute(sqlx::raw_sql(RELEASE)).await?;
                    }
                    Ok(true)
                })
            });
        let options = self.url.options().set_names(false);
        pool.insert(fresh.connect_lazy_with(options)).clone()
    }

    /// The pool tries refused connections again until its time is over and hides why: ask once more.
    async fn cause(&self, error: sqlx::Error) -> StoreError {
        let (sqlx::Error::PoolTimedOut | sqlx::Error::Io(_)) = error else {
            return error.into();
        };
        let options = self.url.options();
        let told = match tokio::time::timeout(ACQUIRE_TIMEOUT, options.connect()).await {
            Ok(Ok(_)) => return error.into(),
            Ok(Err(error @ sqlx::Error::Database(_))) => return error.into(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer".to_owned(),
        };
        let address = self.url.address();
        StoreError::Unavailable(format!(
            "cannot connect to MariaDB at {address} ({told}): check host and port of the URL and that the server runs"
        ))
    }
}

/// A connection of the pool in use. Dropped on its way, it is closed, which rolls back: the driver does
/// not find its way again in what a call that was dropped has left to read.
pub(super) struct MariaDbTransaction {
    connection: Option<PoolConnection<MySql>>,
    /// Where a session of which number is ended when this is dropped on its way.
    session: Option<(MariaDbUrl, u64)>,
}

impl std::fmt::Debug for MariaDbTransaction {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("MariaDbTransaction")
    }
}

impl Drop for MariaDbTransaction {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            drop(connection.detach());
            if let Some((url, id)) = &self.session {
                end_session(url, *id, ());
            }
        }
    }
}

impl MariaDbTransaction {
    pub(super) async fn execute(&mut self, sql: &str, params: &[Value]) -> Result<u64, StoreError> {
        let done = query(sql, params).execute(self.connection()?).await?;
        if commits(sql) {
            self.run(BEGIN).await?;
        }
        Ok(done.rows_affected())
    }

    pub(super) async fn fetch(
        &mut self,
        sql: &str,
        params: &[Value],
    ) -> Result<Vec<Row>, StoreError> {
        let rows = query(sql, params).fetch_all(self.connection()?).await?;
        let Some(first) = rows.first() else {
            return Ok(Vec::new());
        };
        let columns: Vec<_> = first.columns().iter().map(MariaDbColumn::of).collect();
        rows.iter().map(|row| self::row(row, &columns)).collect()
    }

    /// Inserts many rows a statement, in statements that the server takes whole.
    pub(super) async fn insert(
        &mut self,
        table: &str,
        columns: &[&str],
        rows: &[Vec<Value>],
    ) -> Result<(), StoreError> {
        let packet = self.fetch("SELECT @@max_allowed_packet", &[]).await?;
        let packet = packet.first().map_or(Ok(0), |row| row.integer(0))?;
        let bytes = usize::try_from(packet / 2).unwrap_or_default();
        let row = format!("({})", vec!["?"; columns.len()].join(","));
        for chunk in chunks(rows, (PARAMETERS / columns.len().max(1)).max(1), bytes) {
            let values = vec![row.as_str(); chunk.len()].join(",");
            let sql = format!(
                "INSERT INTO {table} ({}) VALUES {values}",
                columns.join(",")
            );
            let statement = sqlx::query(AssertSqlSafe(sql)).persistent(false);
            let statement = chunk.iter().flatten().fold(statement, bound);
            statement.execute(self.connection()?).await?;
        }
        Ok(())
    }

    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        self.run("COMMIT").await?;
        self.give_back();
        Ok(())
    }

    /// The connection is idle again: another call may have it.
    fn give_back(mut self) {
        drop(self.connection.take());
    }

    async fn run(&mut self, sql: &'static str) -> Result<(), StoreError> {
        self.connection()?.execute(sqlx::raw_sql(sql)).await?;
        Ok(())
    }

    fn connection(&mut self) -> Result<&mut MySqlConnection, StoreError> {
        let connection = self.connection.as_deref_mut();
        connection.ok_or_else(|| StoreError::Unavailable("the connection is closed".to_owned()))
    }
}

fn commits(sql: &str) -> bool {
    let first = sql.split_whitespace().next().unwrap_or_default();
    (COMMITTING.iter()).any(|keyword| keyword.eq_ignore_ascii_case(first))
}

/// Cuts rows so that none but a single large one is more than `count` rows or about `bytes` long.
fn chunks(
    mut rows: &[Vec<Value>],
    count: usize,
    bytes: usize,
) -> impl Iterator<Item = &[Vec<Value>]> {
    std::iter::from_fn(move || {
        let mut length = 0;
        let fitting = rows.iter().take(count).take_while(|row| {
            length += row.iter().map(size).sum::<usize>();
            length <= bytes
        });
        let (chunk, rest) = rows.split_at_checked(fitting.count().max(1))?;
        rows = rest;
        Some(chunk)
    })
}

/// The bytes of a value on their way, and those of its mark in the statement.
fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len() + 13,
        Value::Decimal(_) => 40,
        Value::Null | Value::Integer(_) | Value::Real(_) => 13,
    }
}

fn query<'q>(sql: &str, params: &'q [Value]) -> Query<'q, MySql, MySqlArguments> {
    params
        .iter()
        .fold(sqlx::query(AssertSqlSafe(sql.to_owned())), bound)
}

fn bound<'q>(
    query: Query<'q, MySql, MySqlArguments>,
    value: &'q Value,
) -> Query<'q, MySql, MySqlArguments> {
    match value {
        Value::Null => query.bind(None::<i64>),
        Value::Integer(value) => query.bind(*value),
        Value::Real(value) => query.bind(*value),
        Value::Decimal(value) => query.bind(*value),
        Value::Text(text) => query.bind(text.as_str()),
    }
}

fn row(row: &MySqlRow, columns: &[MariaDbColumn]) -> Result<Row, StoreError> {
    let value = |(index, column): (usize, &MariaDbColumn)| {
        Ok(match column.value(row, index) {
            MariaDbValue::Null => Value::Null,
            MariaDbValue::Integer(value) => Value::Integer(value),
            MariaDbValue::Real(value) => Value::Real(value),
            MariaDbValue::Number(digits) => {
                let exact = Decimal::from_str_exact(&digits);
                exact.map(Value::Decimal).map_err(|_| {
                    StoreError::Value(format!(
                        "the store reads no number of so many digits: {digits}"
                    ))
                })?
            }
            MariaDbValue::Text(text) | MariaDbValue::Json(text) => Value::Text(text.into_owned()),
        })
    };
    let values: Result<Vec<_>, StoreError> = columns.iter().enumerate().map(value).collect();
    values.map(Row::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_by_number_and_by_length() {
        let row = |text: &str| vec![Value::from(text)];
        let rows = [row("a"), row("b"), row(&"c".repeat(100)), row("d")];
        let lengths =
            |count, bytes| -> Vec<usize> { chunks(&rows, count, bytes).map(<[_]>::len).collect() };
        assert_eq!(lengths(3, 1_000), [3, 1]);
        assert_eq!(lengths(9, 40), [2, 1, 1]);
        assert_eq!(lengths(9, 0), [1, 1, 1, 1]);
        assert_eq!(chunks(&[], 9, 9).count(), 0);
    }

    #[test]
    fn statements_that_commit_are_known_by_their_first_word() {
        assert!(commits("create TABLE a (b INTEGER)") && commits("\n DROP TABLE a"));
        assert!(!commits("INSERT INTO a VALUES ('CREATE')"));
    }
}
