//! The median of models that err in different ways.

use crate::{
    error::ForecastError,
    member::{Fitted, Model},
};

/// Several fitted models whose median is the forecast.
#[derive(Debug, Clone)]
pub struct Ensemble {
    members: Vec<Fitted>,
}

/// Who votes: with seasons, LOESS follows those that change; without, a fixed line steadies the trend.
const SEASONAL: [Model; 4] = [Model::Ets, Model::DynamicTheta, Model::Ces, Model::Loess];
const PLAIN: [Model; 4] = [Model::Ets, Model::DynamicTheta, Model::Ces, Model::Theta];

impl Ensemble {
    /// Fits every model that has enough observations.
    ///
    /// # Errors
    /// [`ForecastError::TooShort`] where none has.
    pub fn fit(values: &[f64], period: usize) -> Result<Self, ForecastError> {
        Self::of(if period > 1 { &SEASONAL } else { &PLAIN }, values, period)
    }

    /// One model, as an ensemble of its own.
    ///
    /// # Errors
    /// [`ForecastError::TooShort`] where it has not enough observations.
    pub fn single(model: Model, values: &[f64], period: usize) -> Result<Self, ForecastError> {
        Self::of(&[model], values, period)
    }

    fn of(models: &[Model], values: &[f64], period: usize) -> Result<Self, ForecastError> {
        let mut members = Vec::new();
        let mut refusal = None;
        for model in models {
            match model.fit(values, period) {
                Ok(fitted) => members.push(fitted),
                Err(error) => refusal = Some(error),
            }
        }
        match refusal {
            Some(error) if members.is_empty() => Err(error),
            _ => Ok(Self { members }),
        }
    }

    /// The next `horizon` values.
    #[must_use]
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let forecasts: Vec<Vec<f64>> = self
            .members
            .iter()
            .map(|member| member.forecast(horizon))
            .collect();
        let vote = |step: usize| {
            let votes = forecasts.iter().map(|forecast| forecast[step]);
            median(votes.filter(|value| value.is_finite()).collect())
        };
        (0..horizon).map(vote).collect()
    }

    /// The same parameters after another history of the same series.
    #[must_use]
    pub fn carried_to(&self, values: &[f64]) -> Self {
        let members = self.members.iter().map(|member| member.carried_to(values));
        Self {
            members: members.collect(),
        }
    }
}

/// The middle value, or the mean of the two; 0 of nothing.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => 0.0,
        count if count % 2 == 1 => values[half],
        _ => f64::midpoint(values[half - 1], values[half]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_between_the_two() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(median(vec![]), 0.0);
    }

    #[test]
    fn a_short_series_is_forecast_by_those_that_can() {
        let short = [3.0, 4.0, 5.0, 4.0, 5.0];
        let forecast = Ensemble::fit(&short, 12).unwrap().forecast(3);
        assert!(
            forecast.iter().all(|value| (2.0..8.0).contains(value)),
            "{forecast:?}"
        );
        assert!(Ensemble::fit(&short[..2], 12).is_err());
    }
}
