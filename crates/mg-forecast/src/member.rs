//! One fitted model of whatever kind, with what a backtest needs of it.

use crate::{
    ces::Ces,
    error::ForecastError,
    ets::Ets,
    loess::Loess,
    naive,
    theta::{Theta, Variant},
};

/// The models that can be asked for by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Model {
    /// The last value.
    Naive,
    /// The value one period before.
    SeasonalNaive,
    /// The line through the first and the last value.
    Drift,
    /// The last value without its season.
    Naive2,
    /// Exponential smoothing, the member of the family with the smallest AICc.
    Ets,
    /// The Theta method.
    Theta,
    /// The dynamic optimised Theta method.
    DynamicTheta,
    /// Complex exponential smoothing.
    Ces,
    /// Seasons by LOESS, and Theta for the rest.
    Loess,
}

impl Model {
    /// The name in arguments and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::SeasonalNaive => "seasonal_naive",
            Self::Drift => "drift",
            Self::Naive2 => "naive2",
            Self::Ets => "ets",
            Self::Theta => "theta",
            Self::DynamicTheta => "dotm",
            Self::Ces => "ces",
            Self::Loess => "stl",
        }
    }

    /// Fits the model.
    ///
    /// # Errors
    /// [`ForecastError::TooShort`] where the model needs more observations.
    pub fn fit(self, values: &[f64], period: usize) -> Result<Fitted, ForecastError> {
        Ok(match self {
            Self::Ets => Fitted::Ets(Ets::select(values, period)?),
            Self::Theta => Fitted::Theta(Theta::fit(values, period, Variant::Standard)?),
            Self::DynamicTheta => {
                Fitted::Theta(Theta::fit(values, period, Variant::DynamicOptimised)?)
            }
            Self::Ces => Fitted::Ces(Ces::select(values, period)?),
            Self::Loess => Fitted::Loess(Loess::fit(values, period)?),
            yardstick => Fitted::Yardstick(yardstick, period, values.to_vec()),
        })
    }
}

/// A fitted model.
#[derive(Debug, Clone)]
pub enum Fitted {
    /// Exponential smoothing.
    Ets(Ets),
    /// A Theta method.
    Theta(Theta),
    /// Complex exponential smoothing.
    Ces(Ces),
    /// Seasons by LOESS.
    Loess(Loess),
    /// A yardstick, its period and its history: it has nothing to fit.
    Yardstick(Model, usize, Vec<f64>),
}

impl Fitted {
    /// The next `horizon` values.
    #[must_use]
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        match self {
            Self::Ets(ets) => ets.forecast(horizon),
            Self::Theta(theta) => theta.forecast(horizon),
            Self::Ces(ces) => ces.forecast(horizon),
            Self::Loess(loess) => loess.forecast(horizon),
            Self::Yardstick(Model::SeasonalNaive, period, values) => {
                naive::seasonal_naive(values, *period, horizon)
            }
            Self::Yardstick(Model::Drift, _, values) => naive::drift(values, horizon),
            Self::Yardstick(Model::Naive2, period, values) => {
                naive::naive2(values, *period, horizon)
            }
            Self::Yardstick(_, _, values) => naive::naive(values, horizon),
        }
    }

    /// The same parameters after another history of the same series.
    #[must_use]
    pub fn carried_to(&self, values: &[f64]) -> Self {
        match self {
            Self::Ets(ets) => Self::Ets(ets.carried_to(values)),
            Self::Theta(theta) => Self::Theta(theta.carried_to(values)),
            Self::Ces(ces) => Self::Ces(ces.carried_to(values)),
            Self::Loess(loess) => Self::Loess(loess.carried_to(values)),
            Self::Yardstick(model, period, _) => Self::Yardstick(*model, *period, values.to_vec()),
        }
    }
}
