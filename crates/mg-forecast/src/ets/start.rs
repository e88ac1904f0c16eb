//! Where a fit begins: level, slope and seasons from the first observations.

use super::{Form, Season};
use crate::decompose::{Seasons, seasonal_indices};

/// First guesses.
pub(super) struct Start {
    pub(super) level: f64,
    pub(super) slope: f64,
    pub(super) seasons: Vec<f64>,
}

/// A line through the first observations without their seasons.
pub(super) fn states(values: &[f64], form: Form, period: usize) -> Start {
    let (seasons, adjusted) = seasons(values, form, period);
    let reach = (2 * period).max(10).min(adjusted.len());
    let (level, slope) = line(&adjusted[..reach]);
    Start {
        level,
        slope,
        seasons,
    }
}

fn seasons(values: &[f64], form: Form, period: usize) -> (Vec<f64>, Vec<f64>) {
    let multiplied = form.season == Season::Multiplicative;
    let kind = if multiplied {
        Seasons::Multiplicative
    } else {
        Seasons::Additive
    };
    let found = (form.season != Season::None).then(|| {
        seasonal_indices(values, period, kind).unwrap_or_else(|| plain(values, period, multiplied))
    });
    let Some(indices) = found else {
        return (Vec::new(), values.to_vec());
    };
    let adjust = |(index, value): (usize, &f64)| {
        let season = indices[index % period];
        if multiplied {
            value / season.max(1e-2)
        } else {
            value - season
        }
    };
    let adjusted = values.iter().enumerate().map(adjust).collect();
    (indices, adjusted)
}

/// Fewer than two periods: each season against the mean of the first.
fn plain(values: &[f64], period: usize, multiplied: bool) -> Vec<f64> {
    let first = &values[..period.min(values.len())];
    let mean = first.iter().sum::<f64>() / first.len() as f64;
    let index = |value: &f64| {
        if multiplied {
            value / mean
        } else {
            value - mean
        }
    };
    first.iter().map(index).collect()
}

/// Intercept one step before the first value, and slope, by least squares.
fn line(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let middle = f64::midpoint(n, 1.0);
    let mean = values.iter().sum::<f64>() / n;
    let (mut product, mut squares) = (0.0, 0.0);
    for (index, value) in values.iter().enumerate() {
        let step = index as f64 + 1.0 - middle;
        product += step * (value - mean);
        squares += step * step;
    }
    let slope = if squares > 0.0 {
        product / squares
    } else {
        0.0
    };
    (mean - slope * middle, slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_own_intercept_and_slope() {
        let (level, slope) = line(&[5.0, 7.0, 9.0]);
        assert!((level - 3.0).abs() < 1e-12 && (slope - 2.0).abs() < 1e-12);
    }
}
