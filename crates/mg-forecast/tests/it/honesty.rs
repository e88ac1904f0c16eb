//! What is refused, what is warned of, and what a forecast says of itself.

use mg_forecast::{Choice, Model, Refusal, Request, Start, Warning, Why, forecast};

use crate::series::{monthly, noise, seasonal};

#[test]
fn wishes_that_make_no_sense_are_refused_with_what_would_work() {
    let values = seasonal(60, 1);
    let with = |change: &dyn Fn(&mut Request<'_>)| {
        let mut request = monthly(&values);
        change(&mut request);
        forecast(&request).unwrap_err()
    };
    assert_eq!(with(&|request| request.horizon = 0), Refusal::HorizonZero);
    assert_eq!(
        with(&|request| request.horizon = 10_000),
        Refusal::HorizonTooLong {
            horizon: 10_000,
            most: 120
        }
    );
    assert_eq!(
        with(&|request| request.levels = &[95.0]),
        Refusal::Level { level: 95.0 }
    );
    assert_eq!(
        with(&|request| request.period = 0),
        Refusal::Period { period: 0 }
    );
    let model = Model::Prophet;
    assert_eq!(
        with(&|request| request.choice = Choice::Only(model)),
        Refusal::StartUnknown { model }
    );
    assert_eq!(
        with(&|request| request.horizon = 10_000).to_string(),
        "10000 steps are too far: at most 120 for this series"
    );
}

#[test]
fn short_series_are_refused_or_warned_of() {
    let values = seasonal(20, 1);
    assert_eq!(
        forecast(&monthly(&values[..7])).unwrap_err(),
        Refusal::TooShort { have: 7, need: 8 }
    );
    let found = forecast(&monthly(&values)).unwrap();
    assert!(found.warnings.contains(&Warning::FewerThanTwoSeasons {
        observations: 20,
        period: 12
    }));
    let found = forecast(&monthly(&values[..8])).unwrap();
    assert!(found.warnings.contains(&Warning::HorizonBeyondHistory {
        horizon: 12,
        observations: 8
    }));
    assert!(matches!(found.why, Why::Untested { .. }), "{:?}", found.why);
}

#[test]
fn three_origins_are_a_contest_and_two_are_none() {
    // Without seasons eight observations leave two origins behind six of them, nine leave three.
    for (length, origins) in [(8, 2), (9, 3)] {
        let values = &seasonal(9, 1)[..length];
        for period in [1, 12] {
            let found = forecast(&Request {
                period,
                horizon: 6,
                ..monthly(values)
            })
            .unwrap();
            assert_eq!(found.backtest.origins, origins);
            let untested = matches!(found.why, Why::Untested { .. });
            let warned = found.warnings.contains(&Warning::FewOrigins { origins });
            assert_eq!((untested, warned), (origins < 3, origins < 3), "{found:?}");
        }
    }
}

#[test]
fn years_are_forecast_for_thirty_steps_and_months_for_ten_years_where_the_history_is_long() {
    for (period, length, most) in [(1, 40, 30), (12, 100, 120), (1, 8, 16)] {
        let values = seasonal(length, 2);
        let asked = |horizon| {
            forecast(&Request {
                period,
                horizon,
                choice: Choice::Only(Model::Naive),
                ..monthly(&values)
            })
        };
        assert!(asked(most).is_ok(), "{period} {length}");
        let horizon = most + 1;
        assert_eq!(
            asked(horizon),
            Err(Refusal::HorizonTooLong { horizon, most })
        );
    }
}

#[test]
fn series_of_single_events_are_refused() {
    let events: Vec<Option<f64>> = (0..60)
        .map(|i| Some(if i % 3 == 0 { 40.0 } else { 0.0 }))
        .collect();
    let refusal = forecast(&monthly(&events)).unwrap_err();
    assert_eq!(refusal, Refusal::MostlyZero { share: 2.0 / 3.0 });
    assert_eq!(
        refusal.to_string(),
        "67 % of the values are 0: too few events to forecast"
    );
    assert_eq!(
        forecast(&monthly(&[Some(0.0); 40])).unwrap_err(),
        Refusal::MostlyZero { share: 1.0 }
    );
    let some: Vec<Option<f64>> = (0..60).map(|i| Some(f64::from(i % 4))).collect();
    let found = forecast(&monthly(&some)).unwrap();
    assert!(found.warnings.contains(&Warning::ManyZeros { share: 0.25 }));
}

#[test]
fn a_constant_series_goes_on_and_says_that_nothing_is_known() {
    let found = forecast(&monthly(&[Some(7.0); 40])).unwrap();
    assert_eq!(found.points, [7.0; 12]);
    assert_eq!(found.why, Why::Constant);
    assert_eq!(found.warnings, [Warning::Constant]);
}

