//! MariaDB's and MySQL's errors as sentences, by their numbers.

use sqlx::{Error, mysql::MySqlDatabaseError};

use super::policy::WELCOME;
use crate::gate::{Caps, GateError, StatementFault};

/// The server's own error, where it is one.
fn of_server(error: &Error) -> Option<&MySqlDatabaseError> {
    error.as_database_error()?.try_downcast_ref()
}

/// The error of a statement as its caller is told it; `over` says whether its time had run out.
pub(super) fn told(error: &Error, sql: &str, caps: Caps, over: bool) -> GateError {
    let Some(server) = of_server(error) else {
        return match error {
            Error::Io(_) => lost(),
            other => unexpected(other),
        };
    };
    let message = server.message();
    match server.number() {
        // Read-only; not for prepared statements.
        1792 | 1295 => GateError::Refused(format!("{message}: {WELCOME}")),
        // Out of time on MariaDB; on MySQL.
        1969 | 3024 => GateError::Timeout(caps.time),
        1317 if over => GateError::Timeout(caps.time),
        // Shutting down; the connection was ended.
        1053 | 1927 | 4031 => lost(),
        1203 | 1205 | 1213 | 1226 => GateError::Busy(format!(
            "the database is busy ({message}): try again in a moment"
        )),
        1153 => too_large(message),
        1064 => GateError::Statement(syntax(message, sql)),
        number => denied(number, message).unwrap_or_else(|| {
            GateError::Statement(StatementFault {
                message: message.to_owned(),
                code: Some(number.to_string()),
                ..StatementFault::default()
            })
        }),
    }
}

/// "SELECT command denied to user 'reader'@'localhost' for column 'denom_dem' in table 'fact_permis'", or
/// "… for table `mg`.`fact_permis`".
fn denied(number: u16, message: &str) -> Option<GateError> {
    let (_, object) = message.split_once(" denied to user ")?;
    let (column, table) = match number {
        1142 => (None, object.split_once(" for table ")?.1),
        1143 => {
            let (_, object) = object.split_once(" for column ")?;
            let (column, table) = object.split_once(" in table ")?;
            (Some(unquoted(column).to_owned()), table)
        }
        _ => return None,
    };
    let (_, table) = table.rsplit_once('.').unwrap_or(("", table));
    Some(GateError::Denied {
        table: unquoted(table).to_owned(),
        column,
    })
}

/// A row of more bytes than are taken at once.
pub(super) fn row_too_large(most: usize) -> GateError {
    GateError::TooLarge(format!(
        "a row is larger than the {most} bytes taken here: ask for parts of its large values, e.g. LEFT(column, 1000) or LENGTH(column)"
    ))
}

fn unquoted(name: &str) -> &str {
    name.trim_matches(['\'', '`'])
}

/// "You have an error in your SQL syntax; check the manual … near 'FRM t' at line 1": the server's words, and
/// the place they mean, which is none where the statement ends too early.
fn syntax(message: &str, sql: &str) -> StatementFault {
    let near = (message.split_once("near '"))
        .and_then(|(_, rest)| rest.rsplit_once("' at line "))
        .filter(|(near, _)| !near.is_empty());
    StatementFault {
        message: message.to_owned(),
        code: Some("1064".to_owned()),
        position: near.and_then(|(near, line)| position(sql, near, line.parse().unwrap_or(1))),
        hint: None,
    }
}

/// Where the text near an error stands, in characters from 1: it is the rest of the statement, which
/// the server cuts, from some place of this line.
fn position(sql: &str, near: &str, line: usize) -> Option<usize> {
    let lines = sql.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = lines.map(str::len).sum();
    let rest = sql.get(start..)?;
    let place = if rest.trim_end().ends_with(near.trim_end()) {
        rest.rfind(near)
    } else {
        rest.find(near)
    };
    Some(sql[..start + place?].chars().count() + 1)
}

/// A value or a row that the server's `max_allowed_packet` has no room for.
pub(super) fn too_large(message: &str) -> GateError {
    GateError::TooLarge(format!(
        "a value is larger than the server sends ({message}): ask for a part of it, e.g. LEFT(…, 1000)"
    ))
}

fn lost() -> GateError {
    GateError::Unavailable(
        "the connection to MariaDB was lost: check that the server runs; the next call connects again"
            .to_owned(),
    )
}

fn unexpected(error: &Error) -> GateError {
    GateError::Unavailable(format!("MariaDB answered something unexpected: {error}"))
}

/// The server takes the connection and then says nothing.
pub(super) fn silent(address: &str) -> GateError {
    GateError::Unavailable(format!(
        "MariaDB at {address} does not answer: check host and port of MG_DATABASE_URL and that the server runs"
    ))
}

/// Why no connection could be opened.
pub(super) fn unreachable(address: &str, error: &Error) -> GateError {
    let (told, advice) = match of_server(error) {
        Some(server) => (
            server.message().to_owned(),
            match server.number() {
                1045 | 1698 | 3118 | 4151 => "check user and password of MG_DATABASE_URL",
                1044 | 1049 => {
                    "check the database name of MG_DATABASE_URL and the account's rights"
                }
                1040 | 1203 | 1226 => "try again in a moment",
                1053 => "the server is stopping, try again in a moment",
                _ => "check MG_DATABASE_URL and the account's settings on the server",
            },
        ),
        None => (
            match error {
                Error::Io(error) => error.to_string(),
                other => other.to_string(),
            },
            "check host and port of MG_DATABASE_URL and that the server runs",
        ),
    };
    GateError::Unavailable(format!(
        "cannot connect to MariaDB at {address} ({told}): {advice}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SYNTAX: &str = "You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near ";

    #[test]
    fn a_syntax_error_is_placed_in_the_callers_text() {
        let fault = |near: &str, sql: &str| syntax(&format!("{SYNTAX}{near}"), sql);
        let told = fault("'FRM t' at line 1", "SELECT 'é', a FRM t");
        assert_eq!(
            told.to_string(),
            format!("{SYNTAX}'FRM t' at line 1 (at character 15)")
        );
        let told = fault("'x y' at line 2", "SELECT x y,\nx y");
        assert_eq!(told.position, Some(13));
        let told = fault("'' at line 1", "SELECT a FROM");
        assert_eq!(told.to_string(), format!("{SYNTAX}'' at line 1"));
    }

    #[test]
    fn a_denial_names_what_may_not_be_read_and_nobody() {
        let user = "SELECT command denied to user 'reader'@'localhost' for";
        let of = |number, object: &str| denied(number, &format!("{user} {object}"));
        let table = "fact_permis".to_owned();
        let whole = GateError::Denied {
            table: table.clone(),
            column: None,
        };
        assert_eq!(of(1142, "table `mg`.`fact_permis`"), Some(whole));
        let column = Some("denom_dem".to_owned());
        assert_eq!(
            of(1143, "column 'denom_dem' in table 'fact_permis'"),
            Some(GateError::Denied { table, column })
        );
        assert_eq!(denied(1142, "other words"), None);
    }

    #[test]
    fn an_unknown_wording_is_kept() {
        assert_eq!(syntax("new words", "SELECT").message, "new words");
    }
}
