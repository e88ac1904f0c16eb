//! The newest row of each key: of two rows that have one, the later page's wins.

use mg_db::{
    Engine, Value,
    store::{Store, StoreError, Transaction},
};

use super::{
    LoadedTarget, ddl,
    rows::UNCHANGED,
    sql::{listed, listed_of, same_key},
};

/// What was staged for a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Distilled {
    /// Rows with a key of their own.
    pub(super) rows: u64,
    /// Rows whose key a later one has too.
    pub(super) duplicates: u64,
    /// Rows that do not fit the table.
    pub(super) refused: u64,
}

/// Fills the table of the newest rows anew.
pub(super) async fn distil(
    store: &Store,
    target: &LoadedTarget,
    run_id: &str,
    now: &str,
) -> Result<Distilled, StoreError> {
    let LoadedTarget { names, shape, .. } = target;
    let mut transaction = store.begin().await?;
    transaction
        .execute(&format!("DELETE FROM {}", names.keyed), &[])
        .await?;
    transaction
        .execute(&newest(target), &bookkeeping(target, run_id, now))
        .await?;
    let fresh = count(
        &mut transaction,
        &format!("SELECT COUNT(*) FROM {}", names.keyed),
    )
    .await?;
    let still = format!(
        "SELECT COUNT(*) FROM {} WHERE _item = {UNCHANGED}",
        names.staged
    );
    if shape.own && count(&mut transaction, &still).await? > 0 {
        transaction
            .execute(&unchanged(target), &[now.into()])
            .await?;
    }
    let staged = format!("SELECT COUNT(*) FROM {} WHERE _refused IS", names.staged);
    let accepted = count(&mut transaction, &format!("{staged} NULL")).await?;
    let refused = count(
        &mut transaction,
        &format!("{staged} NOT NULL AND _item >= 0 AND _page >= 0"),
    )
    .await?;
    let rows = count(
        &mut transaction,
        &format!("SELECT COUNT(*) FROM {}", names.keyed),
    )
    .await?;
    transaction.commit().await?;
    if store.engine() == Engine::Postgres {
        ddl::run(store, &format!("ANALYZE {}", names.keyed)).await?;
    }
    Ok(Distilled {
        rows,
        duplicates: accepted - fresh,
        refused,
    })
}

async fn count(transaction: &mut Transaction, sql: &str) -> Result<u64, StoreError> {
    let rows = transaction.fetch(sql, &[]).await?;
    let count = rows.first().map_or(Ok(0), |row| row.integer(0))?;
    Ok(count.try_into().unwrap_or_default())
}

/// The newest rows of this run, with what its table keeps of each beside its fields.
fn newest(LoadedTarget { names, shape, .. }: &LoadedTarget) -> String {
    let filled = listed(shape.filled());
    let key = listed(shape.key.iter().map(String::as_str));
    let (own_names, own_values) = if shape.own {
        (
            ", _source_url, _fetched_at, _content_hash, _run_id, _first_seen, _last_seen",
            ", _source_url, _fetched_at, _content_hash, ?, ?, ?",
        )
    } else {
        ("", "")
    };
    // A number that was staged as a parameter would have no type on PostgreSQL: the three are cast by their columns.
    format!(
        "INSERT INTO {keyed} ({filled}{own_names}) SELECT {filled}{own_values} FROM \
         (SELECT {staged}.*, ROW_NUMBER() OVER (PARTITION BY {key} ORDER BY _page DESC, _item DESC) AS _place \
          FROM {staged} WHERE _refused IS NULL) numbered WHERE _place = 1",
        keyed = names.keyed,
        staged = names.staged,
    )
}

fn bookkeeping(target: &LoadedTarget, run_id: &str, now: &str) -> Vec<Value> {
    let values = [run_id.into(), now.into(), now.into()];
    values.into_iter().filter(|_| target.shape.own).collect()
}

/// The rows that pages which did not change gave earlier.
fn unchanged(LoadedTarget { names, shape, .. }: &LoadedTarget) -> String {
    let columns: Vec<&str> = shape.all().filter(|name| *name != "_last_seen").collect();
    format!(
        "INSERT INTO {keyed} ({}, _last_seen) SELECT {}, ? FROM {table} t \
         WHERE t._source_url IN (SELECT _source_url FROM {staged} WHERE _item = {UNCHANGED}) \
         AND NOT EXISTS (SELECT 1 FROM {keyed} k WHERE {})",
        listed(columns.iter().copied()),
        listed_of("t", columns.iter().copied()),
        same_key("k", "t", &shape.key),
        keyed = names.keyed,
        staged = names.staged,
        table = shape.table,
    )
}
