//! What is told of tables, views, columns and functions, detail by detail.

use mg_core::{clean, needs_cleaning};
use mg_db::gate::{ColumnDetail, ForeignKey, Object};
use serde_json::{Value, json};

use super::{Detail, is_relation};

/// An object as an answer tells it.
pub(super) fn described(object: &Object, detail: Detail, all: &[Object]) -> Value {
    let mut described = json!({ "name": object.name, "kind": object.kind });
    put(&mut described, "schema", told_schema(object));
    if detail == Detail::Names {
        return described;
    }
    put(&mut described, "comment", object.comment.as_deref());
    put(&mut described, "signature", object.signature.as_deref());
    put(&mut described, "estimated_rows", object.estimated_rows);
    if is_relation(object) {
        let columns = object.columns.iter();
        described["columns"] = columns.map(|column| one_column(column, detail)).collect();
    }
    if detail == Detail::Full && is_relation(object) {
        described["joins"] = json!(joins(object));
        described["referenced_by"] = json!(referenced_by(object, all));
        described["indexes"] = json!(object.indexes);
    }
    described
}

/// A column as an answer tells it that was asked for columns.
pub(super) fn described_column(object: &Object, column: &ColumnDetail, detail: Detail) -> Value {
    let mut described = one_column(column, detail);
    described["name"] = format!("{}.{}", object.name, column.name).into();
    described["kind"] = "column".into();
    put(&mut described, "schema", told_schema(object));
    described
}

/// The same without what deceives a reader: names and comments are whatever somebody wrote.
pub(crate) fn cleaned(value: Value) -> Value {
    match value {
        Value::String(text) if needs_cleaning(&text) => clean(&text).into(),
        Value::Array(values) => values.into_iter().map(cleaned).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            Value::Object(fields.map(|(key, value)| (key, cleaned(value))).collect())
        }
        other => other,
    }
}

/// The schema, where a statement has to name it.
fn told_schema(object: &Object) -> Option<&str> {
    Some(object.schema.as_str()).filter(|schema| !matches!(*schema, "main" | "public"))
}

/// The ways from a table to those it refers to.
fn joins(object: &Object) -> Vec<String> {
    let keys = object.foreign_keys.iter();
    keys.map(|key| way(object, key)).collect()
}

/// The ways to a table from those that refer to it.
fn referenced_by(object: &Object, all: &[Object]) -> Vec<String> {
    let to_it = |key: &&ForeignKey| key.schema == object.schema && key.table == object.name;
    let from = |other: &Object| {
        let keys = other.foreign_keys.iter().filter(to_it);
        keys.map(|key| way(other, key)).collect::<Vec<_>>()
    };
    all.iter().flat_map(from).collect()
}

/// `fact_permis.comm → dim_commune.comm`; several columns in brackets, schemas where they differ.
fn way(object: &Object, key: &ForeignKey) -> String {
    let end = |schema: &str, table: &str, columns: &[String]| {
        let table = if object.schema == key.schema {
            table.to_owned()
        } else {
            format!("{schema}.{table}")
        };
        match columns {
            [column] => format!("{table}.{column}"),
            columns => format!("{table}.({})", columns.join(", ")),
        }
    };
    let from = end(&object.schema, &object.name, &key.columns);
    let to = end(&key.schema, &key.table, &key.references);
    format!("{from} → {to}")
}

fn one_column(column: &ColumnDetail, detail: Detail) -> Value {
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
        let values = (!column.values.is_empty()).then(|| column.values.clone());
        put(&mut described, "values", values);
    }
    described
}

/// A key that is only there when it has a value.
fn put(object: &mut Value, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object[key] = value.into();
    }
}
