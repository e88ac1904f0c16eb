//! Several forms of exponential smoothing, each as likely as its AICc says.

use super::Ets;
use crate::{
    calibration::{LEAST_WEIGHT, MOST_FORMS},
    refusal::Refusal,
};

/// The likeliest forms and their weights, which sum to 1.
///
/// One series seldom tells which form is its own: the mean over the likely ones errs less than the likeliest.
#[derive(Debug, Clone)]
pub struct Blend {
    forms: Vec<(f64, Ets)>,
}

impl Blend {
    /// Fits the whole family.
    ///
    /// # Errors
    /// [`Refusal::TooShort`] below four observations.
    pub fn fit(values: &[f64], period: usize) -> Result<Self, Refusal> {
        let mut family = Ets::family(values, period);
        family.sort_by(|left, right| left.aicc.total_cmp(&right.aicc));
        let Some(best) = family.first().map(|ets| ets.aicc) else {
            return Err(Refusal::TooShort {
                need: 4,
                have: values.len(),
            });
        };
        let likelihood = |ets: &Ets| {
            let weight = ((best - ets.aicc) / 2.0).exp();
            if weight.is_finite() { weight } else { 1.0 }
        };
        let mut forms: Vec<(f64, Ets)> = family
            .into_iter()
            .take(MOST_FORMS)
            .map(|ets| (likelihood(&ets), ets))
            .collect();
        let sum: f64 = forms.iter().map(|(weight, _)| weight).sum();
        forms.retain(|(weight, _)| *weight >= LEAST_WEIGHT * sum);
        let sum: f64 = forms.iter().map(|(weight, _)| weight).sum();
        for (weight, _) in &mut forms {
            *weight /= sum;
        }
        Ok(Self { forms })
    }

    /// The next `horizon` values.
    #[must_use]
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let mut mean = vec![0.0; horizon];
        for (weight, ets) in &self.forms {
            for (mean, value) in mean.iter_mut().zip(ets.forecast(horizon)) {
                *mean += weight * value;
            }
        }
        mean
    }

    /// The same forms and parameters on another history of the same series.
    #[must_use]
    pub fn carried_to(&self, values: &[f64]) -> Self {
        let carried = self
            .forms
            .iter()
            .map(|(weight, ets)| (*weight, ets.carried_to(values)));
        Self {
            forms: carried.collect(),
        }
    }

    /// The same forms with parameters learnt from another history of the same series.
    ///
    /// # Errors
    /// [`Refusal::TooShort`] when there are not more observations than parameters.
    pub fn refitted(&self, values: &[f64]) -> Result<Self, Refusal> {
        let refitted = self
            .forms
            .iter()
            .map(|(weight, ets)| Ok((*weight, ets.refitted(values)?)));
        Ok(Self {
            forms: refitted.collect::<Result<_, Refusal>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_sum_to_one_and_the_likeliest_form_leads() {
        let values: Vec<f64> = (0..40).map(|i| 50.0 + f64::from(i * 7919 % 23)).collect();
        let blend = Blend::fit(&values, 1).unwrap();
        let weights: Vec<f64> = blend.forms.iter().map(|(weight, _)| *weight).collect();
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(weights.is_sorted_by(|left, right| left >= right));
        assert_eq!(blend.forms[0].1.form, Ets::select(&values, 1).unwrap().form);
        assert_eq!(blend.forecast(3), blend.carried_to(&values).forecast(3));
    }

    #[test]
    fn three_observations_are_too_few() {
        assert!(Blend::fit(&[1.0, 2.0, 3.0], 1).is_err());
    }
}
