//! The rows of runs.

use sqlx::{FromRow, QueryBuilder, Row as _, Sqlite, SqliteConnection, sqlite::SqliteRow};

use super::{Ledger, LedgerError, State};

/// A run as the ledger has it.
#[derive(Clone, Debug)]
pub struct Run {
    /// The key in the ledger.
    pub id: i64,
    /// The name for callers.
    pub run_id: String,
    /// The spider's name.
    pub spider: String,
    /// Of the spider's definition.
    pub digest: String,
    /// The tables that it fills.
    pub tables: String,
    /// Who asked for it.
    pub requested_by: String,
    /// How it was when its worker or a looker last wrote.
    pub state: State,
    /// The worker's process.
    pub pid: Option<u32>,
    /// When it was launched, ISO 8601.
    pub started: String,
    /// When it ended.
    pub ended: Option<String>,
    /// When its worker was last heard of, milliseconds of Unix time.
    pub heartbeat: i64,
    /// Whether somebody asked to stop it.
    pub cancel: bool,
    /// What it has done.
    pub counters: Counters,
    /// What waits to be asked.
    pub waiting: u64,
    /// Rows of the tables, once they are in: inserted, updated, unchanged.
    pub rows: Option<[u64; 3]>,
    /// Whether all that belongs to the spider was read.
    pub complete: bool,
    /// The limit that ended the crawl.
    pub stopped: Option<String>,
    /// Why it failed.
    pub message: Option<String>,
    /// Some rows, JSON.
    pub sample: Option<String>,
    /// What changed in the tables, JSON.
    pub change_report: Option<String>,
    /// What is to be known of it, a line each.
    pub notes: Option<String>,
}

/// What a run has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Pages, files and answers of APIs that were read, unchanged ones included.
    pub pages: u64,
    /// Those that the site said to be unchanged since the last run.
    pub unchanged_pages: u64,
    /// Those given up.
    pub failed_pages: u64,
    /// Bytes after decompression.
    pub bytes: u64,
    /// Rows that were read.
    pub items: u64,
    /// Rows that were left out.
    pub rejected: u64,
}

/// How a run ended.
#[derive(Clone, Debug, Default)]
pub struct Ending {
    /// Inserted, updated, unchanged.
    pub rows: Option<[u64; 3]>,
    /// Rows that were left out, those that did not fit their table included.
    pub rejected: Option<u64>,
    /// Why it failed.
    pub message: Option<String>,
    /// What changed in the tables, JSON.
    pub change_report: Option<String>,
    /// What is to be known of it.
    pub notes: Vec<String>,
}

/// Which runs are listed.
#[derive(Clone, Copy, Debug, Default)]
pub struct RunFilter<'a> {
    /// Of this spider.
    pub spider: Option<&'a str>,
    /// In one of these states, as the ledger has them; all when empty.
    pub states: &'a [State],
}

impl<'r> FromRow<'r, SqliteRow> for Run {
    fn from_row(row: &'r SqliteRow) -> Result<Self, sqlx::Error> {
        let state: &str = row.try_get("state")?;
        let count = |name| row.try_get::<i64, _>(name).map(i64::unsigned_abs);
        let written = |name| {
            let count: Option<i64> = row.try_get(name)?;
            Ok::<_, sqlx::Error>(count.map(i64::unsigned_abs))
        };
        let rows = [
            written("inserted")?,
            written("updated")?,
            written("unchanged")?,
        ];
        Ok(Self {
            id: row.try_get("id")?,
            run_id: row.try_get("run_id")?,
            spider: row.try_get("spider")?,
            digest: row.try_get("digest")?,
            tables: row.try_get("tables")?,
            requested_by: row.try_get("requested_by")?,
            state: state.parse().unwrap_or(State::Interrupted),
            pid: row.try_get("pid")?,
            started: row.try_get("started")?,
            ended: row.try_get("ended")?,
            heartbeat: row.try_get("heartbeat")?,
            cancel: row.try_get("cancel")?,
            counters: Counters {
                pages: count("pages")?,
                unchanged_pages: count("unchanged_pages")?,
                failed_pages: count("failed_pages")?,
                bytes: count("bytes")?,
                items: count("items")?,
                rejected: count("rejected")?,
            },
            waiting: count("waiting")?,
            rows: rows[0].map(|inserted| [inserted, rows[1].unwrap_or(0), rows[2].unwrap_or(0)]),
            complete: row.try_get("complete")?,
            stopped: row.try_get("stopped")?,
            message: row.try_get("message")?,
            sample: row.try_get("sample")?,
            change_report: row.try_get("change_report")?,
            notes: row.try_get("notes")?,
        })
    }
}

