//! The first genuine rows of a table take the place of the invented ones of the demo.

use mg_db::{
    Value,
    store::{Store, StoreError, Transaction},
};

use super::sql::marks;

/// The synthetic files that a fact table has rows of.
fn files_of(table: &str) -> String {
    format!(
        "SELECT fichier_id FROM source_fichier f WHERE synthetique = 1 AND EXISTS (SELECT 1 FROM {table} t WHERE t.fichier_id = f.fichier_id)"
    )
}

/// Whether a fact table has synthetic rows: nothing that is computed from it is worth keeping.
pub(super) async fn is_in(store: &Store, table: &str) -> Result<bool, StoreError> {
    Ok(!store.fetch(&files_of(table), &[]).await?.is_empty())
}

/// Removes the synthetic rows of a fact table, the files they came from with what these covered, and the values that
/// were computed from them. Answers how many rows went.
pub(super) async fn remove(transaction: &mut Transaction, table: &str) -> Result<u64, StoreError> {
    let files = transaction.fetch(&files_of(table), &[]).await?;
    let files: Vec<Value> = files.iter().map(|row| row.value(0).clone()).collect();
    if files.is_empty() {
        return Ok(0);
    }
    let of_them = format!("fichier_id IN ({})", marks(files.len()));
    let removed = transaction
        .execute(&format!("DELETE FROM {table} WHERE {of_them}"), &files)
        .await?;
    forget_values(transaction, &of_them, &files).await?;
    for table in ["source_couverture", "source_fichier"] {
        transaction
            .execute(&format!("DELETE FROM {table} WHERE {of_them}"), &files)
            .await?;
    }
    Ok(removed)
}

/// Stored values of indicators that came from the files: those of no single file go too where any other value of the
/// indicator did, since they may hold invented rows.
async fn forget_values(
    transaction: &mut Transaction,
    of_them: &str,
    files: &[Value],
) -> Result<(), StoreError> {
    let indicators = format!("SELECT DISTINCT kpi_code FROM kpi_value WHERE {of_them}");
    for row in transaction.fetch(&indicators, files).await? {
        let sql = format!(
            "DELETE FROM kpi_value WHERE kpi_code = ? AND (fichier_id IS NULL OR {of_them})"
        );
        let params: Vec<Value> = std::iter::once(row.value(0).clone())
            .chain(files.iter().cloned())
            .collect();
        transaction.execute(&sql, &params).await?;
    }
    Ok(())
}
