//! The yardsticks: what needs no model.

use crate::{
    calibration::{GROWTH_KEPT, LARGEST_GROWTH},
    decompose::Adjusted,
};

/// The last value, again and again.
#[must_use]
pub fn naive(values: &[f64], horizon: usize) -> Vec<f64> {
    vec![values.last().copied().unwrap_or_default(); horizon]
}

/// The value of the same season one period before; [`naive`] where there is no whole period.
#[must_use]
pub fn seasonal_naive(values: &[f64], period: usize, horizon: usize) -> Vec<f64> {
    let Some(start) = values.len().checked_sub(period).filter(|_| period > 0) else {
        return naive(values, horizon);
    };
    let last = &values[start..];
    (0..horizon).map(|step| last[step % period]).collect()
}

/// [`seasonal_naive`] with half of the last year's growth, in the next year a quarter more, and so on: growth seldom
/// ends at once and seldom goes on. Just [`seasonal_naive`] where two whole periods with positive sums are not there.
#[must_use]
pub fn grown_seasonal_naive(values: &[f64], period: usize, horizon: usize) -> Vec<f64> {
    let mut forecast = seasonal_naive(values, period, horizon);
    let Some(growth) = growth(values, period) else {
        return forecast;
    };
    let (mut part, mut grown) = (1.0, 0.0);
    for year in forecast.chunks_mut(period) {
        part *= GROWTH_KEPT;
        grown += part * growth;
        for value in year {
            *value *= f64::exp(grown);
        }
    }
    forecast
}

/// The logarithm of how many times the last period is the one before, within bounds.
fn growth(values: &[f64], period: usize) -> Option<f64> {
    let start = values
        .len()
        .checked_sub(2 * period)
        .filter(|_| period > 0)?;
    let (before, last) = values[start..].split_at(period);
    let (before, last): (f64, f64) = (before.iter().sum(), last.iter().sum());
    (before > 0.0 && last > 0.0)
        .then(|| (last / before).ln().clamp(-LARGEST_GROWTH, LARGEST_GROWTH))
}

/// The line through the first and the last value, continued.
#[must_use]
pub fn drift(values: &[f64], horizon: usize) -> Vec<f64> {
    let (Some(first), Some(last)) = (values.first(), values.last()) else {
        return vec![0.0; horizon];
    };
    let slope = (last - first) / (values.len() - 1).max(1) as f64;
    (1..=horizon)
        .map(|step| last + slope * step as f64)
        .collect()
}

/// The last value without its season, and the seasons put back: the benchmark of the M competitions.
#[must_use]
pub fn naive2(values: &[f64], period: usize, horizon: usize) -> Vec<f64> {
    let adjusted = Adjusted::of(values, period);
    let last = adjusted.values.last().copied().unwrap_or_default();
    (0..horizon)
        .map(|step| adjusted.seasoned(last, values.len() + step))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_yardstick_is_what_its_name_says() {
        let values = [1.0, 5.0, 2.0, 7.0];
        assert_eq!(naive(&values, 2), [7.0, 7.0]);
        assert_eq!(seasonal_naive(&values, 2, 3), [2.0, 7.0, 2.0]);
        assert_eq!(drift(&values, 2), [9.0, 11.0]);
        assert_eq!(naive2(&values, 1, 2), [7.0, 7.0]);
    }

    #[test]
    fn growth_is_halved_each_year() {
        let values = [10.0, 30.0, 11.0, 33.0];
        let forecast = grown_seasonal_naive(&values, 2, 3);
        let expected = [
            11.0 * 1.1_f64.powf(0.5),
            33.0 * 1.1_f64.powf(0.5),
            11.0 * 1.1_f64.powf(0.75),
        ];
        for (value, expected) in forecast.iter().zip(expected) {
            assert!((value - expected).abs() < 1e-9, "{forecast:?}");
        }
        assert_eq!(
            grown_seasonal_naive(&[0.0, 0.0, 1.0, 3.0], 2, 2),
            [1.0, 3.0]
        );
        assert_eq!(grown_seasonal_naive(&[1.0, 2.0, 4.0], 2, 2), [2.0, 4.0]);
        // Ten times as much as a year ago is taken for 1.35 times, of which half goes on.
        let leap = grown_seasonal_naive(&[1.0, 3.0, 10.0, 30.0], 2, 2);
        assert!((leap[0] - 10.0 * f64::exp(0.15)).abs() < 1e-9, "{leap:?}");
    }

    #[test]
    fn nothing_is_asked_of_an_empty_series() {
        assert_eq!(naive(&[], 1), [0.0]);
        assert_eq!(seasonal_naive(&[], 12, 1), [0.0]);
        assert_eq!(drift(&[], 1), [0.0]);
    }
}
