//! A table of ours as its statement makes it: what a loader must know before it brings rows.

use rusqlite::Connection;

use super::in_memory;
use crate::store::StoreError;

/// A table of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The columns of its primary key, in order.
    pub key: Vec<String>,
    /// The columns whose values stand in another table.
    pub references: Vec<Reference>,
}

/// A column as it is declared, in the words that every engine takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type: `VARCHAR(13)`, `SMALLINT`, `DECIMAL(14,2)`…
    pub declared: String,
    /// Whether it needs a value.
    pub not_null: bool,
    /// The literal it has where nothing is given.
    pub default: Option<String>,
}

/// A foreign key of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The column.
    pub column: String,
    /// The table that its values stand in.
    pub table: String,
    /// The column they stand in there.
    pub target: String,
}

/// The table of this name as this program makes it; `None` for a view and a table that is not ours.
///
/// # Errors
/// As [`columns`](super::columns).
pub fn table(name: &str) -> Result<Option<Table>, StoreError> {
    let described = in_memory().and_then(|connection| described(&connection, name));
    described.map_err(|error| StoreError::Schema(error.to_string()))
}

fn described(connection: &Connection, name: &str) -> rusqlite::Result<Option<Table>> {
    let ours = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1";
    if !connection.prepare(ours)?.exists([name])? {
        return Ok(None);
    }
    let mut keyed = Vec::new();
    let mut columns = Vec::new();
    let listed =
        "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info(?1) ORDER BY cid";
    let mut statement = connection.prepare(listed)?;
    let mut rows = statement.query([name])?;
    while let Some(row) = rows.next()? {
        let column = Column {
            name: row.get(0)?,
            declared: row.get(1)?,
            not_null: row.get(2)?,
            default: row.get(3)?,
        };
        let place: i64 = row.get(4)?;
        if place > 0 {
            keyed.push((place, column.name.clone()));
        }
        columns.push(column);
    }
    keyed.sort();
    Ok(Some(Table {
        columns,
        key: keyed.into_iter().map(|(_, name)| name).collect(),
        references: references(connection, name)?,
    }))
}

fn references(connection: &Connection, name: &str) -> rusqlite::Result<Vec<Reference>> {
    let sql = "SELECT \"from\", \"table\", \"to\" FROM pragma_foreign_key_list(?1)";
    let mut statement = connection.prepare(sql)?;
    let reference = |row: &rusqlite::Row<'_>| {
        Ok(Reference {
            column: row.get(0)?,
            table: row.get(1)?,
            target: row.get(2)?,
        })
    };
    statement.query_map([name], reference)?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_permits_are_known_by_key_types_and_references() {
        let permits = table("fact_permis").unwrap().unwrap();
        assert_eq!(permits.key, ["type_dau", "num_dau", "fichier"]);
        let column = |name: &str| permits.columns.iter().find(|column| column.name == name);
        let dwellings = column("nb_lgt_tot_crees").unwrap();
        assert_eq!(dwellings.declared, "INTEGER");
        assert_eq!(
            (dwellings.not_null, dwellings.default.as_deref()),
            (true, Some("0"))
        );
        assert_eq!(column("denom_dem").unwrap().declared, "VARCHAR(120)");
        let communes = permits
            .references
            .iter()
            .find(|reference| reference.column == "comm");
        assert_eq!(communes.unwrap().table, "dim_commune");
    }

    #[test]
    fn views_and_strangers_are_no_tables_of_ours() {
        assert_eq!(table("v_permis_public").unwrap(), None);
        assert_eq!(table("web_avis").unwrap(), None);
    }
}
