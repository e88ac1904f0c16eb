//! The axis of values: its ends, its ticks at round numbers, its large unit.

use mg_core::{Language, kpi::Number};
use rust_decimal::{
    Decimal,
    prelude::{FromPrimitive, ToPrimitive},
};

/// How many steps an axis is parted into, about.
const STEPS: f64 = 5.0;

/// From this value on, millions or milliards are told.
const LARGE: f64 = 1e7;

/// An axis of values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scale {
    pub(super) low: f64,
    pub(super) high: f64,
    step: f64,
    /// What a tick is divided by before it is told: 1, a million or a thousand million.
    divisor: f64,
}

/// A number as a place on an axis.
pub(super) fn place(number: Number) -> f64 {
    number.decimal().to_f64().unwrap_or(0.0)
}

impl Scale {
    /// The axis that holds all of these; `None` for no number.
    pub(super) fn holding(numbers: impl Iterator<Item = Number>) -> Option<Self> {
        let mut whole = true;
        let mut ends: Option<(f64, f64)> = None;
        for number in numbers {
            whole &= number.decimal().is_integer();
            let value = place(number);
            let (low, high) = ends.unwrap_or((value, value));
            ends = Some((low.min(value), high.max(value)));
        }
        let (low, high) = ends.map(|(low, high)| with_zero(low, high))?;
        let step = round_step((high - low) / STEPS, whole);
        let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        let largest = low.abs().max(high.abs());
        let divisor = match largest {
            largest if largest >= LARGE * 1e3 => 1e9,
            largest if largest >= LARGE => 1e6,
            _ => 1.0,
        };
        Some(Self {
            low,
            high,
            step,
            divisor,
        })
    }

    /// The values that are marked on the axis, with their labels.
    pub(super) fn ticks(&self, language: Language) -> Vec<(f64, String)> {
        let decimals = decimals_of(self.step / self.divisor);
        let mut ticks = Vec::new();
        let mut value = self.low;
        while value <= self.high + self.step / 2.0 && ticks.len() < 20 {
            let told = Decimal::from_f64(value / self.divisor).unwrap_or_default();
            ticks.push((value, language.number(told, decimals)));
            value += self.step;
        }
        ticks
    }

    /// The word for what ticks are divided by.
    pub(super) fn large_unit(&self, language: Language) -> Option<&'static str> {
        match self.divisor {
            1e6 => Some(language.pick("millions", "millions")),
            1e9 => Some(language.pick("milliards", "billions")),
            _ => None,
        }
    }

    /// Whether zero is on the axis.
    pub(super) fn has_zero(&self) -> bool {
        self.low <= 0.0 && self.high >= 0.0
    }
}

/// Draws zero in unless it would flatten the line: a share that moves between 60 and 70 % keeps its shape.
fn with_zero(low: f64, high: f64) -> (f64, f64) {
    let one_value = high <= low;
    if one_value && low == 0.0 {
        (0.0, 1.0)
    } else if low >= 0.0 && (one_value || low <= 0.6 * high) {
        (0.0, high)
    } else if high <= 0.0 && (one_value || high >= 0.6 * low) {
        (low, 0.0)
    } else {
        (low, high)
    }
}

/// The next of 1, 2, 2.5, 5, 10, 20, 25… from a length on; whole steps for whole numbers.
fn round_step(least: f64, whole: bool) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= least * 0.999_999 && !(whole && step.fract() != 0.0))
        .unwrap_or(10.0 * power);
    if whole { step.max(1.0) } else { step }
}

/// Digits after the mark that a step needs.
fn decimals_of(step: f64) -> u32 {
    (0..6)
        .find(|decimals| {
            let shifted = step * 10_f64.powi(*decimals);
            (shifted - shifted.round()).abs() < 1e-6 * shifted.abs().max(1e-6)
        })
        .map_or(6, i32::unsigned_abs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(numbers: &[&str]) -> Vec<String> {
        let numbers = numbers
            .iter()
            .map(|text| Number::from(text.parse::<Decimal>().unwrap()));
        let scale = Scale::holding(numbers).unwrap();
        scale
            .ticks(Language::French)
            .into_iter()
            .map(|(_, label)| label)
            .collect()
    }

    #[test]
    fn ticks_are_round_and_hold_every_number() {
        assert_eq!(
            labels(&["518", "2195"]),
            [
                "0",
                "500",
                "1\u{202f}000",
                "1\u{202f}500",
                "2\u{202f}000",
                "2\u{202f}500"
            ]
        );
        assert_eq!(
            labels(&["-12.5", "30"]),
            ["\u{2212}20", "\u{2212}10", "0", "10", "20", "30"]
        );
    }

    #[test]
    fn counts_have_whole_ticks_and_rates_have_parts() {
        assert_eq!(labels(&["0", "2"]), ["0", "1", "2"]);
        assert_eq!(
            labels(&["0.1", "0.9"]),
            ["0,0", "0,2", "0,4", "0,6", "0,8", "1,0"]
        );
    }

    #[test]
    fn zero_is_on_the_axis_unless_it_would_flatten_the_line() {
        assert_eq!(labels(&["10", "100"])[0], "0");
        assert_eq!(labels(&["62.1", "69.8"])[0], "62");
    }

    #[test]
    fn one_value_and_zeros_have_an_axis_too() {
        assert_eq!(labels(&["7"]), ["0", "2", "4", "6", "8"]);
        assert_eq!(labels(&["0", "0"]), ["0", "1"]);
        assert_eq!(
            labels(&["-3"]),
            ["\u{2212}3", "\u{2212}2", "\u{2212}1", "0"]
        );
        assert!(Scale::holding(std::iter::empty()).is_none());
    }

    #[test]
    fn large_numbers_are_told_in_millions() {
        let scale = Scale::holding([Number::from(Decimal::from(68_373_433))].into_iter()).unwrap();
        assert_eq!(scale.large_unit(Language::French), Some("millions"));
        let last = scale.ticks(Language::French).pop().unwrap().1;
        assert_eq!(last, "80");
        assert_eq!(labels(&["79228162514264337593543950335"]).len(), 5);
    }
}
