//! The ledger of runs in the data folder: one SQLite file in WAL mode, which every server reads and whose runs are each
//! written by one worker.

mod frontier;
mod journal;
mod launch;
mod run;
mod state;
mod validators;

use std::{path::PathBuf, time::Duration};

use mg_core::{Settings, ToolError, make_private_folder};
use sqlx::{
    ConnectOptions, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

pub use frontier::{Batch, Done, Fate, Found, Job};
pub use journal::Counted;
pub use launch::{Enlisted, Wanted};
pub use run::{Counters, Ending, Run, RunFilter};
pub use state::State;
pub use validators::Known;

/// Another worker's batch takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(20);
const SCHEMA: &str = include_str!("ledger/schema.sql");

/// A connection to the ledger.
#[derive(Debug)]
pub struct Ledger {
    connection: SqliteConnection,
}

/// Why the ledger cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the ledger of runs cannot be used: {0}")]
pub struct LedgerError(#[from] sqlx::Error);

impl From<LedgerError> for ToolError {
    fn from(error: LedgerError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// The folder of ledger, locks and logs.
///
/// # Errors
///
/// When there is no place for data.
pub fn folder(settings: &Settings) -> Result<PathBuf, ToolError> {
    Ok(settings.data_dir()?.join("scrape"))
}

impl Ledger {
    /// Opens the ledger; makes it when there is none.
    ///
    /// # Errors
    ///
    /// When there is no place for data, or the file cannot be made or read.
    pub async fn open(settings: &Settings) -> Result<Self, ToolError> {
        let folder = folder(settings)?;
        make_private_folder(&folder).map_err(|error| {
            ToolError::Unavailable(format!(
                "the folder {} cannot be made: {error}",
                folder.display()
            ))
        })?;
        Ok(Self::at(folder.join("ledger.db")).await?)
    }

    /// Opens the ledger if there is one: whoever only looks makes none.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub async fn existing(settings: &Settings) -> Result<Option<Self>, ToolError> {
        let path = folder(settings)?.join("ledger.db");
        if !path.exists() {
            return Ok(None);
        }
        Ok(Some(Self::at(path).await?))
    }

    async fn at(path: PathBuf) -> Result<Self, LedgerError> {
        let mut connection = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(PATIENCE)
            .connect()
            .await?;
        sqlx::raw_sql(SCHEMA).execute(&mut connection).await?;
        Ok(Self { connection })
    }
}
