//! Differences and the weights of earlier values and errors.

use super::Order;

/// What earlier values and errors weigh.
#[derive(Debug, Clone)]
pub(super) struct Weights {
    /// Of the one and two steps earlier.
    pub(super) autoregressive: Vec<f64>,
    /// Of the errors so many steps earlier.
    errors: Vec<(usize, f64)>,
    mean: f64,
}

/// How near to a root of one weights may come.
const LARGEST: f64 = 0.98;

impl Weights {
    /// From numbers without bounds: partial autocorrelations of values, those of errors, of the season's error, and the
    /// mean, as many of each as the order has.
    pub(super) fn read(free: &[f64], order: Order, period: usize) -> Self {
        let (values, rest) = free.split_at(order.autoregressive);
        let (errors, rest) = rest.split_at(order.moving_average);
        let (season, rest) = rest.split_at(usize::from(order.seasonal));
        let near = stable(errors);
        let mut errors: Vec<(usize, f64)> = (1..).zip(near.iter().copied()).collect();
        for season in stable(season) {
            errors.push((period, season));
            let both = (1..).zip(&near);
            errors.extend(both.map(|(lag, near)| (period + lag, -near * season)));
        }
        Self {
            autoregressive: stable(values),
            errors,
            mean: rest.first().copied().unwrap_or_default(),
        }
    }

    /// What is expected after `values`, the errors before being known.
    fn expected(&self, values: &[f64], errors: &[f64]) -> f64 {
        let at = values.len();
        let values: f64 = self
            .autoregressive
            .iter()
            .zip(values.iter().rev())
            .map(|(weight, value)| weight * (value - self.mean))
            .sum();
        let lagged = |(lag, weight): &(usize, f64)| {
            let error = at.checked_sub(*lag).and_then(|index| errors.get(index));
            error.map_or(0.0, |error| weight * error)
        };
        self.mean + values - self.errors.iter().map(lagged).sum::<f64>()
    }

    /// The errors of one step ahead; what came before the first value is taken as expected.
    pub(super) fn residuals(&self, values: &[f64], residuals: &mut Vec<f64>) {
        residuals.clear();
        for (index, value) in values.iter().enumerate() {
            let error = value - self.expected(&values[..index], residuals);
            residuals.push(error);
        }
    }

    /// The next `horizon` differences, no error to come being known.
    pub(super) fn continued(&self, values: &[f64], horizon: usize) -> Vec<f64> {
        let mut errors = Vec::with_capacity(values.len());
        self.residuals(values, &mut errors);
        let mut values = values.to_vec();
        let known = values.len();
        for _ in 0..horizon {
            values.push(self.expected(&values, &errors));
        }
        values.split_off(known)
    }
}

/// Up to two weights that neither explode nor repeat for ever, from partial autocorrelations without bounds.
fn stable(free: &[f64]) -> Vec<f64> {
    let bounded: Vec<f64> = free.iter().map(|free| LARGEST * free.tanh()).collect();
    match bounded[..] {
        [first, second] => vec![first * (1.0 - second), second],
        _ => bounded,
    }
}

/// Differences to `lag` steps before (0: none), then `count` times to the step before.
pub(super) fn differences(values: &[f64], count: usize, lag: usize) -> Vec<f64> {
    let less = |values: &[f64], lag: usize| -> Vec<f64> {
        let later = values.get(lag..).unwrap_or_default();
        later
            .iter()
            .zip(values)
            .map(|(later, before)| later - before)
            .collect()
    };
    let first = if lag > 0 {
        less(values, lag)
    } else {
        values.to_vec()
    };
    (0..count).fold(first, |values, _| less(&values, 1))
}

/// The values behind `values` that have these differences.
pub(super) fn undone(values: &[f64], steps: &[f64], count: usize, lag: usize) -> Vec<f64> {
    let mut steps = steps.to_vec();
    for inner in (0..count).rev() {
        let mut last = differences(values, inner, lag)
            .last()
            .copied()
            .unwrap_or_default();
        for step in &mut steps {
            last += *step;
            *step = last;
        }
    }
    if lag > 0 {
        let start = values.len() - lag;
        for index in 0..steps.len() {
            let before = match index.checked_sub(lag) {
                Some(earlier) => steps[earlier],
                None => values[start + index],
            };
            steps[index] += before;
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_undone() {
        let values = [3.0, 5.0, 4.0, 9.0, 8.0, 2.0, 7.0, 1.0];
        for (count, lag) in [(0, 0), (1, 0), (2, 0), (0, 3), (1, 3)] {
            let all = differences(&values, count, lag);
            let known = 6 - count - lag;
            let again = undone(&values[..6], &all[known..], count, lag);
            assert_eq!(again, values[6..], "{count} {lag}");
        }
    }

    #[test]
    fn weights_are_those_of_the_product_of_polynomials() {
        let order = Order {
            autoregressive: 0,
            differences: 0,
            moving_average: 1,
            seasonal: true,
            drift: false,
        };
        let weights = Weights::read(&[0.5, 0.25], order, 4);
        let (near, season) = (LARGEST * 0.5_f64.tanh(), LARGEST * 0.25_f64.tanh());
        // (1 − near B)(1 − season B⁴), each lag with the sign it is taken off with.
        assert_eq!(
            weights.errors,
            [(1, near), (4, season), (5, -near * season)]
        );
        let mut residuals = Vec::new();
        weights.residuals(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0], &mut residuals);
        let impulse = near.powi(4) + season;
        assert!((residuals[4] - impulse).abs() < 1e-12, "{residuals:?}");
    }

    #[test]
    fn two_weights_stay_within_the_triangle_of_stability() {
        for free in [[9.0, 9.0], [-9.0, 9.0], [9.0, -9.0], [0.3, 0.1]] {
            let weights = stable(&free);
            assert!(
                weights[1].abs() < 1.0 && weights[0].abs() + weights[1] < 1.0,
                "{weights:?}"
            );
        }
    }
}
