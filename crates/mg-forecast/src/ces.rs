//! Complex exponential smoothing (Svetunkov, Kourentzes and Ord 2022): level and potential in one complex number.

use crate::{
    criterion::aicc,
    decompose::{Seasons, seasonal_indices},
    least_squares::{Search, bounded, freed, minimise},
    refusal::Refusal,
    scale::{mean_size, relative_to},
};

/// How the model sees seasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Not at all.
    None,
    /// Each season has a level and a potential of its own.
    Simple,
    /// One level and potential, and seasons added to it.
    Partial,
    /// One level and potential, and one of each for every season.
    Full,
}

/// A fitted model.
#[derive(Debug, Clone)]
pub struct Ces {
    /// How it sees seasons.
    pub shape: Shape,
    /// The corrected information criterion; smaller is better.
    pub aicc: f64,
    /// Its smoothing parameters.
    pub weights: Weights,
    period: usize,
    scale: f64,
    states: States,
}

/// The real and imaginary parts of the smoothing parameters.
#[derive(Debug, Clone, Copy)]
pub struct Weights {
    /// Of level and potential.
    pub alpha: (f64, f64),
    /// Of the seasons; 0 where the shape has none.
    pub beta: (f64, f64),
}

const ALPHA: [(f64, f64); 2] = [(0.01, 1.8), (0.01, 1.9)];
const BETA: [(f64, f64); 2] = [(0.01, 1.5), (0.01, 1.5)];
const LONGEST_PERIOD: usize = 24;

impl Ces {
    /// The model with the smallest AICc.
    ///
    /// # Errors
    /// [`Refusal::TooShort`] below five observations.
    pub fn select(values: &[f64], period: usize) -> Result<Self, Refusal> {
        let seasonal = (2..=LONGEST_PERIOD).contains(&period) && values.len() >= 2 * period;
        let shapes: &[Shape] = if seasonal {
            &[Shape::None, Shape::Simple, Shape::Partial, Shape::Full]
        } else {
            &[Shape::None]
        };
        let fitted = shapes
            .iter()
            .filter_map(|shape| Self::fit(values, period, *shape).ok());
        fitted
            .min_by(|left, right| left.aicc.total_cmp(&right.aicc))
            .ok_or(Refusal::TooShort {
                need: 5,
                have: values.len(),
            })
    }

    /// One model, its weights by least squares.
    ///
    /// # Errors
    /// [`Refusal::TooShort`] when there are too few observations for its weights and seasons.
    pub fn fit(values: &[f64], period: usize, shape: Shape) -> Result<Self, Refusal> {
        let period = if shape == Shape::None { 1 } else { period };
        let needed = if shape == Shape::None { 5 } else { 2 * period };
        if values.len() < needed {
            return Err(Refusal::TooShort {
                need: needed,
                have: values.len(),
            });
        }
        let scale = mean_size(values);
        let scaled = relative_to(scale, values);
        let mut free = Weights::start(shape);
        let sum = minimise(&mut free, Search::default(), |free, residuals| {
            let weights = Weights::read(free);
            let mut states = States::backcast(&scaled, period, shape, weights);
            residuals.clear();
            residuals.extend(scaled.iter().map(|value| states.learn(*value, weights)));
        });
        let weights = Weights::read(&free);
        let mut states = States::backcast(&scaled, period, shape, weights);
        for value in &scaled {
            states.learn(*value, weights);
        }
        let n = scaled.len() as f64;
        let likelihood = n * sum.max(n * 1e-24).ln();
        Ok(Self {
            shape,
            aicc: aicc(likelihood, free.len() + 1, scaled.len()),
            weights,
            period,
            scale,
            states,
        })
    }

    /// The next `horizon` values.
    #[must_use]
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let mut states = self.states.clone();
        let mut next = || {
            let value = states.expected();
            states.learn(value, self.weights);
            value * self.scale
        };
        (0..horizon).map(|_| next()).collect()
    }

    /// The same shape with weights learnt from another history of the same series.
    ///
    /// # Errors
    /// As [`Ces::fit`].
    pub fn refitted(&self, values: &[f64]) -> Result<Self, Refusal> {
        Self::fit(values, self.period, self.shape)
    }

    /// The same weights on another history of the same series.
    #[must_use]
    pub fn carried_to(&self, values: &[f64]) -> Self {
        let scaled = relative_to(self.scale, values);
        let mut states = States::backcast(&scaled, self.period, self.shape, self.weights);
        for value in &scaled {
            states.learn(*value, self.weights);
        }
        Self {
            states,
            ..self.clone()
        }
    }
}

impl Weights {
    /// First guesses in the order of [`Weights::read`].
    fn start(shape: Shape) -> Vec<f64> {
        let mut free = vec![
            freed(1.3, ALPHA[0].0, ALPHA[0].1),
            freed(1.0, ALPHA[1].0, ALPHA[1].1),
        ];
        match shape {
            Shape::None | Shape::Simple => {}
            Shape::Partial => free.push(freed(0.1, BETA[0].0, BETA[0].1)),
            Shape::Full => free.extend([
                freed(1.3, BETA[0].0, BETA[0].1),
                freed(1.0, BETA[1].0, BETA[1].1),
            ]),
        }
        free
    }

