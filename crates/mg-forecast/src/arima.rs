//! Autoregression and moving averages of differences (Box and Jenkins 1970), by conditional least squares.

mod polynomial;

use crate::{
    criterion::aicc,
    least_squares::{Search, minimise},
    refusal::Refusal,
    scale::{mean_size, relative_to},
};
use polynomial::{Weights, differences, undone};

/// How many terms of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Earlier values, at most two.
    pub autoregressive: usize,
    /// Differences of neighbours.
    pub differences: usize,
    /// Earlier errors, at most two.
    pub moving_average: usize,
    /// Whether values are compared with those one period before, and the error of that season counts.
    pub seasonal: bool,
    /// Whether the differences have a mean of their own.
    pub drift: bool,
}

/// A fitted model.
#[derive(Debug, Clone)]
pub struct Arima {
    /// Its terms.
    pub order: Order,
    /// The corrected information criterion, up to a constant for the same differences; smaller is better.
    pub aicc: f64,
    period: usize,
    free: Vec<f64>,
    scale: f64,
    values: Vec<f64>,
}

const SEARCH: Search = Search {
    steps: 25,
    gain: 1e-5,
};
/// Observations of the differences that a model has more than terms.
const SPARE: usize = 6;

impl Arima {
    /// The model with the smallest AICc. With a period: differences to the season before, one or two earlier values, the
    /// season's error and a drift. Without: up to two terms of each kind, neighbours' differences as long as they vary
    /// less than what they are differences of.
    ///
    /// # Errors
    /// [`Refusal::TooShort`] where none can be fitted.
    pub fn select(values: &[f64], period: usize) -> Result<Self, Refusal> {
        let scale = mean_size(values);
        let scaled = relative_to(scale, values);
        let fitted = orders(&scaled, period)
            .into_iter()
            .filter_map(|order| Self::fit(&scaled, period, scale, order));
        fitted
            .min_by(|left, right| left.aicc.total_cmp(&right.aicc))
            .ok_or(Refusal::TooShort {
                need: 3 * period + 2 + SPARE,
                have: values.len(),
            })
    }

    fn fit(scaled: &[f64], period: usize, scale: f64, order: Order) -> Option<Self> {
        let needed = order.count() + SPARE + order.lag(period);
        let differences = differences(scaled, order.differences, order.lag(period));
        if differences.len() < needed {
            return None;
        }
        let mut free = order.start(&differences);
        let sum = minimise(&mut free, SEARCH, |free, residuals| {
            Weights::read(free, order, period).residuals(&differences, residuals);
        });
        let n = differences.len() as f64;
        let likelihood = n * (sum / n).max(f64::MIN_POSITIVE).ln();
        Some(Self {
            order,
            aicc: aicc(likelihood, free.len() + 1, differences.len()),
            period,
            free,
            scale,
            values: scaled.to_vec(),
        })
    }

    /// The next `horizon` values.
    #[must_use]
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let lag = self.order.lag(self.period);
        let known = differences(&self.values, self.order.differences, lag);
        let weights = Weights::read(&self.free, self.order, self.period);
        let steps = weights.continued(&known, horizon);
        let values = undone(&self.values, &steps, self.order.differences, lag);
        values.iter().map(|value| value * self.scale).collect()
    }

    /// The same terms with parameters learnt from another history of the same series: not from these on, which may know more.
    ///
    /// # Errors
    /// [`Refusal::TooShort`] where there are too few observations.
    pub fn refitted(&self, values: &[f64]) -> Result<Self, Refusal> {
        let scale = mean_size(values);
        let scaled = relative_to(scale, values);
        Self::fit(&scaled, self.period, scale, self.order).ok_or(Refusal::TooShort {
            need: self.order.count() + SPARE + 2 * self.period,
            have: values.len(),
        })
    }

    /// The same parameters on another history of the same series.
    #[must_use]
    pub fn carried_to(&self, values: &[f64]) -> Self {
        Self {
            values: relative_to(self.scale, values),
            ..self.clone()
        }
    }
}

impl Order {
    fn count(self) -> usize {
        let others = usize::from(self.seasonal) + usize::from(self.drift);
        self.autoregressive + self.moving_average + others
    }

    /// The lag of the seasonal difference; 0 without one.
    fn lag(self, period: usize) -> usize {
        if self.seasonal { period } else { 0 }
    }

