//! What a refused statement could have meant: the nearest table or column, the columns that may be read.

use mg_db::gate::{GateError, Object};

use crate::discovery::is_relation;

/// What an engine did not find, taken from its own words.
#[derive(Debug, PartialEq, Eq)]
enum Complaint<'a> {
    /// There is no such table or view.
    Table(&'a str),
    /// There is no such column.
    Column(&'a str),
}

/// How engines say it: the words before the name and after it. SQLite, PostgreSQL, MariaDB.
const TABLE: [(&str, &str); 3] = [
    ("no such table: ", ""),
    ("relation \"", "\" does not exist"),
    ("Table '", "' doesn't exist"),
];
const COLUMN: [(&str, &str); 4] = [
    ("no such column: ", ""),
    ("column \"", "\" does not exist"),
    ("column ", " does not exist"),
    ("Unknown column '", "' in "),
];
/// One more sentence for a refusal, from what the caller may read.
pub(crate) fn advice(error: &GateError, statement: &str, objects: &[Object]) -> Option<String> {
    match error {
        // MariaDB does not tell who may not read a table whether there is one.
        GateError::Denied { table, .. } => {
            readable(table, objects).or_else(|| nearest_tables(table, objects))
        }
        other => nearest(&other.to_string(), statement, objects),
    }
}

/// The columns of a table that the caller may read.
fn readable(table: &str, objects: &[Object]) -> Option<String> {
    let mut relations = objects.iter().filter(|object| is_relation(object));
    let table = relations.find(|object| object.name.eq_ignore_ascii_case(table))?;
    let columns: Vec<&str> = (table.columns.iter())
        .map(|column| column.name.as_str())
        .collect();
    Some(format!(
        "of {} this role may read: {}",
        table.name,
        columns.join(", ")
    ))
}

/// The names that come nearest to what the engine did not find.
fn nearest(message: &str, statement: &str, objects: &[Object]) -> Option<String> {
    let relations = || objects.iter().filter(|object| is_relation(object));
    match complaint(message)? {
        Complaint::Table(name) => nearest_tables(last(name), objects),
        Complaint::Column(name) => {
            let named: Vec<&Object> = relations()
                .filter(|object| mentions(statement, &object.name))
                .collect();
            let columns = named
                .iter()
                .flat_map(|object| &object.columns)
                .map(|column| column.name.as_str());
            let near = mg_core::nearest(last(name), columns, 3);
            (!near.is_empty()).then(|| format!("nearest columns: {}", near.join(", ")))
        }
    }
}

fn nearest_tables(name: &str, objects: &[Object]) -> Option<String> {
    let relations = objects.iter().filter(|object| is_relation(object));
    let near = mg_core::nearest(name, relations.map(|object| object.name.as_str()), 3);
    (!near.is_empty()).then(|| format!("nearest tables: {}", near.join(", ")))
}

fn complaint(message: &str) -> Option<Complaint<'_>> {
    let any = |forms: &[(&str, &str)]| {
        forms
            .iter()
            .find_map(|(before, after)| between(message, before, after))
    };
    (any(&TABLE).map(Complaint::Table)).or_else(|| any(&COLUMN).map(Complaint::Column))
}

/// The name between two texts; up to the first blank when nothing follows it.
fn between<'a>(message: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let rest = &message[message.find(before)? + before.len()..];
    let end = if after.is_empty() {
        rest.find([' ', '\n', ',', ';']).unwrap_or(rest.len())
    } else {
        rest.find(after)?
    };
    Some(rest[..end].trim_matches('"')).filter(|name| !name.is_empty() && !name.contains(' '))
}

/// The last part of a qualified name.
fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name).trim_matches('"')
}

fn mentions(statement: &str, name: &str) -> bool {
    let lower = statement.to_lowercase();
    lower
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '_'))
        .any(|word| word == name.to_lowercase())
}

#[cfg(test)]
mod tests {
    use mg_db::gate::{ColumnDetail, ObjectKind};

    use super::*;

    fn table(name: &str, columns: &[&str]) -> Object {
        let column = |name: &&str| ColumnDetail {
            name: (*name).into(),
            r#type: "text".into(),
            nullable: true,
            default: None,
            comment: None,
            primary_key: false,
        };
        Object {
            schema: "main".into(),
            name: name.into(),
            kind: ObjectKind::Table,
            comment: None,
            estimated_rows: None,
            signature: None,
            columns: columns.iter().map(column).collect(),
            foreign_keys: vec![],
            indexes: vec![],
        }
    }

    fn objects() -> Vec<Object> {
        vec![
            table("fact_permis", &["comm", "etat_dau"]),
            table("dim_commune", &["comm", "nom"]),
        ]
    }

    #[test]
    fn every_engines_words_for_a_missing_table_lead_to_its_neighbour() {
        for message in [
            "no such table: fact_permi",
            "relation \"fact_permi\" does not exist",
            "relation \"public.fact_permi\" does not exist (at character 15)",
            "Table 'mg.fact_permi' doesn't exist",
        ] {
            let advice = nearest(message, "SELECT 1 FROM fact_permi", &objects()).unwrap();
            assert!(
                advice.starts_with("nearest tables: fact_permis"),
                "{message}: {advice}"
            );
        }
    }

    #[test]
    fn a_missing_column_is_looked_for_in_the_tables_that_the_statement_names() {
        for message in [
            "no such column: etat",
            "column \"etat\" does not exist",
            "column p.etat does not exist (at character 8)",
            "Unknown column 'p.etat' in 'field list'",
        ] {
            let advice =
                nearest(message, "SELECT p.etat FROM fact_permis AS p", &objects()).unwrap();
            assert_eq!(advice, "nearest columns: etat_dau, comm", "{message}");
        }
    }

    #[test]
    fn a_forbidden_table_is_answered_with_the_columns_that_may_be_read() {
        for column in [None, Some("denom_dem".to_owned())] {
            let denied = GateError::Denied {
                table: "FACT_PERMIS".into(),
                column,
            };
            assert_eq!(
                advice(&denied, "SELECT * FROM fact_permis", &objects()).as_deref(),
                Some("of fact_permis this role may read: comm, etat_dau")
            );
        }
    }

    #[test]
    fn other_complaints_have_no_advice() {
        assert_eq!(
            nearest(
                "syntax error at or near \"FORM\"",
                "SELECT 1 FORM x",
                &objects()
            ),
            None
        );
    }
}
