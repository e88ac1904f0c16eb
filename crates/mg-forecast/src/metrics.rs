//! Accuracy as the M4 competition defines it.

/// The symmetric mean absolute percentage error, 0 to 200.
#[must_use]
pub fn smape(actual: &[f64], forecast: &[f64]) -> f64 {
    let term = |(actual, forecast): (&f64, &f64)| {
        let size = actual.abs() + forecast.abs();
        if size > 0.0 {
            200.0 * (actual - forecast).abs() / size
        } else {
            0.0
        }
    };
    mean(actual.iter().zip(forecast).map(term))
}

/// The mean absolute error.
#[must_use]
pub fn absolute(actual: &[f64], forecast: &[f64]) -> f64 {
    let error = |(actual, forecast): (&f64, &f64)| (actual - forecast).abs();
    mean(actual.iter().zip(forecast).map(error))
}

/// The mean absolute scaled error: relative to the seasonal naive forecast within `history`.
#[must_use]
pub fn mase(history: &[f64], period: usize, actual: &[f64], forecast: &[f64]) -> f64 {
    absolute(actual, forecast) / scale(history, period)
}

/// The mean scaled interval score at `1 − share` (0.05 for 95 %): width, and a fine for what lies outside.
#[must_use]
pub fn msis(
    history: &[f64],
    period: usize,
    actual: &[f64],
    lower: &[f64],
    upper: &[f64],
    share: f64,
) -> f64 {
    let score = |((actual, lower), upper): ((&f64, &f64), &f64)| {
        let outside = (lower - actual).max(0.0) + (actual - upper).max(0.0);
        upper - lower + 2.0 / share * outside
    };
    mean(actual.iter().zip(lower).zip(upper).map(score)) / scale(history, period)
}

/// The share of actual values within their interval.
#[must_use]
pub fn coverage(actual: &[f64], lower: &[f64], upper: &[f64]) -> f64 {
    let inside = |((actual, lower), upper): ((&f64, &f64), &f64)| {
        f64::from(u8::from(lower <= actual && actual <= upper))
    };
    mean(actual.iter().zip(lower).zip(upper).map(inside))
}

/// The mean absolute difference of a series to itself one period before.
#[must_use]
pub fn scale(history: &[f64], period: usize) -> f64 {
    let period = if history.len() > period {
        period.max(1)
    } else {
        1
    };
    let later = history.get(period..).unwrap_or_default();
    mean(
        history
            .iter()
            .zip(later)
            .map(|(before, after)| (after - before).abs()),
    )
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    sum / f64::from(count.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_measures_are_those_of_the_competition() {
        assert!((smape(&[100.0, 0.0], &[110.0, 0.0]) - 200.0 * 10.0 / 210.0 / 2.0).abs() < 1e-12);
        assert!((mase(&[1.0, 2.0, 4.0], 1, &[5.0], &[8.0]) - 2.0).abs() < 1e-12);
        let score = msis(&[0.0, 1.0], 1, &[12.0], &[0.0], &[10.0], 0.05);
        assert!((score - (10.0 + 40.0 * 2.0)).abs() < 1e-12);
        assert!((coverage(&[1.0, 5.0], &[0.0, 0.0], &[2.0, 2.0]) - 0.5).abs() < 1e-12);
    }
}