impl Ledger {
    /// A run by its name.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn run(&mut self, run_id: &str) -> Result<Option<Run>, LedgerError> {
        let found = sqlx::query_as("SELECT * FROM run WHERE run_id = ?1")
            .bind(run_id)
            .fetch_optional(&mut self.connection);
        Ok(found.await?)
    }

    /// Runs, newest first: so many at most, and how many there are in all.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn runs(
        &mut self,
        filter: RunFilter<'_>,
        limit: usize,
    ) -> Result<(Vec<Run>, usize), LedgerError> {
        let mut counting = filtered("SELECT count(*) FROM run", filter);
        let total: i64 = counting
            .build_query_scalar()
            .fetch_one(&mut self.connection)
            .await?;
        let mut listing = filtered("SELECT * FROM run", filter);
        listing.push(" ORDER BY id DESC LIMIT ");
        listing.push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
        let runs = listing
            .build_query_as()
            .fetch_all(&mut self.connection)
            .await?;
        Ok((runs, usize::try_from(total).unwrap_or_default()))
    }

    /// The names of runs that begin like this, newest first.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn run_ids(&mut self, limit: u32) -> Result<Vec<String>, LedgerError> {
        let found = sqlx::query_scalar("SELECT run_id FROM run ORDER BY id DESC LIMIT ?1")
            .bind(limit)
            .fetch_all(&mut self.connection);
        Ok(found.await?)
    }

    /// What the worker of a run has to do: the spider with its arguments put in, as JSON.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read.
    pub async fn bound(&mut self, run: i64) -> Result<String, LedgerError> {
        let found = sqlx::query_scalar("SELECT bound FROM run WHERE id = ?1").bind(run);
        Ok(found.fetch_one(&mut self.connection).await?)
    }

    /// The worker of a run tells that it is there; answers whether somebody asked to stop it.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be written.
    pub async fn beat(&mut self, run: i64, pid: u32, now: i64) -> Result<bool, LedgerError> {
        let told = sqlx::query_scalar(
            "UPDATE run SET state = 'running', pid = ?2, heartbeat = ?3 WHERE id = ?1 RETURNING cancel",
        );
        let told = told.bind(run).bind(pid).bind(now);
        Ok(told.fetch_one(&mut self.connection).await?)
    }

    /// Asks the worker of a run to stop.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be written.
    pub async fn ask_to_cancel(&mut self, run: i64) -> Result<(), LedgerError> {
        let asked = sqlx::query("UPDATE run SET cancel = 1 WHERE id = ?1").bind(run);
        asked.execute(&mut self.connection).await?;
        Ok(())
    }

    /// Corrects the state of a run as a looker finds it, unless its worker was heard of since.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be written.
    pub async fn correct(&mut self, run: &Run, state: State) -> Result<(), LedgerError> {
        let corrected = sqlx::query(
            "UPDATE run SET state = ?3 WHERE id = ?1 AND heartbeat = ?2 AND ended IS NULL",
        );
        let corrected = corrected
            .bind(run.id)
            .bind(run.heartbeat)
            .bind(state.name());
        corrected.execute(&mut self.connection).await?;
        Ok(())
    }

    /// Tells whether the crawl of a run has read everything, and the limit that ended it.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be written.
    pub async fn crawled(
        &mut self,
        run: i64,
        complete: bool,
        stopped: Option<&str>,
    ) -> Result<(), LedgerError> {
        let told = sqlx::query("UPDATE run SET complete = ?2, stopped = ?3 WHERE id = ?1");
        told.bind(run)
            .bind(complete)
            .bind(stopped)
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    /// Ends a run. An interrupted one can go on later.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be written.
    pub async fn end(
        &mut self,
        run: i64,
        state: State,
        ending: &Ending,
        now: &str,
    ) -> Result<(), LedgerError> {
        Ok(written(&mut self.connection, run, state, ending, now).await?)
    }
}

/// Writes how a run ended; an interrupted one has not.
pub(super) async fn written(
    connection: &mut SqliteConnection,
    run: i64,
    state: State,
    ending: &Ending,
    now: &str,
) -> Result<(), sqlx::Error> {
    let rows = ending
        .rows
        .map(|rows| rows.map(|count| i64::try_from(count).unwrap_or(i64::MAX)));
    let ended = (state != State::Interrupted).then_some(now);
    let query = sqlx::query(
        "UPDATE run SET state = ?2, ended = ?3, inserted = ?4, updated = ?5, unchanged = ?6, message = ?7,
         change_report = ?8, rejected = coalesce(?9, rejected), notes = ?10 WHERE id = ?1",
    );
    let query = query
        .bind(run)
        .bind(state.name())
        .bind(ended)
        .bind(rows.map(|rows| rows[0]))
        .bind(rows.map(|rows| rows[1]))
        .bind(rows.map(|rows| rows[2]))
        .bind(&ending.message)
        .bind(&ending.change_report)
        .bind(
            ending
                .rejected
                .map(|count| i64::try_from(count).unwrap_or(i64::MAX)),
        )
        .bind((!ending.notes.is_empty()).then(|| ending.notes.join("\n")));
    query.execute(connection).await?;
    Ok(())
}

fn filtered(start: &'static str, filter: RunFilter<'_>) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(start);
    query.push(" WHERE 1 = 1");
    if let Some(spider) = filter.spider {
        query.push(" AND spider = ").push_bind(spider.to_owned());
    }
    if !filter.states.is_empty() {
        query.push(" AND state IN (");
        let mut names = query.separated(", ");
        for state in filter.states {
            names.push_bind(state.name());
        }
        query.push(")");
    }
    query
}
