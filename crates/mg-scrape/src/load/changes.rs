//! What a load changes: counted in the database, column by column, before anything is written.

use mg_db::{
    Engine, Value,
    store::{StoreError, Transaction},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Revision,
    filter::Filter,
    part::Part,
    shape::{CONTENT_HASH, Shape},
    sql::{differs, quoted, same_key},
};
use crate::item::Mode;

/// What a run changed. It tells columns and counts, never values: who may read the report may not read all of those.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeReport {
    /// The tables in which something changed
    pub tables: Vec<TableChange>,
    /// The indicators whose published values were revised
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revisions: Vec<Revision>,
}

impl ChangeReport {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tables.iter().all(TableChange::is_empty) && self.revisions.is_empty()
    }
}

/// What changed in a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableChange {
    /// The table
    pub table: String,
    /// Rows that are new
    pub inserted: u64,
    /// Rows with other values than before
    pub updated: u64,
    /// Rows that the source no longer has
    pub removed: u64,
    /// Rows that were not seen for as long as the spider keeps them
    pub expired: u64,
    /// Synthetic rows that made room for genuine ones
    pub synthetic_removed: u64,
    /// The columns that changed, and in how many of the updated rows
    pub columns: Vec<ColumnChange>,
}

impl TableChange {
    fn is_empty(&self) -> bool {
        self.inserted + self.updated + self.removed + self.expired + self.synthetic_removed == 0
    }
}

/// How often a column changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ColumnChange {
    /// The column
    pub column: String,
    /// In how many rows
    pub rows: u64,
}

/// What a part of a load changes, before it is done.
pub(super) async fn measure(
    transaction: &mut Transaction,
    shape: &Shape,
    keyed: &str,
    part: &Part<'_>,
    mode: Mode,
) -> Result<(TableChange, u64), StoreError> {
    let all = number(
        transaction,
        &counted(keyed, &part.rows),
        &part.rows.params(),
    )
    .await?;
    let row = fetch(
        transaction,
        &compared(transaction.engine(), shape, keyed, part),
        &part.rows.params(),
    )
    .await?;
    let at = |index: usize| row.get(index).copied().unwrap_or_default();
    let (known, mut updated) = (at(0), at(1));
    let mut columns: Vec<ColumnChange> = compared_columns(shape)
        .zip(row.iter().skip(2))
        .filter(|(_, rows)| **rows > 0)
        .map(|(column, rows)| ColumnChange {
            column: column.to_owned(),
            rows: *rows,
        })
        .collect();
    if mode == Mode::Append {
        (updated, columns) = (0, Vec::new());
    }
    let removed = if mode == Mode::Replace {
        removed(transaction, shape, keyed, part).await?
    } else {
        0
    };
    let change = TableChange {
        table: shape.table.clone(),
        inserted: all - known,
        updated,
        removed,
        columns,
        ..TableChange::default()
    };
    Ok((change, known - updated))
}

fn counted(keyed: &str, rows: &Filter) -> String {
    format!("SELECT COUNT(*) FROM {keyed} k WHERE {}", rows.sql("k"))
}

fn compared_columns(shape: &Shape) -> impl Iterator<Item = &str> {
    shape
        .filled()
        .filter(|name| !shape.key.iter().any(|key| key == name))
}

/// How many rows there are already, how many of them differ, and in which columns.
fn compared(engine: Engine, shape: &Shape, keyed: &str, part: &Part<'_>) -> String {
    let each: Vec<String> = compared_columns(shape)
        .map(|column| differs(engine, "k", "t", column))
        .collect();
    let any = match (shape.own, each.is_empty()) {
        (true, _) => differs(engine, "k", "t", CONTENT_HASH),
        (false, true) => "1 = 0".to_owned(),
        (false, false) => each.join(" OR "),
    };
    let sums = std::iter::once(&any)
        .chain(&each)
        .map(|differs| format!("SUM(CASE WHEN {differs} THEN 1 ELSE 0 END)"));
    format!(
        "SELECT COUNT(*), {} FROM {keyed} k JOIN {} t ON {} WHERE {}",
        sums.collect::<Vec<_>>().join(", "),
        shape.table,
        same_key("k", "t", &shape.key),
        part.rows.sql("k"),
    )
}

/// How many rows of the scope the run did not find again.
async fn removed(
    transaction: &mut Transaction,
    shape: &Shape,
    keyed: &str,
    part: &Part<'_>,
) -> Result<u64, StoreError> {
    let (scope, params) = part.scope(&shape.table, keyed);
    let sql = format!(
        "SELECT COUNT(*) FROM {table} WHERE {scope} AND NOT EXISTS (SELECT 1 FROM {keyed} k WHERE {})",
        same_key("k", &shape.table, &shape.key),
        table = shape.table,
    );
    number(transaction, &sql, &params).await
}

async fn number(
    transaction: &mut Transaction,
    sql: &str,
    params: &[Value],
) -> Result<u64, StoreError> {
    Ok(fetch(transaction, sql, params)
        .await?
        .first()
        .copied()
        .unwrap_or_default())
}

/// The counts of the one row of a statement; an empty sum is 0.
async fn fetch(
    transaction: &mut Transaction,
    sql: &str,
    params: &[Value],
) -> Result<Vec<u64>, StoreError> {
    let rows = transaction.fetch(sql, params).await?;
    let Some(row) = rows.first() else {
        return Ok(Vec::new());
    };
    let count = |index| {
        Ok(row
            .optional_integer(index)?
            .and_then(|count| count.try_into().ok())
            .unwrap_or_default())
    };
    (0..row.values().len()).map(count).collect()
}

/// Rows of a spider's own table that were not seen since an instant go.
pub(super) async fn expire(
    transaction: &mut Transaction,
    table: &str,
    seen_before: &str,
) -> Result<u64, StoreError> {
    let sql = format!("DELETE FROM {table} WHERE {} < ?", quoted("_last_seen"));
    transaction.execute(&sql, &[seen_before.into()]).await
}