    fn read(free: &[f64]) -> Self {
        let beta = |index: usize| {
            let (low, high) = BETA[index];
            free.get(2 + index)
                .map_or(0.0, |free| bounded(*free, low, high))
        };
        Self {
            alpha: (
                bounded(free[0], ALPHA[0].0, ALPHA[0].1),
                bounded(free[1], ALPHA[1].0, ALPHA[1].1),
            ),
            beta: (beta(0), beta(1)),
        }
    }
}

/// Levels and potentials; the rings turn with the seasons, `next` is the one expected now.
#[derive(Debug, Clone)]
struct States {
    shape: Shape,
    /// One level and potential, or one a season.
    levels: Vec<(f64, f64)>,
    /// What the seasons add.
    seasons: Vec<(f64, f64)>,
    next: usize,
}

impl States {
    fn start(values: &[f64], period: usize, shape: Shape) -> Self {
        let with_potential = |level: f64| (level, level / 1.1);
        let mean = |count: usize| {
            let first = &values[..count.min(values.len())];
            first.iter().sum::<f64>() / first.len() as f64
        };
        let seasons = || {
            seasonal_indices(values, period, Seasons::Additive).unwrap_or_else(|| vec![0.0; period])
        };
        let (levels, seasons) = match shape {
            Shape::None => (vec![with_potential(mean(10))], vec![]),
            Shape::Simple => (
                values
                    .iter()
                    .take(period)
                    .map(|value| with_potential(*value))
                    .collect(),
                vec![],
            ),
            Shape::Partial => (
                vec![with_potential(mean(period))],
                seasons().into_iter().map(|season| (season, 0.0)).collect(),
            ),
            Shape::Full => (
                vec![with_potential(mean(period))],
                seasons().into_iter().map(with_potential).collect(),
            ),
        };
        Self {
            shape,
            levels,
            seasons,
            next: 0,
        }
    }

    /// The states before the first observation, as the whole series tells them: smoothed to its end
    /// and back.
    fn backcast(values: &[f64], period: usize, shape: Shape, weights: Weights) -> Self {
        let mut states = Self::start(values, period, shape);
        for value in values {
            states.learn(*value, weights);
        }
        let ring = states.ring();
        for value in values.iter().rev() {
            states.next = (states.next + ring - 1) % ring;
            states.update(*value, weights);
        }
        states
    }

    fn ring(&self) -> usize {
        self.levels.len().max(self.seasons.len())
    }

    fn expected(&self) -> f64 {
        let level = self.levels[self.next % self.levels.len()].0;
        level + self.seasons.get(self.next).map_or(0.0, |season| season.0)
    }

    /// Takes in an observation, goes on to the next season and answers the error.
    fn learn(&mut self, value: f64, weights: Weights) -> f64 {
        let error = self.update(value, weights);
        self.next = (self.next + 1) % self.ring();
        error
    }

    fn update(&mut self, value: f64, weights: Weights) -> f64 {
        let error = value - self.expected();
        let level = self.next % self.levels.len();
        self.levels[level] = smoothed(self.levels[level], weights.alpha, error);
        match self.shape {
            Shape::None | Shape::Simple => {}
            Shape::Partial => self.seasons[self.next].0 += weights.beta.0 * error,
            Shape::Full => {
                self.seasons[self.next] = smoothed(self.seasons[self.next], weights.beta, error);
            }
        }
        error
    }
}

fn smoothed(
    (level, potential): (f64, f64),
    (real, imaginary): (f64, f64),
    error: f64,
) -> (f64, f64) {
    (
        level - (1.0 - imaginary) * potential + (real - imaginary) * error,
        level + (1.0 - real) * potential + (real + imaginary) * error,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seasons_are_found_and_continued() {
        let swing = [10.0, 20.0, 40.0, 30.0];
        let values: Vec<f64> = (0..48).map(|i| 100.0 + swing[i % 4]).collect();
        let fitted = Ces::select(&values, 4).unwrap();
        assert_ne!(fitted.shape, Shape::None);
        for (found, known) in fitted.forecast(4).iter().zip(swing) {
            assert!(
                (found - 100.0 - known).abs() < 3.0,
                "{:?} {:?}",
                fitted.shape,
                fitted.forecast(4)
            );
        }
    }

    #[test]
    fn a_level_stays() {
        let values: Vec<f64> = (0..40).map(|i| 50.0 + f64::from(i % 3)).collect();
        let forecast = Ces::fit(&values, 1, Shape::None).unwrap().forecast(5);
        assert!(
            forecast.iter().all(|value| (45.0..58.0).contains(value)),
            "{forecast:?}"
        );
    }

    #[test]
    fn four_observations_are_too_few() {
        assert!(Ces::select(&[1.0, 2.0, 3.0, 4.0], 1).is_err());
    }
}
