//! Errors as the M4 competition defines them.

use mg_forecast::{Forecast, metrics, naive};

use super::{LEVEL, Series};

/// Of one series.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Score {
    /// sMAPE, MASE, coverage, MSIS; none where there is no forecast.
    own: Option<[f64; 4]>,
    /// sMAPE and MASE of Naive2.
    yardstick: [f64; 2],
    seconds: f64,
}

impl Score {
    pub(crate) fn of(series: &Series, forecast: Option<&Forecast>, seconds: f64) -> Self {
        let Series {
            period,
            past,
            future,
            ..
        } = series;
        let pair = |points: &[f64]| {
            [
                metrics::smape(future, points),
                metrics::mase(past, *period, future, points),
            ]
        };
        let own = forecast.map(|forecast| {
            let [smape, mase] = pair(&forecast.points);
            let (lower, upper) = (&forecast.intervals[0].lower, &forecast.intervals[0].upper);
            let coverage = metrics::coverage(future, lower, upper);
            let msis = metrics::msis(past, *period, future, lower, upper, 1.0 - LEVEL);
            [smape, mase, coverage, msis]
        });
        Self {
            own,
            yardstick: pair(&naive::naive2(past, *period, future.len())),
            seconds,
        }
    }
}

/// A score whose series has a forecast.
type Told = ([f64; 4], Score);

/// Means over many series.
#[derive(Debug, Clone, Default)]
pub(crate) struct Total {
    pub(crate) series: usize,
    /// Series without a forecast, which are in no mean.
    pub(crate) refused: usize,
    pub(crate) smape: f64,
    pub(crate) mase: f64,
    pub(crate) owa: f64,
    pub(crate) coverage: f64,
    pub(crate) msis: f64,
    /// On a processor, for 1,000 series.
    pub(crate) seconds: f64,
}

impl Total {
    pub(crate) fn of(scores: impl Iterator<Item = Score>) -> Self {
        let scores: Vec<Score> = scores.collect();
        let told: Vec<Told> = scores
            .iter()
            .filter_map(|score| score.own.map(|own| (own, *score)))
            .collect();
        let mean =
            |pick: &dyn Fn(&Told) -> f64| told.iter().map(pick).sum::<f64>() / told.len() as f64;
        let own = |index: usize| mean(&|(own, _)| own[index]);
        let share = |index: usize| own(index) / mean(&|(_, score)| score.yardstick[index]);
        Self {
            series: scores.len(),
            refused: scores.len() - told.len(),
            smape: own(0),
            mase: own(1),
            owa: f64::midpoint(share(0), share(1)),
            coverage: own(2),
            msis: own(3),
            seconds: 1_000.0 * mean(&|(_, score)| score.seconds),
        }
    }
}
