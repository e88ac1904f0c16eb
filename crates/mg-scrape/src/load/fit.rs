//! A value as its column takes it, or why it does not: what one engine would refuse, all of them refuse, row by row.

use mg_db::Value;
use rust_decimal::{Decimal, RoundingStrategy};

use super::shape::Column;
use crate::item;

/// The value as the database keeps it.
///
/// # Errors
/// Why the row cannot be kept, in a few words that follow the column's name.
pub(super) fn fitted(value: &item::Value, column: &Column) -> Result<Value, String> {
    if value.is_null() {
        return match (&column.default, column.required) {
            (Some(default), _) => Ok(default.clone()),
            (None, true) => Err("is empty".to_owned()),
            (None, false) => Ok(Value::Null),
        };
    }
    match Type::of(&column.declared) {
        Type::Integer(most) => integer(value, most),
        Type::Decimal { digits, scale } => decimal(value, digits, scale),
        Type::Date => date(value),
        Type::Text(most) => text(value, most),
    }
}

/// A type of the portable schema.
enum Type {
    /// Whole numbers up to this one, and from its opposite.
    Integer(i64),
    Decimal {
        digits: u32,
        scale: u32,
    },
    Date,
    /// At most so many characters.
    Text(usize),
}

impl Type {
    fn of(declared: &str) -> Self {
        let (name, arguments) = declared.split_once('(').unwrap_or((declared, ""));
        let mut numbers = arguments
            .trim_end_matches(')')
            .split(',')
            .filter_map(|number| number.trim().parse::<u32>().ok());
        match name.to_ascii_uppercase().as_str() {
            "SMALLINT" => Self::Integer(i16::MAX.into()),
            "INTEGER" => Self::Integer(i32::MAX.into()),
            "BIGINT" => Self::Integer(i64::MAX),
            "DECIMAL" => Self::Decimal {
                digits: numbers.next().unwrap_or(28),
                scale: numbers.next().unwrap_or(0),
            },
            "DATE" => Self::Date,
            _ => Self::Text(numbers.next().map_or(usize::MAX, |most| most as usize)),
        }
    }
}

fn integer(value: &item::Value, most: i64) -> Result<Value, String> {
    let number = match value {
        item::Value::Integer(number) => Some(*number),
        item::Value::Boolean(truth) => Some((*truth).into()),
        item::Value::Decimal(number) if number.is_integer() => (*number).try_into().ok(),
        item::Value::Text(text) => text.parse().ok(),
        _ => None,
    };
    match number {
        Some(number) if number.unsigned_abs() <= most.unsigned_abs() => Ok(number.into()),
        Some(_) => Err(format!("is beyond {most}")),
        None => Err("is no whole number".to_owned()),
    }
}

/// Rounded here, half away from zero, so that no engine rounds by a rule of its own.
fn decimal(value: &item::Value, digits: u32, scale: u32) -> Result<Value, String> {
    let number = match value {
        item::Value::Integer(number) => Some(Decimal::from(*number)),
        item::Value::Decimal(number) => Some(*number),
        _ => None,
    };
    let number = number.ok_or_else(|| "is no number".to_owned())?;
    let rounded = number.round_dp_with_strategy(scale, RoundingStrategy::MidpointAwayFromZero);
    let whole = rounded.trunc().abs().to_string();
    match u32::try_from(whole.len()) {
        Ok(length) if length <= digits.saturating_sub(scale) || whole == "0" => Ok(rounded.into()),
        _ => Err(format!(
            "has more than {} digits",
            digits.saturating_sub(scale)
        )),
    }
}

fn date(value: &item::Value) -> Result<Value, String> {
    match value {
        item::Value::Date(day) => Ok(day.to_string().into()),
        _ => Err("is no date".to_owned()),
    }
}

fn text(value: &item::Value, most: usize) -> Result<Value, String> {
    let text = match value {
        item::Value::Boolean(truth) => u8::from(*truth).to_string(),
        other => other.to_string(),
    };
    if text.chars().count() > most {
        return Err(format!(
            "is longer than {most} characters (`max_len = {most}` would cut it)"
        ));
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(declared: &str) -> Column {
        Column {
            name: "x".into(),
            declared: declared.into(),
            required: false,
            default: None,
            personal: false,
            reference: None,
        }
    }

    fn number(text: &str) -> item::Value {
        item::Value::Decimal(text.parse().unwrap())
    }

    #[test]
    fn numbers_keep_to_their_column() {
        let small = |value| fitted(&item::Value::Integer(value), &column("SMALLINT"));
        assert_eq!(small(32_767), Ok(Value::Integer(32_767)));
        assert_eq!(small(32_768).unwrap_err(), "is beyond 32767");
        assert_eq!(
            fitted(&item::Value::Boolean(true), &column("SMALLINT")),
            Ok(Value::Integer(1))
        );
        assert!(fitted(&number("1.5"), &column("INTEGER")).is_err());
    }

    #[test]
    fn decimals_are_rounded_half_away_from_zero() {
        let money = |text| fitted(&number(text), &column("DECIMAL(14,2)"));
        assert_eq!(
            money("31234.165"),
            Ok(Value::Decimal("31234.17".parse().unwrap()))
        );
        assert_eq!(
            money("-0.005"),
            Ok(Value::Decimal("-0.01".parse().unwrap()))
        );
        assert!(money("1234567890123").unwrap_err().contains("12 digits"));
    }

    #[test]
    fn codes_keep_their_zeros_and_texts_their_length() {
        let code = item::Value::Text("01367".into());
        assert_eq!(fitted(&code, &column("CHAR(5)")), Ok("01367".into()));
        let long = item::Value::Text("é".repeat(121));
        assert!(
            fitted(&long, &column("VARCHAR(120)"))
                .unwrap_err()
                .contains("max_len = 120")
        );
        assert!(fitted(&long, &column("TEXT")).is_ok());
        assert!(fitted(&code, &column("DATE")).is_err());
    }

    #[test]
    fn what_is_empty_takes_the_default_or_is_refused_where_needed() {
        let mut needed = column("INTEGER");
        needed.required = true;
        assert_eq!(fitted(&item::Value::Null, &needed).unwrap_err(), "is empty");
        needed.default = Some(0.into());
        assert_eq!(fitted(&item::Value::Null, &needed), Ok(Value::Integer(0)));
        assert_eq!(fitted(&item::Value::Null, &column("DATE")), Ok(Value::Null));
    }
}