    /// First guesses in the order of [`Weights::read`].
    fn start(self, differences: &[f64]) -> Vec<f64> {
        let mut free = vec![0.1; self.autoregressive];
        free.extend(vec![0.3; self.moving_average]);
        free.extend(self.seasonal.then_some(0.4));
        let mean = || differences.iter().sum::<f64>() / differences.len() as f64;
        free.extend(self.drift.then(mean));
        free
    }
}

/// The models that are compared: all with the same differences, or their likelihoods could not be.
fn orders(values: &[f64], period: usize) -> Vec<Order> {
    if period > 1 {
        let order = |(autoregressive, moving_average)| Order {
            autoregressive,
            differences: 0,
            moving_average,
            seasonal: true,
            drift: true,
        };
        return [(1, 0), (2, 0), (1, 1), (2, 1)].map(order).to_vec();
    }
    let count = worthwhile_differences(values);
    let mut orders = Vec::new();
    for autoregressive in 0..=2 {
        for moving_average in 0..=2 {
            // A drift of the second difference would be a parabola.
            for drift in [false, true].into_iter().skip(usize::from(count == 0)) {
                orders.push(Order {
                    autoregressive,
                    differences: count,
                    moving_average,
                    seasonal: false,
                    drift: drift && count < 2,
                });
            }
        }
    }
    orders.dedup();
    orders
}

/// Up to two, as long as each makes the series vary less.
fn worthwhile_differences(values: &[f64]) -> usize {
    const SHORTEST: usize = 8;
    let mut rest = values.to_vec();
    let mut count = 0;
    while count < 2 && rest.len() > SHORTEST {
        let next = differences(&rest, 1, 0);
        if variance(&next) >= variance(&rest) {
            break;
        }
        rest = next;
        count += 1;
    }
    count
}

fn variance(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares: f64 = values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum();
    squares / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Deterministic noise between −1 and 1.
    fn noise(count: usize) -> Vec<f64> {
        let mut state = 7_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn a_first_order_autoregression_is_found_again() {
        let mut value = 0.0;
        let values: Vec<f64> = noise(400)
            .iter()
            .map(|error| {
                value = 0.7 * value + error;
                50.0 + value
            })
            .collect();
        let order = Order {
            autoregressive: 1,
            differences: 0,
            moving_average: 0,
            seasonal: false,
            drift: true,
        };
        let fitted = Arima::fit(&values, 1, 1.0, order).unwrap();
        let weights = Weights::read(&fitted.free, order, 1);
        assert!(
            (weights.autoregressive[0] - 0.7).abs() < 0.08,
            "{weights:?}"
        );
        let forecast = fitted.forecast(60);
        assert!(
            (forecast[59] - 50.0).abs() < 1.0,
            "it returns to the mean: {}",
            forecast[59]
        );
    }

    #[test]
    fn a_season_and_a_drift_are_continued() {
        let swing = [80.0, 100.0, 130.0, 90.0];
        let at = |i: usize| swing[i % 4] + 0.5 * i as f64;
        let values: Vec<f64> = (0..48).map(at).collect();
        let forecast = Arima::select(&values, 4).unwrap().forecast(8);
        for (step, value) in forecast.iter().enumerate() {
            assert!((value - at(48 + step)).abs() < 0.1, "step {step}: {value}");
        }
    }

    #[test]
    fn a_line_needs_a_difference_and_noise_needs_none() {
        let line: Vec<f64> = (0..40).map(|i| 10.0 + f64::from(i)).collect();
        assert_eq!(worthwhile_differences(&line), 1);
        assert_eq!(worthwhile_differences(&noise(80)), 0);
        assert!(orders(&noise(80), 1).iter().all(|order| order.drift));
    }

    #[test]
    fn the_same_parameters_on_the_same_history_say_the_same() {
        let values: Vec<f64> = noise(60).iter().map(|error| 20.0 + error).collect();
        let fitted = Arima::select(&values, 12).unwrap();
        assert_eq!(fitted.forecast(5), fitted.carried_to(&values).forecast(5));
    }

    #[test]
    fn what_is_too_short_is_refused() {
        assert!(Arima::select(&[1.0; 30], 12).is_err());
        assert!(Arima::select(&[1.0, 2.0, 3.0], 1).is_err());
    }
}
