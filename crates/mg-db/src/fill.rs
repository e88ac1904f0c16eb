//! The demo's rows into any database of ours.

use std::collections::BTreeSet;

use crate::{
    Engine,
    demo::{DemoOptions, tables},
    store::{StoreError, Transaction},
};

/// Inserts the rows of the demo into tables that are empty, and gathers the engine's statistics.
/// Answers the number of rows.
///
/// # Errors
/// See [`StoreError`]; rows that are already there are a [`StoreError::Statement`].
pub async fn demo(
    transaction: &mut Transaction,
    options: &DemoOptions,
) -> Result<usize, StoreError> {
    let mut rows = 0;
    let mut filled = BTreeSet::new();
    for chunk in tables(options) {
        transaction
            .insert(chunk.table, chunk.columns, &chunk.rows)
            .await?;
        rows += chunk.rows.len();
        filled.insert(chunk.table);
    }
    // InnoDB gathers them by itself, and being asked to it would commit.
    if transaction.engine() != Engine::MariaDb {
        for table in filled {
            transaction
                .execute(&format!("ANALYZE {table}"), &[])
                .await?;
        }
    }
    Ok(rows)
}
