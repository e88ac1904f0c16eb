//! Prophet on a series of months, quarters or years, with what the French calendar does to them.

use std::collections::HashMap;

use augurs_prophet::{
    PositiveFloat, PredictionData, Prophet, ProphetOptions, Regressor, SeasonalityOption,
    Standardize, TrainingData, optimizer::OptimizeOpts,
};

use super::MaximumPosterior;
use crate::{calendar::Steps, history::History, member::Model, refusal::Refusal};

/// A fitted model.
#[derive(Debug, Clone)]
pub struct Dated {
    prophet: Prophet<MaximumPosterior>,
    steps: Steps,
    observed: usize,
    working_days: bool,
}

/// The only regressor: augurs keeps them in a map without an order, and two would be summed now so, now so.
const WORKING_DAYS: &str = "working_days";
/// augurs' own is 100; this is that of Prophet.
const HOLIDAYS_PRIOR: f64 = 10.0;
/// The shortest history with seasons: two years, as Prophet has it.
const YEARS_WITH_SEASONS: usize = 2;
const LEAST: usize = 6;
/// Of the months of 1991 to 2027: about the mean and the standard deviation of their ordinary days.
const USUAL_DAYS: f64 = 14.0;
const SPREAD_OF_DAYS: f64 = 6.0;

impl Dated {
    /// Fits trend, seasons and the effect of ordinary working days.
    ///
    /// # Errors
    /// Where the date of the first value is unknown, the steps are no months, or the history is too short.
    pub fn fit(history: History<'_>) -> Result<Self, Refusal> {
        Self::new(history, history.period == 12)
    }

    /// Prophet alone, as its authors ship it.
    ///
    /// # Errors
    /// As [`Dated::fit`].
    pub fn fit_plain(history: History<'_>) -> Result<Self, Refusal> {
        Self::new(history, false)
    }

    fn new(history: History<'_>, working_days: bool) -> Result<Self, Refusal> {
        let model = Model::Prophet;
        let start = history.start.ok_or(Refusal::StartUnknown { model })?;
        let steps = Steps::new(start, history.period)?;
        let observed = history.values.len();
        if observed < LEAST {
            return Err(Refusal::TooShort {
                have: observed,
                need: LEAST,
            });
        }
        let cannot = |_| Refusal::CannotFit { model };
        let seasons = history.period > 1 && observed >= YEARS_WITH_SEASONS * history.period;
        let mut prophet = Prophet::new(options(seasons)?, MaximumPosterior);
        if working_days {
            // augurs takes mean and spread of the distinct values, and does nothing at all when asked to.
            let regressor = Regressor::additive().with_standardize(Standardize::No);
            prophet.add_regressor(WORKING_DAYS.to_owned(), regressor);
        }
        let dates = (0..observed).map(|step| steps.seconds(step)).collect();
        let mut data = TrainingData::new(dates, history.values.to_vec()).map_err(cannot)?;
        if working_days {
            data = data
                .with_regressors(regressors(steps, 0..observed))
                .map_err(cannot)?;
        }
        prophet.fit(data, OptimizeOpts::default()).map_err(cannot)?;
        Ok(Self {
            prophet,
            steps,
            observed,
            working_days,
        })
    }

    /// The same curve from the end of another history of the same series: it has no state to carry.
    #[must_use]
    pub fn carried_to(&self, history: History<'_>) -> Self {
        Self {
            observed: history.values.len(),
            ..self.clone()
        }
    }

    /// The next `horizon` values.
    #[must_use]
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let ahead = self.observed..self.observed + horizon;
        let dates = ahead.clone().map(|step| self.steps.seconds(step)).collect();
        let data = PredictionData::new(dates);
        let data = if self.working_days {
            data.with_regressors(regressors(self.steps, ahead))
        } else {
            Ok(data)
        };
        let predicted = data.and_then(|data| self.prophet.predict(data));
        // A fitted model that is given dates and its regressor has no reason to fail.
        predicted.map_or_else(|_| vec![f64::NAN; horizon], |found| found.yhat.point)
    }
}

fn options(seasons: bool) -> Result<ProphetOptions, Refusal> {
    let model = Model::Prophet;
    let prior = PositiveFloat::try_new(HOLIDAYS_PRIOR).map_err(|_| Refusal::CannotFit { model })?;
    Ok(ProphetOptions {
        holidays_prior_scale: prior,
        // Its intervals come from numbers that differ every time.
        uncertainty_samples: 0,
        yearly_seasonality: SeasonalityOption::Manual(seasons),
        weekly_seasonality: SeasonalityOption::Manual(false),
        daily_seasonality: SeasonalityOption::Manual(false),
        ..ProphetOptions::default()
    })
}

fn regressors(steps: Steps, range: std::ops::Range<usize>) -> HashMap<String, Vec<f64>> {
    let scaled = |step| (steps.ordinary_days(step) as f64 - USUAL_DAYS) / SPREAD_OF_DAYS;
    HashMap::from([(WORKING_DAYS.to_owned(), range.map(scaled).collect())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{metrics, request::Start};

    const JANUARY: Start = Start {
        year: 2015,
        month: 1,
    };

    fn history(values: &[f64]) -> History<'_> {
        History {
            values,
            period: 12,
            start: Some(JANUARY),
        }
    }

    #[test]
    fn the_options_are_those_of_prophet_without_anything_left_to_chance() {
        for seasons in [false, true] {
            let options = options(seasons).unwrap();
            assert_eq!(*options.holidays_prior_scale, 10.0);
            assert_eq!(options.uncertainty_samples, 0);
            let is_set = |option: &SeasonalityOption, to: bool| matches!(option, SeasonalityOption::Manual(set) if *set == to);
            assert!(is_set(&options.yearly_seasonality, seasons));
            assert!(is_set(&options.weekly_seasonality, false));
            assert!(is_set(&options.daily_seasonality, false));
        }
    }

    #[test]
    fn months_begin_on_their_first_day_so_that_february_is_short() {
        let steps = Steps::new(JANUARY, 12).unwrap();
        let days = |step: usize| ((steps.seconds(step) - steps.seconds(0)) / 86_400) as f64;
        let values: Vec<f64> = (0..20).map(days).collect();
        let found = Dated::fit_plain(history(&values)).unwrap().forecast(8);
        for (step, value) in found.iter().enumerate() {
            let known = days(20 + step);
            assert!((value - known).abs() < 0.5, "{step}: {value} for {known}");
        }
    }

    #[test]
    fn what_ordinary_days_drive_is_forecast_better_by_them() {
        let steps = Steps::new(JANUARY, 12).unwrap();
        let value = |step: usize| 100.0 + 5.0 * steps.ordinary_days(step) as f64;
        let values: Vec<f64> = (0..96).map(value).collect();
        let later: Vec<f64> = (96..108).map(value).collect();
        let error = |dated: Dated| metrics::absolute(&later, &dated.forecast(12));
        let with = error(Dated::fit(history(&values)).unwrap());
        let without = error(Dated::fit_plain(history(&values)).unwrap());
        assert!(with < 0.3 * without, "{with} {without}");
    }
}
