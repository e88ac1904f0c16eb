//! PostgreSQL's text of a value as a cell: exact, so a number only where none is lost.

use tokio_postgres::{
    SimpleQueryRow,
    types::{Kind, Type},
};

use crate::gate::{Cell, Column, cell::real};

/// How the text of a column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Boolean,
    Integer,
    Real,
    Json,
    Text,
}

impl Form {
    pub(super) fn of(kind: &Type) -> Self {
        match *kind {
            Type::BOOL => Self::Boolean,
            Type::INT2 | Type::INT4 | Type::INT8 | Type::OID => Self::Integer,
            Type::FLOAT4 | Type::FLOAT8 => Self::Real,
            Type::JSON | Type::JSONB => Self::Json,
            _ => Self::Text,
        }
    }

    fn cell(self, text: &str) -> Cell<'_> {
        match self {
            Self::Boolean => Cell::Boolean(text == "t"),
            Self::Integer => text.parse().map_or(Cell::Text(text), Cell::Integer),
            Self::Real => text.parse().map_or(Cell::Text(text), |value| real(value)),
            Self::Json => Cell::Json(text),
            Self::Text => Cell::Text(text),
        }
    }
}

/// The cells of one row.
pub(super) fn row_cells<'a>(row: &'a SimpleQueryRow, forms: &[Form]) -> Vec<Cell<'a>> {
    let cell =
        |(index, form): (usize, &Form)| row.get(index).map_or(Cell::Null, |text| form.cell(text));
    forms.iter().enumerate().map(cell).collect()
}

/// Names and types of the columns.
pub(super) fn columns(columns: &[tokio_postgres::Column]) -> Vec<Column> {
    let column = |column: &tokio_postgres::Column| Column {
        name: column.name().to_owned(),
        r#type: type_name(column.type_()),
    };
    columns.iter().map(column).collect()
}

fn type_name(kind: &Type) -> String {
    match kind.kind() {
        Kind::Array(element) => format!("{}[]", element.name()),
        _ => kind.name().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_numbers_only_where_nothing_is_lost() {
        let cell = |kind, text| Form::of(&kind).cell(text);
        assert_eq!(
            cell(Type::INT8, "9007199254740993"),
            Cell::Integer(9_007_199_254_740_993)
        );
        assert_eq!(cell(Type::NUMERIC, "1.10"), Cell::Text("1.10"));
        assert_eq!(cell(Type::FLOAT4, "0.1"), Cell::Real(0.1));
        assert_eq!(cell(Type::FLOAT8, "-Infinity"), Cell::Text("-Infinity"));
        assert_eq!(cell(Type::BOOL, "f"), Cell::Boolean(false));
    }

    #[test]
    fn arrays_are_named_by_their_elements() {
        assert_eq!(type_name(&Type::INT4_ARRAY), "int4[]");
        assert_eq!(type_name(&Type::TIMESTAMPTZ), "timestamptz");
    }
}
