//! What was observed: the part that a model may learn from, and the provisional tail that it may not.

use mg_core::kpi::{Period, Status};
use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::evaluate::Measured;

/// A series from its first known value on.
#[derive(Debug)]
pub(crate) struct Observed {
    all: Vec<(Period, Measured)>,
    /// How many of them a model is fitted on.
    fitted: usize,
}

impl Observed {
    /// Splits a series after its last final value. Where none is final, since its release is unknown, all are fitted.
    pub(crate) fn of(all: Vec<(Period, Measured)>) -> Self {
        let known = |(_, measured): &(Period, Measured)| measured.value.is_some();
        let begin = all.iter().position(known).unwrap_or(all.len());
        let all: Vec<_> = all.into_iter().skip(begin).collect();
        let last = |status: Option<Status>| {
            all.iter().rposition(|(_, measured)| {
                measured.value.is_some() && status.is_none_or(|status| measured.status == status)
            })
        };
        let fitted = last(Some(Status::Final))
            .or_else(|| last(None))
            .map_or(0, |index| index + 1);
        Self { all, fitted }
    }

    /// Every period from the first known value on.
    pub(crate) fn all(&self) -> &[(Period, Measured)] {
        &self.all
    }

    /// Those that a model is fitted on.
    pub(crate) fn fitted(&self) -> &[(Period, Measured)] {
        self.all.get(..self.fitted).unwrap_or_default()
    }

    /// Those after them.
    pub(crate) fn tail(&self) -> &[(Period, Measured)] {
        self.all.get(self.fitted..).unwrap_or_default()
    }

    /// The first period.
    pub(crate) fn first(&self) -> Option<Period> {
        self.all.first().map(|(period, _)| *period)
    }

    /// The values that a model is fitted on; none where one is not known.
    pub(crate) fn fitted_values(&self) -> Vec<Option<f64>> {
        self.fitted()
            .iter()
            .map(|(_, measured)| measured.value?.to_f64())
            .collect()
    }

    /// Whether no value is below zero.
    pub(crate) fn is_non_negative(&self) -> bool {
        self.all
            .iter()
            .all(|(_, measured)| measured.value.is_none_or(|value| value >= Decimal::ZERO))
    }

    /// Whether a value that is not final was fitted for want of final ones.
    pub(crate) fn fits_provisional(&self) -> bool {
        let last = self.fitted().last();
        last.is_some_and(|(_, measured)| measured.status != Status::Final)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::*;
    use crate::note::Note;

    fn observed(values: &[(Option<i64>, Status)]) -> Observed {
        let months = Period::month_of(date(2024, 1, 1)).until(Period::month_of(date(2030, 1, 1)));
        let measured = |(value, status): &(Option<i64>, Status)| {
            let mut measured =
                Measured::without_value(*status, BTreeSet::new(), Note::Missing(None));
            measured.value = value.map(Into::into);
            measured
        };
        Observed::of(months.zip(values.iter().map(measured)).collect())
    }

    #[test]
    fn the_tail_begins_after_the_last_final_value() {
        let series = observed(&[
            (None, Status::Missing),
            (Some(1), Status::Final),
            (None, Status::Secret),
            (Some(3), Status::Final),
            (Some(4), Status::Provisional),
            (None, Status::Partial),
        ]);
        assert_eq!(series.fitted_values(), [Some(1.0), None, Some(3.0)]);
        assert_eq!((series.tail().len(), series.all().len()), (2, 5));
        assert!(!series.fits_provisional());
    }

    #[test]
    fn without_a_final_value_all_are_fitted_and_that_is_known() {
        let series = observed(&[
            (Some(1), Status::Provisional),
            (Some(2), Status::Provisional),
        ]);
        assert_eq!((series.fitted().len(), series.tail().len()), (2, 0));
        assert!(series.fits_provisional());
    }

    #[test]
    fn nothing_known_is_nothing_to_fit() {
        let series = observed(&[(None, Status::Missing)]);
        assert!(series.all().is_empty() && series.fitted_values().is_empty());
    }
}
