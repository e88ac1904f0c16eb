//! Why our own statement failed.

use std::time::Duration;

use thiserror::Error;

use crate::{sqlite_file, time_limit};

/// Every failure of the store, told for the operator. No variant holds a password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// The database cannot be reached now.
    #[error("{0}")]
    Unavailable(String),
    /// The account lacks a right; the engine's own words name the object.
    #[error("{0}: `mgctl db grants` prints the rights that each account needs")]
    Denied(String),
    /// The engine refused a statement of ours.
    #[error("the database refused a statement: {message}")]
    Statement {
        /// The engine's message.
        message: String,
        /// SQLSTATE on PostgreSQL, the extended result code on SQLite, the error's number on MariaDB.
        code: Option<String>,
    },
    /// The statement took longer than statements of this store may.
    #[error(
        "a statement was stopped after {} (`sql.statement_timeout_s` of mg.toml sets the limit)",
        time_limit::told(.0)
    )]
    Timeout(Duration),
    /// Another process keeps the database locked.
    #[error("the database is locked by another writer: try again in a moment")]
    Busy,
    /// A value has not the type that was asked for.
    #[error("{0}")]
    Value(String),
    /// The tables are not those this program knows.
    #[error("{0}")]
    Schema(String),
    /// The file or its folder cannot be written.
    #[error("{0}")]
    Storage(String),
}

impl StoreError {
    /// The same, for a statement whose time had run out: what its engine says then is not what went wrong.
    pub(super) fn after(self, limit: Duration) -> Self {
        // Interrupted, on SQLite; cancelled, on PostgreSQL; out of time on MariaDB, on MySQL, and ended by either.
        const STOPPED: &[&str] = &["9", "57014", "1969", "3024", "1317"];
        match self {
            Self::Statement {
                code: Some(code), ..
            } if STOPPED.contains(&code.as_str()) => Self::Timeout(limit),
            other => other,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => of_database(error.as_ref()),
            sqlx::Error::Io(error) => Self::Unavailable(format!(
                "the connection to the database was lost ({error}): check that the server runs; the next call connects again"
            )),
            sqlx::Error::PoolTimedOut => Self::Unavailable(
                "all connections to the database are in use: try again in a moment".to_owned(),
            ),
            sqlx::Error::Configuration(error) => Self::Unavailable(error.to_string()),
            sqlx::Error::Encode(error) | sqlx::Error::Decode(error) => {
                Self::Value(error.to_string())
            }
            sqlx::Error::ColumnDecode { index, source } => {
                Self::Value(format!("column {index}: {source}"))
            }
            other => Self::Unavailable(format!("the database driver failed: {other}")),
        }
    }
}

/// From message and code only: the driver's own text of a PostgreSQL error ends in a line of the
/// server's C source.
fn of_database(error: &dyn sqlx::error::DatabaseError) -> StoreError {
    let message = error.message().to_owned();
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return of_mariadb(message, error.number());
    }
    let code = error.code().map(std::borrow::Cow::into_owned);
    let sqlite = error
        .try_downcast_ref::<sqlx::sqlite::SqliteError>()
        .is_some();
    match (sqlite, code.as_deref().unwrap_or_default()) {
        (false, "42501" | "25006") => StoreError::Denied(message),
        (false, "57P01" | "57P02" | "57P03" | "53300") => StoreError::Unavailable(format!(
            "PostgreSQL does not serve now ({message}): try again in a moment"
        )),
        (false, class) if class.starts_with("28") || class == "3D000" => {
            StoreError::Unavailable(format!(
                "PostgreSQL refused the connection ({message}): check user, password and database of the URL"
            ))
        }
        (true, code) => of_sqlite(message, code.parse().unwrap_or_default()),
        _ => StoreError::Statement { message, code },
    }
}

fn of_mariadb(message: String, number: u16) -> StoreError {
    match number {
        // Rights on a table, a column, the server, a routine; a session that only reads.
        1142 | 1143 | 1227 | 1370 | 1792 => StoreError::Denied(message),
        // Waited too long for a lock, or chosen as the victim of two that wait for each other.
        1205 | 1213 => StoreError::Busy,
        1044 | 1045 | 1049 | 1698 | 3118 | 4151 => StoreError::Unavailable(format!(
            "MariaDB refused the connection ({message}): check user, password and database of the URL"
        )),
        1040 | 1053 | 1203 | 1226 | 1927 => StoreError::Unavailable(format!(
            "MariaDB does not serve now ({message}): try again in a moment"
        )),
        number => StoreError::Statement {
            message,
            code: Some(number.to_string()),
        },
    }
}

fn of_sqlite(message: String, code: i32) -> StoreError {
    const BUSY: i32 = 5;
    const LOCKED: i32 = 6;
    const READ_ONLY: i32 = 8;
    const IO_ERROR: i32 = 10;
    const CORRUPT: i32 = 11;
    const FULL: i32 = 13;
    const CANNOT_OPEN: i32 = 14;
    const NO_DATABASE: i32 = 26;
    match code & 0xff {
        BUSY | LOCKED => StoreError::Busy,
        FULL => StoreError::Storage(format!("{message}: make room where the database file is")),
        IO_ERROR => StoreError::Storage(format!("the database file cannot be used ({message})")),
        READ_ONLY if !sqlite_file::needs_recovery(code) => StoreError::Denied(message),
        CORRUPT | CANNOT_OPEN | NO_DATABASE => StoreError::Unavailable(format!(
            "the database file cannot be used ({message}): check that it is a SQLite database and that this user may open it"
        )),
        _ => StoreError::Statement {
            message,
            code: Some(code.to_string()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mariadbs_numbers_become_sentences() {
        let of = |number| of_mariadb("x".into(), number);
        assert_eq!(of(1142), StoreError::Denied("x".into()));
        assert_eq!(of(1213), StoreError::Busy);
        assert!(of(1045).to_string().contains("check user, password"));
        assert!(matches!(of(1040), StoreError::Unavailable(_)));
        assert!(
            matches!(of(1062), StoreError::Statement { code: Some(code), .. } if code == "1062")
        );
    }

    #[test]
    fn sqlite_codes_become_sentences_by_their_primary_code() {
        let of = |code| of_sqlite("x".into(), code);
        assert_eq!(of(261), StoreError::Busy);
        assert!(matches!(of(13), StoreError::Storage(_)));
        assert!(matches!(of(8), StoreError::Denied(_)));
        assert!(matches!(of(26), StoreError::Unavailable(_)));
        assert!(
            matches!(of(1555), StoreError::Statement { code: Some(code), .. } if code == "1555")
        );
    }
}
