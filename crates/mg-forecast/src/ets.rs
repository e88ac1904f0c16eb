//! Exponential smoothing in state space form (Hyndman, Koehler, Ord and Snyder 2008): error, trend and season.

mod blend;
mod filter;
mod start;

use crate::{
    criterion::aicc,
    least_squares::{Search, bounded, freed, minimise},
    refusal::Refusal,
    scale::{mean_size, relative_to},
};
pub use blend::Blend;
use filter::{States, pass};

/// How errors enter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Error {
    /// Added: the same spread at every level.
    Additive,
    /// Relative to the level.
    Multiplicative,
}

/// The trend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trend {
    /// None.
    None,
    /// A slope that is added each step.
    Additive,
    /// A slope that dies away.
    Damped,
}

/// The season.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Season {
    /// None.
    None,
    /// Added.
    Additive,
    /// Multiplied.
    Multiplicative,
}

/// One of the models of the family, e.g. ETS(M,Ad,M).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// How errors enter.
    pub error: Error,
    /// The trend.
    pub trend: Trend,
    /// The season.
    pub season: Season,
}

impl std::fmt::Display for Form {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let error = match self.error {
            Error::Additive => "A",
            Error::Multiplicative => "M",
        };
        let trend = match self.trend {
            Trend::None => "N",
            Trend::Additive => "A",
            Trend::Damped => "Ad",
        };
        let season = match self.season {
            Season::None => "N",
            Season::Additive => "A",
            Season::Multiplicative => "M",
        };
        write!(formatter, "ETS({error},{trend},{season})")
    }
}

/// A fitted model.
#[derive(Debug, Clone)]
pub struct Ets {
    /// Which of the family.
    pub form: Form,
    /// The corrected information criterion, from the likelihood of the values as they are up to a constant;
    /// smaller is better.
    pub aicc: f64,
    parameters: Vec<f64>,
    period: usize,
    scale: f64,
    states: States,
}

/// The longest season that is fitted.
const LONGEST_PERIOD: usize = 24;

impl Ets {
    /// The model of the family with the smallest AICc.
    ///
    /// # Errors
    /// [`Refusal::TooShort`] below four observations.
    pub fn select(values: &[f64], period: usize) -> Result<Self, Refusal> {
        Self::select_among(values, period, |_| true)
    }

    /// The model with the smallest AICc among those of the family that are `wanted`.
    ///
    /// # Errors
    /// [`Refusal::TooShort`] where none of them can be fitted.
    pub fn select_among(
        values: &[f64],
        period: usize,
        wanted: impl Fn(&Form) -> bool,
    ) -> Result<Self, Refusal> {
        let forms = forms(values, period).into_iter().filter(wanted);
        let fitted = forms.filter_map(|form| Self::fit(values, period, form).ok());
        fitted
            .min_by(|left, right| left.aicc.total_cmp(&right.aicc))
            .ok_or(Refusal::TooShort {
                need: 4,
                have: values.len(),
            })
    }

    /// Every model of the family that can be fitted.
    fn family(values: &[f64], period: usize) -> Vec<Self> {
        let fitted = |form| Self::search(values, period, form, Search::rough()).ok();
        let forms = forms(values, period).into_iter();
        forms.filter_map(fitted).collect()
    }

    /// One model of the family, smoothing parameters and initial states by maximum likelihood.
    ///
    /// # Errors
    /// [`Refusal::TooShort`] when there are not more observations than parameters.
    pub fn fit(values: &[f64], period: usize, form: Form) -> Result<Self, Refusal> {
        Self::search(values, period, form, Search::default())
    }

    fn search(values: &[f64], period: usize, form: Form, search: Search) -> Result<Self, Refusal> {
        let period = if form.season == Season::None {
            1
        } else {
            period
        };
        let layout = Layout { form, period };
        let need = layout.count() + 3;
        if values.len() < need {
            return Err(Refusal::TooShort {
                need,
                have: values.len(),
            });
        }
        let scale = mean_size(values);
        let scaled = relative_to(scale, values);
        let mut free = layout.start(&scaled);
        minimise(&mut free, search, |free, residuals| {
            layout.residuals(free, &scaled, residuals);
        });
        Ok(Self::told(&layout, &scaled, scale, free))
    }

    /// The same form with parameters learnt from another history of the same series: not from these on, which may know more.
    ///
    /// # Errors
    /// [`Refusal::TooShort`] when there are not more observations than parameters.
    pub fn refitted(&self, values: &[f64]) -> Result<Self, Refusal> {
        Self::search(values, self.period, self.form, Search::rough())
    }

