//! What is called unusual, and what is not.

use mg_forecast::{
    Refusal,
    anomaly::{Anomaly, Kind, anomalies, anomalies_of_sums},
};

use crate::series::{noise, seasonal};

#[test]
fn a_wild_value_is_found_with_what_it_should_have_been() {
    let mut values = seasonal(96, 1);
    let usual = values[50].unwrap();
    values[50] = Some(usual + 150.0);
    let found = anomalies(&values, 12).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].index, found[0].kind), (50, Kind::Outlier));
    assert!(
        (found[0].expected - usual).abs() < 40.0,
        "{found:?} {usual}"
    );
    assert!(found[0].score > 4.0);
}

#[test]
fn a_level_that_stays_is_a_shift_and_its_values_are_no_outliers() {
    let mut values = seasonal(96, 2);
    for value in &mut values[60..] {
        *value = value.map(|value| value - 90.0);
    }
    let found = anomalies(&values, 12).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].kind, Kind::LevelShift);
    assert!((58..=62).contains(&found[0].index), "{found:?}");
    assert!(found[0].score < 0.0);
}

#[test]
fn seasons_trends_and_gaps_are_nothing_unusual() {
    let mut values = seasonal(96, 3);
    values[40] = None;
    values[41] = None;
    assert_eq!(anomalies(&values, 12).unwrap(), []);
    let trend: Vec<Option<f64>> = noise(96, 4)
        .iter()
        .enumerate()
        .map(|(index, noise)| Some(100.0 + 3.0 * index as f64 + 10.0 * noise))
        .collect();
    assert_eq!(anomalies(&trend, 12).unwrap(), []);
}

#[test]
fn false_alarms_are_rare() {
    let series = 200;
    let alarmed =
        (0..series).filter(|seed| !anomalies(&seasonal(120, *seed), 12).unwrap().is_empty());
    let alarms = alarmed.count();
    assert!(alarms <= 6, "{alarms} of {series} ordinary series");
}

/// Sums over twelve months of ordinary months.
fn sums(seed: u64) -> Vec<Option<f64>> {
    let months: Vec<f64> = seasonal(131, seed).into_iter().flatten().collect();
    let years = months.windows(12).map(|year| Some(year.iter().sum()));
    years.collect()
}

#[test]
fn a_level_of_sums_that_changed_at_once_is_told() {
    for index in [80, 104, 116] {
        let mut values = sums(3);
        for value in values[index..].iter_mut().flatten() {
            *value *= 0.6;
        }
        let found = anomalies_of_sums(&values, 12).unwrap();
        let told = (found.iter()).any(|one| {
            one.kind == Kind::LevelShift && one.index.abs_diff(index) <= 2 && one.score < 0.0
        });
        assert!(told, "{index}: {found:?}");
    }
}

#[test]
fn false_alarms_are_rare_among_sums_too() {
    let alarmed = |seed: &u64| {
        let shifts = |found: Vec<Anomaly>| {
            let shifts = found.iter().filter(|one| one.kind == Kind::LevelShift);
            shifts.count()
        };
        let values = sums(*seed);
        let plain = shifts(anomalies(&values, 12).unwrap());
        shifts(anomalies_of_sums(&values, 12).unwrap()) > plain
    };
    let alarms = (0..200).filter(alarmed).count();
    assert!(alarms <= 1, "{alarms} of 200 ordinary series");
}

#[test]
fn a_large_month_that_enters_the_sum_and_leaves_it_is_no_new_level() {
    let mut months: Vec<f64> = seasonal(131, 3).into_iter().flatten().collect();
    months[60] += 20_000.0;
    let values: Vec<Option<f64>> = (months.windows(12))
        .map(|year| Some(year.iter().sum()))
        .collect();
    let plain = anomalies(&values, 12).unwrap();
    assert_eq!(anomalies_of_sums(&values, 12).unwrap(), plain);
}

#[test]
fn short_series_are_refused() {
    assert_eq!(
        anomalies(&seasonal(23, 1), 12).unwrap_err(),
        Refusal::TooShort { have: 23, need: 24 }
    );
}
