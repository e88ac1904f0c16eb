//! Numbers of a forecast in sentences.

use mg_core::{Language, kpi::Number};
use rust_decimal::{Decimal, prelude::FromPrimitive};

use crate::phrase::percent;

/// An error relative to a yardstick.
pub(super) fn ratio(value: f64, language: Language) -> String {
    told_with(value, 2, language)
}

/// A value, with a decimal where it is small.
pub(super) fn number(value: f64, language: Language) -> String {
    told_with(value, u32::from(value.abs() < 100.0), language)
}

/// A change.
pub(super) fn signed(value: f64, language: Language) -> String {
    let sign = if value > 0.0 { "+" } else { "" };
    format!("{sign}{}", number(value, language))
}

/// A share in per cent.
pub(crate) fn part(share: f64, language: Language) -> String {
    let share = Decimal::from_f64(share * 100.0).unwrap_or_default();
    percent(Number::rounded(share, 0), language)
}

fn told_with(value: f64, decimals: u32, language: Language) -> String {
    language.number(Decimal::from_f64(value).unwrap_or_default(), decimals)
}
