//! PostgreSQL's errors as sentences.

use std::{error::Error as _, io, path::Path};

use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::ErrorResponseBody;
use tokio_postgres::{Error, error::SqlState};

use super::shape::first_word_position;
use crate::gate::{Caps, GateError, Statement, StatementFault};

const WELCOME: &str = "only one statement that reads is welcome: SELECT, WITH … SELECT, VALUES, TABLE, EXPLAIN of them, or SHOW";

/// Why a statement was not answered.
#[derive(Debug)]
pub(super) enum Broken {
    /// The server's own error.
    Server(ServerError),
    /// The line is gone.
    Lost(io::Error),
    /// A message that is none.
    Garbled(String),
    /// A message of `length` bytes, announced by its header and not read.
    TooLarge { length: usize, most: usize },
    /// A value of a database without an encoding that is no UTF-8.
    NotText,
    /// What cannot be said in a message: a zero byte, or more parameters than have numbers.
    Unsendable(String),
}

/// An error as the server tells it.
#[derive(Debug)]
pub(super) struct ServerError {
    code: SqlState,
    message: String,
    /// The character of the statement, counted from 1.
    position: Option<usize>,
    /// The detail and the hint.
    hint: Option<String>,
}

impl ServerError {
    pub(super) fn of(body: &ErrorResponseBody) -> Self {
        let (mut code, mut message, mut position) = (String::new(), String::new(), None);
        let (mut hint, mut detail) = (None, None);
        let mut fields = body.fields();
        while let Ok(Some(field)) = fields.next() {
            let value = String::from_utf8_lossy(field.value_bytes()).into_owned();
            match field.type_() {
                b'C' => code = value,
                b'M' => message = value,
                b'P' => position = value.parse().ok(),
                b'H' => hint = Some(value),
                b'D' => detail = Some(value),
                _ => {}
            }
        }
        let more: Vec<String> = detail.into_iter().chain(hint).collect();
        Self {
            code: SqlState::from_code(&code),
            message,
            position,
            hint: (!more.is_empty()).then(|| more.join("; ")),
        }
    }
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                Self::Garbled(error.to_string())
            }
            _ => Self::Lost(error),
        }
    }
}

impl std::fmt::Display for Broken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Server(error) => formatter.write_str(&error.message),
            Self::Lost(error) => error.fmt(formatter),
            Self::Garbled(why) | Self::Unsendable(why) => formatter.write_str(why),
            Self::TooLarge { length, most } => write!(
                formatter,
                "a row of {length} bytes is larger than the {most} bytes taken here: ask for parts of its large values, e.g. left(column, 1000), substr(column, 1, 1000) or octet_length(column)"
            ),
            Self::NotText => formatter.write_str(
                "a value is not UTF-8, in which texts are read here: ask for its bytes, e.g. convert_to(column, 'SQL_ASCII')",
            ),
        }
    }
}

/// Whether the connection itself is gone, so that a fresh one may answer.
pub(super) fn is_lost(broken: &Broken) -> bool {
    match broken {
        Broken::Server(error) => is_shutdown(&error.code),
        broken => matches!(broken, Broken::Lost(_)),
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
    broken: &Broken,
    statement: &Statement,
    prefix: usize,
    caps: Caps,
    over: bool,
) -> GateError {
    match broken {
        broken if is_lost(broken) => lost(),
        Broken::Server(error) => of_server(error, statement, prefix, caps, over),
        Broken::TooLarge { .. } => GateError::TooLarge(broken.to_string()),
        Broken::NotText | Broken::Unsendable(_) => GateError::Refused(broken.to_string()),
        Broken::Lost(_) | Broken::Garbled(_) => GateError::Unavailable(format!(
            "PostgreSQL answered something unexpected: {broken}"
        )),
    }
}

fn of_server(
    error: &ServerError,
    statement: &Statement,
    prefix: usize,
    caps: Caps,
    over: bool,
) -> GateError {
    let position = error
        .position
        .and_then(|position| position.checked_sub(prefix));
    if error.code == SqlState::QUERY_CANCELED && over {
        return GateError::Timeout(caps.time);
    }
    if let Some(denied) = denied(error) {
        return denied;
    }
    if let Some(refusal) = refusal(error, statement, position) {
        return GateError::Refused(refusal);
    }
    if error.code == SqlState::PROTOCOL_VIOLATION {
        // "bind message supplies 1 parameters, but prepared statement "" requires 2"
        let wanted = error.message.rsplit(' ').next().unwrap_or_default();
        return GateError::Statement(StatementFault::parameters(wanted, statement.params.len()));
    }
    GateError::Statement(StatementFault {
        message: error.message.clone(),
        code: Some(error.code.code().to_owned()),
        position,
        hint: hint(error),
    })
}

/// The sentence for what is no query, more than one, or would write.
fn refusal(error: &ServerError, statement: &Statement, position: Option<usize>) -> Option<String> {
    let ServerError { code, message, .. } = error;
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
fn denied(error: &ServerError) -> Option<GateError> {
    if error.code != SqlState::INSUFFICIENT_PRIVILEGE {
        return None;
    }
    let object = error.message.strip_prefix("permission denied for ")?;
    let table = ["table ", "view ", "materialized view ", "foreign table "]
        .iter()
        .find_map(|kind| object.strip_prefix(kind))?;
    Some(GateError::Denied {
        table: table.to_owned(),
        column: None,
    })
}

fn hint(error: &ServerError) -> Option<String> {
    if error.code == SqlState::INDETERMINATE_DATATYPE {
        return Some("give the parameter a type, e.g. $1::text".to_owned());
    }
    error.hint.clone()
}

fn lost() -> GateError {
    GateError::Unavailable(
        "the connection to PostgreSQL was lost: check that the server runs; the next call connects again".to_owned(),
    )
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

/// What we had to ask of a fresh connection was not answered.
pub(super) fn unanswered(address: &str, broken: &Broken) -> GateError {
    GateError::Unavailable(format!(
        "cannot connect to PostgreSQL at {address} ({broken}): check that the server runs and that the account may read the catalogue"
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
