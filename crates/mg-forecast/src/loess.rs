//! Seasons by LOESS (STL; Cleveland, Cleveland, McRae and Terpenning 1990) on logarithms where the series is
//! positive, and several models of what is left: seasons may change slowly, which moving averages cannot follow.

use stlrs::Stl;

use crate::{
    ensemble::agreed,
    ets::Blend,
    refusal::Refusal,
    theta::{Theta, Variant},
};

/// A fitted model.
#[derive(Debug, Clone)]
pub struct Loess {
    period: usize,
    /// The last period's seasons, as they are added (on logarithms where the series is positive).
    seasons: Vec<f64>,
    logarithms: bool,
    lines: [Theta; 2],
    smoothed: Blend,
}

/// Observations of one season that a smooth looks at.
const SEASONAL_LENGTH: usize = 11;

impl Loess {
    /// Takes the seasons out and fits the rest.
    ///
    /// # Errors
    /// [`Refusal::TooShort`] unless there is more than two periods, or without a period.
    pub fn fit(values: &[f64], period: usize) -> Result<Self, Refusal> {
        let logarithms = values.iter().all(|value| *value > 0.0);
        let (seasons, rest) = without_seasons(values, period, logarithms)?;
        Ok(Self {
            period,
            seasons,
            logarithms,
            lines: [
                Theta::fit(&rest, 1, Variant::DynamicOptimised)?,
                Theta::fit(&rest, 1, Variant::Standard)?,
            ],
            smoothed: Blend::fit(&rest, 1)?,
        })
    }

    /// The next `horizon` values.
    #[must_use]
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        agreed(&self.votes(horizon), horizon)
    }

    /// What each model of the rest says, seasons put back.
    pub(crate) fn votes(&self, horizon: usize) -> Vec<Vec<f64>> {
        let lines = self.lines.iter().map(|theta| theta.forecast(horizon));
        let rests = lines.chain([self.smoothed.forecast(horizon)]);
        rests.map(|rest| self.seasoned(&rest)).collect()
    }

    fn seasoned(&self, rest: &[f64]) -> Vec<f64> {
        let seasoned = |(step, value): (usize, &f64)| {
            let season = self.seasons[step % self.period];
            if self.logarithms {
                value * season.exp()
            } else {
                value + season
            }
        };
        rest.iter().enumerate().map(seasoned).collect()
    }

    /// The same way with parameters learnt from another history of the same series.
    ///
    /// # Errors
    /// As [`Loess::fit`].
    pub fn refitted(&self, values: &[f64]) -> Result<Self, Refusal> {
        let (seasons, rest) = without_seasons(values, self.period, self.logarithms)?;
        let [dynamic, standard] = &self.lines;
        Ok(Self {
            seasons,
            lines: [dynamic.refitted(&rest)?, standard.refitted(&rest)?],
            smoothed: self.smoothed.refitted(&rest)?,
            ..self.clone()
        })
    }

    /// The same parameters on another history of the same series; the seasons are found anew.
    #[must_use]
    pub fn carried_to(&self, values: &[f64]) -> Self {
        let Ok((seasons, rest)) = without_seasons(values, self.period, self.logarithms) else {
            return self.clone();
        };
        let [dynamic, standard] = &self.lines;
        Self {
            seasons,
            lines: [dynamic.carried_to(&rest), standard.carried_to(&rest)],
            smoothed: self.smoothed.carried_to(&rest),
            ..self.clone()
        }
    }
}

/// The seasons of the last period, and the series without any.
fn without_seasons(
    values: &[f64],
    period: usize,
    logarithms: bool,
) -> Result<(Vec<f64>, Vec<f64>), Refusal> {
    let too_short = Refusal::TooShort {
        need: 2 * period + 1,
        have: values.len(),
    };
    if period < 2 || values.len() <= 2 * period {
        return Err(too_short);
    }
    // A carried history is a part of a positive one.
    let plain: Vec<f64> = values
        .iter()
        .map(|value| if logarithms { value.ln() } else { *value })
        .collect();
    let found = Stl::params()
        .seasonal_length(SEASONAL_LENGTH)
        .fit(&plain, period)
        .map_err(|_| too_short)?;
    let seasons = found.seasonal();
    let without = plain.iter().zip(seasons).map(|(value, season)| {
        let rest = value - season;
        if logarithms { rest.exp() } else { rest }
    });
    Ok((seasons[values.len() - period..].to_vec(), without.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seasons_that_grow_with_the_level_are_continued() {
        let swing = [0.8, 1.0, 1.3, 0.9];
        let values: Vec<f64> = (0..60)
            .map(|i| 100.0 * 1.01_f64.powi(i) * swing[i as usize % 4])
            .collect();
        let forecast = Loess::fit(&values, 4).unwrap().forecast(8);
        for (step, value) in forecast.iter().enumerate() {
            let known = 100.0 * 1.01_f64.powi(60 + step as i32) * swing[step % 4];
            assert!(
                (value / known - 1.0).abs() < 0.03,
                "step {step}: {value} for {known}"
            );
        }
    }

    #[test]
    fn zeros_are_no_trouble() {
        let values: Vec<f64> = (0..40).map(|i| f64::from(i % 4)).collect();
        assert!(
            Loess::fit(&values, 4)
                .unwrap()
                .forecast(4)
                .iter()
                .all(|value| value.is_finite())
        );
    }

    #[test]
    fn two_periods_are_too_few() {
        assert!(Loess::fit(&[1.0; 8], 4).is_err());
        assert!(Loess::fit(&[1.0; 80], 1).is_err());
    }
}
