//! The Theta method as a state space model, its theta optimised and its lines dynamic or not
//! (Assimakopoulos and Nikolopoulos 2000; Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler 2016).

use crate::{
    decompose::Adjusted,
    least_squares::{Search, bounded, freed, minimise},
    refusal::Refusal,
    scale::{mean_size, relative_to},
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
    parameters: Parameters,
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
        let scale = mean_size(&adjusted.values);
        let scaled = relative_to(scale, &adjusted.values);
        // Two valleys are common: slow and quick smoothing.
        let [slow, quick] = [0.2, 0.7].map(|alpha| Parameters::learnt(&scaled, variant, alpha));
        let best = if quick.0 < slow.0 { quick.1 } else { slow.1 };
        Ok(Self {
            variant,
            period,
            parameters: best,
            scale,
            state: State::after(&scaled, variant, best),
            adjusted,
        })
    }

    /// The next `horizon` values.
    #[must_use]
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let mut state = self.state.clone();
        let start = self.adjusted.values.len();
        let mut next = |step: usize| {
            let value = state.expected(self.parameters);
            state.learn(value, self.parameters.alpha);
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
        let scaled = relative_to(self.scale, &adjusted.values);
        Self {
            state: State::after(&scaled, self.variant, self.parameters),
            adjusted,
            ..self.clone()
        }
    }
}

/// The line has no slope before two observations.
const FREE_ERRORS: usize = 2;

/// What is learnt.
#[derive(Debug, Clone, Copy)]
struct Parameters {
    alpha: f64,
    first_level: f64,
    theta: f64,
}

impl Parameters {
    /// Those of the smallest sum of squares that a search from this smoothing finds, behind the sum.
    fn learnt(scaled: &[f64], variant: Variant, alpha: f64) -> (f64, Self) {
        let mut free = vec![freed(alpha, ALPHA.0, ALPHA.1), scaled[0]];
        free.extend((variant == Variant::DynamicOptimised).then_some(0.0));
        let line = Line::through(scaled);
        let sum = minimise(&mut free, Search::default(), |free, residuals| {
            let parameters = Self::read(free);
            let mut state = State::new(variant, parameters.first_level, line);
            residuals.clear();
            for (index, value) in scaled.iter().enumerate() {
                let error = value - state.expected(parameters);
                residuals.push(if index < FREE_ERRORS { 0.0 } else { error });
                state.learn(*value, parameters.alpha);
            }
        });
        (sum, Self::read(&free))
    }

    fn read(free: &[f64]) -> Self {
        let theta = |free: &f64| 1.0 + free.clamp(-20.0, 20.0).exp().min(LARGEST_THETA);
        Self {
            alpha: bounded(free[0], ALPHA.0, ALPHA.1),
            first_level: free[1],
            theta: free.get(2).map_or(2.0, theta),
        }
    }
}

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

    /// After the whole of a series.
    fn after(scaled: &[f64], variant: Variant, parameters: Parameters) -> Self {
        let mut state = Self::new(variant, parameters.first_level, Line::through(scaled));
        for value in scaled {
            state.learn(*value, parameters.alpha);
        }
        state
    }

    fn expected(&self, Parameters { alpha, theta, .. }: Parameters) -> f64 {
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
