//! How our tables refer to each other, for readers to whom the engine does not tell it: MariaDB shows
//! references to those alone who may do more than read.

use std::sync::LazyLock;

use crate::gate::{ForeignKey, Object};

/// By table. What cannot be read is missing, as it was before.
static REFERENCES: LazyLock<Vec<(String, ForeignKey)>> =
    LazyLock::new(|| read().unwrap_or_default());

fn read() -> rusqlite::Result<Vec<(String, ForeignKey)>> {
    let connection = super::in_memory()?;
    let mut prepared = connection.prepare(
        "SELECT o.name, f.\"table\", group_concat(f.\"from\" ORDER BY f.seq), group_concat(f.\"to\" ORDER BY f.seq) \
         FROM sqlite_schema AS o JOIN pragma_foreign_key_list(o.name) AS f WHERE o.type = 'table' \
         GROUP BY o.rowid, f.id ORDER BY o.rowid, f.id DESC",
    )?;
    let names = |text: String| text.split(',').map(str::to_owned).collect();
    let reference = |row: &rusqlite::Row<'_>| {
        let key = ForeignKey {
            schema: String::new(), // that of the table, wherever it is
            table: row.get(1)?,
            columns: names(row.get(2)?),
            references: names(row.get(3)?),
        };
        Ok((row.get(0)?, key))
    };
    prepared.query_map([], reference)?.collect()
}

/// Adds the references of our tables where the engine told none.
pub(super) fn complete(objects: &mut [Object]) {
    for object in objects {
        if object.foreign_keys.is_empty() {
            let own = REFERENCES.iter().filter(|(table, _)| *table == object.name);
            let here = |key: &ForeignKey| ForeignKey {
                schema: object.schema.clone(),
                ..key.clone()
            };
            object.foreign_keys = own.map(|(_, key)| here(key)).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permits_refer_to_their_commune_and_their_file() {
        let of_permits = REFERENCES
            .iter()
            .filter(|(table, _)| table == "fact_permis");
        let told: Vec<_> = of_permits
            .map(|(_, key)| {
                (
                    key.columns.join(","),
                    key.table.as_str(),
                    key.references.join(","),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("comm".to_owned(), "dim_commune", "comm".to_owned()),
                (
                    "fichier_id".to_owned(),
                    "source_fichier",
                    "fichier_id".to_owned()
                )
            ]
        );
    }
}
