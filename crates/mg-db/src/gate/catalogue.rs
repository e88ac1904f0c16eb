//! The objects that an account may read, and the account itself.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{Cell, Column, Flow, GateError, RowSink};
use crate::Engine;

/// A table, view or function.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectKind {
    /// A table, partitioned and foreign ones included.
    #[default]
    Table,
    /// A view, materialised ones included.
    View,
    /// A function of the database's own.
    Function,
}

/// A column of a table or view.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// The values of an enumeration, in its order; none where the type is no enumeration or names them itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

/// A reference to another table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForeignKey {
    /// The referring columns, in key order.
    pub columns: Vec<String>,
    /// The schema of the table referred to; `main` on SQLite.
    pub schema: String,
    /// The table referred to, without the schema.
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

/// Leaves out the indexes and references that name a column which is not told, and tells each table that is
/// referred to by its own spelling.
pub(super) fn keep_what_can_be_named(engine: Engine, objects: &mut [Object]) {
    let told = Told::of(engine, objects);
    for Object {
        schema,
        name,
        foreign_keys,
        indexes,
        ..
    } in objects
    {
        // An index without columns is one on expressions, which may be of anything.
        indexes.retain(|index| {
            !index.columns.is_empty() && told.table(schema, name, &index.columns).is_some()
        });
        foreign_keys.retain_mut(|key| {
            let there = told.table(&key.schema, &key.table, &key.references);
            match there.filter(|_| told.table(schema, name, &key.columns).is_some()) {
                Some(table) => table.clone_into(&mut key.table),
                None => return false,
            }
            true
        });
    }
}

/// What is told of tables: their names and their columns.
struct Told {
    engine: Engine,
    /// By schema and table.
    tables: HashMap<(String, String), (String, HashSet<String>)>,
}

impl Told {
    fn of(engine: Engine, objects: &[Object]) -> Self {
        let mut told = Self {
            engine,
            tables: HashMap::new(),
        };
        let relations = |object: &&Object| object.kind != ObjectKind::Function;
        for object in objects.iter().filter(relations) {
            let columns = object.columns.iter();
            let columns = columns.map(|column| told.column(&column.name)).collect();
            let key = told.key(&object.schema, &object.name);
            told.tables.insert(key, (object.name.clone(), columns));
        }
        told
    }

    /// The table by its own name, if it is told with these columns.
    fn table(&self, schema: &str, table: &str, columns: &[String]) -> Option<&str> {
        let (name, known) = self.tables.get(&self.key(schema, table))?;
        let all = (columns.iter()).all(|column| known.contains(&self.column(column)));
        all.then_some(name.as_str())
    }

    /// SQLite takes tables in any case of letters.
    fn key(&self, schema: &str, table: &str) -> (String, String) {
        let table = match self.engine {
            Engine::Sqlite => table.to_ascii_lowercase(),
            Engine::Postgres | Engine::MariaDb => table.to_owned(),
        };
        (schema.to_owned(), table)
    }

    /// SQLite and MariaDB take columns so.
    fn column(&self, name: &str) -> String {
        match self.engine {
            Engine::Sqlite | Engine::MariaDb => name.to_lowercase(),
            Engine::Postgres => name.to_owned(),
        }
    }
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
            ..ColumnDetail::default()
        };
        Object {
            schema: "main".into(),
            name: name.into(),
            columns: columns.iter().map(column).collect(),
            ..Object::default()
        }
    }

    fn key(column: &str, table: &str, reference: &str) -> ForeignKey {
        ForeignKey {
            columns: vec![column.into()],
            schema: "main".into(),
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
        keep_what_can_be_named(Engine::Sqlite, &mut objects);
        assert_eq!(objects[0].indexes, [index(&["comm", "day"])]);
        assert_eq!(objects[0].foreign_keys, [key("comm", "communes", "COMM")]);
    }

    #[test]
    fn tables_of_one_name_in_two_schemas_are_two() {
        let of_schema = |schema: &str, mut object: Object| {
            object.schema = schema.into();
            object
        };
        let to = |schema: &str| ForeignKey {
            schema: schema.into(),
            ..key("a", "Order", "id")
        };
        let mut lines = table("lines", &["a"]);
        lines.foreign_keys = vec![to("s"), to("public"), to("main")];
        let mut objects = vec![
            lines,
            of_schema("s", table("Order", &["id"])),
            of_schema("s", table("order", &["n"])),
            of_schema("public", table("Order", &["n"])),
        ];
        keep_what_can_be_named(Engine::Postgres, &mut objects);
        assert_eq!(objects[0].foreign_keys, [to("s")]);
    }
}
