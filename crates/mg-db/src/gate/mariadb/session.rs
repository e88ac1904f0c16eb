//! One session of a server: opened for one statement, never used again.

use std::time::Duration;

use futures::TryStreamExt;
use serde_json::Value as Json;
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, Connection, Either, Error, Executor, Row as _,
    SqlSafeStr, Statement as _,
    mysql::{MySqlArguments, MySqlColumn, MySqlConnection, MySqlRow},
};
use tokio::sync::OwnedSemaphorePermit;

use super::{
    account, error,
    relay::{self, Tally},
};
use crate::{
    gate::{
        Account, Cell, Column, Flow, GateError, RowSink, StatementFault,
        cell::{Delivery, real},
    },
    mariadb_end::end_session,
    mariadb_value::{MariaDbColumn, MariaDbValue},
    time_limit,
    url::MariaDbUrl,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(6);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// An open session. Dropped before [`Session::close`], what runs in it is ended on the server.
pub(super) struct Session {
    connection: Option<MySqlConnection>,
    tally: Tally,
    id: u64,
    url: MariaDbUrl,
    /// Held until the server has ended the session.
    permit: Option<OwnedSemaphorePermit>,
}

/// Why a statement was not answered.
pub(super) enum Failure {
    Driver(Error),
    Told(GateError),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Driver(error)
    }
}

