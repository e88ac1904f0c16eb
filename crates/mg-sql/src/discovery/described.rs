//! What is told of tables, views, columns and functions, detail by detail.

use mg_db::gate::{ColumnDetail, ForeignKey, Object};
use serde_json::{Value, json};

use super::{Detail, is_relation};

/// An object as an answer tells it.
pub(super) fn described(object: &Object, detail: Detail, all: &[Object]) -> Value {
    let mut described = json!({ "name": object.name, "kind": object.kind });
    if !matches!(object.schema.as_str(), "main" | "public") {
        described["schema"] = object.schema.as_str().into();
    }
    if detail == Detail::Names {
        return described;
    }
    put(&mut described, "comment", object.comment.as_deref());
    put(&mut described, "signature", object.signature.as_deref());
    put(&mut described, "estimated_rows", object.estimated_rows);
    if is_relation(object) {
        described["columns"] = object
            .columns
            .iter()
            .map(|column| described_column(column, detail))
            .collect();
    }
    if detail == Detail::Full && is_relation(object) {
        described["joins"] = json!(joins(object));
        described["referenced_by"] = json!(referenced_by(object, all));
        described["indexes"] = json!(object.indexes);
    }
    described
}

/// The ways from a table to those it refers to.
fn joins(object: &Object) -> Vec<String> {
    let keys = object.foreign_keys.iter();
    keys.map(|key| way(&object.name, key)).collect()
}

/// The ways to a table from those that refer to it.
fn referenced_by(object: &Object, all: &[Object]) -> Vec<String> {
    let qualified = format!("{}.{}", object.schema, object.name);
    let to_it =
        |key: &&ForeignKey| key.table.eq_ignore_ascii_case(&object.name) || key.table == qualified;
    let from = |other: &Object| {
        let keys = other.foreign_keys.iter().filter(to_it);
        keys.map(|key| way(&other.name, key)).collect::<Vec<_>>()
    };
    all.iter().flat_map(from).collect()
}

/// `fact_permis.comm → dim_commune.comm`; several columns in brackets.
fn way(table: &str, key: &ForeignKey) -> String {
    let end = |table: &str, columns: &[String]| match columns {
        [column] => format!("{table}.{column}"),
        columns => format!("{table}.({})", columns.join(", ")),
    };
    let (from, to) = (end(table, &key.columns), end(&key.table, &key.references));
    format!("{from} → {to}")
}

/// A column as an answer tells it.
pub(super) fn described_column(column: &ColumnDetail, detail: Detail) -> Value {
    let mut described = json!({ "name": column.name });
    if detail == Detail::Names {
        return described;
    }
    described["type"] = column.r#type.as_str().into();
    put(&mut described, "comment", column.comment.as_deref());
    if detail == Detail::Full {
        described["nullable"] = column.nullable.into();
        described["primary_key"] = column.primary_key.into();
        put(&mut described, "default", column.default.as_deref());
    }
    described
}

/// A key that is only there when it has a value.
fn put(object: &mut Value, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object[key] = value.into();
    }
}
