//! PostgreSQL's text of a value as a cell: exact, so a number only where none is lost.

use std::ops::Range;

use tokio_postgres::types::{Kind, Type};

use super::{
    array, moment,
    wire::{Described, Row},
};
use crate::gate::{Cell, Column, cell::real};

/// How the text of a single value is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Boolean,
    Integer,
    Real,
    Json,
    /// With or without a time zone.
    Timestamp,
    /// A time of day with its offset.
    TimeWithZone,
    /// The server's text as it is.
    Text,
}

impl Form {
    fn of(kind: &Type) -> Self {
        match *kind {
            Type::BOOL => Self::Boolean,
            Type::INT2 | Type::INT4 | Type::INT8 | Type::OID => Self::Integer,
            Type::FLOAT4 | Type::FLOAT8 => Self::Real,
            Type::JSON | Type::JSONB => Self::Json,
            Type::TIMESTAMP | Type::TIMESTAMPTZ => Self::Timestamp,
            Type::TIMETZ => Self::TimeWithZone,
            _ => match kind.kind() {
                Kind::Domain(base) => Self::of(base),
                _ => Self::Text,
            },
        }
    }

    /// Adds the text that is told instead of the server's own; `false` when that one is told.
    pub(super) fn push_text(self, out: &mut String, text: &str) -> bool {
        match self {
            Self::Timestamp => moment::push_timestamp(out, text),
            Self::TimeWithZone => {
                moment::push_time(out, text);
                true
            }
            _ => false,
        }
    }

    fn cell(self, text: &str) -> Cell<'_> {
        match self {
            Self::Boolean => Cell::Boolean(text == "t"),
            Self::Integer => text.parse().map_or(Cell::Text(text), Cell::Integer),
            Self::Real => text.parse().map_or(Cell::Text(text), |value| real(value)),
            Self::Json => Cell::Json(text),
            Self::Timestamp | Self::TimeWithZone | Self::Text => Cell::Text(text),
        }
    }
}

/// How the text of a column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Single(Form),
    Array { element: Form, delimiter: char },
}

impl Reading {
    fn of(kind: &Type) -> Self {
        match kind.kind() {
            Kind::Array(element) => Self::Array {
                element: Form::of(element),
                delimiter: delimiter(element),
            },
            Kind::Domain(base) => Self::of(base),
            _ => Self::Single(Form::of(kind)),
        }
    }

    /// Adds to `out` what is told instead of the server's text, if anything is.
    fn push(self, out: &mut String, text: &str) -> bool {
        match self {
            Self::Single(form) => form.push_text(out, text),
            Self::Array { element, delimiter } => {
                let start = out.len();
                let read = array::push_json(out, text, element, delimiter).is_some();
                if !read {
                    out.truncate(start);
                }
                read
            }
        }
    }
}

/// Arrays are separated by commas but for boxes and the shapes of PostGIS.
fn delimiter(element: &Type) -> char {
    match element.name() {
        "box" => ';',
        "geometry" | "geography" => ':',
        _ => ',',
    }
}

/// Reads the rows of one statement, with room for what is told otherwise than the server writes it.
#[derive(Debug)]
pub(super) struct Reader {
    readings: Vec<Reading>,
    told: String,
    places: Vec<Option<Range<usize>>>,
}

impl Reader {
    pub(super) fn new(types: &[Type]) -> Self {
        Self {
            readings: types.iter().map(Reading::of).collect(),
            told: String::new(),
            places: Vec::new(),
        }
    }

    /// The cells of one row.
    pub(super) fn cells<'a>(&'a mut self, row: &'a Row) -> Vec<Cell<'a>> {
        self.told.clear();
        self.places.clear();
        for (index, reading) in self.readings.iter().enumerate() {
            let start = self.told.len();
            let pushed = row
                .get(index)
                .is_some_and(|text| reading.push(&mut self.told, text));
            self.places.push(pushed.then_some(start..self.told.len()));
        }
        let told = self
            .places
            .iter()
            .map(|place| place.clone().map(|place| &self.told[place]));
        let cell = |((index, reading), told): ((usize, &Reading), Option<&'a str>)| match (
            reading, told,
        ) {
            (Reading::Array { .. }, Some(json)) => Cell::Array(json),
            (_, Some(text)) => Cell::Text(text),
            (Reading::Single(form), None) => {
                row.get(index).map_or(Cell::Null, |text| form.cell(text))
            }
            (Reading::Array { .. }, None) => row.get(index).map_or(Cell::Null, Cell::Text),
        };
        self.readings
            .iter()
            .enumerate()
            .zip(told)
            .map(cell)
            .collect()
    }
}

/// Names and types of the columns.
pub(super) fn columns(described: &[Described], types: &[Type]) -> Vec<Column> {
    let column = |(column, kind): (&Described, &Type)| Column {
        name: column.name.clone(),
        r#type: type_name(kind),
    };
    described.iter().zip(types).map(column).collect()
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
    fn arrays_are_read_by_their_elements() {
        let told = |kind: Type, text: &str| {
            let mut out = String::new();
            Reading::of(&kind).push(&mut out, text).then_some(out)
        };
        assert_eq!(
            told(Type::NUMERIC_ARRAY, "{1.10}").as_deref(),
            Some("[\"1.10\"]")
        );
        assert_eq!(
            told(Type::BOX_ARRAY, "{(1,1),(0,0)}").as_deref(),
            Some("[\"(1,1),(0,0)\"]")
        );
        assert_eq!(told(Type::INT2_VECTOR, "1 2"), None);
        assert_eq!(told(Type::TEXT, "{a}"), None);
        assert_eq!(
            told(Type::TIMETZ, "12:00:00+02").as_deref(),
            Some("12:00:00+02:00")
        );
    }

    #[test]
    fn arrays_are_named_by_their_elements() {
        assert_eq!(type_name(&Type::INT4_ARRAY), "int4[]");
        assert_eq!(type_name(&Type::TIMESTAMPTZ), "timestamptz");
    }
}
