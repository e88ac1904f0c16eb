//! The one table of constants: they depend on the frequency and the length of a history, never on the series.
//!
//! Tuned on half of the series of the M1, M3, Tourism and M4 (weekly) competitions (official splits): voters for the
//! smallest errors over all groups of series, intervals for a coverage of 95 % at the smallest interval score.

use crate::{loess::Rest, member::Model};

/// Who votes in the ensemble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voter {
    /// A model of the series.
    Plain(Model),
    /// A model of its logarithms; absent where a value is not positive.
    Logarithms(Model),
    /// Seasons by LOESS, a vote for each way to continue the rest.
    Loess(&'static [Rest]),
    /// The last year with a part of its growth.
    Grown,
}

/// Months and the like: LOESS follows seasons that change.
const MONTHS: [Voter; 6] = [
    Voter::Plain(Model::Ets),
    Voter::Plain(Model::DynamicTheta),
    Voter::Plain(Model::Ces),
    Voter::Plain(Model::Arima),
    Voter::Loess(&[Rest::Line, Rest::Growth]),
    Voter::Grown,
];
/// Quarters and the like.
const QUARTERS: [Voter; 6] = [
    Voter::Plain(Model::Ets),
    Voter::Plain(Model::DynamicTheta),
    Voter::Plain(Model::Ces),
    Voter::Plain(Model::Arima),
    Voter::Loess(&[Rest::Growth, Rest::Smoothing]),
    Voter::Grown,
];
/// Without seasons and short, as series of years are: growth is the question, and all views of it vote.
const SHORT: [Voter; 5] = [
    Voter::Plain(Model::Ets),
    Voter::Plain(Model::DynamicTheta),
    Voter::Plain(Model::Ces),
    Voter::Logarithms(Model::Theta),
    Voter::Plain(Model::Drift),
];
/// Without seasons and long enough that the likeliest forms are right.
const LONG: [Voter; 4] = [
    Voter::Plain(Model::Ets),
    Voter::Logarithms(Model::Ets),
    Voter::Plain(Model::DynamicTheta),
    Voter::Plain(Model::Arima),
];
/// Observations that are long in that sense.
const LONG_FROM: usize = 60;

/// The voters for a series of this period and length.
pub(crate) fn voters(period: usize, length: usize) -> &'static [Voter] {
    match (period, length) {
        (0 | 1, LONG_FROM..) => &LONG,
        (0 | 1, _) => &SHORT,
        (2..=6, _) => &QUARTERS,
        _ => &MONTHS,
    }
}

/// How the errors of earlier origins become intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Calibration {
    /// Origins at most.
    pub(crate) origins: usize,
    /// Origins from one at which parameters are learnt anew to the next.
    pub(crate) refit_every: usize,
    /// The factor that makes up for parameters fitted to the same observations.
    pub(crate) inflation: f64,
    /// The power of the level by which errors grow: 0 not at all, 1 in proportion.
    pub(crate) power: f64,
    /// How many errors are trusted as much as the normal distribution.
    pub(crate) trust: f64,
    /// The power of the step by which errors grow, where the series does not tell.
    pub(crate) growth: f64,
    /// How many errors that power counts for.
    pub(crate) growth_weight: f64,
    /// A yardstick wins where its error is below this share of the ensemble's.
    pub(crate) margin: f64,
}

/// Origins below which a backtest decides nothing.
pub(crate) const ENOUGH_ORIGINS: usize = 3;
/// The share of origins that are most: nobody wins by one lucky guess.
pub(crate) const MOST_ORIGINS: f64 = 0.75;
/// A guest joins whoever won where its error is below this share of the winner's.
pub(crate) const GUEST_MARGIN: f64 = 0.9;

/// The part of the last year's growth that the next one has, and that of each year in the year after it.
pub(crate) const GROWTH_KEPT: f64 = 0.5;
/// The logarithm of the largest growth in a year that is taken for one.
pub(crate) const LARGEST_GROWTH: f64 = 0.3;
/// Forms of exponential smoothing in a mean at most: those behind the fourth hardly weigh.
pub(crate) const MOST_FORMS: usize = 4;
/// Weights below which a form is left out.
pub(crate) const LEAST_WEIGHT: f64 = 0.03;
/// Observations of one season that a LOESS looks at.
pub(crate) const SEASONAL_LENGTH: usize = 11;

