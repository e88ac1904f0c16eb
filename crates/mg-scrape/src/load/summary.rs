//! The summary of a run: what `scrape_run` keeps of it, written in the transaction that brings its rows in.

use mg_db::{
    Value,
    store::{Row as Fetched, Store, StoreError, Transaction},
};
use serde::{Deserialize, Serialize};

use super::{ChangeReport, Counts, LoadedTarget, Release};

/// What a run tells of itself when its rows are to be brought in.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// What was asked for: the start URL, or the spider's parameters.
    pub url: String,
    /// Who asked.
    pub requested_by: String,
    /// When it started and ended, ISO 8601 in UTC.
    pub started: String,
    /// When its last page was read.
    pub ended: String,
    /// Pages read.
    pub pages: u64,
    /// Bytes received.
    pub bytes: u64,
    /// Whether robots.txt allowed all of it; `None` where it was not asked.
    pub robots_allowed: Option<bool>,
    /// Rows that extraction rejected.
    pub rejected: u64,
    /// The release of each source of the spider, in their order.
    pub releases: Vec<Release>,
}

impl Summary {
    /// What was asked for, as long as its column is wide.
    pub(super) fn told_url(&self) -> String {
        self.url.chars().take(1000).collect()
    }
}

/// What became of the rows of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Swapped {
    /// How many rows became what.
    pub rows: Counts,
    /// Rows whose key a later row of the same run had too.
    pub duplicates: u64,
    /// What changed; nothing when the run found what was there.
    pub change_report: Option<ChangeReport>,
    /// What is to be known of it.
    pub notes: Vec<String>,
}

/// A row of `scrape_run`.
pub(super) struct Row<'a> {
    pub(super) summary: &'a Summary,
    pub(super) state: &'a str,
    pub(super) items: u64,
    pub(super) error: Option<&'a str>,
}

const COLUMNS: [&str; 12] = [
    "run_id",
    "spider",
    "url",
    "demande_par",
    "statut",
    "debut",
    "fin",
    "nb_pages",
    "nb_items",
    "octets",
    "robots_autorise",
    "erreur",
];

/// Writes the row of a run; one that is there already, of an attempt before, is replaced.
pub(super) async fn write(
    transaction: &mut Transaction,
    run_id: &str,
    spider: &str,
    row: &Row<'_>,
) -> Result<(), StoreError> {
    let summary = row.summary;
    let values = vec![
        run_id.into(),
        spider.into(),
        summary.told_url().into(),
        summary
            .requested_by
            .chars()
            .take(80)
            .collect::<String>()
            .into(),
        row.state.into(),
        summary.started.as_str().into(),
        summary.ended.as_str().into(),
        bounded(summary.pages),
        bounded(row.items),
        bounded(summary.bytes),
        summary.robots_allowed.into(),
        row.error.into(),
    ];
    transaction
        .execute("DELETE FROM scrape_run WHERE run_id = ?", &[run_id.into()])
        .await?;
    transaction.insert("scrape_run", &COLUMNS, &[values]).await
}

/// A count as its column takes it.
fn bounded(count: u64) -> Value {
    i32::try_from(count).unwrap_or(i32::MAX).into()
}

/// Keeps what became of the rows with them, until the staging tables go: a run that was killed after its rows were
/// brought in still tells it.
pub(super) async fn keep(
    transaction: &mut Transaction,
    staged: &str,
    swapped: &Swapped,
) -> Result<(), StoreError> {
    let told =
        serde_json::to_string(swapped).map_err(|error| StoreError::Value(error.to_string()))?;
    let sql = format!("DELETE FROM {staged} WHERE _page = -1");
    transaction.execute(&sql, &[]).await?;
    let row = vec![Value::from(-1), 0.into(), told.into()];
    transaction
        .insert(staged, &["_page", "_item", "_refused"], &[row])
        .await
}

/// Keeps what the first attempt of a run was told of releases; answers what is kept.
pub(super) async fn first_releases(
    store: &Store,
    target: &LoadedTarget,
    told: Vec<Option<String>>,
) -> Result<Vec<Option<String>>, StoreError> {
    let staged = &target.names.staged;
    let kept = format!("SELECT _refused FROM {staged} WHERE _page = -2");
    let kept = store.fetch(&kept, &[]).await?;
    let kept = kept.first().map(|row| row.text(0)).transpose()?;
    if let Some(kept) = kept.and_then(|text| serde_json::from_str(text).ok()) {
        return Ok(kept);
    }
    let text =
        serde_json::to_string(&told).map_err(|error| StoreError::Value(error.to_string()))?;
    let row = vec![Value::from(-2), 0.into(), text.into()];
    let mut transaction = store.begin().await?;
    transaction
        .insert(staged, &["_page", "_item", "_refused"], &[row])
        .await?;
    transaction.commit().await?;
    Ok(told)
}

/// What [`keep`] has kept.
pub(super) fn kept(rows: &[Fetched]) -> Option<Swapped> {
    serde_json::from_str(rows.first()?.text(0).ok()?).ok()
}
