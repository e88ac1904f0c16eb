//! PostgreSQL's errors as sentences.

use std::{error::Error as _, path::Path};

use tokio_postgres::{
    Error,
    error::{DbError, ErrorPosition, SqlState},
};

use super::shape::first_word_position;
use crate::gate::{Caps, GateError, Statement, StatementFault};

const WELCOME: &str = "only one statement that reads is welcome: SELECT, WITH … SELECT, VALUES, TABLE, EXPLAIN of them, or SHOW";

/// Whether the connection itself is gone, so that a fresh one may answer.
pub(super) fn is_lost(error: &Error) -> bool {
    match error.as_db_error() {
        Some(error) => is_shutdown(error.code()),
        None => {
            error.is_closed()
                || error
                    .source()
                    .is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
        }
    }
}

fn is_shutdown(code: &SqlState) -> bool {
    [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
    ]
    .contains(code)
}

/// The error of a statement as its caller is told it; the statement stands behind `prefix`
/// characters of ours, and `over` says whether its time had run out.
pub(super) fn told(
    error: &Error,
    statement: &Statement,
    prefix: usize,
    caps: Caps,
    over: bool,
) -> GateError {
    let Some(error) = error.as_db_error() else {
        return if is_lost(error) {
            lost()
        } else {
            unexpected(error)
        };
    };
    let position = position(error, prefix);
    let code = error.code();
    if is_shutdown(code) {
        return lost();
    }
    if *code == SqlState::QUERY_CANCELED && over {
        return GateError::Timeout(caps.time);
    }
    if let Some(denied) = denied(error) {
        return denied;
    }
    if let Some(refusal) = refusal(error, statement, position) {
        return GateError::Refused(refusal);
    }
    if *code == SqlState::PROTOCOL_VIOLATION {
        // "bind message supplies 1 parameters, but prepared statement "" requires 2"
        let wanted = error.message().rsplit(' ').next().unwrap_or_default();
        return GateError::Statement(StatementFault::parameters(wanted, statement.params.len()));
    }
    GateError::Statement(StatementFault {
        message: error.message().to_owned(),
        code: Some(code.code().to_owned()),
        position,
        hint: hint(error),
    })
}

/// The sentence for what is no query, more than one, or would write.
fn refusal(error: &DbError, statement: &Statement, position: Option<usize>) -> Option<String> {
    let message = error.message();
    let code = error.code();
    let at_first_word = position == Some(first_word_position(&statement.sql));
    let why = if *code == SqlState::SYNTAX_ERROR && position.is_none() {
        "one statement at a time"
    } else if *code == SqlState::SYNTAX_ERROR && at_first_word
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
        || *code == SqlState::FEATURE_NOT_SUPPORTED && message.contains("DECLARE")
        || *code == SqlState::INVALID_CURSOR_DEFINITION
    {
        message
    } else {
        return None;
    };
    Some(format!("{why}: {WELCOME}"))
}

/// A table or view that the account may not read, or not all of: PostgreSQL does not say which column.
fn denied(error: &DbError) -> Option<GateError> {
    if *error.code() != SqlState::INSUFFICIENT_PRIVILEGE {
        return None;
    }
    let object = error.message().strip_prefix("permission denied for ")?;
    let table = ["table ", "view ", "materialized view ", "foreign table "]
        .iter()
        .find_map(|kind| object.strip_prefix(kind))?;
    Some(GateError::Denied {
        table: table.to_owned(),
        column: None,
    })
}

fn position(error: &DbError, prefix: usize) -> Option<usize> {
    let ErrorPosition::Original(position) = error.position()? else {
        return None;
    };
    usize::try_from(*position).ok()?.checked_sub(prefix)
}

fn hint(error: &DbError) -> Option<String> {
    if *error.code() == SqlState::INDETERMINATE_DATATYPE {
        return Some("give the parameter a type, e.g. $1::text".to_owned());
    }
    error.hint().or(error.detail()).map(str::to_owned)
}

fn lost() -> GateError {
    GateError::Unavailable(
        "the connection to PostgreSQL was lost: check that the server runs; the next call connects again".to_owned(),
    )
}

fn unexpected(error: &Error) -> GateError {
    GateError::Unavailable(format!(
        "PostgreSQL answered something unexpected: {}",
        with_cause(error)
    ))
}

/// The server takes the connection and then says nothing.
pub(super) fn silent(address: &str) -> GateError {
    GateError::Unavailable(format!(
        "PostgreSQL at {address} does not answer: check host and port of MG_DATABASE_URL and that the server runs"
    ))
}

/// A socket of the file system that cannot be opened.
pub(super) fn no_socket(path: &Path, error: &std::io::Error) -> GateError {
    GateError::Unavailable(format!(
        "cannot connect to PostgreSQL at {} ({error}): check the folder and the port of MG_DATABASE_URL and that the server runs",
        path.display()
    ))
}

/// Why no connection could be opened.
pub(super) fn unreachable(address: &str, error: &Error) -> GateError {
    let advice = match error.code() {
        Some(code)
            if *code == SqlState::INVALID_PASSWORD
                || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION =>
        {
            "check user and password of MG_DATABASE_URL"
        }
        Some(code) if *code == SqlState::INVALID_CATALOG_NAME => {
            "check the database name of MG_DATABASE_URL"
        }
        Some(code) if *code == SqlState::TOO_MANY_CONNECTIONS => "try again in a moment",
        Some(code) if is_shutdown(code) => {
            "the server is starting or stopping, try again in a moment"
        }
        _ => "check host and port of MG_DATABASE_URL and that the server runs",
    };
    let told = match error.as_db_error() {
        Some(error) => error.message().to_owned(),
        None => with_cause(error),
    };
    GateError::Unavailable(format!(
        "cannot connect to PostgreSQL at {address} ({told}): {advice}"
    ))
}

fn with_cause(error: &Error) -> String {
    match error.source() {
        Some(cause) => cause.to_string(),
        None => error.to_string(),
    }
}
