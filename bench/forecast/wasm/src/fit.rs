//! One fit of Prophet, prepared and continued by augurs.

use std::time::Instant;

use augurs_prophet::{
    Optimizer, PositiveFloat, PredictionData, Prophet, ProphetOptions, SeasonalityOption,
    TrainingData,
    optimizer::{OptimizeOpts, OptimizedParams},
};

use crate::{
    Failure,
    posterior::{Reached, Watched},
};

const MONTHS: usize = 12;
const FIRST_YEAR: i64 = 1980;

/// One fit and what it forecasts.
pub(crate) struct Fit {
    pub(crate) points: Vec<f64>,
    pub(crate) milliseconds: f64,
    pub(crate) reached: Reached,
}

/// The mean absolute difference of the forecasts, relative to the mean size of the second.
pub(crate) fn apart(ours: &Fit, theirs: &Fit) -> f64 {
    let pairs = ours.points.iter().zip(&theirs.points);
    let difference: f64 = pairs.map(|(one, other)| (one - other).abs()).sum();
    let size: f64 = theirs.points.iter().map(|value| value.abs()).sum();
    difference / size
}

/// Fits all values, from `start` or from where Prophet begins, and forecasts a year.
pub(crate) fn fit(
    optimizer: impl Optimizer + Clone,
    start: Option<OptimizedParams>,
    values: &[f64],
    search: OptimizeOpts,
) -> Result<Fit, Failure> {
    let months = months(values.len() + MONTHS);
    let (past, future) = months.split_at(values.len());
    let watched = Watched::new(optimizer, start);
    let mut prophet = Prophet::new(options()?, watched.clone());
    let data = TrainingData::new(past.to_vec(), values.to_vec())?;
    let begin = Instant::now();
    prophet.fit(data, search)?;
    let milliseconds = begin.elapsed().as_secs_f64() * 1e3;
    let predicted = prophet.predict(PredictionData::new(future.to_vec()))?;
    Ok(Fit {
        points: predicted.yhat.point,
        milliseconds,
        reached: watched.reached().ok_or("nothing was optimised")?,
    })
}

fn options() -> Result<ProphetOptions, Failure> {
    Ok(ProphetOptions {
        holidays_prior_scale: PositiveFloat::try_new(10.0)?,
        uncertainty_samples: 0,
        yearly_seasonality: SeasonalityOption::Manual(true),
        weekly_seasonality: SeasonalityOption::Manual(false),
        daily_seasonality: SeasonalityOption::Manual(false),
        ..ProphetOptions::default()
    })
}

/// Seconds of the first of each month.
fn months(count: usize) -> Vec<i64> {
    const DAYS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    const TEN_YEARS: i64 = 3_652;
    let mut day = TEN_YEARS; // from 1970 on, two of them leap years
    let mut found = Vec::with_capacity(count);
    for (index, days) in DAYS.iter().cycle().take(count).enumerate() {
        found.push(day * 86_400);
        let year = FIRST_YEAR + (index / DAYS.len()) as i64;
        let leap = index % DAYS.len() == 1 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        day += days + i64::from(leap);
    }
    found
}
