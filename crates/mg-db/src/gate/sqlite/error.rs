//! SQLite's result codes as sentences.

use std::{any::Any, io, path::Path};

use rusqlite::{Error, ErrorCode};

use crate::gate::{Caps, GateError, StatementFault};

/// Why a statement was not answered, before the deadline is known to be the cause.
#[derive(Debug)]
pub(super) enum Failure {
    /// What SQLite said, and where in the text (bytes from 0).
    Engine(Error, Option<usize>),
    /// The database cannot be used now.
    Unavailable(String),
    /// Already told.
    Told(GateError),
}

/// What is welcome.
pub(super) const WELCOME: &str = "only one statement that reads is welcome: SELECT, WITH … SELECT, VALUES, EXPLAIN QUERY PLAN, or a schema PRAGMA such as table_info";

const NO_MEMORY: &str = "the statement needs too much memory: sort or collect fewer rows";

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let position = match &error {
            Error::SqlInputError { sql, offset, .. } => {
                let before = usize::try_from(*offset).ok().and_then(|end| sql.get(..end));
                before.map(|before| before.chars().count() + 1)
            }
            _ => None,
        };
        Self::Engine(error, position)
    }
}

impl Failure {
    /// Whether it was the statement's text, which leaves the connection as it was.
    pub(super) fn is_of_the_text(&self) -> bool {
        matches!(
            self,
            Self::Told(_) | Self::Engine(Error::SqlInputError { .. } | Error::MultipleStatement, _)
        )
    }

    /// The failure as the caller is told it.
    pub(super) fn told(self, caps: Caps) -> GateError {
        match self {
            Self::Engine(error, position) => told(&error, position, caps),
            Self::Unavailable(why) => GateError::Unavailable(why),
            Self::Told(error) => error,
        }
    }
}

fn told(error: &Error, position: Option<usize>, caps: Caps) -> GateError {
    if matches!(error, Error::MultipleStatement) {
        return GateError::Refused(format!("one statement at a time: {WELCOME}"));
    }
    let message = message(error);
    match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => GateError::Timeout(caps.time),
        Some(ErrorCode::AuthorizationForStatementDenied | ErrorCode::ReadOnly) => {
            GateError::Refused(format!("{message}: {WELCOME}"))
        }
        Some(ErrorCode::TooBig) => GateError::TooLarge(format!(
            "a value is too large ({message}): ask for a part of it with substr()"
        )),
        Some(ErrorCode::OutOfMemory) => GateError::TooLarge(NO_MEMORY.to_owned()),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            GateError::Busy("the database is locked by a writer: try again in a moment".to_owned())
        }
        Some(
            ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::CannotOpen
            | ErrorCode::SystemIoFailure
            | ErrorCode::PermissionDenied,
        ) => GateError::Unavailable(format!(
            "the database file cannot be read ({message}): check that MG_DATABASE_URL names a SQLite database and that this user may read it"
        )),
        _ => GateError::Statement(StatementFault {
            message,
            code: error
                .sqlite_error()
                .map(|error| error.extended_code.to_string()),
            position,
            hint: None,
        }),
    }
}

/// SQLite's own words, without the statement that rusqlite adds.
pub(super) fn message(error: &Error) -> String {
    match error {
        Error::SqlInputError { msg, .. } | Error::SqliteFailure(_, Some(msg)) => msg.clone(),
        Error::SqliteFailure(code, None) => code.to_string(),
        other => other.to_string(),
    }
}

/// What a reader that panicked leaves to be told. The driver does where the engine has no memory left for a value.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let told = if text.is_some_and(|text| text.contains("with NULL data")) {
        GateError::TooLarge(NO_MEMORY.to_owned())
    } else {
        let why = "reading failed inside of this server, and its log tells how: ask in another way";
        GateError::Unavailable(why.to_owned())
    };
    Failure::Told(told)
}

/// A row of more bytes than are taken at once.
pub(super) fn row_too_large(most: usize) -> GateError {
    GateError::TooLarge(format!(
        "a row is larger than the {most} bytes taken here: ask for parts of its large values, e.g. substr(column, 1, 1000) or length(column)"
    ))
}

/// The file is missing or cannot be looked at.
pub(super) fn unopened(path: &Path, error: &io::Error) -> GateError {
    GateError::Unavailable(crate::sqlite_file::unopened(path, error))
}
