//! Text in and out of the extended protocol, where the driver's own types would ask for binary forms.

use tokio_postgres::types::{
    Format, FromSql, IsNull, ToSql, Type, private::BytesMut, to_sql_checked,
};

use crate::gate::{Cell, Statement};

/// A parameter as text without a type: the server infers the type from where it stands.
#[derive(Debug)]
pub(super) struct Parameter(Option<String>);

/// The parameters of a statement, in order.
pub(super) fn parameters(statement: &Statement) -> Vec<Parameter> {
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    statement
        .params
        .iter()
        .map(|value| Parameter(text(value)))
        .collect()
}

/// Parameters as the driver takes them.
pub(super) fn untyped(params: &[Parameter]) -> Vec<(&(dyn ToSql + Sync), Type)> {
    params
        .iter()
        .map(|param| (param as &(dyn ToSql + Sync), Type::UNKNOWN))
        .collect()
}

impl ToSql for Parameter {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        let Some(text) = &self.0 else {
            return Ok(IsNull::Yes);
        };
        out.extend_from_slice(text.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    to_sql_checked!();
}

/// The text that EXPLAIN and SHOW answer; its binary form is the text itself.
pub(super) struct Utf8<'a> {
    text: &'a str,
    json: bool,
}

impl<'a> Utf8<'a> {
    /// The text as a cell.
    pub(super) fn cell_of(value: Option<&Self>) -> Cell<'a> {
        match value {
            None => Cell::Null,
            Some(Self { text, json: true }) => Cell::Json(text),
            Some(Self { text, json: false }) => Cell::Text(text),
        }
    }
}

impl<'a> FromSql<'a> for Utf8<'a> {
    fn from_sql(
        kind: &Type,
        raw: &'a [u8],
    ) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self {
            text: std::str::from_utf8(raw)?,
            json: *kind == Type::JSON,
        })
    }

    fn accepts(kind: &Type) -> bool {
        [Type::TEXT, Type::JSON, Type::XML, Type::VARCHAR].contains(kind)
    }
}
