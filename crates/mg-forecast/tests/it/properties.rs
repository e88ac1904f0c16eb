//! What holds of every forecast.

use mg_forecast::{Choice, Forecast, Model, Request, Start, forecast};
use proptest::prelude::*;

use crate::series::monthly;

/// Series as they come: levels, swings, zeros, gaps.
fn series() -> impl Strategy<Value = Vec<Option<f64>>> {
    let value = prop_oneof![
        8 => (0.0..500.0_f64).prop_map(|value| Some(value.round())),
        1 => Just(None),
        1 => Just(Some(0.0)),
    ];
    prop::collection::vec(value, 0..70)
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![
        3 => Just(Choice::Auto),
        2 => prop::sample::select(Model::ALL.as_slice()).prop_map(Choice::Only),
    ]
}

fn request(values: &[Option<f64>], period: usize, choice: Choice) -> Request<'_> {
    Request {
        period,
        choice,
        start: Some(Start {
            year: 2015,
            month: 1,
        }),
        horizon: 7,
        ..monthly(values)
    }
}

fn bounds_hold(found: &Forecast) -> Result<(), TestCaseError> {
    let (narrow, wide) = (&found.intervals[0], &found.intervals[1]);
    for (step, point) in found.points.iter().enumerate() {
        let row = [
            wide.lower[step],
            narrow.lower[step],
            *point,
            narrow.upper[step],
            wide.upper[step],
        ];
        prop_assert!(
            row.iter().all(|value| value.is_finite() && *value >= 0.0),
            "{row:?}"
        );
        prop_assert!(row.is_sorted(), "{row:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_forecast_is_finite_ordered_and_not_negative(
        values in series(),
        period in prop::sample::select(vec![1_usize, 4, 12]),
        choice in choice(),
    ) {
        if let Ok(found) = forecast(&request(&values, period, choice)) {
            prop_assert_eq!(found.points.len(), 7);
            prop_assert!(found.intervals.iter().all(|one| one.lower.len() == 7 && one.upper.len() == 7));
            bounds_hold(&found)?;
        }
    }

    #[test]
    fn the_same_request_gets_the_same_answer(values in series(), choice in choice()) {
        let request = request(&values, 12, choice);
        prop_assert_eq!(forecast(&request), forecast(&request));
    }

    #[test]
    fn another_unit_gives_the_same_forecast_in_it(values in series(), choice in choice()) {
        let scaled: Vec<Option<f64>> = values.iter().map(|value| value.map(|value| value * 1024.0)).collect();
        let plain = forecast(&request(&values, 12, choice));
        let large = forecast(&request(&scaled, 12, choice));
        match (plain, large) {
            (Ok(plain), Ok(large)) => {
                prop_assert_eq!(plain.model, large.model);
                for (plain, large) in plain.points.iter().zip(&large.points) {
                    prop_assert!((plain * 1024.0 - large).abs() <= 1e-3 * large.abs().max(1024.0), "{} {}", plain, large);
                }
            }
            (plain, large) => prop_assert_eq!(plain.is_err(), large.is_err()),
        }
    }

    #[test]
    fn gaps_never_panic_and_their_count_is_told(
        values in prop::collection::vec(prop::option::weighted(0.7, 0.0..100.0_f64), 0..60),
        period in prop::sample::select(vec![1_usize, 4, 12]),
    ) {
        let _ = forecast(&request(&values, period, Choice::Auto));
        let _ = mg_forecast::anomaly::anomalies(&values, period);
    }
}
