//! Sums over twelve months, one a month: neighbours share eleven of them.

use mg_forecast::{Model, Request, Warning, forecast};

use crate::series::{monthly, noise};

fn sums(seed: u64) -> Vec<f64> {
    let monthly: Vec<f64> = noise(211, seed)
        .into_iter()
        .map(|noise| 100.0 + 50.0 * noise)
        .collect();
    monthly.windows(12).map(|year| year.iter().sum()).collect()
}

/// The share of futures within the interval at 95 %, over many series.
fn coverage(overlapping: Option<usize>) -> f64 {
    let (mut inside, mut seen) = (0.0, 0.0);
    for seed in 0..60 {
        let sums = sums(seed);
        let (past, future) = sums.split_at(188);
        let past: Vec<Option<f64>> = past.iter().copied().map(Some).collect();
        let found = forecast(&Request {
            overlapping,
            ..monthly(&past)
        })
        .unwrap();
        let bounds = &found.intervals[1];
        for (value, (lower, upper)) in future.iter().zip(bounds.lower.iter().zip(&bounds.upper)) {
            seen += 1.0;
            inside += f64::from(u8::from((lower..=upper).contains(&value)));
        }
    }
    inside / seen
}

#[test]
fn their_intervals_hold_what_they_say() {
    let honest = coverage(Some(12));
    assert!((0.91..=0.995).contains(&honest), "{honest}");
}

#[test]
fn they_are_told_as_such() {
    let values: Vec<Option<f64>> = sums(1).into_iter().map(Some).collect();
    let found = forecast(&Request {
        overlapping: Some(12),
        ..monthly(&values)
    })
    .unwrap();
    assert!(
        found
            .warnings
            .contains(&Warning::Overlapping { window: 12 })
    );
}

#[test]
fn the_year_before_is_told_beside_them_and_is_no_contestant() {
    let values: Vec<Option<f64>> = sums(1).into_iter().map(Some).collect();
    let found = forecast(&Request {
        overlapping: Some(12),
        ..monthly(&values)
    })
    .unwrap();
    let told: Vec<Model> = (found.backtest.baselines.iter())
        .map(|score| score.model)
        .collect();
    assert_eq!(told, [Model::SeasonalNaive, Model::Naive, Model::Drift]);
    // A year ago no month is shared, a month ago eleven are.
    assert!(found.backtest.baselines[0].mase > found.backtest.baselines[1].mase);
}
