//! Values of ours as PostgreSQL's binary forms, and back.

use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;
use sqlx::{
    Decode, Encode, Postgres, Row as _, Type, TypeInfo, ValueRef,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgRow, PgTypeInfo, PgValueRef},
};

use crate::{store::Row, value::Value};

/// Day 0 of PostgreSQL's dates.
const EPOCH: Date = jiff::civil::date(2000, 1, 1);

/// A value and the type that the server wants in its place.
pub(super) struct Parameter<'a> {
    pub(super) kind: PgTypeInfo,
    pub(super) value: &'a Value,
}

impl Type<Postgres> for Parameter<'_> {
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Parameter<'_> {
    fn produces(&self) -> Option<PgTypeInfo> {
        Some(self.kind.clone())
    }

    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let value = self.value;
        if *value == Value::Null {
            return Ok(IsNull::Yes);
        }
        match self.kind.name() {
            "INT2" => encode(i16::try_from(integer(value)?)?, buffer),
            "INT4" => encode(i32::try_from(integer(value)?)?, buffer),
            "INT8" => encode(integer(value)?, buffer),
            "BOOL" => encode(integer(value)? != 0, buffer),
            "FLOAT4" => encode(text(value).parse::<f32>()?, buffer),
            "FLOAT8" => encode(text(value).parse::<f64>()?, buffer),
            "NUMERIC" => encode(text(value).parse::<Decimal>()?, buffer),
            "DATE" => encode(days(&text(value))?, buffer),
            "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "UNKNOWN" => encode(text(value), buffer),
            other => Err(format!("a parameter stands where {other} is wanted: cast it").into()),
        }
    }
}

fn encode<'q, T: Encode<'q, Postgres>>(
    value: T,
    buffer: &mut PgArgumentBuffer,
) -> Result<IsNull, BoxDynError> {
    value.encode(buffer)
}

fn decode<'r, T: Decode<'r, Postgres>>(raw: PgValueRef<'r>) -> Result<T, BoxDynError> {
    T::decode(raw)
}

fn integer(value: &Value) -> Result<i64, BoxDynError> {
    Row::from(vec![value.clone()])
        .integer(0)
        .map_err(Into::into)
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Integer(value) => value.to_string(),
        Value::Real(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::Text(text) => text.clone(),
    }
}

fn days(text: &str) -> Result<i32, BoxDynError> {
    let date: Date = text
        .parse()
        .map_err(|_| format!("`{text}` is no date such as 2024-03-15"))?;
    Ok((date - EPOCH).get_days())
}

/// A row of PostgreSQL as a row of ours.
pub(super) fn row(row: &PgRow) -> Result<Row, sqlx::Error> {
    let value = |index: usize| {
        value(row.try_get_raw(index)?).map_err(|source| sqlx::Error::ColumnDecode {
            index: index.to_string(),
            source,
        })
    };
    (0..row.len())
        .map(value)
        .collect::<Result<Vec<_>, _>>()
        .map(Row::from)
}

fn value(raw: PgValueRef<'_>) -> Result<Value, BoxDynError> {
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info().name().to_owned();
    Ok(match kind.as_str() {
        "INT2" => decode::<i16>(raw)?.into(),
        "INT4" => decode::<i32>(raw)?.into(),
        "INT8" => decode::<i64>(raw)?.into(),
        "BOOL" => decode::<bool>(raw)?.into(),
        // By its shortest text: 0.1 stays 0.1.
        "FLOAT4" => decode::<f32>(raw)?.to_string().parse::<f64>()?.into(),
        "FLOAT8" => decode::<f64>(raw)?.into(),
        "NUMERIC" => decode::<Decimal>(raw)?.into(),
        "DATE" => EPOCH
            .checked_add(decode::<i32>(raw)?.days())?
            .to_string()
            .into(),
        "TEXT" | "VARCHAR" | "NAME" | "UNKNOWN" => decode::<String>(raw)?.into(),
        // The padding of CHAR(n) means nothing, and SQLite has none.
        "CHAR" => decode::<&str>(raw)?.trim_end_matches(' ').into(),
        other => return Err(format!("the store reads no {other}: cast it").into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_counted_from_2000() {
        assert_eq!(days("2000-01-01").unwrap(), 0);
        assert_eq!(days("2024-03-01").unwrap(), 8826);
        assert_eq!(days("1999-12-31").unwrap(), -1);
        assert!(
            days("2024-02-30")
                .unwrap_err()
                .to_string()
                .contains("is no date")
        );
    }
}
