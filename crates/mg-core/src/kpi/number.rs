//! An exact number of an indicator: a plain JSON number for programs, French or English typography for people.

use std::borrow::Cow;

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::Language;

/// A decimal number that keeps its digits, `69.6` or `1564`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(Decimal);

impl Number {
    /// Rounds half away from zero to `decimals` digits after the point, the rule of every indicator.
    #[must_use]
    pub fn rounded(value: Decimal, decimals: u32) -> Self {
        let mut value =
            value.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
        value.rescale(decimals);
        Self(value)
    }

    /// The exact decimal.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        self.0
    }

    /// The number for people: `1 564,5` (narrow no-break spaces) in French, `1,564.5` in English.
    #[must_use]
    pub fn told(self, language: Language) -> String {
        language.number(self.0, self.0.scale())
    }
}

impl From<Decimal> for Number {
    fn from(value: Decimal) -> Self {
        Self(value)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value.into())
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.to_i64() {
            Some(whole) if self.0.is_integer() => serializer.serialize_i64(whole),
            // Through the text: the nearest double of the digits, not the result of a division.
            _ => serializer.serialize_f64(
                self.0
                    .to_string()
                    .parse()
                    .map_err(serde::ser::Error::custom)?,
            ),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = serde_json::Number::deserialize(deserializer)?.to_string();
        let parsed = text.parse().or_else(|_| Decimal::from_scientific(&text));
        parsed.map(Self).map_err(D::Error::custom)
    }
}

impl JsonSchema for Number {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str, decimals: u32) -> Number {
        Number::rounded(text.parse().unwrap_or_default(), decimals)
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        assert_eq!(number("69.55", 1).decimal().to_string(), "69.6");
        assert_eq!(number("-69.55", 1).decimal().to_string(), "-69.6");
        assert_eq!(number("2.5", 0).decimal().to_string(), "3");
    }

    #[test]
    fn people_read_as_many_decimals_as_were_kept() {
        assert_eq!(number("1564", 0).told(Language::French), "1\u{202f}564");
        assert_eq!(number("14", 1).told(Language::French), "14,0");
        assert_eq!(number("1234.56", 1).told(Language::English), "1,234.6");
    }

    #[test]
    fn json_has_plain_numbers() {
        let json = serde_json::to_string(&[number("1564", 0), number("14", 1), number("69.6", 1)])
            .unwrap();
        assert_eq!(json, "[1564,14,69.6]");
        let back: Vec<Number> = serde_json::from_str("[1564, 69.6, 1e3]").unwrap();
        assert_eq!(
            back,
            [number("1564", 0), number("69.6", 1), number("1000", 0)]
        );
    }
}
