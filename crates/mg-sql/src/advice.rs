//! What a refused statement could have meant: the nearest table or column, the columns that may be read.

use mg_db::{
    Engine,
    gate::{GateError, Object},
};

use crate::{
    discovery::{addresses, is_relation},
    statement,
};

/// What an engine did not find, taken from its own words.
#[derive(Debug, PartialEq, Eq)]
enum Complaint<'a> {
    /// There is no such table or view.
    Table(&'a str),
    /// There is no such column.
    Column(&'a str),
    /// Nothing in the statement is called so.
    Source(&'a str),
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
const SOURCE: [(&str, &str); 3] = [
    ("missing FROM-clause entry for table \"", "\""),
    ("invalid reference to FROM-clause entry for table \"", "\""),
    ("Unknown table '", "'"),
];
/// Names of one kind that are told.
const MOST: usize = 3;

/// One more sentence for a refusal, from what the caller may read.
pub(crate) fn advice(
    error: &GateError,
    engine: Engine,
    statement: &str,
    objects: &[Object],
) -> Option<String> {
    match error {
        GateError::Denied { table, column } => denied(table, column.as_deref(), statement, objects),
        GateError::Statement(fault) => nearest(&fault.message, engine, statement, objects),
        _ => None,
    }
}

/// The columns of a table that the caller may read, the one that was perhaps meant first. MariaDB does not tell
/// who reads by columns whether there is another one, nor who may not read a table whether there is one.
fn denied(
    table: &str,
    column: Option<&str>,
    statement: &str,
    objects: &[Object],
) -> Option<String> {
    let schema = qualifier(statement, table);
    let readable = addresses(objects).into_iter().filter(|(_, object)| {
        object.name.eq_ignore_ascii_case(table)
            && (schema.as_ref()).is_none_or(|schema| object.schema.eq_ignore_ascii_case(schema))
    });
    let told: Vec<String> = readable
        .map(|(address, object)| {
            let columns = object.columns.iter().map(|column| column.name.as_str());
            let all = columns.clone().collect::<Vec<_>>().join(", ");
            let near = column.and_then(|column| nearest_columns(column, columns));
            let near = near.map_or_else(String::new, |near| format!("{near}; "));
            format!("{near}of {address} this role may read: {all}")
        })
        .collect();
    match told.as_slice() {
        [] => nearest_tables(table, objects),
        // Of several schemas, and the statement does not say which.
        told => Some(told.join("; ")),
    }
}

/// The names that come nearest to what the engine did not find.
fn nearest(message: &str, engine: Engine, statement: &str, objects: &[Object]) -> Option<String> {
    match complaint(message)? {
        Complaint::Table(name) => nearest_tables(last(name), objects),
        Complaint::Source(name) => known_sources(last(name), engine, statement),
        Complaint::Column(name) => {
            let source = name.rsplit('.').nth(1);
            let of_another = source
                .and_then(|source| known_sources(source.trim_matches('"'), engine, statement));
            of_another.or_else(|| {
                let named = objects
                    .iter()
                    .filter(|object| is_relation(object) && mentions(statement, &object.name));
                let columns = named.flat_map(|object| &object.columns);
                nearest_columns(last(name), columns.map(|column| column.name.as_str()))
            })
        }
    }
}

/// What columns may be asked of in this statement, unless `name` is among it.
fn known_sources(name: &str, engine: Engine, statement: &str) -> Option<String> {
    let sources = statement::sources(engine, statement);
    let known = sources
        .iter()
        .any(|source| source.eq_ignore_ascii_case(name));
    (!known && !sources.is_empty()).then(|| format!("its FROM has: {}", sources.join(", ")))
}

fn nearest_tables(name: &str, objects: &[Object]) -> Option<String> {
    let addresses = addresses(objects);
    let names = addresses.iter().map(|(address, _)| address.as_str());
    let near = mg_core::alike(name, names, MOST);
    (!near.is_empty()).then(|| format!("nearest tables: {}", near.join(", ")))
}

fn nearest_columns<'a>(name: &str, columns: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let near = mg_core::alike(name, columns, MOST);
    (!near.is_empty()).then(|| format!("nearest columns: {}", near.join(", ")))
}

fn complaint(message: &str) -> Option<Complaint<'_>> {
    let any = |forms: &[(&str, &str)]| {
        forms
            .iter()
            .find_map(|(before, after)| between(message, before, after))
    };
    (any(&TABLE).map(Complaint::Table))
        .or_else(|| any(&SOURCE).map(Complaint::Source))
        .or_else(|| any(&COLUMN).map(Complaint::Column))
}

/// The name between two texts; all the rest where nothing follows it, but for a question of SQLite's.
fn between<'a>(message: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let rest = &message[message.find(before)? + before.len()..];
    let after = if after.is_empty() { " - should" } else { after };
    let name = match rest.find(after) {
        Some(end) => &rest[..end],
        None if after == " - should" => rest,
        None => return None,
    };
    Some(name.trim().trim_matches('"')).filter(|name| !name.is_empty())
}

/// The last part of a qualified name.
fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name).trim_matches('"')
}

/// Whether a statement has this name, not as a part of another one.
fn mentions(statement: &str, name: &str) -> bool {
    places(&statement.to_lowercase(), &name.to_lowercase())
        .next()
        .is_some()
}

