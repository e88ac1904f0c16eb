//! The median of models that err in different ways.

use crate::{
    history::History,
    member::{Fitted, Model},
    refusal::Refusal,
};

/// Several fitted models whose median is the forecast.
#[derive(Debug, Clone)]
pub(crate) struct Ensemble {
    members: Vec<(Model, Fitted)>,
}

/// Who votes: with seasons, LOESS follows those that change; without, a fixed line steadies the trend.
const SEASONAL: [Model; 4] = [Model::Ets, Model::DynamicTheta, Model::Ces, Model::Mstl];
const PLAIN: [Model; 4] = [Model::Ets, Model::DynamicTheta, Model::Ces, Model::Theta];

impl Ensemble {
    /// Fits every model that has enough observations.
    ///
    /// # Errors
    /// [`Refusal::TooShort`] where none has.
    pub(crate) fn fit(history: History<'_>) -> Result<Self, Refusal> {
        let models = if history.period > 1 {
            &SEASONAL
        } else {
            &PLAIN
        };
        let mut members = Vec::new();
        let mut refusal = None;
        for model in models {
            match model.fit(history) {
                Ok(fitted) => members.push((*model, fitted)),
                Err(error) => refusal = Some(error),
            }
        }
        match refusal {
            Some(error) if members.is_empty() => Err(error),
            _ => Ok(Self { members }),
        }
    }

    /// Who votes.
    pub(crate) fn models(&self) -> Vec<Model> {
        self.members.iter().map(|(model, _)| *model).collect()
    }

    /// The next `horizon` values.
    pub(crate) fn forecast(&self, horizon: usize) -> Vec<f64> {
        let forecasts: Vec<Vec<f64>> = self
            .members
            .iter()
            .map(|(_, member)| member.forecast(horizon))
            .collect();
        let vote = |step: usize| {
            let votes = forecasts.iter().map(|forecast| forecast[step]);
            median(votes.filter(|value| value.is_finite()).collect())
        };
        (0..horizon).map(vote).collect()
    }

    /// The same forms, their parameters learnt from an earlier part of the same history.
    pub(crate) fn refitted(&self, earlier: History<'_>) -> Self {
        let refitted = |(model, member): &(Model, Fitted)| (*model, member.refitted(earlier));
        Self {
            members: self.members.iter().map(refitted).collect(),
        }
    }

    /// The same parameters after an earlier part of the same history.
    pub(crate) fn carried_to(&self, earlier: History<'_>) -> Self {
        let carried = |(model, member): &(Model, Fitted)| (*model, member.carried_to(earlier));
        Self {
            members: self.members.iter().map(carried).collect(),
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
        let short = History {
            values: &[3.0, 4.0, 5.0, 4.0, 5.0],
            period: 12,
            start: None,
        };
        let forecast = Ensemble::fit(short).unwrap().forecast(3);
        assert!(
            forecast.iter().all(|value| (2.0..8.0).contains(value)),
            "{forecast:?}"
        );
        assert!(Ensemble::fit(short.until(2)).is_err());
    }
}
