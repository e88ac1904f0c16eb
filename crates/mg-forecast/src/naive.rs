//! The yardsticks: what needs no model.

use crate::decompose::Adjusted;

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
    fn nothing_is_asked_of_an_empty_series() {
        assert_eq!(naive(&[], 1), [0.0]);
        assert_eq!(seasonal_naive(&[], 12, 1), [0.0]);
        assert_eq!(drift(&[], 1), [0.0]);
    }
}
