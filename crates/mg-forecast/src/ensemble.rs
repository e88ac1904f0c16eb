//! A vote of models that err in different ways.

use crate::{
    calibration,
    history::History,
    member::{Fitted, Model},
    refusal::Refusal,
};

/// Several fitted models, whose votes without the highest and the lowest are the forecast.
#[derive(Debug, Clone)]
pub(crate) struct Ensemble {
    members: Vec<(Model, Fitted)>,
}

impl Ensemble {
    /// Fits every voter that has enough observations.
    ///
    /// # Errors
    /// [`Refusal::TooShort`] where none has.
    pub(crate) fn fit(history: History<'_>) -> Result<Self, Refusal> {
        let mut members = Vec::new();
        let mut refusal = None;
        for voter in calibration::voters(history.period, history.len()) {
            match Fitted::voter(*voter, history) {
                Ok(member) => members.push(member),
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
        let votes: Vec<Vec<f64>> = self
            .members
            .iter()
            .flat_map(|(_, member)| member.votes(horizon))
            .collect();
        agreed(&votes, horizon)
    }

    /// The same forms, their parameters learnt from an earlier part of the same history.
    pub(crate) fn refitted(&self, earlier: History<'_>) -> Self {
        self.each(|member| member.refitted(earlier))
    }

    /// The same parameters after an earlier part of the same history.
    pub(crate) fn carried_to(&self, earlier: History<'_>) -> Self {
        self.each(|member| member.carried_to(earlier))
    }

    fn each(&self, change: impl Fn(&Fitted) -> Fitted) -> Self {
        let changed = self
            .members
            .iter()
            .map(|(model, member)| (*model, change(member)));
        Self {
            members: changed.collect(),
        }
    }
}

/// The trimmed mean of the votes at each step; what is no number is no vote.
pub(crate) fn agreed(votes: &[Vec<f64>], horizon: usize) -> Vec<f64> {
    let at = |step: usize| {
        let votes = votes.iter().map(|vote| vote[step]);
        trimmed(votes.filter(|value| value.is_finite()).collect())
    };
    (0..horizon).map(at).collect()
}

/// The mean without the smallest and the largest, of three the middle one, of two the mean; 0 of nothing.
fn trimmed(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let cut = usize::from(values.len() > 2);
    let kept = &values[cut..values.len() - cut];
    kept.iter().sum::<f64>() / kept.len().max(1) as f64
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
    fn a_wild_vote_is_not_counted() {
        assert_eq!(trimmed(vec![1.0, 2.0, 4.0, 1e9]), 3.0);
        assert_eq!(trimmed(vec![5.0, -1e9, 6.0]), 5.0);
        assert_eq!(trimmed(vec![1.0, 2.0]), 1.5);
        assert_eq!(agreed(&[vec![1.0], vec![f64::NAN]], 1), [1.0]);
        assert_eq!(agreed(&[], 2), [0.0, 0.0]);
    }

    #[test]
    fn a_short_series_is_forecast_by_those_that_can() {
        let short = History {
            values: &[3.0, 4.0, 5.0, 4.0, 5.0, 6.0],
            period: 1,
            start: None,
        };
        let forecast = Ensemble::fit(short).unwrap().forecast(3);
        assert!(
            forecast.iter().all(|value| (2.0..9.0).contains(value)),
            "{forecast:?}"
        );
    }
}
