//! Intervals from what the forecast got wrong at earlier origins: conformal, a scale for each step ahead.

use crate::{
    calibration::Calibration,
    history::History,
    metrics,
    track::{Origin, Track},
};

/// Errors of one model at earlier origins, and the scale they have at each step.
#[derive(Debug, Clone)]
pub(crate) struct Errors {
    /// Absolute errors relative to the scale of their step, ascending.
    relative: Vec<f64>,
    scales: Vec<f64>,
    calibration: Calibration,
}

/// Least errors: below them no interval says anything.
const TINY: f64 = 1e-12;

impl Errors {
    /// What is known at the end of `history`: forecasts from origins before it, of values within it. Without any of its
    /// own a model is taken to err like the last season, or value, said again.
    pub(crate) fn known(
        track: &Track,
        history: History<'_>,
        calibration: Calibration,
        horizon: usize,
    ) -> Self {
        let size = |count: usize| level(history.until(count)).powf(calibration.power);
        let own = by_step(track, history, horizon, size);
        let errors = if own.iter().all(Vec::is_empty) {
            let others = Track::of_last_season(history, horizon);
            by_step(&others, history, horizon, size)
        } else {
            own
        };
        let now = size(history.len());
        let floor = (metrics::scale(history.values, history.period) * 1e-3 + TINY) / now;
        let scales = scales(&errors, floor, &calibration);
        let mut relative: Vec<f64> = errors
            .iter()
            .zip(&scales)
            .flat_map(|(errors, scale)| errors.iter().map(move |error| error / scale))
            .collect();
        relative.sort_by(f64::total_cmp);
        Self {
            relative,
            scales: scales.iter().map(|scale| scale * now).collect(),
            calibration,
        }
    }

    /// Half the width of the interval at each step, for a level such as 0.95.
    pub(crate) fn half_widths(&self, level: f64) -> Vec<f64> {
        let normal = normal_quantile(f64::midpoint(1.0, level));
        let count = self.relative.len() as f64;
        // The first error that enough of them are not above; the largest where none is.
        let enough = level * (count + 1.0);
        let reached = (1_u32..)
            .zip(&self.relative)
            .find(|(place, _)| f64::from(*place) >= enough);
        let seen = reached
            .map(|(_, error)| error)
            .or(self.relative.last())
            .copied()
            .unwrap_or(normal);
        // Few errors tell little of their tail: the normal's counts until there are more.
        let trust = count / (count + self.calibration.trust);
        let quantile = (trust * seen + (1.0 - trust) * normal) * self.calibration.inflation;
        self.scales.iter().map(|scale| scale * quantile).collect()
    }
}

/// Absolute errors at each step of what comes within the history, relative to the size at their origins.
fn by_step(
    track: &Track,
    history: History<'_>,
    horizon: usize,
    size: impl Fn(usize) -> f64,
) -> Vec<Vec<f64>> {
    let mut errors = vec![Vec::new(); horizon];
    let within = |origin: &&Origin| origin.at < history.len();
    for origin in track.origins.iter().filter(within) {
        let size = size(origin.at);
        let later = &history.values[origin.at..];
        for ((errors, value), forecast) in errors.iter_mut().zip(later).zip(&origin.forecast) {
            errors.push((value - forecast).abs() / size);
        }
    }
    errors
}

/// The mean size of the last year.
fn level(history: History<'_>) -> f64 {
    let last = history.len().saturating_sub(history.period.max(4));
    let last = &history.values[last..];
    let sum: f64 = last.iter().map(|value| value.abs()).sum();
    (sum / last.len().max(1) as f64).max(TINY)
}

