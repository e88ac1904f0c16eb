//! The swap: what was staged becomes what is read, in one transaction.

use std::collections::BTreeSet;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use mg_core::ToolError;
use mg_db::{
    Engine, Value,
    store::{Store, StoreError, Transaction},
};

use super::{
    ChangeReport, LoadedTarget, Loader, Summary, Swapped, TableChange, changes, coverage,
    expect::unmet,
    keyed::{Distilled, distil},
    part::{Part, mark_file},
    shape::Shape,
    source,
    sql::{listed, quoted, same_key},
    summary, synthetic, visible,
};
use crate::{item::Mode, stop};

/// Why nothing was brought in. What was staged stays staged.
#[derive(Debug, thiserror::Error)]
pub enum SwapError {
    /// The rows are not what the spider expects.
    #[error("nothing was brought in: {}", .0.join("; "))]
    Unmet(Vec<String>),
    /// The publisher released anew while the rows were fetched: they are of both releases.
    #[error(
        "the release moved from {before} to {after} while it was fetched: the run has to start again"
    )]
    ReleaseMoved {
        /// The release before the first row.
        before: String,
        /// The release after the last one.
        after: String,
    },
    /// The database, or a table that cannot be filled so.
    #[error(transparent)]
    Tool(#[from] ToolError),
}

impl From<StoreError> for SwapError {
    fn from(error: StoreError) -> Self {
        Self::Tool(error.into())
    }
}

const SWAPPED: &str = "SELECT 1 FROM scrape_run WHERE run_id = ? AND statut = 'succeeded'";

pub(super) async fn swap(loader: &Loader, summary: &Summary) -> Result<Swapped, SwapError> {
    let store = loader.store().await?;
    if let Some(done) = swapped_before(loader, store).await? {
        return Ok(done);
    }
    still(summary)?;
    let now = loader.clock.now_iso();
    let mut staged = Vec::new();
    for target in &loader.targets {
        staged.push(distil(store, target, &loader.run_id, &now).await?);
    }
    let unmet = unmet(loader, store, summary, &staged).await?;
    if !unmet.is_empty() {
        return Err(SwapError::Unmet(unmet));
    }
    make_own(loader, store).await?;
    let feeds = feeds_indicators(loader);
    let before = if feeds && !replaces_invented(loader, store).await? {
        let refreshed = loader.indicators.refresh(loader.bound.spider.name());
        refreshed.await.1
    } else {
        None
    };
    stop::here("before_swap");
    let mut swapped = bring_in(loader, store, summary, &staged, &now).await?;
    swapped.notes.extend(before);
    after(loader, store, &mut swapped, feeds).await?;
    let mut told = BTreeSet::new();
    swapped.notes.retain(|note| told.insert(note.clone()));
    // With what came to be known after the swap, for a run that is killed before it can tell.
    if let Some(target) = loader.targets.first() {
        let mut transaction = store.begin().await?;
        summary::keep(&mut transaction, &target.names.staged, &swapped).await?;
        transaction.commit().await?;
    }
    Ok(swapped)
}

/// What became of the rows, if they were brought in already: the run was killed before it could tell.
async fn swapped_before(loader: &Loader, store: &Store) -> Result<Option<Swapped>, StoreError> {
    let done = store
        .fetch(SWAPPED, &[loader.run_id.as_str().into()])
        .await?;
    let (false, Some(target)) = (done.is_empty(), loader.targets.first()) else {
        return Ok(None);
    };
    let sql = format!(
        "SELECT _refused FROM {} WHERE _page = -1",
        target.names.staged
    );
    let kept = summary::kept(&store.fetch(&sql, &[]).await?);
    Ok(Some(kept.unwrap_or_else(|| Swapped {
        notes: vec!["the rows of this run were brought in before".to_owned()],
        ..Swapped::default()
    })))
}

fn still(summary: &Summary) -> Result<(), SwapError> {
    let told = |month: &Option<String>| month.clone().unwrap_or_else(|| "none".to_owned());
    match summary.releases.iter().find(|release| release.moved()) {
        Some(release) => Err(SwapError::ReleaseMoved {
            before: told(&release.before),
            after: told(&release.after),
        }),
        None => Ok(()),
    }
}

/// Tables of the spider's own are made when there is something to bring in, not before.
async fn make_own(loader: &Loader, store: &Store) -> Result<(), StoreError> {
    for target in loader.targets.iter().filter(|target| target.shape.own) {
        super::ddl::make_own(store, &target.shape).await?;
    }
    Ok(())
}