#[test]
fn negative_counts_are_refused_and_negative_balances_are_not() {
    let mut values = seasonal(48, 3);
    values[5] = Some(-1.0);
    assert_eq!(
        forecast(&monthly(&values)).unwrap_err(),
        Refusal::Negative { index: 5 }
    );
    let balance: Vec<Option<f64>> = noise(48, 3)
        .into_iter()
        .map(|value| Some(value - 5.0))
        .collect();
    let found = forecast(&Request {
        non_negative: false,
        ..monthly(&balance)
    })
    .unwrap();
    assert!(found.points.iter().all(|point| *point < 0.0));
}

#[test]
fn counts_that_fall_never_become_negative() {
    let falling: Vec<Option<f64>> = (0..36).map(|i| Some(f64::from(74 - 2 * i))).collect();
    let found = forecast(&Request {
        horizon: 24,
        ..monthly(&falling)
    })
    .unwrap();
    let all = found
        .intervals
        .iter()
        .flat_map(|one| one.lower.iter().chain(&one.upper));
    assert!(found.points.iter().chain(all).all(|value| *value >= 0.0));
}

#[test]
fn a_level_that_changed_last_month_is_told() {
    let mut values = seasonal(72, 4);
    for value in &mut values[68..] {
        *value = value.map(|value| value + 400.0);
    }
    let found = forecast(&monthly(&values)).unwrap();
    let told = found.warnings.iter().any(|warning| {
        matches!(warning, Warning::LevelShift { index: 68, size } if (300.0..500.0).contains(size))
    });
    assert!(told, "{:?}", found.warnings);
    let quiet = forecast(&monthly(&seasonal(72, 4))).unwrap();
    assert_eq!(quiet.warnings, []);
}

#[test]
fn a_jump_is_told_from_its_first_month_on() {
    for months in 1..=4 {
        for seed in 0..10 {
            let mut values = seasonal(72, seed);
            for value in &mut values[72 - months..] {
                *value = value.map(|value| value + 400.0);
            }
            let found = forecast(&monthly(&values)).unwrap();
            let told = found.warnings.iter().any(|warning| match warning {
                // One or two months may be anything; three on one level are a level.
                Warning::LastValueUnusual { value, .. } => months < 3 && *value > 500.0,
                Warning::LevelShift { index, .. } => *index == 72 - months,
                _ => false,
            });
            assert!(told, "{months} months, seed {seed}: {:?}", found.warnings);
        }
    }
}

#[test]
fn a_last_value_out_of_line_is_told() {
    let mut values = seasonal(72, 4);
    values[71] = Some(900.0);
    let found = forecast(&monthly(&values)).unwrap();
    let told = found.warnings.iter().any(
        |warning| matches!(warning, Warning::LastValueUnusual { value, .. } if *value > 899.0),
    );
    assert!(told, "{:?}", found.warnings);
}

#[test]
fn missing_months_are_filled_with_a_warning_and_trailing_ones_forecast_over() {
    let full = seasonal(72, 5);
    let mut values = full.clone();
    values[30] = None;
    values[31] = None;
    values.extend([None, None]);
    let found = forecast(&Request {
        horizon: 10,
        ..monthly(&values)
    })
    .unwrap();
    assert_eq!(found.warnings, [Warning::Gaps { count: 2 }]);
    let whole = forecast(&monthly(&full)).unwrap();
    for (gapped, whole) in found.points.iter().zip(&whole.points[2..]) {
        assert!((gapped / whole - 1.0).abs() < 0.05, "{gapped} {whole}");
    }
}

#[test]
fn auto_says_who_votes_and_how_the_yardsticks_did() {
    let found = forecast(&monthly(&seasonal(84, 6))).unwrap();
    assert_eq!(found.model, Model::Ensemble);
    assert!(matches!(&found.why, Why::Ensemble { members } if members.len() >= 3));
    let backtest = &found.backtest;
    assert!(backtest.origins >= 3);
    assert_eq!(backtest.baselines[0].model, Model::SeasonalNaive);
    assert!(backtest.mase.unwrap() < backtest.baselines[0].mase.unwrap());
    assert_eq!(backtest.coverage.len(), 2);
    let measured = backtest.coverage[1].measured.unwrap();
    assert!((0.8..=1.0).contains(&measured), "{measured}");
}

/// A fee that was set twice: 100 for 66 months, then 130 for 54. Nothing but the last value is to be known of it; the value
/// of a year before was wrong at the first of the earlier origins.
fn fee() -> Vec<Option<f64>> {
    (0..120)
        .map(|month| Some(if month < 66 { 100.0 } else { 130.0 }))
        .collect()
}

/// A plan that is the same each year since the second: what was a year ago is all there is to
/// know.
fn plan() -> Vec<Option<f64>> {
    let year = [12, 40, 7, 95, 30, 3, 61, 88, 19, 54, 2, 77];
    let mut values: Vec<Option<f64>> = (0..84)
        .map(|month| Some(f64::from(year[month % 12])))
        .collect();
    values[5] = Some(9.0);
    values
}

