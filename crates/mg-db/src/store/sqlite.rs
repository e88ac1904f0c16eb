//! Our own statements on SQLite.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Decode, Row as _, Sqlite, SqliteConnection, SqlitePool,
    TypeInfo, ValueRef,
    query::Query,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow,
        SqliteSynchronous,
    },
};

use super::{Access, Row, StoreError, watch::Watch};
use crate::{sqlite_file, value::Value};

const CONNECTIONS: u32 = 4;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// SQLite takes 32,766 parameters a statement.
const PARAMETERS: usize = 32_000;
/// Rows that the connection's thread may be ahead of whom they are for: where it has to wait, both threads do.
const ROWS_AHEAD: usize = 1_024;

/// A pool of connections to one file, renewed when another file stands at the path.
#[derive(Debug)]
pub(super) struct SqliteStore {
    path: PathBuf,
    access: Access,
    limit: Option<Duration>,
    pool: Mutex<Option<(u64, SqlitePool)>>,
}

impl SqliteStore {
    pub(super) fn new(path: &Path, access: Access, limit: Option<Duration>) -> Self {
        Self {
            path: path.to_path_buf(),
            access,
            limit,
            pool: Mutex::default(),
        }
    }

    pub(super) async fn fetch(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        match self.fetch_once(sql, params).await {
            Err(error) if self.recovered(&error).await? => {}
            answer => return answer.map_err(StoreError::from),
        }
        Ok(self.fetch_once(sql, params).await?)
    }

    async fn fetch_once(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, sqlx::Error> {
        let mut connection = self.pool()?.acquire().await?;
        let Some(limit) = self.limit else {
            return rows(&mut connection, sql, params).await;
        };
        let watch = Watch::over(&mut connection, limit).await?;
        let rows = rows(&mut connection, sql, params).await;
        watch.ended();
        rows
    }

    pub(super) async fn begin(&self) -> Result<sqlx::Transaction<'static, Sqlite>, StoreError> {
        if matches!(self.access, Access::Create | Access::Build) {
            sqlite_file::create(&self.path).map_err(|error| {
                StoreError::Storage(format!("{} cannot be made ({error})", self.path.display()))
            })?;
        }
        // A writer that began as a reader could not wait for another writer.
        let begin = if self.access == Access::Read {
            "BEGIN"
        } else {
            "BEGIN IMMEDIATE"
        };
        Ok(self.pool()?.begin_with(begin).await?)
    }

    pub(super) async fn close(&self) {
        let pool = self
            .pool
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some((_, pool)) = pool {
            pool.close().await;
        }
    }

    /// Recovers the file if `error` says that a reader needs it.
    async fn recovered(&self, error: &sqlx::Error) -> Result<bool, StoreError> {
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        let code = code.and_then(|code| code.parse().ok()).unwrap_or_default();
        if !sqlite_file::needs_recovery(code) {
            return Ok(false);
        }
        let path = self.path.clone();
        let work = tokio::task::spawn_blocking(move || sqlite_file::recover(&path)).await;
        let done = work.unwrap_or_else(|error| Err(error.to_string()));
        done.map(|()| true).map_err(StoreError::Unavailable)
    }

    fn pool(&self) -> Result<SqlitePool, sqlx::Error> {
        let file = sqlite_file::identity(&self.path).map_err(|error| {
            sqlx::Error::Configuration(sqlite_file::unopened(&self.path, &error).into())
        })?;
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, pool)) = pool.as_ref()
            && *known == file
        {
            return Ok(pool.clone());
        }
        let fresh = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(self.options());
        *pool = Some((file, fresh.clone()));
        Ok(fresh)
    }

    fn options(&self) -> SqliteConnectOptions {
        let options = SqliteConnectOptions::new()
            .filename(&self.path)
            .create_if_missing(false)
            .disable_statement_logging()
            .row_buffer_size(ROWS_AHEAD)
            .read_only(self.access == Access::Read);
        match self.access {
            Access::Create => options.journal_mode(SqliteJournalMode::Wal),
            // Nothing has to survive but the finished file.
            Access::Build => options
                .journal_mode(SqliteJournalMode::Off)
                .synchronous(SqliteSynchronous::Off),
            Access::Read | Access::Write => options,
        }
    }
}

