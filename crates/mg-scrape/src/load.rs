//! Rows into tables: staged page by page, checked, and swapped in by one transaction.
//!
//! A run stages its rows in tables of its own ([`Loader::stage`]), where a page that is read again overwrites itself.
//! [`Loader::swap`] takes the newest row of each key, checks what the spider expects, and brings the rows into their
//! tables together with the summary of the run; a run that was killed at any moment is simply staged and swapped again.

mod changes;
mod coverage;
mod ddl;
mod expect;
mod filter;
mod fit;
mod keyed;
mod part;
mod refresh;
mod release;
mod rows;
mod shape;
mod source;
mod sql;
mod summary;
mod swap;
mod synthetic;
mod visible;

use std::collections::BTreeSet;

use mg_core::{Clock, Settings, ToolError};
use mg_db::{schema, store::Store, writer::LazyWriter};

use crate::{definition::Bound, item::Item};
use ddl::Names;
use refresh::Indicators;
use shape::Shape;

pub use changes::{ChangeReport, ColumnChange, TableChange};
pub use refresh::Revision;
pub use release::{Release, of_header as release_of_header, of_json as release_of_json};
pub use summary::{Summary, Swapped};
pub use swap::SwapError;

/// The rows of one page, or of a part of one file.
#[derive(Clone, Debug)]
pub struct Staged {
    /// The page's number in the frontier.
    pub page: i64,
    /// The number of its first row in the page: 0, but for the later parts of a file.
    pub first: i64,
    /// Where it came from, after redirects.
    pub url: String,
    /// When, ISO 8601 in UTC.
    pub fetched_at: String,
    /// Its rows.
    pub items: Vec<Item>,
    /// The page is as it was when it was last read: the rows that it gave then count as read again. Only tables of the
    /// spider's own know which they are ([`Loader::knows_pages`]).
    pub unchanged: bool,
}

/// How many rows became what.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
pub struct Counts {
    /// Rows that were not there
    pub inserted: u64,
    /// Rows that were there with other values
    pub updated: u64,
    /// Rows that were there as they are
    pub unchanged: u64,
    /// Rows that were left out: a field that cannot be read, or does not fit its column
    pub rejected: u64,
}

/// Brings the rows of one run into their tables, as the account that may write.
#[derive(Debug)]
pub struct Loader {
    writer: LazyWriter,
    bound: Bound,
    run_id: String,
    targets: Vec<LoadedTarget>,
    indicators: Indicators,
    reader: Option<String>,
    clock: Clock,
}

/// A table that the run fills, and where its rows wait.
#[derive(Debug)]
struct LoadedTarget {
    shape: Shape,
    names: Names,
    /// The values that each column of the shape may have, where they stand in another table.
    known: Vec<Option<BTreeSet<String>>>,
}

impl Loader {
    /// Opens the account that writes and makes the tables that the rows wait in; those of an interrupted run are used
    /// again.
    ///
    /// # Errors
    ///
    /// When there is no account that may write, the tables of the database are of another version, or a table is not
    /// one that spiders may fill.
    pub async fn open(settings: &Settings, bound: &Bound, run_id: &str) -> Result<Self, ToolError> {
        let clock = Clock::system();
        let writer = LazyWriter::new(settings, clock.clone())
            .map_err(|error| ToolError::Unavailable(error.to_string()))?;
        let store = writer.open().await?;
        if let Some(advice) = schema::status(store).await?.advice() {
            return Err(ToolError::Unavailable(advice));
        }
        let mut targets = Vec::new();
        for (index, target) in bound.spider.targets().iter().enumerate() {
            let shape = Shape::of(target, store.engine())?;
            let names = Names::of(bound.spider.name(), run_id, index);
            ddl::make_staging(store, &shape, &names).await?;
            let known = rows::known(store, &shape).await?;
            targets.push(LoadedTarget {
                shape,
                names,
                known,
            });
        }
        let reader = visible::reader(settings);
        Ok(Self {
            bound: bound.clone(),
            run_id: run_id.to_owned(),
            targets,
            indicators: Indicators::beside(settings),
            reader,
            clock,
            writer,
        })
    }

    /// Whether every table tells which page each row came from, so that pages that did not change need not be read
    /// again ([`Staged::unchanged`]). Tables of the star schema do not: their pages are always read.
    #[must_use]
    pub fn knows_pages(&self) -> bool {
        self.targets.iter().all(|target| target.shape.own)
    }

    /// The releases of the spider's sources as they were when the first row of the run was fetched: what is told now,
    /// unless an attempt before was told something.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub async fn first_releases(
        &self,
        told: Vec<Option<String>>,
    ) -> Result<Vec<Option<String>>, ToolError> {
        match self.targets.first() {
            Some(target) => Ok(summary::first_releases(self.store().await?, target, told).await?),
            None => Ok(told),
        }
    }

    /// Stages the rows of some pages. Done again for the same page it overwrites itself, so the page is to be marked
    /// done afterwards. A row that does not fit its table is kept as rejected and counted in the end.
    ///
    /// # Errors
    ///
    /// When the database cannot be written; nothing of this call is staged then.
    pub async fn stage(&self, pages: &[Staged]) -> Result<(), ToolError> {
        let store = self.store().await?;
        for (index, target) in self.targets.iter().enumerate() {
            rows::stage(store, target, index, pages).await?;
        }
        Ok(())
    }

    /// Checks what was staged and brings it in, with the summary of the run, in one transaction. Called again after it
    /// was done, it answers what it answered then.
    ///
    /// # Errors
    ///
    /// When an expectation is not met, or the publisher's release moved: nothing is brought in, the rows stay staged.
    pub async fn swap(&self, summary: &Summary) -> Result<Swapped, SwapError> {
        swap::swap(self, summary).await
    }

    /// Keeps the summary of a run that brought nothing in.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub async fn record(
        &self,
        summary: &Summary,
        state: &str,
        error: &str,
    ) -> Result<(), ToolError> {
        let mut transaction = self.store().await?.begin().await?;
        let row = summary::Row {
            summary,
            state,
            items: 0,
            error: Some(error),
        };
        summary::write(
            &mut transaction,
            &self.run_id,
            self.bound.spider.name(),
            &row,
        )
        .await?;
        Ok(transaction.commit().await?)
    }

    /// Drops the tables that the rows waited in: once the outcome of the run is kept, or nothing of it is wanted.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub async fn discard(&self) -> Result<(), ToolError> {
        let store = self.store().await?;
        for target in &self.targets {
            ddl::drop_staging(store, &target.names).await?;
        }
        Ok(())
    }

    async fn store(&self) -> Result<&Store, ToolError> {
        self.writer.open().await
    }
}
