//! One row of our own statements, read by position.

use rust_decimal::Decimal;

use super::StoreError;
use crate::value::Value;

/// The values of a row, in the order of the statement's columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    values: Vec<Value>,
}

impl From<Vec<Value>> for Row {
    fn from(values: Vec<Value>) -> Self {
        Self { values }
    }
}

impl Row {
    /// All values.
    #[must_use]
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The value of column `index`, from 0; `NULL` where there is no such column.
    #[must_use]
    pub fn value(&self, index: usize) -> &Value {
        self.values.get(index).unwrap_or(&Value::Null)
    }

    /// An integer; exact decimals without a fraction count as one (PostgreSQL sums to `NUMERIC`).
    ///
    /// # Errors
    /// [`StoreError::Value`] for `NULL` and every other type.
    pub fn integer(&self, index: usize) -> Result<i64, StoreError> {
        self.optional_integer(index)?
            .ok_or_else(|| self.mismatch(index, "an integer"))
    }

    /// As [`Row::integer`], `None` for `NULL`.
    ///
    /// # Errors
    /// [`StoreError::Value`] for every other type.
    pub fn optional_integer(&self, index: usize) -> Result<Option<i64>, StoreError> {
        let integer = match self.value(index) {
            Value::Null => return Ok(None),
            Value::Integer(value) => Some(*value),
            Value::Decimal(value) if value.is_integer() => (*value).try_into().ok(),
            Value::Real(value) if value.fract() == 0.0 => format!("{value:.0}").parse().ok(),
            _ => None,
        };
        integer
            .map(Some)
            .ok_or_else(|| self.mismatch(index, "an integer"))
    }

    /// An exact number, from integers, decimals and floating point numbers by their shortest text.
    ///
    /// # Errors
    /// [`StoreError::Value`] for `NULL` and every other type.
    pub fn decimal(&self, index: usize) -> Result<Decimal, StoreError> {
        self.optional_decimal(index)?
            .ok_or_else(|| self.mismatch(index, "a number"))
    }

    /// As [`Row::decimal`], `None` for `NULL`.
    ///
    /// # Errors
    /// [`StoreError::Value`] for every other type.
    pub fn optional_decimal(&self, index: usize) -> Result<Option<Decimal>, StoreError> {
        let decimal = match self.value(index) {
            Value::Null => return Ok(None),
            Value::Integer(value) => Some(Decimal::from(*value)),
            Value::Decimal(value) => Some(*value),
            Value::Real(value) => value.to_string().parse().ok(),
            Value::Text(_) => None,
        };
        decimal
            .map(Some)
            .ok_or_else(|| self.mismatch(index, "a number"))
    }

    /// Text.
    ///
    /// # Errors
    /// [`StoreError::Value`] for `NULL` and every other type.
    pub fn text(&self, index: usize) -> Result<&str, StoreError> {
        self.optional_text(index)?
            .ok_or_else(|| self.mismatch(index, "text"))
    }

    /// As [`Row::text`], `None` for `NULL`.
    ///
    /// # Errors
    /// [`StoreError::Value`] for every other type.
    pub fn optional_text(&self, index: usize) -> Result<Option<&str>, StoreError> {
        match self.value(index) {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            _ => Err(self.mismatch(index, "text")),
        }
    }

    fn mismatch(&self, index: usize, wanted: &str) -> StoreError {
        StoreError::Value(format!(
            "column {index} is {:?}, not {wanted}",
            self.value(index)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: impl Into<Value>) -> Row {
        Row::from(vec![value.into()])
    }

    #[test]
    fn a_sum_is_an_integer_on_every_engine() {
        assert_eq!(row(1564).integer(0), Ok(1564));
        assert_eq!(row(Decimal::new(156_400, 2)).integer(0), Ok(1564));
        assert_eq!(row(1564.0).integer(0), Ok(1564));
        assert!(row(Decimal::new(15_645, 1)).integer(0).is_err());
    }

    #[test]
    fn a_decimal_is_exact_from_every_number() {
        let expected = Ok(Decimal::new(11, 1));
        assert_eq!(row(1.1).decimal(0), expected);
        assert_eq!(row(Decimal::new(110, 2)).decimal(0), expected);
        assert!(row("1.1").decimal(0).is_err());
    }

    #[test]
    fn null_is_none_where_it_is_allowed_and_an_error_elsewhere() {
        let null = row(None::<i64>);
        assert_eq!(null.optional_text(0), Ok(None));
        assert_eq!(null.optional_integer(0), Ok(None));
        assert_eq!(null.optional_decimal(0), Ok(None));
        assert_eq!(
            null.text(0).unwrap_err().to_string(),
            "column 0 is Null, not text"
        );
        assert!(null.integer(0).is_err());
    }
}
