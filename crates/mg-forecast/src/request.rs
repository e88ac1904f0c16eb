//! What is asked for.

use crate::{guest::Guest, member::Model};

/// A series and what to know of its future.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The values in order of time; none where one is missing. Missing ones at the end are forecast over.
    pub values: &'a [Option<f64>],
    /// Steps a year: 12 for months, 4 for quarters, 1 for years.
    pub period: usize,
    /// When the first value was; Prophet needs it.
    pub start: Option<Start>,
    /// Steps after the end of `values`.
    pub horizon: usize,
    /// The shares of outcomes that intervals should hold, such as 0.80 and 0.95.
    pub levels: &'a [f64],
    /// Which model.
    pub choice: Choice,
    /// Counts: nothing below 0.
    pub non_negative: bool,
    /// Each value is a sum over this many steps, so that neighbours share most of it.
    pub overlapping: Option<usize>,
    /// What the network said, if it was asked: a candidate for `auto`, and what [`Model::Tft`] is.
    pub guest: Option<&'a Guest>,
}

impl Request<'_> {
    /// What nothing can be below.
    pub(crate) fn floor(&self) -> f64 {
        if self.non_negative {
            0.0
        } else {
            f64::NEG_INFINITY
        }
    }
}

/// A month of the calendar; that of a quarter's or a year's beginning for coarser series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Start {
    /// Of the common era.
    pub year: i16,
    /// 1 to 12.
    pub month: u8,
}

impl Start {
    /// The first month of the step so many steps later; the same where a step is no whole number of months.
    pub(crate) fn after(self, steps: usize, period: usize) -> Self {
        let months = 12 / period.max(1) * steps + usize::from(self.month).saturating_sub(1);
        let years = i16::try_from(months / 12).unwrap_or(i16::MAX);
        Self {
            year: self.year.saturating_add(years),
            month: u8::try_from(months % 12 + 1).unwrap_or(1),
        }
    }
}

/// Who forecasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The ensemble, unless a yardstick did clearly better at earlier origins.
    Auto,
    /// This model, however well it does.
    Only(Model),
}

impl Choice {
    /// By its name: `auto` or that of a model ([`Model::name`]).
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name == "auto" {
            return Some(Self::Auto);
        }
        Model::parse(name).map(Self::Only)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_end_after_december() {
        let start = Start {
            year: 2019,
            month: 11,
        };
        let later = |steps, period| {
            let Start { year, month } = start.after(steps, period);
            (year, month)
        };
        assert_eq!(later(3, 12), (2020, 2));
        assert_eq!(later(1, 4), (2020, 2));
        assert_eq!(later(2, 1), (2021, 11));
    }

    #[test]
    fn every_name_of_a_model_is_a_choice() {
        assert_eq!(Choice::parse("auto"), Some(Choice::Auto));
        for model in Model::ALL {
            assert_eq!(Choice::parse(model.name()), Some(Choice::Only(model)));
        }
        assert_eq!(Choice::parse("prophete"), None);
    }
}
