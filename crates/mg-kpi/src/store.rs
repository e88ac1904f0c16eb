//! The only I/O of mg-kpi: reads through one account, opened by the first call that needs it.

mod facts;
mod kept;
mod predicted;
mod rows;

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use mg_core::{Clock, ConfigError, Settings, ToolError, kpi::Definition};
use mg_db::{
    Value,
    open::LazyStore,
    schema,
    store::{Row, Store, StoreError, Transaction},
    writer::LazyWriter,
};
use tokio::sync::OnceCell;

use crate::{facts::FactQuery, territory::Territories};

pub(crate) use kept::{Kept, Written};
pub(crate) use predicted::Predicted;
pub(crate) use rows::{Known, Stored};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How long the list of territories is kept: it changes with a load, at most.
const TERRITORIES_KEPT: Duration = Duration::from_mins(3);

/// The database as mg-kpi reads it: its own account where `kpi.database_url` names one.
#[derive(Debug)]
pub(crate) struct KpiStore {
    store: LazyStore,
    writer: LazyWriter,
    schema_is_ours: OnceCell<()>,
    territories: Mutex<Option<(Instant, Arc<Territories>)>>,
}

impl KpiStore {
    /// Reads the URL; opens nothing.
    ///
    /// # Errors
    ///
    /// When the URL is none.
    pub(crate) fn new(settings: &Settings) -> Result<Self, ConfigError> {
        let limit = Duration::from_secs(settings.file.sql.statement_timeout_s);
        let store = LazyStore::new(settings.kpi_database(), limit, Clock::system())?;
        Ok(Self {
            store,
            writer: LazyWriter::new(settings, Clock::system())?,
            schema_is_ours: OnceCell::new(),
            territories: Mutex::new(None),
        })
    }

    /// Every territory, read again after a few minutes.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub(crate) async fn territories(&self) -> Result<Arc<Territories>, ToolError> {
        let kept = self
            .territories
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some((read_at, territories)) = kept
            && read_at.elapsed() < TERRITORIES_KEPT
        {
            return Ok(territories);
        }
        let rows = self.fetch(rows::TERRITORIES, &[]).await?;
        let territories = Arc::new(rows::territories(&rows)?);
        let mut kept = self
            .territories
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *kept = Some((Instant::now(), Arc::clone(&territories)));
        Ok(territories)
    }

    /// Runs every query of a definition for no territory: tables and columns that do not exist show. What the account
    /// may not read is no fault of the file: the indicator names the missing GRANT when it is asked for.
    ///
    /// # Errors
    ///
    /// The first query that fails, naming the indicator; a database that is not there.
    pub(crate) async fn try_queries(&self, definition: &Definition) -> Result<(), ToolError> {
        let of_sources = definition
            .sources
            .iter()
            .map(|source| FactQuery::of_source(definition, source));
        let of_denominator = definition.denominator.iter().map(FactQuery::of_denominator);
        for query in of_sources.chain(of_denominator) {
            let statement = query.statement(&["-"], None);
            match rows_of(self.opened().await?, &statement, &[]).await {
                Ok(_) | Err(StoreError::Denied(_)) => {}
                Err(error @ (StoreError::Statement { .. } | StoreError::Value(_))) => {
                    return Err(ToolError::Invalid(format!(
                        "the query of indicator `{}` failed: {error}; correct its file",
                        definition.name
                    )));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// A transaction of the account that writes, once the schema was seen to be ours.
    async fn writing(&self) -> Result<Transaction, ToolError> {
        self.opened().await?;
        let store = opening_writer(&self.writer).await?;
        Ok(beginning(store).await?)
    }

    /// Runs one statement of ours.
    async fn fetch(&self, sql: &str, params: &[Value]) -> Result<Vec<Row>, ToolError> {
        Ok(rows_of(self.opened().await?, sql, params).await?)
    }

    /// The store, once its schema was seen to be the one this program knows. A failure is not kept: the next call
    /// tries again.
    async fn opened(&self) -> Result<&Store, ToolError> {
        let store = opening(&self.store).await?;
        self.schema_is_ours
            .get_or_try_init(|| refuse_other_schema(store))
            .await?;
        Ok(store)
    }
}

/// Boxed by a function of its own: the driver's futures are deep and large, and would make every caller's so.
fn rows_of<'a>(
    store: &'a Store,
    sql: &'a str,
    params: &'a [Value],
) -> Boxed<'a, Result<Vec<Row>, StoreError>> {
    Box::pin(store.fetch(sql, params))
}

fn opening(store: &LazyStore) -> Boxed<'_, Result<&Store, ToolError>> {
    Box::pin(store.open())
}

fn opening_writer(writer: &LazyWriter) -> Boxed<'_, Result<&Store, ToolError>> {
    Box::pin(writer.open())
}

fn beginning(store: &Store) -> Boxed<'_, Result<Transaction, StoreError>> {
    Box::pin(store.begin())
}

fn refuse_other_schema(store: &Store) -> Boxed<'_, Result<(), ToolError>> {
    Box::pin(async {
        match schema::status(store).await?.advice() {
            None => Ok(()),
            Some(advice) => Err(ToolError::Unavailable(advice)),
        }
    })
}
