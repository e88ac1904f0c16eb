//! The recursions of exponential smoothing.

use std::ops::RangeInclusive;

use super::{Error, Form, Season};

/// Smoothing parameters and the states they move. Seasons are a ring: the next one first.
#[derive(Debug, Clone)]
pub(super) struct States {
    alpha: f64,
    beta: f64,
    gamma: f64,
    phi: f64,
    level: f64,
    slope: f64,
    seasons: Vec<f64>,
    next: usize,
}

impl States {
    /// `smoothing` is alpha, beta, gamma and phi.
    pub(super) fn new(smoothing: [f64; 4], level: f64, slope: f64, seasons: Vec<f64>) -> Self {
        let [alpha, beta, gamma, phi] = smoothing;
        Self {
            alpha,
            beta,
            gamma,
            phi,
            level,
            slope,
            seasons,
            next: 0,
        }
    }

    fn trend(&self) -> f64 {
        self.level + self.phi * self.slope
    }

    fn season(&self) -> f64 {
        self.seasons.get(self.next).copied().unwrap_or_default()
    }

    /// The value expected next.
    pub(super) fn expected(&self, form: Form) -> f64 {
        match form.season {
            Season::None => self.trend(),
            Season::Additive => self.trend() + self.season(),
            Season::Multiplicative => self.trend() * self.season(),
        }
    }

    /// Takes in what was observed where `expected` was expected.
    pub(super) fn learn(&mut self, form: Form, value: f64, expected: f64) {
        let trend = self.trend();
        let error = match form.season {
            Season::Multiplicative => value / self.season() - trend,
            _ => value - expected,
        };
        self.level = trend + self.alpha * error;
        self.slope = self.phi * self.slope + self.beta * error;
        if form.season != Season::None {
            let season = self.season();
            let seen = match form.season {
                Season::Multiplicative => value / trend,
                _ => value - trend,
            };
            self.seasons[self.next] = season + self.gamma * (seen - season);
            self.turn();
        }
    }

    /// One step without an observation.
    pub(super) fn coast(&mut self, form: Form) {
        self.level = self.trend();
        self.slope *= self.phi;
        if form.season != Season::None {
            self.turn();
        }
    }

    fn turn(&mut self) {
        self.next = (self.next + 1) % self.seasons.len();
    }
}

/// Collects what multiplied errors are relative to: as a product, of which a logarithm is taken before it leaves the range
/// of numbers. One for each value would be a sixth of all the work of a search.
#[derive(Debug)]
pub(super) struct Relative {
    product: f64,
    logarithms: f64,
}

/// A product that one more factor keeps within numbers.
const SAFE: RangeInclusive<f64> = 1e-150..=1e150;

impl Default for Relative {
    fn default() -> Self {
        Self {
            product: 1.0,
            logarithms: 0.0,
        }
    }
}

impl Relative {
    /// The error as it is squared.
    pub(super) fn of(&mut self, kind: Error, error: f64, expected: f64) -> f64 {
        match kind {
            Error::Additive => error,
            Error::Multiplicative => {
                self.product *= expected.abs();
                if !SAFE.contains(&self.product) {
                    self.logarithms += self.product.ln();
                    self.product = 1.0;
                }
                error / expected
            }
        }
    }

    /// The geometric mean of what the errors were relative to; 1 for additive errors.
    pub(super) fn factor(&self, count: usize) -> f64 {
        ((self.logarithms + self.product.ln()) / count as f64).exp()
    }
}

/// Runs over a series: leaves the states at its end and answers −2 log likelihood up to a constant.
pub(super) fn pass(form: Form, states: &mut States, values: &[f64]) -> f64 {
    let mut relative = Relative::default();
    let mut squares = 0.0;
    for value in values {
        let expected = states.expected(form);
        let error = value - expected;
        let term = relative.of(form.error, error, expected);
        squares += term * term;
        states.learn(form, *value, expected);
    }
    let n = values.len() as f64;
    // A perfect fit has no finite likelihood: the floor is far below what data show.
    n * squares.max(n * 1e-24).ln() + 2.0 * n * relative.factor(values.len()).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ets::Trend;

    #[test]
    fn simple_smoothing_is_the_weighted_mean_it_is_named_for() {
        let form = Form {
            error: Error::Additive,
            trend: Trend::None,
            season: Season::None,
        };
        let mut states = States::new([0.5, 0.0, 0.0, 0.0], 8.0, 0.0, vec![]);
        pass(form, &mut states, &[10.0, 20.0]);
        assert_eq!(states.expected(form), 14.5);
    }

    #[test]
    fn multiplied_errors_are_relative_to_the_geometric_mean_however_many_they_are() {
        let factor = |values: &[f64]| {
            let mut relative = Relative::default();
            for value in values {
                relative.of(Error::Multiplicative, 1.0, *value);
            }
            relative.factor(values.len())
        };
        assert!((factor(&[2.0, -8.0]) - 4.0).abs() < 1e-12);
        for (small, large) in [(1e-3_f64, 1e-5), (1e90, 1e110), (1e-20, 1e20)] {
            let many = [small, large].repeat(500);
            let mean = (small * large).sqrt();
            assert!(
                (factor(&many) / mean - 1.0).abs() < 1e-9,
                "{}",
                factor(&many)
            );
        }
        assert_eq!(factor(&[1.0, 0.0]), 0.0);
        assert!(factor(&[1.0, f64::NAN]).is_nan());
    }

    #[test]
    fn seasons_come_round() {
        let form = Form {
            error: Error::Additive,
            trend: Trend::None,
            season: Season::Additive,
        };
        let mut states = States::new([0.1, 0.0, 0.1, 0.0], 10.0, 0.0, vec![1.0, -1.0]);
        let expected: Vec<f64> = (0..4)
            .map(|_| {
                let value = states.expected(form);
                states.coast(form);
                value
            })
            .collect();
        assert_eq!(expected, [11.0, 9.0, 11.0, 9.0]);
    }
}
