//! The language of sentences for people, and its typography.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// The language of domain sentences, labels and charts (`MG_LANG`).
///
/// Argument, SQL, protocol and configuration errors stay English whatever it is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, clap::ValueEnum,
)]
pub enum Language {
    /// `fr`
    #[default]
    #[serde(rename = "fr")]
    #[value(name = "fr")]
    French,
    /// `en`
    #[serde(rename = "en")]
    #[value(name = "en")]
    English,
}

impl Language {
    /// Picks the text of this language.
    ///
    /// ```
    /// assert_eq!(mg_core::Language::French.pick("année", "year"), "année");
    /// ```
    #[must_use]
    pub fn pick<T>(self, french: T, english: T) -> T {
        match self {
            Self::French => french,
            Self::English => english,
        }
    }

    /// An exact number as people read it: `1 564,50` in French (narrow no-break space), `1,564.50` in English.
    ///
    /// `decimals` digits are shown after the mark; the value is rounded half away from zero.
    #[must_use]
    pub fn number(self, value: Decimal, decimals: u32) -> String {
        let rounded = value.round_dp_with_strategy(
            decimals,
            rust_decimal::RoundingStrategy::MidpointAwayFromZero,
        );
        let plain = format!("{:.*}", decimals as usize, rounded.abs());
        let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
        let mut text = String::with_capacity(plain.len() + 4);
        if rounded.is_sign_negative() && !rounded.is_zero() {
            text.push(self.pick('\u{2212}', '-'));
        }
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place).is_multiple_of(3) {
                text.push(self.pick('\u{202f}', ','));
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push(self.pick(',', '.'));
            text.push_str(fraction);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn french_groups_thousands_by_narrow_spaces_and_marks_decimals_by_a_comma() {
        let french = Language::French;
        assert_eq!(french.number(decimal("1564"), 0), "1\u{202f}564");
        assert_eq!(
            french.number(decimal("1234567.891"), 2),
            "1\u{202f}234\u{202f}567,89"
        );
        assert_eq!(french.number(decimal("-12.5"), 1), "\u{2212}12,5");
        assert_eq!(french.number(decimal("999"), 0), "999");
    }

    #[test]
    fn english_groups_by_commas_and_marks_by_a_point() {
        assert_eq!(Language::English.number(decimal("1564.5"), 2), "1,564.50");
    }

    #[test]
    fn halves_round_away_from_zero_and_a_rounded_zero_has_no_sign() {
        assert_eq!(Language::English.number(decimal("2.5"), 0), "3");
        assert_eq!(Language::English.number(decimal("-2.5"), 0), "-3");
        assert_eq!(Language::English.number(decimal("-0.04"), 1), "0.0");
    }
}
