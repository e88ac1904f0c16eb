//! The one table of constants: they depend on the frequency and the length of a history, never on the series.
//!
//! Tuned on half of the series of the M1, M3 and Tourism competitions (official splits), for a coverage of
//! 95 % at the smallest interval score.

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

impl Calibration {
    /// The row of the table; values that are sums over `overlapping` steps have fewer errors of their own.
    pub(crate) fn of(period: usize, length: usize, overlapping: Option<usize>) -> Self {
        let row = |origins, refit_every, inflation| Self {
            origins,
            refit_every,
            inflation,
            power: 0.5,
            trust: 60.0,
            growth: 0.5,
            growth_weight: 20.0,
            margin: 0.8,
        };
        let row = match (period, length) {
            (0 | 1, ..=100) => row(24, 2, 1.6),
            (0 | 1, _) => row(24, 6, 1.4),
            (_, ..=60) => row(12, 3, 1.6),
            _ => row(24, 6, 1.3),
        };
        Self {
            origins: row.origins * overlapping.map_or(1, |_| 3),
            ..row
        }
    }

    /// The shortest history a forecast is judged from.
    pub(crate) fn least_history(period: usize) -> usize {
        (2 * period).max(6)
    }
}