impl Session {
    /// Connects and makes the session one that reads, for at most `time` a statement and rows of at most `row_bytes`.
    pub(super) async fn open(
        url: &MariaDbUrl,
        row_bytes: usize,
        time: Duration,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<Self, GateError> {
        let address = url.address();
        let opening = async {
            // Connecting makes a large future: kept off the caller's.
            let (mut connection, tally) = Box::pin(relay::connect(url, row_bytes)).await?;
            let prologue = sqlx::raw_sql(AssertSqlSafe(prologue(time)));
            let rows = connection.fetch_all(prologue).await?;
            let id = rows.first().map_or(Ok(0), |row| row.try_get_unchecked(0))?;
            Ok((connection, tally, id))
        };
        let (connection, tally, id) = (tokio::time::timeout(CONNECT_TIMEOUT, opening).await)
            .map_err(|_| error::silent(&address))?
            .map_err(|error| error::unreachable(&address, &error))?;
        Ok(Self {
            connection: Some(connection),
            tally,
            id,
            url: url.clone(),
            permit,
        })
    }

    /// The account behind the session, and whether it reads some table by column only.
    pub(super) async fn account(&mut self) -> Result<(Account, bool), GateError> {
        let address = self.url.address();
        let told = |error| error::unreachable(&address, &error);
        let connection = self.connection()?;
        let version = "SELECT CAST(VERSION() AS CHAR)";
        let version = texts(connection, version).await.map_err(told)?;
        let grants = texts(connection, "SHOW GRANTS").await.map_err(told)?;
        let rights = account::rights(grants.iter().map(String::as_str));
        let account = Account {
            login: Some(self.url.user.clone()),
            server_version: version.into_iter().next().unwrap_or_default(),
            privileged: rights.privileged,
            may_write: rights.may_write,
        };
        Ok((account, rights.by_column))
    }

    /// Runs the caller's text as one prepared statement; answers whether all of its rows were read.
    pub(super) async fn read<S: RowSink>(
        &mut self,
        sql: &str,
        params: &[Json],
        delivery: &mut Delivery<S>,
    ) -> Result<bool, Failure> {
        let tally = self.tally.clone();
        let connection = self.connection().map_err(Failure::Told)?;
        let text = AssertSqlSafe(sql.to_owned()).into_sql_str();
        // Kept by the driver, so that running it does not prepare it again.
        let prepared = (&mut *connection).prepare(text).await?;
        if let Some(Either::Right(wanted)) = prepared.parameters()
            && wanted != params.len()
        {
            let fault = StatementFault::parameters(wanted, params.len());
            return Err(Failure::Told(GateError::Statement(fault)));
        }
        let mut rows = connection.fetch(prepared.query_with(arguments(params)?));
        let mut kinds = None;
        let ended = |error: Error| match tally.exceeded() {
            Some(most) => Failure::Told(error::row_too_large(most)),
            None => Failure::Driver(error),
        };
        while let Some(row) = rows.try_next().await.map_err(ended)? {
            tally.taken();
            let kinds = kinds.get_or_insert_with(|| described(row.columns(), delivery));
            if deliver(&row, kinds, delivery) == Flow::Full {
                return Ok(false);
            }
        }
        drop(rows);
        if kinds.is_none() {
            described(prepared.columns(), delivery);
        }
        match lost_value(connection).await? {
            Some(message) => Err(Failure::Told(error::too_large(&message))),
            None => Ok(true),
        }
    }

    /// Rolls back and leaves; a session that does not answer is ended.
    pub(super) async fn close(mut self) {
        let Some(connection) = &mut self.connection else {
            return;
        };
        let rollback = connection.execute(sqlx::raw_sql("ROLLBACK"));
        let rolled_back = tokio::time::timeout(CLOSE_TIMEOUT, rollback).await;
        if let Ok(Ok(_)) = rolled_back
            && let Some(connection) = self.connection.take()
        {
            let _ = tokio::time::timeout(CLOSE_TIMEOUT, connection.close()).await;
        }
    }

    fn connection(&mut self) -> Result<&mut MySqlConnection, GateError> {
        (self.connection.as_mut())
            .ok_or_else(|| GateError::Unavailable("the session is closed".to_owned()))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        drop(connection);
        end_session(&self.url, self.id, self.permit.take());
    }
}

/// What makes a session read-only, limited in time and of one dialect, and answers its number.
///
/// Texts are quoted as the policy's scanner reads them. A long text that would be cut in silence is not.
fn prologue(time: Duration) -> String {
    let limit = time_limit::settings(time);
    format!(
        "SET {limit}SESSION sql_mode = CONCAT('STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION' /*!80003 , ',ONLY_FULL_GROUP_BY' */), \
         SESSION group_concat_max_len = 16777216, NAMES utf8mb4; \
         SET SESSION TRANSACTION READ ONLY; START TRANSACTION READ ONLY; SELECT CONNECTION_ID()"
    )
}

/// The first column of a statement of ours.
async fn texts(connection: &mut MySqlConnection, sql: &'static str) -> Result<Vec<String>, Error> {
    let rows = connection.fetch_all(sqlx::raw_sql(sql)).await?;
    rows.iter().map(|row| row.try_get_unchecked(0)).collect()
}

/// What the server says where it told NULL instead of a value that is larger than its packets.
async fn lost_value(connection: &mut MySqlConnection) -> Result<Option<String>, Error> {
    const TRUNCATED: &str = "1301";
    let warnings = connection.fetch_all(sqlx::raw_sql("SHOW WARNINGS")).await?;
    for warning in &warnings {
        let code: String = warning.try_get_unchecked(1)?;
        if code == TRUNCATED {
            return warning.try_get_unchecked(2).map(Some);
        }
    }
    Ok(None)
}

fn arguments(params: &[Json]) -> Result<MySqlArguments, Error> {
    let mut arguments = MySqlArguments::default();
    for value in params {
        let added = match value {
            Json::Null => arguments.add(None::<i64>),
            Json::Bool(value) => arguments.add(i64::from(*value)),
            Json::String(value) => arguments.add(value.as_str()),
            Json::Number(value) => {
                if let Some(value) = value.as_i64() {
                    arguments.add(value)
                } else if let Some(value) = value.as_u64() {
                    arguments.add(value)
                } else if let Some(value) = value.as_f64() {
                    arguments.add(value)
                } else {
                    arguments.add(value.to_string())
                }
            }
            other => arguments.add(other.to_string()),
        };
        added.map_err(Error::Encode)?;
    }
    Ok(arguments)
}

/// Tells the columns to the sink.
fn described<S: RowSink>(
    columns: &[MySqlColumn],
    delivery: &mut Delivery<S>,
) -> Vec<MariaDbColumn> {
    let kinds: Vec<MariaDbColumn> = columns.iter().map(MariaDbColumn::of).collect();
    let told = columns.iter().zip(&kinds).map(|(column, kind)| Column {
        name: column.name().to_owned(),
        r#type: kind.type_name.clone(),
    });
    delivery.columns(&told.collect::<Vec<_>>());
    kinds
}

/// How the one column of `SHOW GRANTS` begins.
const GRANTS: &str = "Grants for ";

fn deliver<S: RowSink>(
    row: &MySqlRow,
    kinds: &[MariaDbColumn],
    delivery: &mut Delivery<S>,
) -> Flow {
    let mut values: Vec<MariaDbValue<'_>> = (kinds.iter().enumerate())
        .map(|(index, kind)| kind.value(row, index))
        .collect();
    if let ([column], [MariaDbValue::Text(line)]) = (row.columns(), values.as_mut_slice())
        && column.name().starts_with(GRANTS)
    {
        *line = account::without_password(line).into();
    }
    let cells: Vec<Cell<'_>> = values.iter().map(cell).collect();
    delivery.row(&cells)
}

fn cell<'a>(value: &'a MariaDbValue<'_>) -> Cell<'a> {
    match value {
        MariaDbValue::Null => Cell::Null,
        MariaDbValue::Integer(value) => Cell::Integer(*value),
        MariaDbValue::Real(value) => real(*value),
        MariaDbValue::Number(text) | MariaDbValue::Text(text) => Cell::Text(text),
        MariaDbValue::Json(text) => Cell::Json(text),
    }
}
