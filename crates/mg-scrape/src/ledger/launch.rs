//! Entering a run into the ledger: a new one, or one that goes on.

use mg_core::ToolError;
use sqlx::Connection;

use super::{Ledger, LedgerError, Run, State};

/// A run that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The name of the run, should it be a new one.
    pub run_id: &'a str,
    /// The spider's name.
    pub spider: &'a str,
    /// Of the spider's definition.
    pub digest: &'a str,
    /// What the caller gave, as JSON with sorted keys.
    pub arguments: &'a str,
    /// The spider with the arguments put in, as JSON.
    pub bound: &'a str,
    /// The tables that it fills.
    pub tables: &'a str,
    /// Who asks.
    pub requested_by: &'a str,
    /// The present, ISO 8601.
    pub started: &'a str,
    /// The present, milliseconds of Unix time.
    pub now: i64,
}

/// What became of a wanted run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enlisted {
    /// It is new: a worker has to be started.
    New(String),
    /// It goes on with the run of this name, which was interrupted: a worker has to be started.
    Resumed(String),
    /// The run of this name, with the same arguments, is under way.
    UnderWay(String),
}

impl Ledger {
    /// Enters a run, in one transaction against others that are launched at the same moment. `settled` tells how a run
    /// really is. One run of a spider is under way at a time: two would ask its sites twice as fast as it may.
    ///
    /// # Errors
    ///
    /// [`ToolError::Invalid`] when a run of the spider with other arguments is under way.
    pub async fn enlist(
        &mut self,
        wanted: Wanted<'_>,
        settled: impl Fn(&Run) -> State,
    ) -> Result<Enlisted, ToolError> {
        let mut transaction = self
            .connection
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(LedgerError)?;
        let open: Vec<Run> = sqlx::query_as(
            "SELECT * FROM run WHERE spider = ?1 AND ended IS NULL ORDER BY id DESC",
        )
        .bind(wanted.spider)
        .fetch_all(&mut *transaction)
        .await
        .map_err(LedgerError)?;
        let same: Vec<String> = sqlx::query_scalar(
            "SELECT run_id FROM run WHERE spider = ?1 AND ended IS NULL AND arguments = ?2 AND digest = ?3 AND cancel = 0
             ORDER BY id DESC",
        )
        .bind(wanted.spider)
        .bind(wanted.arguments)
        .bind(wanted.digest)
        .fetch_all(&mut *transaction)
        .await
        .map_err(LedgerError)?;
        if let Some(live) = open.iter().find(|run| settled(run).is_live()) {
            return if same.contains(&live.run_id) {
                Ok(Enlisted::UnderWay(live.run_id.clone()))
            } else {
                Err(under_way(live))
            };
        }
        let enlisted = if let Some(run_id) = same.into_iter().next() {
            let query = sqlx::query(
                "UPDATE run SET state = 'running', pid = NULL, heartbeat = ?2 WHERE run_id = ?1",
            );
            let query = query.bind(&run_id).bind(wanted.now);
            query
                .execute(&mut *transaction)
                .await
                .map_err(LedgerError)?;
            Enlisted::Resumed(run_id)
        } else {
            inserted(&mut transaction, wanted).await?;
            Enlisted::New(wanted.run_id.to_owned())
        };
        transaction.commit().await.map_err(LedgerError)?;
        Ok(enlisted)
    }

    /// Lets a run begin anew: what it had asked for and counted is forgotten.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be written.
    pub async fn restart(&mut self, run: i64) -> Result<(), LedgerError> {
        let mut transaction = self.connection.begin().await?;
        for forget in [
            "DELETE FROM frontier WHERE run = ?1",
            "DELETE FROM failure WHERE run = ?1",
        ] {
            sqlx::query(forget)
                .bind(run)
                .execute(&mut *transaction)
                .await?;
        }
        let zero = sqlx::query(
            "UPDATE run SET pages = 0, unchanged_pages = 0, failed_pages = 0, waiting = 0, bytes = 0, items = 0, rejected = 0,
             complete = 1, stopped = NULL, sample = NULL WHERE id = ?1",
        );
        zero.bind(run).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Opens a run again whose worker is gone, for `resume`.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be written.
    pub async fn reopen(&mut self, run: &Run, now: i64) -> Result<(), LedgerError> {
        let query = sqlx::query(
            "UPDATE run SET state = 'running', pid = NULL, heartbeat = ?2, ended = NULL, message = NULL WHERE id = ?1",
        );
        query
            .bind(run.id)
            .bind(now)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }
}

fn under_way(run: &Run) -> ToolError {
    ToolError::Invalid(format!(
        "the spider `{}` is under way with other arguments as {}; follow it with get_scrape_run and launch this one \
         when it has ended, or stop it with cancel_scrape_run",
        run.spider, run.run_id
    ))
}

async fn inserted(
    transaction: &mut sqlx::SqliteTransaction<'_>,
    wanted: Wanted<'_>,
) -> Result<(), LedgerError> {
    let query = sqlx::query(
        "INSERT INTO run (run_id, spider, digest, arguments, bound, tables, requested_by, state, started, heartbeat)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'running', ?8, ?9)",
    );
    let query = query
        .bind(wanted.run_id)
        .bind(wanted.spider)
        .bind(wanted.digest)
        .bind(wanted.arguments)
        .bind(wanted.bound)
        .bind(wanted.tables)
        .bind(wanted.requested_by)
        .bind(wanted.started)
        .bind(wanted.now);
    query.execute(&mut **transaction).await?;
    Ok(())
}
