//! How a model and the yardsticks did at earlier origins.

use crate::{
    answer::{Coverage, Score},
    calibration::Calibration,
    history::History,
    interval::Errors,
    member::Model,
    metrics,
    track::{Origin, Track},
};

/// Earlier origins that an interval needs before it is counted as one.
const ORIGINS_BEHIND: usize = 6;

/// The yardsticks, the seasonal one first where there are seasons.
pub(crate) fn yardsticks(period: usize) -> &'static [Model] {
    if period > 1 {
        &[Model::SeasonalNaive, Model::Naive, Model::Drift]
    } else {
        &[Model::Naive, Model::Drift]
    }
}

/// The mean errors over all origins; none without one or, for the scaled one, in a series that never changed.
pub(crate) fn score(model: Model, track: &Track, history: History<'_>) -> Score {
    let later = |at: usize| &history.values[at..];
    let scale = metrics::scale(history.values, history.period);
    let mean = |term: &dyn Fn(&[f64], &[f64]) -> f64| {
        let terms = track.origins.iter().map(|origin| {
            let actual = &later(origin.at)[..origin.forecast.len()];
            term(actual, &origin.forecast)
        });
        let sum: f64 = terms.sum();
        (!track.origins.is_empty()).then(|| sum / track.origins.len() as f64)
    };
    Score {
        model,
        mase: mean(&|actual, forecast| metrics::absolute(actual, forecast) / scale)
            .filter(|value| value.is_finite()),
        smape: mean(&metrics::smape),
    }
}

/// The mean absolute errors of two models at the origins that both have.
pub(crate) fn shared_errors(
    one: &Track,
    other: &Track,
    history: History<'_>,
) -> (Vec<f64>, Vec<f64>) {
    let error = |origin: &Origin| {
        let actual = &history.values[origin.at..][..origin.forecast.len()];
        metrics::absolute(actual, &origin.forecast)
    };
    let errors = |track: Track| track.origins.iter().map(error).collect();
    (errors(one.beside(other)), errors(other.beside(one)))
}

/// The share of values within the intervals that would have been told at each origin, from what was known there.
pub(crate) fn coverage(
    track: &Track,
    history: History<'_>,
    calibration: Calibration,
    levels: &[f64],
) -> Vec<Coverage> {
    let mut inside = vec![0_u32; levels.len()];
    let mut seen = 0_u32;
    for origin in track.origins.iter().skip(ORIGINS_BEHIND) {
        let reach = origin.forecast.len();
        let errors = Errors::known(track, history.until(origin.at), calibration, reach);
        let later = &history.values[origin.at..];
        seen += later.iter().take(reach).map(|_| 1).sum::<u32>();
        for (level, inside) in levels.iter().zip(&mut inside) {
            let widths = errors.half_widths(*level);
            let held = later.iter().zip(&origin.forecast).zip(&widths);
            *inside += held
                .map(|((value, point), width)| u32::from((value - point).abs() <= *width))
                .sum::<u32>();
        }
    }
    let coverage = |(level, inside): (&f64, &u32)| Coverage {
        level: *level,
        measured: (seen > 0).then(|| f64::from(*inside) / f64::from(seen)),
    };
    levels.iter().zip(&inside).map(coverage).collect()
}