/// The schema that a statement puts before the name of a table.
fn qualifier(statement: &str, table: &str) -> Option<String> {
    let lower = statement.to_lowercase();
    places(&lower, &table.to_lowercase()).find_map(|place| {
        let before = lower[..place].trim_end_matches(['"', '`', '[']);
        let before = before.strip_suffix('.')?.trim_end_matches(['"', '`', ']']);
        let schema = before.rsplit(|letter| !is_of_name(letter)).next();
        schema
            .filter(|schema| !schema.is_empty())
            .map(str::to_owned)
    })
}

/// Where a name stands whole.
fn places<'a>(statement: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    let whole = |place: &usize| {
        let after = statement[place + name.len()..].chars().next();
        let before = statement[..*place].chars().next_back();
        ![before, after].into_iter().flatten().any(is_of_name)
    };
    let found = statement.match_indices(name).map(|(place, _)| place);
    found.filter(move |place| whole(place))
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use mg_db::gate::ColumnDetail;

    use super::*;

    fn table(name: &str, columns: &[&str]) -> Object {
        let column = |name: &&str| ColumnDetail {
            name: (*name).into(),
            r#type: "text".into(),
            ..ColumnDetail::default()
        };
        Object {
            schema: "main".into(),
            name: name.into(),
            columns: columns.iter().map(column).collect(),
            ..Object::default()
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
            let advice = nearest(
                message,
                Engine::Sqlite,
                "SELECT 1 FROM fact_permi",
                &objects(),
            )
            .unwrap();
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
            let advice = nearest(
                message,
                Engine::Postgres,
                "SELECT p.etat FROM fact_permis AS p",
                &objects(),
            )
            .unwrap();
            assert_eq!(advice, "nearest columns: etat_dau", "{message}");
        }
    }

    #[test]
    fn a_name_that_resembles_none_has_no_advice() {
        for message in ["no such table: weather", "no such column: weather"] {
            let sql = "SELECT weather FROM fact_permis";
            assert_eq!(nearest(message, Engine::Sqlite, sql, &objects()), None);
        }
    }

    #[test]
    fn names_with_blanks_are_names() {
        let objects = [table("avis mairie", &["date avis"])];
        let sql = "SELECT \"date avi\" FROM \"avis mairie\"";
        for (message, told) in [
            ("no such table: avis mairi", "nearest tables: avis mairie"),
            (
                "column \"date avi\" does not exist",
                "nearest columns: date avis",
            ),
            (
                "no such column: \"date avi\" - should this be a string literal in single-quotes?",
                "nearest columns: date avis",
            ),
            (
                "Unknown column 'date avi' in 'SELECT'",
                "nearest columns: date avis",
            ),
        ] {
            let advice = nearest(message, Engine::Sqlite, sql, &objects);
            assert_eq!(advice.as_deref(), Some(told), "{message}");
        }
    }

    #[test]
    fn a_misspelt_alias_is_answered_with_those_of_the_statement() {
        for message in [
            "no such column: q.etat_dau",
            "missing FROM-clause entry for table \"q\"",
            "Unknown table 'q'",
            "Unknown column 'q.etat_dau' in 'SELECT'",
        ] {
            let sql = "SELECT q.etat_dau FROM fact_permis AS p JOIN dim_commune USING (comm)";
            let advice = nearest(message, Engine::MariaDb, sql, &objects());
            assert_eq!(
                advice.as_deref(),
                Some("its FROM has: p, dim_commune"),
                "{message}"
            );
        }
    }

    fn refused(table: &str, column: Option<&str>, sql: &str, objects: &[Object]) -> String {
        let denied = GateError::Denied {
            table: table.into(),
            column: column.map(str::to_owned),
        };
        advice(&denied, Engine::MariaDb, sql, objects).unwrap_or_default()
    }

    #[test]
    fn a_forbidden_table_is_answered_with_the_columns_that_may_be_read() {
        let all = "of fact_permis this role may read: comm, etat_dau";
        let sql = "SELECT * FROM fact_permis";
        for column in [None, Some("denom_dem")] {
            assert_eq!(refused("FACT_PERMIS", column, sql, &objects()), all);
        }
        let near = refused("fact_permis", Some("etat"), sql, &objects());
        assert_eq!(near, format!("nearest columns: etat_dau; {all}"));
    }

    #[test]
    fn a_forbidden_table_is_that_of_the_schema_which_the_statement_names() {
        let mut other = table("fact_permis", &["note"]);
        other.schema = "s".into();
        let mut objects = objects();
        objects.push(other);
        let told = |sql: &str| refused("fact_permis", None, sql, &objects);
        assert_eq!(
            told("SELECT * FROM S.\"fact_permis\""),
            "of s.fact_permis this role may read: note"
        );
        assert!(told("SELECT * FROM fact_permis").contains("comm, etat_dau; of s.fact_permis"));
        assert_eq!(
            told("SELECT * FROM closed.fact_permis"),
            "nearest tables: s.fact_permis, main.fact_permis"
        );
    }

    #[test]
    fn other_complaints_have_no_advice() {
        assert_eq!(
            nearest(
                "syntax error at or near \"FORM\"",
                Engine::Postgres,
                "SELECT 1 FORM x",
                &objects()
            ),
            None
        );
    }
}
