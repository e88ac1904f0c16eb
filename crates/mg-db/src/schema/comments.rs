//! What our tables and columns mean, for engines that keep no comments and for those that are told.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;

use super::references;
use crate::gate::Object;

/// The file `comments.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Comments {
    /// By table or view.
    tables: BTreeMap<String, String>,
    /// By column, or by `table.column` where a name means something else there.
    columns: BTreeMap<String, String>,
}

/// Broken in no build that passed its tests; without it nothing is missing but words.
static COMMENTS: LazyLock<Comments> =
    LazyLock::new(|| toml::from_str(include_str!("comments.toml")).unwrap_or_default());

/// What a table or view of ours holds.
fn of_table(table: &str) -> Option<&'static str> {
    COMMENTS.tables.get(table).map(String::as_str)
}

/// What a column of a table of ours holds.
fn of_column(table: &str, column: &str) -> Option<&'static str> {
    of_table(table)?;
    let own = COMMENTS.columns.get(&format!("{table}.{column}"));
    own.or_else(|| COMMENTS.columns.get(column))
        .map(String::as_str)
}

/// Tells what our tables mean and how they join where the engine does not; databases of others stay as
/// they are.
pub(crate) fn complete(objects: &mut [Object]) {
    if !super::is_ours(objects) {
        return;
    }
    references::complete(objects);
    for Object {
        name,
        comment,
        columns,
        ..
    } in objects
    {
        fill(comment, of_table(name));
        for column in columns {
            fill(&mut column.comment, of_column(name, &column.name));
        }
    }
}

/// What marks our tables on MariaDB says nothing to readers.
const MARK: &str = "mg-platform";

fn fill(comment: &mut Option<String>, ours: Option<&'static str>) {
    if comment.as_deref().is_none_or(|comment| comment == MARK) {
        *comment = ours.map(str::to_owned);
    }
}

/// The statements that leave the comments with an engine that keeps them.
pub(super) fn statements(tables: &[(String, Vec<String>)]) -> Vec<String> {
    let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut statements = Vec::new();
    for (table, columns) in tables {
        if let Some(comment) = of_table(table) {
            let kind = if table.starts_with("v_") {
                "VIEW"
            } else {
                "TABLE"
            };
            statements.push(format!("COMMENT ON {kind} {table} IS {}", literal(comment)));
        }
        for column in columns {
            if let Some(comment) = of_column(table, column) {
                let comment = literal(comment);
                statements.push(format!("COMMENT ON COLUMN {table}.{column} IS {comment}"));
            }
        }
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::columns;

    #[test]
    fn every_table_is_told_and_every_comment_belongs_to_something_that_exists() {
        let read: Comments = toml::from_str(include_str!("comments.toml")).unwrap();
        let tables = columns().unwrap();
        for (table, _) in &tables {
            assert!(of_table(table).is_some(), "{table}");
        }
        let exists = |name: &str| {
            tables.iter().any(|(table, columns)| {
                (columns.iter()).any(|column| column == name || format!("{table}.{column}") == name)
            })
        };
        for name in read.columns.keys() {
            assert!(exists(name), "{name}");
        }
        assert_eq!(read.tables.len(), tables.len());
    }

    #[test]
    fn a_column_means_the_same_everywhere_unless_its_table_says_otherwise() {
        assert_eq!(
            of_column("fact_permis", "comm"),
            of_column("dim_zac", "comm")
        );
        let value = of_column("kpi_value", "valeur").unwrap();
        assert!(value.contains("indicateur"), "{value}");
        assert_eq!(of_column("fact_indicateur_commune", "valeur"), None);
        assert_eq!(of_column("somebody_elses", "comm"), None);
    }

    #[test]
    fn comments_become_statements_with_their_quotes_doubled() {
        let made = statements(&[("fact_permis".into(), vec!["etat_dau".into()])]);
        assert_eq!(made.len(), 2);
        assert!(made[0].starts_with("COMMENT ON TABLE fact_permis IS 'permis"));
        assert!(made[0].contains("d''urbanisme"), "{}", made[0]);
        assert!(made[1].starts_with("COMMENT ON COLUMN fact_permis.etat_dau IS '"));
    }
}
