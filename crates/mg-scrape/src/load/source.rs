//! `source_fichier`: the files that rows come from.

use mg_db::{
    Value,
    store::{StoreError, Transaction},
};

use super::part::File;
use crate::definition::SourceRule;

const COLUMNS: [&str; 8] = [
    "fichier_id",
    "jeu",
    "url",
    "licence",
    "millesime",
    "charge_le",
    "synthetique",
    "remarque",
];

/// Writes the row of a file before rows that refer to it; the row of the same release is brought up to date.
pub(super) async fn write(
    transaction: &mut Transaction,
    source: &SourceRule,
    file: &File,
    url: &str,
    now: &str,
) -> Result<(), StoreError> {
    let told = [
        Value::from(cut(&source.dataset, 60)),
        cut(url, 500).into(),
        cut(&source.licence, 60).into(),
        file.release.as_str().into(),
        now.into(),
        0.into(),
        remark(source, file).into(),
    ];
    let known = "SELECT 1 FROM source_fichier WHERE fichier_id = ?";
    if transaction
        .fetch(known, &[file.id.as_str().into()])
        .await?
        .is_empty()
    {
        let row = std::iter::once(Value::from(file.id.as_str()))
            .chain(told)
            .collect();
        return transaction.insert("source_fichier", &COLUMNS, &[row]).await;
    }
    let sql = "UPDATE source_fichier SET jeu = ?, url = ?, licence = ?, millesime = ?, charge_le = ?, synthetique = ?, remarque = ? WHERE fichier_id = ?";
    let mut params = told.to_vec();
    params.push(file.id.as_str().into());
    transaction.execute(sql, &params).await.map(drop)
}

fn remark(source: &SourceRule, file: &File) -> Option<String> {
    let untold = (!file.told)
        .then(|| "Millésime non indiqué par le producteur : mois de la copie.".to_owned());
    match (source.remark.clone(), untold) {
        (Some(remark), Some(untold)) => Some(format!("{remark} {untold}")),
        (remark, untold) => remark.or(untold),
    }
}

/// Counts the rows of every file of a data set anew, and forgets those of which neither a row nor a covered period is
/// left.
pub(super) async fn recount(
    transaction: &mut Transaction,
    table: &str,
    source: &SourceRule,
) -> Result<(), StoreError> {
    let dataset: [Value; 1] = [cut(&source.dataset, 60).into()];
    let count = format!(
        "UPDATE source_fichier SET nb_lignes = (SELECT COUNT(*) FROM {table} WHERE {table}.fichier_id = source_fichier.fichier_id) WHERE jeu = ? AND synthetique = 0"
    );
    transaction.execute(&count, &dataset).await?;
    let forget = "DELETE FROM source_fichier WHERE jeu = ? AND synthetique = 0 AND nb_lignes = 0 \
        AND NOT EXISTS (SELECT 1 FROM source_couverture c WHERE c.fichier_id = source_fichier.fichier_id)";
    transaction.execute(forget, &dataset).await.map(drop)
}

/// The beginning of a text, as long as its column is wide.
pub(super) fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
