//! Seasons by LOESS (STL; Cleveland, Cleveland, McRae and Terpenning 1990) on logarithms where the series is
//! positive, and several models of what is left: seasons may change slowly, which moving averages cannot follow.

use stlrs::Stl;

use crate::{
    calibration::SEASONAL_LENGTH,
    ensemble::agreed,
    ets::Blend,
    member::Model,
    refusal::Refusal,
    theta::{Theta, Variant},
};

/// How the series without its seasons is continued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Dynamic optimised Theta.
    Line,
    /// Theta on logarithms, where the series is positive: growth in proportion.
    Growth,
    /// Exponential smoothing.
    Smoothing,
}

impl Rest {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Line, Self::Growth, Self::Smoothing];
}

/// A fitted model.
#[derive(Debug, Clone)]
pub struct Loess {
    period: usize,
    /// The last period's seasons, as they are added (on logarithms where the series is positive).
    seasons: Vec<f64>,
    logarithms: bool,
    rests: Vec<View>,
}

/// A fitted model of the rest.
#[derive(Debug, Clone)]
enum View {
    Line(Theta),
    /// And whether of the logarithms.
    Growth(Theta, bool),
    Smoothing(Blend),
}

impl Loess {
    /// Takes the seasons out and fits the rest in each of these ways.
    ///
    /// # Errors
    /// [`Refusal::TooShort`] unless there is more than two periods, or without a period.
    pub fn fit(values: &[f64], period: usize, ways: &[Rest]) -> Result<Self, Refusal> {
        let logarithms = values.iter().all(|value| *value > 0.0);
        let (seasons, rest) = without_seasons(values, period, logarithms)?;
        let views = ways.iter().map(|way| View::fit(*way, &rest, logarithms));
        Ok(Self {
            period,
            seasons,
            logarithms,
            rests: views.collect::<Result<_, _>>()?,
        })
    }

    /// The next `horizon` values.
    #[must_use]
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        agreed(&self.votes(horizon), horizon)
    }

    /// What each model of the rest says, seasons put back.
    pub(crate) fn votes(&self, horizon: usize) -> Vec<Vec<f64>> {
        let rests = self.rests.iter().map(|view| view.forecast(horizon));
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
        let views = self.rests.iter().map(|view| view.refitted(&rest));
        Ok(Self {
            seasons,
            rests: views.collect::<Result<_, _>>()?,
            ..self.clone()
        })
    }

    /// The same parameters on another history of the same series; the seasons are found anew.
    ///
    /// # Errors
    /// As [`Loess::fit`].
    pub fn carried_to(&self, values: &[f64]) -> Result<Self, Refusal> {
        let (seasons, rest) = without_seasons(values, self.period, self.logarithms)?;
        let views = self.rests.iter().map(|view| view.carried_to(&rest));
        Ok(Self {
            seasons,
            rests: views.collect(),
            ..self.clone()
        })
    }
}

impl View {
    fn fit(way: Rest, rest: &[f64], positive: bool) -> Result<Self, Refusal> {
        Ok(match way {
            Rest::Line => Self::Line(Theta::fit(rest, 1, Variant::DynamicOptimised)?),
            Rest::Growth => {
                let theta = Theta::fit(&scaled(rest, positive), 1, Variant::Standard)?;
                Self::Growth(theta, positive)
            }
            Rest::Smoothing => Self::Smoothing(Blend::fit(rest, 1)?),
        })
    }

    fn forecast(&self, horizon: usize) -> Vec<f64> {
        match self {
            Self::Line(theta) | Self::Growth(theta, false) => theta.forecast(horizon),
            Self::Growth(theta, true) => {
                let logarithms = theta.forecast(horizon);
                logarithms.into_iter().map(f64::exp).collect()
            }
            Self::Smoothing(blend) => blend.forecast(horizon),
        }
    }

    fn refitted(&self, rest: &[f64]) -> Result<Self, Refusal> {
        Ok(match self {
            Self::Line(theta) => Self::Line(theta.refitted(rest)?),
            Self::Growth(theta, logarithms) => {
                Self::Growth(theta.refitted(&scaled(rest, *logarithms))?, *logarithms)
            }
            Self::Smoothing(blend) => Self::Smoothing(blend.refitted(rest)?),
        })
    }

    fn carried_to(&self, rest: &[f64]) -> Self {
        match self {
            Self::Line(theta) => Self::Line(theta.carried_to(rest)),
            Self::Growth(theta, logarithms) => {
                Self::Growth(theta.carried_to(&scaled(rest, *logarithms)), *logarithms)
            }
            Self::Smoothing(blend) => Self::Smoothing(blend.carried_to(rest)),
        }
    }
}

/// As they are, or their logarithms.
fn scaled(values: &[f64], logarithms: bool) -> Vec<f64> {
    let scaled = |value: &f64| if logarithms { value.ln() } else { *value };
    values.iter().map(scaled).collect()
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
    if period < 2 {
        let model = Model::Mstl;
        return Err(Refusal::CannotFit { model });
    }
    if values.len() <= 2 * period {
        return Err(too_short);
    }
    // A carried history is a part of a positive one.
    let plain = scaled(values, logarithms);
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
        let forecast = Loess::fit(&values, 4, &Rest::ALL).unwrap().forecast(8);
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
            Loess::fit(&values, 4, &Rest::ALL)
                .unwrap()
                .forecast(4)
                .iter()
                .all(|value| value.is_finite())
        );
    }

    #[test]
    fn two_periods_are_too_few_and_no_period_is_no_season() {
        assert!(Loess::fit(&[1.0; 8], 4, &Rest::ALL).is_err());
        let refusal = Loess::fit(&[1.0; 80], 1, &Rest::ALL).unwrap_err();
        let model = Model::Mstl;
        assert_eq!(refusal, Refusal::CannotFit { model });
    }
}
