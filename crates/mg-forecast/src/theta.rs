//! The Theta method as a state space model, its theta optimised and its lines dynamic or not
//! (Assimakopoulos and Nikolopoulos 2000; Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler 2016).

use crate::{
    decompose::Adjusted,
    least_squares::{Search, bounded, freed, minimise},
    refusal::Refusal,
};

/// Which of the methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// Theta 2, one line through the whole series: the winner of the M3 competition.
    Standard,
    /// Theta optimised, the line moving with the observations.
    DynamicOptimised,
}

/// A fitted Theta model.
#[derive(Debug, Clone)]
pub struct Theta {
    variant: Variant,
    period: usize,
    alpha: f64,
    coefficient: f64,
    first_level: f64,
    scale: f64,
    adjusted: Adjusted,
    state: State,
}

/// As the authors of the optimised methods bound it.
const ALPHA: (f64, f64) = (0.1, 0.99);
const LARGEST_THETA: f64 = 1e3;

impl Theta {
    /// Fits level, smoothing and (where optimised) theta by least squares to the series without
    /// its seasons.
    ///
    /// # Errors
    /// [`Refusal::TooShort`] below four observations.
    pub fn fit(values: &[f64], period: usize, variant: Variant) -> Result<Self, Refusal> {
        if values.len() < 4 {
            return Err(Refusal::TooShort {
                need: 4,
                have: values.len(),
            });
        }
        let adjusted = Adjusted::of(values, period);
        let scale =
            adjusted.values.iter().map(|value| value.abs()).sum::<f64>() / values.len() as f64;
        let scale = if scale > 0.0 { scale } else { 1.0 };
        let scaled: Vec<f64> = adjusted.values.iter().map(|value| value / scale).collect();
        let line = Line::through(&scaled);
        let begin = |alpha: f64| {
            let mut free = vec![freed(alpha, ALPHA.0, ALPHA.1), scaled[0]];
            if variant == Variant::DynamicOptimised {
                free.push(1.0_f64.ln());
            }
            free
        };
        let read = |free: &[f64]| {
            let theta = free.get(2).map_or(2.0, |free| {
                1.0 + free.clamp(-20.0, 20.0).exp().min(LARGEST_THETA)
            });
            (bounded(free[0], ALPHA.0, ALPHA.1), free[1], theta)
        };
        // Two valleys are common: slow and quick smoothing.
        let best = [0.2, 0.7].map(|alpha| {
            let mut free = begin(alpha);
            let sum = minimise(&mut free, Search::default(), |free, residuals| {
                let (alpha, level, theta) = read(free);
                let mut state = State::new(variant, level, line);
                residuals.clear();
                for (index, value) in scaled.iter().enumerate() {
                    let error = value - state.expected(alpha, theta);
                    // The line has no slope before two observations.
                    residuals.push(if index < FREE_ERRORS { 0.0 } else { error });
                    state.learn(*value, alpha);
                }
            });
            (sum, free)
        });
        let [first, second] = best;
        let free = if second.0 < first.0 {
            second.1
        } else {
            first.1
        };
        let (alpha, first_level, theta) = read(&free);
        let mut state = State::new(variant, first_level, line);
        for value in &scaled {
            state.learn(*value, alpha);
        }
        Ok(Self {
            variant,
            period,
            alpha,
            coefficient: theta,
            first_level,
            scale,
            adjusted,
            state,
        })
    }

    /// The next `horizon` values.
    #[must_use]
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let mut state = self.state.clone();
        let start = self.adjusted.values.len();
        let mut next = |step: usize| {
            let value = state.expected(self.alpha, self.coefficient);
            state.learn(value, self.alpha);
            self.adjusted.seasoned(value * self.scale, start + step)
        };
        (0..horizon).map(&mut next).collect()
    }

    /// The same variant with parameters learnt from another history of the same series.
    ///
    /// # Errors
    /// As [`Theta::fit`].
    pub fn refitted(&self, values: &[f64]) -> Result<Self, Refusal> {
        Self::fit(values, self.period, self.variant)
    }

    /// The same parameters on another history of the same series.
    #[must_use]
    pub fn carried_to(&self, values: &[f64]) -> Self {
        let adjusted = Adjusted::of(values, self.period);
        let scaled: Vec<f64> = adjusted
            .values
            .iter()
            .map(|value| value / self.scale)
            .collect();
        let mut state = State::new(self.variant, self.first_level, Line::through(&scaled));
        for value in &scaled {
            state.learn(*value, self.alpha);
        }
        Self {
            adjusted,
            state,
            ..self.clone()
        }
    }
}