pub(super) async fn execute(
    connection: &mut SqliteConnection,
    sql: &str,
    params: &[Value],
) -> Result<u64, StoreError> {
    Ok(query(sql, params)
        .execute(connection)
        .await?
        .rows_affected())
}

pub(super) async fn fetch(
    connection: &mut SqliteConnection,
    sql: &str,
    params: &[Value],
) -> Result<Vec<Row>, StoreError> {
    Ok(rows(connection, sql, params).await?)
}

/// Inserts many rows a statement: each statement is a trip to the connection's own thread. None is kept for the next
/// time: each number of rows has a text of its own, and a prepared one for hundreds of rows holds hundreds of kilobytes.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    table: &str,
    columns: &[&str],
    rows: &[Vec<Value>],
) -> Result<(), StoreError> {
    let row = format!("({})", vec!["?"; columns.len()].join(","));
    for chunk in rows.chunks((PARAMETERS / columns.len().max(1)).max(1)) {
        let values = vec![row.as_str(); chunk.len()].join(",");
        let sql = format!(
            "INSERT INTO {table} ({}) VALUES {values}",
            columns.join(",")
        );
        let statement = sqlx::query(AssertSqlSafe(sql)).persistent(false);
        let statement = chunk.iter().flatten().fold(statement, bound);
        statement.execute(&mut *connection).await?;
    }
    Ok(())
}

async fn rows(
    connection: &mut SqliteConnection,
    sql: &str,
    params: &[Value],
) -> Result<Vec<Row>, sqlx::Error> {
    let rows = query(sql, params).fetch_all(connection).await?;
    rows.iter().map(row).collect()
}

fn query<'q>(sql: &str, params: &'q [Value]) -> Query<'q, Sqlite, SqliteArguments> {
    params
        .iter()
        .fold(sqlx::query(AssertSqlSafe(sql.to_owned())), bound)
}

fn bound<'q>(
    query: Query<'q, Sqlite, SqliteArguments>,
    value: &'q Value,
) -> Query<'q, Sqlite, SqliteArguments> {
    match value {
        Value::Null => query.bind(None::<i64>),
        Value::Integer(value) => query.bind(*value),
        Value::Real(value) => query.bind(*value),
        // SQLite has no decimals: an integer where it is one, else the nearest number.
        Value::Decimal(value) => match i64::try_from(value.normalize()) {
            Ok(integer) if value.is_integer() => query.bind(integer),
            _ => query.bind(value.to_string().parse::<f64>().ok()),
        },
        Value::Text(text) => query.bind(text.as_str()),
    }
}

/// SQLite types values, not columns.
fn row(row: &SqliteRow) -> Result<Row, sqlx::Error> {
    let value = |index: usize| {
        let raw = row.try_get_raw(index)?;
        let kind = raw.type_info();
        let value = match kind.name() {
            _ if raw.is_null() => Value::Null,
            "INTEGER" | "BOOLEAN" => {
                Value::Integer(Decode::<Sqlite>::decode(raw).map_err(sqlx::Error::Decode)?)
            }
            "REAL" => Value::Real(Decode::<Sqlite>::decode(raw).map_err(sqlx::Error::Decode)?),
            _ => Value::Text(Decode::<Sqlite>::decode(raw).map_err(sqlx::Error::Decode)?),
        };
        Ok(value)
    };
    (0..row.len())
        .map(value)
        .collect::<Result<Vec<_>, sqlx::Error>>()
        .map(Row::from)
}

#[cfg(test)]
mod tests {
    use sqlx::Connection as _;

    use super::*;

    #[tokio::test]
    async fn inserting_keeps_no_statement_for_each_number_of_rows() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        execute(&mut connection, "CREATE TABLE t (a INTEGER)", &[])
            .await
            .unwrap();
        let before = connection.cached_statements_size();
        for count in 1..=50 {
            let rows = vec![vec![Value::Integer(1)]; count];
            insert(&mut connection, "t", &["a"], &rows).await.unwrap();
        }
        let count = fetch(&mut connection, "SELECT count(*) FROM t", &[]).await;
        assert_eq!(count.unwrap()[0].integer(0).unwrap(), 50 * 51 / 2);
        assert!(connection.cached_statements_size() <= before + 1);
    }
}
