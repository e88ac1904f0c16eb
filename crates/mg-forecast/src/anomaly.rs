//! What is unusual within a series: single values far from what their neighbours and their season tell, and levels
//! that changed for good.
//!
//! Both look at the series without its seasons and are measured against the spread of ordinary values by medians,
//! so that what is unusual does not hide itself. Thresholds are high: a false alarm costs an analyst more than a
//! small surprise that is not told.

mod shift;
mod step;

use crate::{
    decompose::{Seasons, is_seasonal, seasonal_indices},
    ensemble::median,
    gaps,
    refusal::Refusal,
};
use shift::Shift;

/// Something unusual.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anomaly {
    /// Where among the values given; of a shift, the first value on the new level.
    pub index: usize,
    /// What it is.
    pub kind: Kind,
    /// What was observed.
    pub value: f64,
    /// What its neighbours and its season tell; of a shift, what the old level would have been.
    pub expected: f64,
    /// How unusual: in standard deviations of ordinary values, of a shift those of the difference of two means.
    pub score: f64,
}

/// What is unusual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A single value.
    Outlier,
    /// All values from here on.
    LevelShift,
}

/// Observations below which nothing is called unusual.
const LEAST: usize = 12;
/// Scores from which on a value is an outlier: one false alarm in tens of thousands of normal values.
const OUTLIER: f64 = 4.5;
/// The median of the absolute deviations of a normal distribution, as a share of its standard deviation.
const MEDIAN_DEVIATION: f64 = 0.674_489_75;

/// Outliers and level shifts, in order of time; missing values are none. `period` is 12 for months, 4 for
/// quarters, 1 for years.
///
/// # Errors
/// [`Refusal::TooShort`] below twelve observations or two years, and where gaps cannot be filled.
pub fn anomalies(values: &[Option<f64>], period: usize) -> Result<Vec<Anomaly>, Refusal> {
    found(values, period, shift::shifts)
}

/// The same of values that are sums over steps that overlap, of which neighbours share most: a level that changed at once is
/// told there as well.
///
/// # Errors
/// As [`anomalies`].
pub fn anomalies_of_sums(values: &[Option<f64>], period: usize) -> Result<Vec<Anomaly>, Refusal> {
    found(values, period, |sums, period| {
        let mut shifts = shift::shifts(sums, period);
        let known = |step: &Shift| shifts.iter().any(|one| one.is_near(step));
        if let Some(step) = step::step(sums).filter(|step| !known(step)) {
            shifts.push(step);
            shifts.sort_by_key(|one| one.index);
        }
        shifts
    })
}

fn found(
    values: &[Option<f64>],
    period: usize,
    shifts: impl Fn(&[f64], usize) -> Vec<Shift>,
) -> Result<Vec<Anomaly>, Refusal> {
    let filled = gaps::fill(values, period)?;
    let need = LEAST.max(2 * period);
    if filled.values.len() < need {
        return Err(Refusal::TooShort {
            have: filled.values.len(),
            need,
        });
    }
    let seasons = seasons(&filled.values, period);
    let plain: Vec<f64> = filled
        .values
        .iter()
        .enumerate()
        .map(|(index, value)| value - seasons[index % seasons.len()])
        .collect();
    let observed = |index: usize| values[filled.begin + index].is_some();
    let shifts = shifts(&plain, period);
    let levels = shift::levels(plain.len(), &shifts);
    let stepped = shifts.iter().map(|shift| Anomaly {
        index: shift.index,
        kind: Kind::LevelShift,
        value: plain[shift.index],
        expected: plain[shift.index] - shift.size,
        score: shift.score,
    });
    let wild = outliers(&plain, &levels)
        .into_iter()
        .filter(|one| observed(one.index));
    let mut found: Vec<Anomaly> = stepped.chain(wild).collect();
    found.sort_by_key(|one| one.index);
    let told = |one: Anomaly| Anomaly {
        index: filled.begin + one.index,
        value: filled.values[one.index],
        expected: one.expected + seasons[one.index % seasons.len()],
        ..one
    };
    Ok(found.into_iter().map(told).collect())
}

/// Robust seasonal means: one wild month does not become a season.
fn seasons(values: &[f64], period: usize) -> Vec<f64> {
    if !is_seasonal(values, period) || seasonal_indices(values, period, Seasons::Additive).is_none()
    {
        return vec![0.0];
    }
    let half = period / 2;
    let around = |index: usize| {
        let begin = index.saturating_sub(half);
        let end = (index + half + 1).min(values.len());
        median(values[begin..end].to_vec())
    };
    let season = |season: usize| {
        let of_season = (season..values.len()).step_by(period);
        median(
            of_season
                .map(|index| values[index] - around(index))
                .collect(),
        )
    };
    (0..period).map(season).collect()
}

/// Values far from the median of their neighbours, none of which crosses a shift.
fn outliers(plain: &[f64], levels: &[usize]) -> Vec<Anomaly> {
    let expected: Vec<f64> = (0..plain.len())
        .map(|index| neighbours(plain, levels, index))
        .collect();
    let errors: Vec<f64> = plain
        .iter()
        .zip(&expected)
        .map(|(value, expected)| value - expected)
        .collect();
    let spread = spread(&errors);
    let anomaly = |(index, error): (usize, &f64)| {
        let score = error / spread;
        (score.abs() >= OUTLIER && score.is_finite()).then(|| Anomaly {
            index,
            kind: Kind::Outlier,
            value: plain[index],
            expected: expected[index],
            score,
        })
    };
    errors.iter().enumerate().filter_map(anomaly).collect()
}

/// Observations on each side that tell what a value should be.
const SIDE: usize = 4;

fn neighbours(plain: &[f64], levels: &[usize], index: usize) -> f64 {
    let begin = index.saturating_sub(SIDE);
    let end = (index + SIDE + 1).min(plain.len());
    let same = (begin..end).filter(|other| *other != index && levels[*other] == levels[index]);
    median(same.map(|other| plain[other]).collect())
}

/// The standard deviation of ordinary values by their median; where more than half are alike, by their mean.
pub(crate) fn spread(errors: &[f64]) -> f64 {
    let sizes: Vec<f64> = errors.iter().map(|error| error.abs()).collect();
    let mean = sizes.iter().sum::<f64>() / sizes.len().max(1) as f64;
    let by_median = median(sizes) / MEDIAN_DEVIATION;
    if by_median > 0.0 { by_median } else { mean }
}