const FREE_ERRORS: usize = 2;

/// Intercept and slope over the times 1, 2, ….
#[derive(Debug, Clone, Copy, Default)]
struct Line {
    intercept: f64,
    slope: f64,
}

impl Line {
    fn through(values: &[f64]) -> Self {
        let mut mean = 0.0;
        let mut line = Self::default();
        for (index, value) in values.iter().enumerate() {
            line = line.moved(index as f64 + 1.0, *value, &mut mean);
        }
        line
    }

    /// The line through one observation more, at time `t`; `mean` is that of those before it.
    fn moved(self, t: f64, value: f64, mean: &mut f64) -> Self {
        let before = *mean;
        *mean = ((t - 1.0) * before + value) / t;
        let slope = if t < 2.0 {
            0.0
        } else {
            ((t - 2.0) * self.slope + 6.0 * (value - before) / t) / (t + 1.0)
        };
        Self {
            intercept: *mean - slope * (t + 1.0) / 2.0,
            slope,
        }
    }
}

#[derive(Debug, Clone)]
struct State {
    variant: Variant,
    level: f64,
    line: Line,
    mean: f64,
    t: f64,
    /// (1 − alpha) to the power of the observations seen.
    faded: f64,
}

impl State {
    fn new(variant: Variant, level: f64, whole: Line) -> Self {
        let line = match variant {
            Variant::Standard => whole,
            Variant::DynamicOptimised => Line::default(),
        };
        Self {
            variant,
            level,
            line,
            mean: 0.0,
            t: 0.0,
            faded: 1.0,
        }
    }

    fn expected(&self, alpha: f64, theta: f64) -> f64 {
        let slope = (1.0 - self.faded * (1.0 - alpha)) / alpha * self.line.slope;
        self.level + (1.0 - 1.0 / theta) * (self.faded * self.line.intercept + slope)
    }

    fn learn(&mut self, value: f64, alpha: f64) {
        self.t += 1.0;
        self.level = alpha * value + (1.0 - alpha) * self.level;
        self.faded *= 1.0 - alpha;
        if self.variant == Variant::DynamicOptimised {
            self.line = self.line.moved(self.t, value, &mut self.mean);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_that_of_least_squares() {
        let line = Line::through(&[3.0, 5.0, 6.0, 10.0]);
        assert!((line.slope - 2.2).abs() < 1e-12, "{line:?}");
        assert!((line.intercept - 0.5).abs() < 1e-12, "{line:?}");
    }

    #[test]
    fn a_straight_line_goes_on_with_half_its_slope_and_more() {
        let values: Vec<f64> = (1..=30).map(|t| 100.0 + 3.0 * f64::from(t)).collect();
        for variant in [Variant::Standard, Variant::DynamicOptimised] {
            let forecast = Theta::fit(&values, 1, variant).unwrap().forecast(4);
            let slope = forecast[3] - forecast[2];
            assert!((1.4..=3.1).contains(&slope), "{variant:?}: {forecast:?}");
            assert!(
                (forecast[0] - 193.0).abs() < 4.0,
                "{variant:?}: {forecast:?}"
            );
        }
    }

    #[test]
    fn a_constant_series_stays_constant() {
        let forecast = Theta::fit(&[7.0; 12], 1, Variant::DynamicOptimised)
            .unwrap()
            .forecast(3);
        assert!(
            forecast.iter().all(|value| (value - 7.0).abs() < 1e-6),
            "{forecast:?}"
        );
    }

    #[test]
    fn three_observations_are_too_few() {
        assert!(Theta::fit(&[1.0, 2.0, 3.0], 1, Variant::Standard).is_err());
    }
}
