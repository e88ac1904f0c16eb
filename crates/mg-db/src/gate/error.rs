//! Why a statement of a caller was not answered.

use std::{fmt, time::Duration};

use thiserror::Error;

use crate::time_limit;

/// Every failure of the gate, told so that the caller can mend it. No variant holds a password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GateError {
    /// Not one statement that reads.
    #[error("{0}")]
    Refused(String),
    /// The statement touches what this caller may not read.
    #[error("permission denied for {table}{}", of_column(.column.as_deref()))]
    Denied {
        /// The table or view.
        table: String,
        /// The column, where the engine tells it.
        column: Option<String>,
    },
    /// The engine did not accept the statement.
    #[error("{0}")]
    Statement(StatementFault),
    /// The deadline passed.
    #[error(
        "the statement was stopped after {}: ask for less, e.g. a shorter period, fewer columns or an aggregate",
        time_limit::told(.0)
    )]
    Timeout(Duration),
    /// A value is larger than the gate carries.
    #[error("{0}")]
    TooLarge(String),
    /// The database cannot be reached now.
    #[error("{0}")]
    Unavailable(String),
    /// The account may do more than read.
    #[error(
        "the account `{login}` is privileged ({why}) and is not used for reading: put a least-privilege account into MG_DATABASE_URL (`mgctl db grants` prints the SQL), or set allow_privileged_account"
    )]
    Privileged {
        /// The login of the account.
        login: String,
        /// What makes it privileged.
        why: String,
    },
    /// All connections are in use, or another process keeps the database locked.
    #[error("{0}")]
    Busy(String),
}

/// What the engine said about a statement, in its own words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatementFault {
    /// The engine's message.
    pub message: String,
    /// SQLSTATE on PostgreSQL, the extended result code on SQLite, the error's number on MariaDB.
    pub code: Option<String>,
    /// Where in the caller's text, in characters from 1.
    pub position: Option<usize>,
    /// The engine's detail and hint.
    pub hint: Option<String>,
}

impl StatementFault {
    /// The number of parameters differs from what the statement names.
    pub(crate) fn parameters(wanted: impl fmt::Display, given: usize) -> Self {
        Self {
            message: format!("the statement has {wanted} parameters, {given} given in `params`"),
            ..Self::default()
        }
    }
}

impl fmt::Display for StatementFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)?;
        if let Some(position) = self.position {
            write!(formatter, " (at character {position})")?;
        }
        if let Some(hint) = &self.hint {
            write!(formatter, "; {hint}")?;
        }
        Ok(())
    }
}

fn of_column(column: Option<&str>) -> String {
    column.map_or_else(String::new, |column| format!(".{column}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_told_with_its_place_and_hint() {
        let fault = StatementFault {
            message: "column \"nam\" does not exist".into(),
            code: Some("42703".into()),
            position: Some(8),
            hint: Some("Perhaps you meant \"nom\".".into()),
        };
        assert_eq!(
            GateError::Statement(fault).to_string(),
            "column \"nam\" does not exist (at character 8); Perhaps you meant \"nom\"."
        );
    }

    #[test]
    fn a_denial_names_the_table_and_the_column_where_it_is_known() {
        let denied = |column: Option<&str>| {
            let column = column.map(str::to_owned);
            let table = "fact_permis".to_owned();
            GateError::Denied { table, column }.to_string()
        };
        assert_eq!(denied(None), "permission denied for fact_permis");
        assert_eq!(
            denied(Some("denom_dem")),
            "permission denied for fact_permis.denom_dem"
        );
    }

    #[test]
    fn a_timeout_says_its_length_and_what_to_do() {
        let told = GateError::Timeout(Duration::from_secs(20)).to_string();
        assert!(
            told.starts_with("the statement was stopped after 20 s: ask for less"),
            "{told}"
        );
        let told = GateError::Timeout(Duration::from_millis(250)).to_string();
        assert!(told.contains("after 250 ms"), "{told}");
    }
}
