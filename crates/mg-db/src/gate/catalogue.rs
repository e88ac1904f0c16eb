//! The objects that an account may read, and the account itself.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{Cell, Column, Flow, GateError, RowSink};

/// A table, view or function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// The schema; `main` on SQLite.
    pub schema: String,
    /// The name, without the schema.
    pub name: String,
    /// What it is.
    pub kind: ObjectKind,
    /// The comment kept by the engine.
    pub comment: Option<String>,
    /// The engine's estimate; none before its statistics are gathered.
    pub estimated_rows: Option<i64>,
    /// Arguments and result of a function, e.g. `(integer) → text`.
    pub signature: Option<String>,
    /// The columns this account may read, in order.
    pub columns: Vec<ColumnDetail>,
    /// References to other tables.
    pub foreign_keys: Vec<ForeignKey>,
    /// Indexes, the primary key's included.
    pub indexes: Vec<Index>,
}

/// What an [`Object`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectKind {
    /// A table, partitioned and foreign ones included.
    Table,
    /// A view, materialised ones included.
    View,
    /// A function of the database's own.
    Function,
}

/// A column of a table or view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnDetail {
    /// The name.
    pub name: String,
    /// The declared type.
    pub r#type: String,
    /// Whether it may be `NULL`.
    pub nullable: bool,
    /// The default expression.
    pub default: Option<String>,
    /// The comment kept by the engine.
    pub comment: Option<String>,
    /// Whether it belongs to the primary key.
    pub primary_key: bool,
}

/// A reference to another table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// The referring columns, in key order.
    pub columns: Vec<String>,
    /// The table referred to.
    pub table: String,
    /// The columns referred to, in the same order.
    pub references: Vec<String>,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Index {
    /// The name.
    pub name: String,
    /// The columns in order; expressions are left out.
    pub columns: Vec<String>,
    /// Whether values are unique.
    pub unique: bool,
}

/// The account behind a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The login; none on SQLite, which has no accounts.
    pub login: Option<String>,
    /// The server's version.
    pub server_version: String,
    /// Why the account should not be used for reading.
    pub privileged: Option<String>,
    /// Whether it may change data or create tables.
    pub may_write: bool,
}

/// Leaves out the indexes and references that name a column which is not told.
pub(super) fn keep_what_can_be_named(objects: &mut [Object]) {
    let told: HashMap<String, HashSet<String>> = (objects.iter())
        .map(|object| {
            let columns = object.columns.iter().map(|column| folded(&column.name));
            (folded(&object.name), columns.collect())
        })
        .collect();
    let tells = |table: &str, columns: &[String]| {
        let known = told.get(&folded(table));
        known.is_some_and(|known| columns.iter().all(|column| known.contains(&folded(column))))
    };
    for Object {
        name,
        foreign_keys,
        indexes,
        ..
    } in objects
    {
        // An index without columns is one on expressions, which may be of anything.
        indexes.retain(|index| !index.columns.is_empty() && tells(name, &index.columns));
        foreign_keys.retain(|key| tells(name, &key.columns) && tells(&key.table, &key.references));
    }
}

/// SQLite takes names in any case of letters.
fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// Collects objects that an engine's catalogue query answers as one JSON document a row.
#[derive(Debug, Default)]
pub(super) struct ObjectSink {
    objects: Vec<Result<Object, serde_json::Error>>,
}

impl ObjectSink {
    pub(super) fn into_objects(self) -> Result<Vec<Object>, GateError> {
        (self.objects.into_iter().collect::<Result<_, _>>()).map_err(|error| {
            GateError::Unavailable(format!("the catalogue is not understood: {error}"))
        })
    }
}

impl RowSink for ObjectSink {
    fn columns(&mut self, _: &[Column]) {}

    fn row(&mut self, cells: &[Cell<'_>]) -> Flow {
        if let [Cell::Text(document) | Cell::Json(document)] = cells {
            self.objects.push(serde_json::from_str(document));
        }
        Flow::More
    }
}

#[cfg(test)]
mod tests {
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

    fn key(column: &str, table: &str, reference: &str) -> ForeignKey {
        ForeignKey {
            columns: vec![column.into()],
            table: table.into(),
            references: vec![reference.into()],
        }
    }

    #[test]
    fn indexes_and_references_go_with_the_columns_they_name() {
        let index = |columns: &[&str]| Index {
            name: "i".into(),
            columns: columns.iter().map(ToString::to_string).collect(),
            unique: false,
        };
        let mut permits = table("permits", &["comm", "day"]);
        permits.indexes = vec![
            index(&["comm", "day"]),
            index(&["comm", "holder"]),
            index(&[]),
        ];
        permits.foreign_keys = vec![
            key("comm", "Communes", "COMM"),
            key("holder", "communes", "comm"),
            key("comm", "communes", "mayor"),
            key("comm", "closed", "comm"),
        ];
        let mut objects = vec![permits, table("communes", &["comm"])];
        keep_what_can_be_named(&mut objects);
        assert_eq!(objects[0].indexes, [index(&["comm", "day"])]);
        assert_eq!(objects[0].foreign_keys, [key("comm", "Communes", "COMM")]);
    }
}