    fn told(layout: &Layout, scaled: &[f64], scale: f64, free: Vec<f64>) -> Self {
        let mut states = layout.states(&free);
        let n = scaled.len() as f64;
        let likelihood = pass(layout.form, &mut states, scaled) + 2.0 * n * scale.ln();
        Self {
            form: layout.form,
            aicc: aicc(likelihood, layout.count() + 1, scaled.len()),
            parameters: free,
            period: layout.period,
            scale,
            states,
        }
    }

    /// The same model with the same parameters on another history of the same series: states are
    /// smoothed anew, nothing else is learnt.
    #[must_use]
    pub fn carried_to(&self, values: &[f64]) -> Self {
        let layout = Layout {
            form: self.form,
            period: self.period,
        };
        let scaled = relative_to(self.scale, values);
        Self::told(&layout, &scaled, self.scale, self.parameters.clone())
    }

    /// The next `horizon` values.
    #[must_use]
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let mut states = self.states.clone();
        let mut next = || {
            let value = states.expected(self.form);
            states.coast(self.form);
            value * self.scale
        };
        (0..horizon).map(|_| next()).collect()
    }
}

/// The models that can be fitted: multiplicative ones need a positive series, and additive errors
/// with multiplied seasons are left out, since their variance is not finite.
fn forms(values: &[f64], period: usize) -> Vec<Form> {
    let positive = values.iter().all(|value| *value > 0.0);
    let seasonal = (2..=LONGEST_PERIOD).contains(&period) && values.len() > period + 5;
    let mut forms = Vec::new();
    for error in [Error::Additive, Error::Multiplicative] {
        for trend in [Trend::None, Trend::Additive, Trend::Damped] {
            for season in [Season::None, Season::Additive, Season::Multiplicative] {
                let multiplies = error == Error::Multiplicative || season == Season::Multiplicative;
                let unbounded = error == Error::Additive && season == Season::Multiplicative;
                if (season != Season::None && !seasonal) || (multiplies && !positive) || unbounded {
                    continue;
                }
                forms.push(Form {
                    error,
                    trend,
                    season,
                });
            }
        }
    }
    forms
}

/// Where each parameter stands among the numbers without bounds: alpha, beta, gamma, phi, level,
/// slope, seasons (one less than the period: they sum to 0 or to the period).
struct Layout {
    form: Form,
    period: usize,
}

impl Layout {
    fn has_trend(&self) -> bool {
        self.form.trend != Trend::None
    }

    fn has_season(&self) -> bool {
        self.form.season != Season::None
    }

    fn count(&self) -> usize {
        let damped = usize::from(self.form.trend == Trend::Damped);
        let trend = 2 * usize::from(self.has_trend());
        let season = if self.has_season() { self.period } else { 0 };
        2 + trend + damped + season
    }

    /// Common first guesses, and states from the beginning of the series.
    fn start(&self, values: &[f64]) -> Vec<f64> {
        let first = start::states(values, self.form, self.period);
        let alpha = 0.3;
        let mut free = vec![freed(alpha, ALPHA.0, ALPHA.1)];
        if self.has_trend() {
            free.push(freed(0.1, 0.0, 1.0));
        }
        if self.has_season() {
            free.push(freed(0.1, 0.0, 1.0));
        }
        if self.form.trend == Trend::Damped {
            free.push(freed(0.95, PHI.0, PHI.1));
        }
        free.push(first.level);
        if self.has_trend() {
            free.push(first.slope);
        }
        free.extend(
            first
                .seasons
                .iter()
                .take(self.period.saturating_sub(1))
                .filter(|_| self.has_season()),
        );
        free
    }

    fn states(&self, free: &[f64]) -> States {
        let mut free = free.iter().copied();
        let mut next = || free.next().unwrap_or_default();
        let alpha = bounded(next(), ALPHA.0, ALPHA.1);
        let beta = if self.has_trend() {
            bounded(next(), LEAST, 1.0) * alpha
        } else {
            0.0
        };
        let gamma = if self.has_season() {
            bounded(next(), LEAST, 1.0) * (1.0 - alpha)
        } else {
            0.0
        };
        let phi = match self.form.trend {
            Trend::None => 0.0,
            Trend::Additive => 1.0,
            Trend::Damped => bounded(next(), PHI.0, PHI.1),
        };
        let level = next();
        let slope = if self.has_trend() { next() } else { 0.0 };
        let mut seasons: Vec<f64> = if self.has_season() {
            (1..self.period).map(|_| next()).collect()
        } else {
            Vec::new()
        };
        if self.has_season() {
            let others: f64 = seasons.iter().sum();
            let whole = if self.form.season == Season::Additive {
                0.0
            } else {
                self.period as f64
            };
            seasons.push(whole - others);
        }
        States::new([alpha, beta, gamma, phi], level, slope, seasons)
    }