/// Whether any indicator may be computed from what the spider fills: the tables of the star schema.
fn feeds_indicators(loader: &Loader) -> bool {
    loader.targets.iter().any(|target| !target.shape.own)
}

/// Whether the rows take the place of invented ones, whose indicators no revision is told of.
async fn replaces_invented(loader: &Loader, store: &Store) -> Result<bool, StoreError> {
    for target in loader.targets.iter().filter(|target| !target.shape.own) {
        if synthetic::is_in(store, &target.shape.table).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

async fn bring_in(
    loader: &Loader,
    store: &Store,
    summary: &Summary,
    staged: &[Distilled],
    now: &str,
) -> Result<Swapped, SwapError> {
    let mut swapped = Swapped::default();
    let mut report = ChangeReport::default();
    swapped.rows.rejected = summary.rejected;
    let mut transaction = store.begin().await?;
    lock(&mut transaction).await?;
    for (index, (target, distilled)) in loader.targets.iter().zip(staged).enumerate() {
        let change = table(
            loader,
            &mut transaction,
            (index, target),
            summary,
            now,
            &mut swapped,
        )
        .await?;
        swapped.rows.inserted += change.inserted;
        swapped.rows.updated += change.updated;
        swapped.rows.rejected += distilled.refused;
        swapped.duplicates += distilled.duplicates;
        report.tables.push(change);
    }
    swapped.change_report = Some(report).filter(|report| !report.is_empty());
    let items = staged.iter().map(|distilled| distilled.rows).sum();
    let row = summary::Row {
        summary,
        state: "succeeded",
        items,
        error: None,
    };
    summary::write(
        &mut transaction,
        &loader.run_id,
        loader.bound.spider.name(),
        &row,
    )
    .await?;
    if let Some(target) = loader.targets.first() {
        summary::keep(&mut transaction, &target.names.staged, &swapped).await?;
    }
    stop::here("in_swap");
    transaction.commit().await?;
    Ok(swapped)
}

/// Loads wait for one another: what one counts, the other does not change meanwhile.
async fn lock(transaction: &mut Transaction) -> Result<(), StoreError> {
    let sql = match transaction.engine() {
        Engine::Sqlite => return Ok(()),
        Engine::Postgres => {
            "SELECT CAST(pg_advisory_xact_lock(hashtext('mg-platform load')) AS TEXT)"
        }
        Engine::MariaDb => "SELECT GET_LOCK(CONCAT('mg-platform load ', SHA1(DATABASE())), 60)",
    };
    let rows = transaction.fetch(sql, &[]).await?;
    match rows.first().map(|row| row.value(0)) {
        Some(Value::Integer(0)) => Err(StoreError::Busy),
        _ => Ok(()),
    }
}

/// Brings the rows of one target in, part by part.
async fn table(
    loader: &Loader,
    transaction: &mut Transaction,
    (index, target): (usize, &LoadedTarget),
    summary: &Summary,
    now: &str,
    swapped: &mut Swapped,
) -> Result<TableChange, SwapError> {
    let LoadedTarget { shape, names, .. } = target;
    let mode = loader.bound.spider.targets()[index].mode;
    let parts = Part::all(&loader.bound, index, target, &summary.releases, now);
    let mut change = TableChange {
        table: shape.table.clone(),
        ..TableChange::default()
    };
    if !shape.own {
        change.synthetic_removed = synthetic::remove(transaction, &shape.table).await?;
    }
    for part in &parts {
        if let Some((source, file)) = &part.source {
            source::write(transaction, source, file, &summary.url, now).await?;
        }
        if let Some((sql, params)) = mark_file(&names.keyed, part).filter(|_| shape.tells_file()) {
            transaction.execute(&sql, &params).await?;
        }
        swapped
            .notes
            .extend(coverage::write(transaction, &loader.bound, target, part).await?);
    }
    carry(transaction, shape, &names.keyed).await?;
    for part in &parts {
        if !shape.own && mode == Mode::Replace && part.is_whole() {
            return Err(whole(&shape.table).into());
        }
        let (counted, unchanged) =
            changes::measure(transaction, shape, &names.keyed, part, mode).await?;
        swapped.rows.unchanged += unchanged;
        add(&mut change, counted);
        if mode == Mode::Replace {
            let (scope, params) = part.scope(&shape.table, &names.keyed);
            transaction
                .execute(
                    &format!("DELETE FROM {} WHERE {scope}", shape.table),
                    &params,
                )
                .await?;
        }
    }
    insert(transaction, shape, &names.keyed, mode).await?;
    for (source, _) in parts.iter().filter_map(|part| part.source.as_ref()) {
        if shape.tells_file() {
            source::recount(transaction, &shape.table, source).await?;
        }
    }
    if let Some(days) = loader
        .bound
        .spider
        .definition
        .retention_days
        .filter(|_| shape.own)
    {
        change.expired =
            changes::expire(transaction, &shape.table, &days_before(now, days)).await?;
    }
    Ok(change)
}

fn whole(table: &str) -> ToolError {
    ToolError::Invalid(format!(
        "this would replace all of {table}: the spider has to say by `scope` or `[source.rows]` which rows are its own"
    ))
}

fn add(change: &mut TableChange, part: TableChange) {
    change.inserted += part.inserted;
    change.updated += part.updated;
    change.removed += part.removed;
    for column in part.columns {
        match change
            .columns
            .iter_mut()
            .find(|known| known.column == column.column)
        {
            Some(known) => known.rows += column.rows,
            None => change.columns.push(column),
        }
    }
}

/// What the table keeps of a row that the source does not tell goes on with it: when it was first seen, and columns of
/// the star schema that others fill (`zac_id`).
async fn carry(
    transaction: &mut Transaction,
    shape: &Shape,
    keyed: &str,
) -> Result<(), StoreError> {
    let others = shape.others.iter().map(|column| column.name.as_str());
    let others = others.filter(|name| !["fichier_id", "synthetique"].contains(name));
    let kept: Vec<&str> = if shape.own {
        vec!["_first_seen"]
    } else {
        others.collect()
    };
    if kept.is_empty() {
        return Ok(());
    }
    let table = &shape.table;
    let same = same_key(table, keyed, &shape.key);
    let set = kept.iter().map(|name| {
        let name = quoted(name);
        format!("{name} = (SELECT {table}.{name} FROM {table} WHERE {same})")
    });
    let sql = format!(
        "UPDATE {keyed} SET {} WHERE EXISTS (SELECT 1 FROM {table} WHERE {same})",
        set.collect::<Vec<_>>().join(", ")
    );
    transaction.execute(&sql, &[]).await.map(drop)
}

/// Rows of the same key make room, but where rows are only appended.
async fn insert(
    transaction: &mut Transaction,
    shape: &Shape,
    keyed: &str,
    mode: Mode,
) -> Result<(), StoreError> {
    let table = &shape.table;
    let mut condition = String::new();
    if mode == Mode::Append {
        condition = format!(
            " WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE {})",
            same_key(table, keyed, &shape.key)
        );
    } else {
        let sql = format!(
            "DELETE FROM {table} WHERE EXISTS (SELECT 1 FROM {keyed} WHERE {})",
            same_key(keyed, table, &shape.key)
        );
        transaction.execute(&sql, &[]).await?;
    }
    let columns = listed(shape.all());
    let sql = format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM {keyed}{condition}");
    transaction.execute(&sql, &[]).await.map(drop)
}

/// An instant so many days before another, both ISO 8601 in UTC.
fn days_before(now: &str, days: u32) -> String {
    let now = now
        .parse::<Timestamp>()
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_zoned(TimeZone::UTC);
    let before = now.checked_sub(i64::from(days).days()).unwrap_or(now);
    before.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// What follows the swap and may fail without taking it back.
async fn after(
    loader: &Loader,
    store: &Store,
    swapped: &mut Swapped,
    feeds: bool,
) -> Result<(), SwapError> {
    for target in loader.targets.iter().filter(|target| target.shape.own) {
        let visible_to = loader.bound.spider.definition.visible_to;
        match visible::publish(store, &target.shape, visible_to, loader.reader.as_deref()).await {
            Ok(note) => swapped.notes.extend(note),
            Err(error) => swapped.notes.push(format!(
                "viewers do not see {}: {error}",
                target.shape.table
            )),
        }
    }
    if !feeds {
        return Ok(());
    }
    let (revisions, note) = loader.indicators.refresh(loader.bound.spider.name()).await;
    swapped.notes.extend(note);
    if !revisions.is_empty() {
        swapped.change_report.get_or_insert_default().revisions = revisions;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_back_from_now() {
        assert_eq!(
            days_before("2026-03-01T08:00:00Z", 1),
            "2026-02-28T08:00:00Z"
        );
    }
}