/// Origins of sums that overlap: neighbouring ones tell nearly the same.
const OVERLAPPING_ORIGINS: usize = 72;

impl Calibration {
    /// The row of the table; values that are sums over `overlapping` steps have fewer errors of their own.
    pub(crate) fn of(period: usize, length: usize, overlapping: Option<usize>) -> Self {
        let row = |origins, refit_every, inflation| Self {
            origins,
            refit_every,
            inflation,
            power: 0.5,
            trust: 60.0,
            growth: 0.6,
            growth_weight: 20.0,
            margin: 0.7,
        };
        let row = match (period, length) {
            (0 | 1, ..=20) => row(24, 2, 2.0),
            (0 | 1, ..=60) => row(24, 2, 1.5),
            (0 | 1, ..=150) => row(40, 4, 1.08),
            (0 | 1, _) => row(40, 8, 1.08),
            (2..=6, ..=40) => row(12, 3, 2.3),
            (2..=6, ..=60) => row(24, 6, 1.65),
            (2..=6, _) => row(24, 6, 1.15),
            (_, ..=40) => row(12, 3, 1.6),
            (_, ..=60) => row(12, 3, 1.45),
            (_, ..=150) => row(48, 24, 1.2),
            _ => row(48, 24, 1.0),
        };
        Self {
            origins: overlapping.map_or(row.origins, |_| OVERLAPPING_ORIGINS),
            inflation: overlapping.map_or(row.inflation, |_| 1.1),
            ..row
        }
    }

    /// The shortest history a forecast is judged from.
    pub(crate) fn least_history(period: usize) -> usize {
        (2 * period).max(6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_period_and_length_has_a_row_that_makes_sense() {
        for period in [1, 2, 4, 12, 24] {
            for length in [6, 20, 59, 60, 61, 100, 101, 3_000] {
                let row = Calibration::of(period, length, None);
                assert!(row.origins >= 12 && row.refit_every >= 1);
                assert!((1.0..=2.5).contains(&row.inflation), "{row:?}");
                assert!((0.0..=1.0).contains(&row.power) && row.margin < 1.0);
                assert!(!voters(period, length).is_empty());
            }
        }
    }

    #[test]
    fn a_row_holds_up_to_its_last_length() {
        for (period, length, row) in [
            (1, 20, (24, 2, 2.0)),
            (1, 21, (24, 2, 1.5)),
            (1, 60, (24, 2, 1.5)),
            (1, 61, (40, 4, 1.08)),
            (1, 150, (40, 4, 1.08)),
            (1, 151, (40, 8, 1.08)),
            (6, 40, (12, 3, 2.3)),
            (6, 41, (24, 6, 1.65)),
            (6, 60, (24, 6, 1.65)),
            (6, 61, (24, 6, 1.15)),
            (7, 40, (12, 3, 1.6)),
            (7, 41, (12, 3, 1.45)),
            (7, 60, (12, 3, 1.45)),
            (7, 61, (48, 24, 1.2)),
            (12, 150, (48, 24, 1.2)),
            (12, 151, (48, 24, 1.0)),
        ] {
            let found = Calibration::of(period, length, None);
            let found = (found.origins, found.refit_every, found.inflation);
            assert_eq!(found, row, "{period} {length}");
        }
    }

    #[test]
    fn the_voters_change_at_sixty_without_seasons_and_at_seven_steps_a_year() {
        for (period, length, expected) in [
            (1, 59, &SHORT[..]),
            (1, 60, &LONG),
            (2, 60, &QUARTERS),
            (6, 60, &QUARTERS),
            (7, 60, &MONTHS),
        ] {
            assert_eq!(voters(period, length), expected, "{period} {length}");
        }
    }

    #[test]
    fn sums_that_overlap_are_judged_from_more_origins() {
        let plain = Calibration::of(12, 200, None);
        let overlapping = Calibration::of(12, 200, Some(12));
        assert!(overlapping.origins > plain.origins);
    }

    #[test]
    fn no_model_votes_twice() {
        for voters in [&MONTHS[..], &QUARTERS, &SHORT, &LONG] {
            for (index, voter) in voters.iter().enumerate() {
                assert!(!voters[..index].contains(voter), "{voter:?}");
            }
        }
    }
}
