//! What went wrong in a run, and what happened to it.

use super::{Ledger, LedgerError};

/// Events of a run that are kept.
const MOST_EVENTS: u32 = 200;

/// A kind of failure in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The kind.
    pub kind: String,
    /// How often.
    pub count: u64,
    /// The first case.
    pub example: String,
}

impl Ledger {
    /// What went wrong in a run, the commonest first.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn failures(&mut self, run: i64) -> Result<Vec<Counted>, LedgerError> {
        let found = sqlx::query_as(
            "SELECT kind, count, example FROM failure WHERE run = ?1 ORDER BY count DESC, kind LIMIT 50",
        );
        let found: Vec<(String, i64, String)> =
            found.bind(run).fetch_all(&mut self.connection).await?;
        let counted = |(kind, count, example): (String, i64, String)| Counted {
            kind,
            count: count.unsigned_abs(),
            example,
        };
        Ok(found.into_iter().map(counted).collect())
    }

    /// Notes what happened to a run; the oldest events beyond some hundreds are dropped.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be written.
    pub async fn note(&mut self, run: i64, at: &str, text: &str) -> Result<(), LedgerError> {
        let noted = sqlx::query("INSERT INTO event (run, at, text) VALUES (?1, ?2, ?3)");
        noted
            .bind(run)
            .bind(at)
            .bind(text)
            .execute(&mut self.connection)
            .await?;
        let dropped = sqlx::query(
            "DELETE FROM event WHERE run = ?1 AND id <= (SELECT id FROM event WHERE run = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        );
        dropped
            .bind(run)
            .bind(MOST_EVENTS)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// What happened to a run, oldest first: time and text.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn events(&mut self, run: i64) -> Result<Vec<(String, String)>, LedgerError> {
        let found = sqlx::query_as("SELECT at, text FROM event WHERE run = ?1 ORDER BY id");
        Ok(found.bind(run).fetch_all(&mut self.connection).await?)
    }
}