    /// What the search squares: errors, multiplied ones by the geometric mean of what they are
    /// relative to, so that the sum of squares has the likelihood's minimum.
    fn residuals(&self, free: &[f64], values: &[f64], residuals: &mut Vec<f64>) {
        residuals.clear();
        let mut states = self.states(free);
        let mut relative = filter::Relative::default();
        for value in values {
            let expected = states.expected(self.form);
            let error = value - expected;
            residuals.push(relative.of(self.form.error, error, expected));
            states.learn(self.form, *value, expected);
        }
        let factor = relative.factor(values.len());
        for residual in residuals {
            *residual *= factor;
        }
    }
}

const LEAST: f64 = 1e-4;
const ALPHA: (f64, f64) = (1e-4, 0.9999);
const PHI: (f64, f64) = (0.8, 0.98);

#[cfg(test)]
mod tests {
    use super::*;

    /// Monthly totals of airline passengers in thousands, 1949 to 1960 (Box and Jenkins 1976).
    const PASSENGERS: [f64; 144] = [
        112., 118., 132., 129., 121., 135., 148., 148., 136., 119., 104., 118., 115., 126., 141.,
        135., 125., 149., 170., 170., 158., 133., 114., 140., 145., 150., 178., 163., 172., 178.,
        199., 199., 184., 162., 146., 166., 171., 180., 193., 181., 183., 218., 230., 242., 209.,
        191., 172., 194., 196., 196., 236., 235., 229., 243., 264., 272., 237., 211., 180., 201.,
        204., 188., 235., 227., 234., 264., 302., 293., 259., 229., 203., 229., 242., 233., 267.,
        269., 270., 315., 364., 347., 312., 274., 237., 278., 284., 277., 317., 313., 318., 374.,
        413., 405., 355., 306., 271., 306., 315., 301., 356., 348., 355., 422., 465., 467., 404.,
        347., 305., 336., 340., 318., 362., 348., 363., 435., 491., 505., 404., 359., 310., 337.,
        360., 342., 406., 396., 420., 472., 548., 559., 463., 407., 362., 405., 417., 391., 419.,
        461., 472., 535., 622., 606., 508., 461., 390., 432.,
    ];

    #[test]
    fn the_selected_model_of_the_passengers_is_multiplicative_and_seasonal() {
        let fitted = Ets::select(&PASSENGERS, 12).unwrap();
        assert_eq!(
            fitted.form.season,
            Season::Multiplicative,
            "{}",
            fitted.form
        );
        let forecast = fitted.forecast(12);
        // statsforecast 2.1.1's ETS(M,N,M). The last value is 432: without seasons all three would be near it.
        for (value, known) in forecast.iter().zip([442.357, 428.267, 492.975]) {
            assert!(
                (value / known - 1.0).abs() < 0.03,
                "{} {forecast:?}",
                fitted.form
            );
        }
    }

    #[test]
    fn a_line_is_continued() {
        let line: Vec<f64> = (0..30).map(|i| 10.0 + 2.0 * f64::from(i)).collect();
        let form = Form {
            error: Error::Additive,
            trend: Trend::Additive,
            season: Season::None,
        };
        let forecast = Ets::fit(&line, 1, form).unwrap().forecast(3);
        for (step, value) in forecast.iter().enumerate() {
            assert!(
                (value - (70.0 + 2.0 * step as f64)).abs() < 1e-3,
                "{forecast:?}"
            );
        }
    }

    #[test]
    fn a_series_that_is_not_positive_has_additive_models_only() {
        let mut values = PASSENGERS.to_vec();
        values[3] = 0.0;
        assert!(
            forms(&values, 12)
                .iter()
                .all(|form| form.error == Error::Additive && form.season != Season::Multiplicative)
        );
        assert_eq!(forms(&PASSENGERS, 12).len(), 15);
    }

    #[test]
    fn parameters_carried_to_the_same_history_give_the_same_forecast() {
        let fitted = Ets::select(&PASSENGERS, 12).unwrap();
        assert_eq!(
            fitted.forecast(5),
            fitted.carried_to(&PASSENGERS).forecast(5)
        );
    }
}
