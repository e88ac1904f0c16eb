//! What is called unusual, and what is not.

use mg_forecast::{
    Refusal,
    anomaly::{Kind, anomalies},
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

#[test]
fn short_series_are_refused() {
    assert_eq!(
        anomalies(&seasonal(23, 1), 12).unwrap_err(),
        Refusal::TooShort { have: 23, need: 24 }
    );
}
