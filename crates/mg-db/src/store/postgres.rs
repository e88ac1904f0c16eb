//! Our own statements on PostgreSQL.

mod copy;
mod types;

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Either, Executor, PgConnection, PgPool, Postgres,
    Statement,
    pool::PoolConnection,
    postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgSslMode},
    query::Query,
};
use tokio_postgres::config::Host;

use super::{Access, Row, StoreError, scan::numbered};
use crate::{
    time_limit::{CHECK_CLIENT, milliseconds},
    url::{PostgresUrl, TlsMode, address},
    value::Value,
};
use types::Parameter;

const CONNECTIONS: u32 = 4;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);

/// A pool of connections, made by the first call.
#[derive(Debug)]
pub(super) struct PostgresStore {
    url: PostgresUrl,
    access: Access,
    limit: Option<Duration>,
    pool: Mutex<Option<PgPool>>,
}

impl PostgresStore {
    pub(super) fn new(url: &PostgresUrl, access: Access, limit: Option<Duration>) -> Self {
        Self {
            url: url.clone(),
            access,
            limit,
            pool: Mutex::default(),
        }
    }

    pub(super) async fn fetch(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, StoreError> {
        let mut lease = match self.pool()?.acquire().await {
            Ok(connection) => Lease(Some(connection)),
            Err(error) => return Err(self.cause(error).await),
        };
        let rows = fetch(lease.connection()?, sql, params).await;
        lease.give_back();
        rows
    }

    pub(super) async fn begin(&self) -> Result<sqlx::Transaction<'static, Postgres>, StoreError> {
        match self.pool()?.begin().await {
            Ok(transaction) => Ok(transaction),
            Err(error) => Err(self.cause(error).await),
        }
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

    fn pool(&self) -> Result<PgPool, StoreError> {
        let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pool.as_ref() {
            return Ok(pool.clone());
        }
        let options = self.options()?;
        let limited = self.limit.is_some();
        let fresh = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if limited {
                        let _older = connection.execute(sqlx::raw_sql(CHECK_CLIENT)).await;
                    }
                    Ok(())
                })
            });
        Ok(pool.insert(fresh.connect_lazy_with(options)).clone())
    }

    /// The pool tries refused connections again until its time is over and hides why: ask once more.
    async fn cause(&self, error: sqlx::Error) -> StoreError {
        let (sqlx::Error::PoolTimedOut | sqlx::Error::Io(_)) = error else {
            return error.into();
        };
        let options = match self.options() {
            Ok(options) => options,
            Err(error) => return error,
        };
        let connecting = PgConnection::connect_with(&options);
        let told = match tokio::time::timeout(ACQUIRE_TIMEOUT, connecting).await {
            Ok(Ok(_)) => return error.into(),
            Ok(Err(error @ sqlx::Error::Database(_))) => return error.into(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer".to_owned(),
        };
        let address = self
            .url
            .config()
            .map(|config| address(&config))
            .unwrap_or_default();
        StoreError::Unavailable(format!(
            "cannot connect to PostgreSQL at {address} ({told}): check host and port of the URL and that the server runs"
        ))
    }

    fn options(&self) -> Result<PgConnectOptions, StoreError> {
        let options = options(&self.url, self.access)?;
        Ok(match self.limit {
            Some(limit) => options.options([("statement_timeout", milliseconds(limit))]),
            None => options,
        })
    }
}

/// A connection of the pool in use. Dropped before [`Lease::give_back`], it is closed, which ends what runs there:
/// given back, the pool would wait for the end of a statement that nobody asked for any more.
struct Lease(Option<PoolConnection<Postgres>>);

impl Lease {
    fn connection(&mut self) -> Result<&mut PgConnection, StoreError> {
        let connection = self.0.as_deref_mut();
        connection.ok_or_else(|| StoreError::Unavailable("the connection is closed".to_owned()))
    }

    fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            drop(connection.detach());
        }
    }
}

/// The URL as sqlx wants it: read by one parser for both drivers.
fn options(url: &PostgresUrl, access: Access) -> Result<PgConnectOptions, StoreError> {
    let config = url
        .config()
        .map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let mode = match url.tls {
        TlsMode::Disable => PgSslMode::Disable,
        TlsMode::Prefer => PgSslMode::Prefer,
        TlsMode::Require => PgSslMode::Require,
        TlsMode::Verify => PgSslMode::VerifyFull,
    };
    let mut options = PgConnectOptions::new_without_pgpass()
        .application_name(config.get_application_name().unwrap_or("mg-platform"))
        .port(config.get_ports().first().copied().unwrap_or(5432))
        .username(config.get_user().unwrap_or_default())
        .ssl_mode(mode)
        .disable_statement_logging();
    options = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => options.host(host),
        Some(Host::Unix(folder)) => options.socket(folder),
        None => options,
    };
    if let Some(password) = config.get_password() {
        options = options.password(&String::from_utf8_lossy(password));
    }
    if let Some(database) = config.get_dbname() {
        options = options.database(database);
    }
    if let Some(file) = &url.root_certificate {
        options = options.ssl_root_cert(file);
    }
    let own = config.get_options().unwrap_or_default().split("-c ");
    options = options.options(own.filter_map(|setting| setting.trim().split_once('=')));
    Ok(match access {
        Access::Read => options.options([("default_transaction_read_only", "on")]),
        Access::Write | Access::Create | Access::Build => options,
    })
}

pub(super) async fn execute(
    connection: &mut PgConnection,
    sql: &str,
    params: &[Value],
) -> Result<u64, StoreError> {
    let query = query(connection, sql, params).await?;
    Ok(query.execute(connection).await?.rows_affected())
}

pub(super) async fn fetch(
    connection: &mut PgConnection,
    sql: &str,
    params: &[Value],
) -> Result<Vec<Row>, StoreError> {
    let query = query(connection, sql, params).await?;
    let rows = query.fetch_all(connection).await?;
    Ok(rows.iter().map(types::row).collect::<Result<_, _>>()?)
}

pub(super) use copy::insert;

/// Binds every value as the type that the server infers for its place: text for a date column is
/// a date. The statement is asked for its types once a connection.
async fn query<'q>(
    connection: &mut PgConnection,
    sql: &str,
    params: &'q [Value],
) -> Result<Query<'q, Postgres, PgArguments>, StoreError> {
    let sql = AssertSqlSafe(numbered(sql));
    if params.is_empty() {
        return Ok(sqlx::query(sql));
    }
    let sql = sqlx::SqlSafeStr::into_sql_str(sql);
    let prepared = connection.prepare(sql.clone()).await?;
    let kinds = match prepared.parameters() {
        Some(Either::Left(kinds)) if kinds.len() == params.len() => kinds,
        _ => {
            return Err(StoreError::Value(format!(
                "the statement does not have the {} parameters that were given",
                params.len()
            )));
        }
    };
    let mut arguments = PgArguments::default();
    for (kind, value) in kinds.iter().zip(params) {
        sqlx::Arguments::add(
            &mut arguments,
            Parameter {
                kind: kind.clone(),
                value,
            },
        )
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(sqlx::query_with(sql, arguments))
}
