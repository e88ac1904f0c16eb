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
    /// At an earlier origin those that have too little to learn from there. They join as soon as they have enough.
    waiting: Vec<(Model, Fitted)>,
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
            _ => Ok(Self {
                members,
                waiting: Vec::new(),
            }),
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
    ///
    /// # Errors
    /// Where that is too short for all of them.
    pub(crate) fn refitted(&self, earlier: History<'_>) -> Result<Self, Refusal> {
        self.each(earlier, Fitted::refitted)
    }

    /// The same parameters after another part of the same history.
    ///
    /// # Errors
    /// As [`Ensemble::refitted`].
    pub(crate) fn carried_to(&self, earlier: History<'_>) -> Result<Self, Refusal> {
        self.each(earlier, Fitted::carried_to)
    }

    fn each(
        &self,
        earlier: History<'_>,
        change: fn(&Fitted, History<'_>) -> Result<Fitted, Refusal>,
    ) -> Result<Self, Refusal> {
        let (mut members, mut waiting, mut refusal) = (Vec::new(), Vec::new(), None);
        let known = self.members.iter().map(|known| (known, change));
        let late = self
            .waiting
            .iter()
            .map(|late| (late, Fitted::refitted as _));
        for ((model, form), change) in known.chain(late) {
            match change(form, earlier) {
                Ok(member) => members.push((*model, member)),
                Err(error) => {
                    refusal = Some(error);
                    waiting.push((*model, form.clone()));
                }
            }
        }
        match refusal {
            Some(error) if members.is_empty() => Err(error),
            _ => Ok(Self { members, waiting }),
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

/// The mean without the smallest and the largest, of three the middle one, of two the mean; no number of nothing.
fn trimmed(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let cut = usize::from(values.len() > 2);
    let kept = &values[cut..values.len() - cut];
    kept.iter().sum::<f64>() / kept.len() as f64
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
        assert!(agreed(&[vec![f64::NAN], vec![f64::INFINITY]], 1)[0].is_nan());
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

    #[test]
    fn at_an_earlier_origin_those_vote_who_can_learn_there_and_the_others_join_later() {
        let values: Vec<f64> = (0..72).map(|i| 50.0 + f64::from(i * 7919 % 23)).collect();
        let history = History {
            values: &values,
            period: 12,
            start: None,
        };
        let whole = Ensemble::fit(history).unwrap();
        let early = whole.refitted(history.until(24)).unwrap();
        let late = [Model::Arima, Model::Mstl];
        assert!(late.iter().all(|model| whole.models().contains(model)));
        assert!(late.iter().all(|model| !early.models().contains(model)));
        let next = early.carried_to(history.until(25)).unwrap();
        assert!(next.models().contains(&Model::Mstl), "{:?}", next.models());
        let later = next.carried_to(history.until(40)).unwrap();
        assert_eq!(later.models().len(), whole.models().len());
    }
}