#[test]
fn the_yardstick_wins_where_nothing_beats_it() {
    for (values, winner) in [(fee(), Model::Naive), (plan(), Model::SeasonalNaive)] {
        let found = forecast(&monthly(&values)).unwrap();
        assert_eq!(found.model, winner, "{:?}", found.why);
        let Why::YardstickWins { ensemble } = found.why else {
            panic!("{:?}", found.why);
        };
        assert_eq!(found.backtest.mase, Some(0.0));
        assert!(ensemble > 0.0, "the models did worse: {ensemble}");
        assert!(found.backtest.origins >= 3);
        for (step, point) in found.points.iter().enumerate() {
            assert_eq!(
                Some(*point),
                values[values.len() - 12 + step],
                "step {step}"
            );
        }
    }
}

#[test]
fn the_yardstick_does_not_win_where_it_is_as_good_or_beaten() {
    let mut level = 500.0;
    let step = |step: &f64| {
        level += 10.0 * step;
        Some(level)
    };
    // Of a walk nothing better than its last value is known, and nothing much worse is said by the ensemble.
    let walk: Vec<Option<f64>> = noise(90, 11).iter().map(step).collect();
    for values in [walk, seasonal(90, 11)] {
        let found = forecast(&monthly(&values)).unwrap();
        assert_eq!(found.model, Model::Ensemble, "{:?}", found.why);
        assert!(matches!(found.why, Why::Ensemble { .. }));
        let best = found
            .backtest
            .baselines
            .iter()
            .filter_map(|score| score.mase);
        let best = best.fold(f64::INFINITY, f64::min);
        assert!(0.7 * found.backtest.mase.unwrap() <= best, "{best}");
    }
}

#[test]
fn a_model_that_loses_to_a_yardstick_says_so() {
    let values = seasonal(72, 7);
    let request = Request {
        choice: Choice::Only(Model::Drift),
        ..monthly(&values)
    };
    let found = forecast(&request).unwrap();
    assert_eq!((found.model, found.why), (Model::Drift, Why::Asked));
    let told = found.warnings.iter().any(|warning| {
        matches!(
            warning,
            Warning::WorseThanYardstick {
                model: Model::SeasonalNaive,
                ..
            }
        )
    });
    assert!(told, "{:?}", found.warnings);
}

/// A walk that keeps a hundredth of its last step: nobody beats its last value, and the ensemble does not by much less.
fn walk(length: usize, seed: u64) -> Vec<Option<f64>> {
    let steps = noise(length, seed).into_iter();
    let walked = steps.scan(500.0, |level, step| {
        *level += 4.0 * step;
        Some(Some(*level))
    });
    walked.collect()
}

#[test]
fn an_ensemble_that_loses_to_a_yardstick_but_stays_says_so_with_both_errors() {
    let mut told = 0;
    for seed in 0..12 {
        let values = walk(90, seed);
        let found = forecast(&monthly(&values)).unwrap();
        if !matches!(found.why, Why::Ensemble { .. }) {
            continue;
        }
        let printed = |mase: f64| format!("{mase:.2}").parse::<f64>().unwrap();
        let own = found.backtest.mase.unwrap();
        let errors = found.backtest.baselines.iter().filter_map(|one| one.mase);
        let best = errors.fold(f64::INFINITY, f64::min);
        let warned = found.warnings.iter().find_map(|warning| match warning {
            Warning::WorseThanYardstick { mase, own, .. } => Some((*mase, *own)),
            _ => None,
        });
        match warned {
            Some(errors) => assert_eq!(errors, (best, own)),
            None => assert!(printed(best) >= printed(own), "{best} {own}"),
        }
        told += usize::from(warned.is_some());
    }
    assert!(told > 0, "no walk is forecast better by its last value");
}

#[test]
fn intervals_that_were_too_narrow_on_the_past_are_told() {
    // Calm for six years, then ten times as wild.
    let calm_then_wild = noise(108, 3).into_iter().enumerate();
    let values: Vec<Option<f64>> = calm_then_wild
        .map(|(index, noise)| Some(500.0 + if index < 72 { noise } else { 10.0 * noise }))
        .collect();
    let found = forecast(&monthly(&values)).unwrap();
    let coverage = found.backtest.coverage.last().unwrap();
    let expected = Warning::NarrowIntervals {
        level: coverage.level,
        measured: coverage.measured.unwrap(),
    };
    assert!(found.warnings.contains(&expected), "{found:?}");
}

#[test]
fn prophet_knows_the_calendar() {
    let values = seasonal(96, 8);
    let request = Request {
        choice: Choice::Only(Model::Prophet),
        start: Some(Start {
            year: 2016,
            month: 4,
        }),
        ..monthly(&values)
    };
    let found = forecast(&request).unwrap();
    let (low, high) = (
        found.points.iter().copied().fold(f64::MAX, f64::min),
        found.points.iter().copied().fold(0.0, f64::max),
    );
    assert!(
        (120.0..170.0).contains(&low) && (230.0..290.0).contains(&high),
        "{low} {high}"
    );
    assert!(found.backtest.origins >= 3);
}