/// A root mean square a step, smoothed to a power of the step: far steps have few errors or none.
fn scales(errors: &[Vec<f64>], floor: f64, calibration: &Calibration) -> Vec<f64> {
    let points: Vec<(f64, f64, f64)> = errors
        .iter()
        .enumerate()
        .filter(|(_, errors)| !errors.is_empty())
        .map(|(step, errors)| {
            let squares: f64 = errors.iter().map(|error| error * error).sum();
            let count = errors.len() as f64;
            let size = (squares / count).sqrt();
            // What is no number stays none.
            let size = if size < floor { floor } else { size };
            ((step as f64 + 1.0).ln(), size.ln(), count)
        })
        .collect();
    let weight: f64 = points.iter().map(|(_, _, count)| count).sum();
    if weight == 0.0 {
        return vec![floor; errors.len()];
    }
    let mean = |pick: fn(&(f64, f64, f64)) -> f64| {
        points
            .iter()
            .map(|point| point.2 * pick(point))
            .sum::<f64>()
            / weight
    };
    let (step, size) = (mean(|point| point.0), mean(|point| point.1));
    let (mut product, mut square) = (0.0, 0.0);
    for point in &points {
        product += point.2 * (point.0 - step) * (point.1 - size);
        square += point.2 * (point.0 - step) * (point.0 - step);
    }
    let prior = calibration.growth_weight;
    let growth = ((product + prior * calibration.growth) / (square + prior)).clamp(0.0, 1.1);
    (0..errors.len())
        .map(|index| (size + growth * ((index as f64 + 1.0).ln() - step)).exp())
        .collect()
}

/// The quantile of the standard normal distribution (Acklam's rational approximation, 1.2e-9 relative).
fn normal_quantile(probability: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
    ];
    let polynomial = |coefficients: &[f64], x: f64| {
        coefficients
            .iter()
            .fold(0.0, |sum, coefficient| sum * x + coefficient)
    };
    if probability > 0.5 {
        return -normal_quantile(1.0 - probability);
    }
    if probability < 0.024_25 {
        let x = (-2.0 * probability.max(1e-300).ln()).sqrt();
        return polynomial(&C, x) / (polynomial(&D, x) * x + 1.0);
    }
    let x = probability - 0.5;
    let square = x * x;
    polynomial(&A, square) * x / (polynomial(&B, square) * square + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{member::Model, track::Judging};

    #[test]
    fn the_normal_quantiles_are_the_known_ones() {
        for (probability, known) in [
            (0.975, 1.959_964),
            (0.9, 1.281_552),
            (0.5, 0.0),
            (0.001, -3.090_232),
        ] {
            assert!((normal_quantile(probability) - known).abs() < 1e-5);
        }
    }

    #[test]
    fn wider_levels_and_later_steps_are_wider() {
        let values: Vec<f64> = (0..60).map(|i| 50.0 + f64::from(i * 7919 % 23)).collect();
        let history = History {
            values: &values,
            period: 1,
            start: None,
        };
        let calibration = Calibration::of(1, 60, None);
        let fitted = Model::DynamicTheta.fit(history).unwrap();
        let judging = Judging {
            history,
            calibration,
            horizon: 6,
            floor: 0.0,
        };
        let track = Track::of(&fitted, &judging);
        let errors = Errors::known(&track, history, calibration, 6);
        let (narrow, wide) = (errors.half_widths(0.8), errors.half_widths(0.95));
        assert!(narrow.iter().zip(&wide).all(|(narrow, wide)| narrow < wide));
        assert!(wide.windows(2).all(|pair| pair[0] <= pair[1]), "{wide:?}");
    }

    #[test]
    fn a_model_without_an_origin_errs_like_the_last_season_and_more_with_each_step() {
        let growing = |i| 50.0 + f64::from(3 * i + i * 7919 % 23);
        let values: Vec<f64> = (0..60).map(growing).collect();
        for period in [1, 12] {
            let history = History {
                values: &values,
                period,
                start: None,
            };
            let track = Track {
                origins: Vec::new(),
            };
            let errors = Errors::known(&track, history, Calibration::of(period, 60, None), 18);
            let widths = errors.half_widths(0.95);
            let usual = metrics::scale(&values, period);
            assert!(widths[0] > usual, "{} {usual}", widths[0]);
            assert!(
                widths.is_sorted() && widths[17] > widths[0],
                "{period}: {widths:?}"
            );
        }
    }
}
