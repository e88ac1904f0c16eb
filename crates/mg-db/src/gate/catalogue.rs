//! The objects that an account may read, and the account itself.

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
