//! A network from outside among the models.

use std::collections::BTreeMap;

use mg_forecast::{Choice, Guest, Model, Refusal, Request, Why, forecast};

use crate::series::{monthly, noise, seasonal};

/// Ten years that no model of a single series can foresee.
fn values() -> Vec<Option<f64>> {
    let chance = noise(120, 11);
    chance
        .iter()
        .map(|value| Some(100.0 + 30.0 * value))
        .collect()
}

/// What a guest says who is off by a share of what chance does.
fn guest(off: f64) -> Guest {
    let chance = noise(160, 11);
    let said = |origin: usize| {
        let values = chance[origin..].iter().take(24);
        (
            origin,
            values.map(|value| 100.0 + 30.0 * value + off).collect(),
        )
    };
    Guest::new((96..=120).map(said).collect())
}

#[test]
fn a_guest_that_knows_better_joins_the_ensemble() {
    let (values, knowing) = (values(), guest(2.0));
    let alone = forecast(&monthly(&values)).unwrap();
    let joined = forecast(&Request {
        guest: Some(&knowing),
        ..monthly(&values)
    })
    .unwrap();
    assert!(matches!(joined.why, Why::Joined { .. }), "{:?}", joined.why);
    assert!(joined.backtest.mase < alone.backtest.mase);
    assert_ne!(joined.points, alone.points);
    let width = |found: &mg_forecast::Forecast| found.intervals[1].upper[3] - found.points[3];
    assert!(
        width(&joined) < width(&alone),
        "its smaller errors count in the intervals"
    );
}

/// A plan that is nearly the same each year: nobody but the guest knows its growth, which is a hundredth a year.
fn plan(month: usize) -> f64 {
    let year = [12, 40, 7, 95, 30, 3, 61, 88, 19, 54, 2, 77];
    let set = if month == 5 { 9 } else { year[month % 12] };
    f64::from(set) + 0.01 * (month / 12) as f64
}

#[test]
fn the_guest_joins_a_yardstick_that_won_and_the_answer_names_it() {
    let values: Vec<Option<f64>> = (0..84).map(|month| Some(plan(month))).collect();
    let said = |origin: usize| (origin, (origin..origin + 24).map(plan).collect());
    let knowing = Guest::new((60..=84).map(said).collect());
    let alone = forecast(&monthly(&values)).unwrap();
    assert!(
        matches!(alone.why, Why::YardstickWins { .. }),
        "{:?}",
        alone.why
    );
    let joined = forecast(&Request {
        guest: Some(&knowing),
        ..monthly(&values)
    })
    .unwrap();
    let expected = vec![Model::SeasonalNaive];
    assert!(
        matches!(&joined.why, Why::Joined { members, .. } if *members == expected),
        "{:?}",
        joined.why
    );
}

#[test]
fn the_guest_joins_an_ensemble_that_won_and_the_answer_names_its_members() {
    let values = seasonal(144, 5);
    let said = |origin: usize| {
        let later = seasonal(168, 5).into_iter().skip(origin).take(24);
        (origin, later.flatten().map(|value| value + 1.0).collect())
    };
    let knowing = Guest::new((120..=144).map(said).collect());
    let alone = forecast(&monthly(&values)).unwrap();
    let joined = forecast(&Request {
        guest: Some(&knowing),
        ..monthly(&values)
    })
    .unwrap();
    let Why::Ensemble { members: expected } = alone.why else {
        panic!("{:?}", alone.why);
    };
    assert!(matches!(&joined.why, Why::Joined { members, .. } if *members == expected));
}

#[test]
fn a_guest_that_does_not_changes_nothing() {
    let (values, blind) = (values(), guest(60.0));
    let with = forecast(&Request {
        guest: Some(&blind),
        ..monthly(&values)
    });
    assert_eq!(with, forecast(&monthly(&values)));
}

#[test]
fn a_guest_asked_by_name_speaks_and_is_judged() {
    let (values, knowing) = (values(), guest(2.0));
    let asked = Request {
        choice: Choice::Only(Model::Tft),
        guest: Some(&knowing),
        ..monthly(&values)
    };
    let found = forecast(&asked).unwrap();
    let next = 100.0 + 30.0 * noise(160, 11)[120] + 2.0;
    assert!((found.points[0] - next).abs() < 1e-9);
    assert_eq!((found.model, found.backtest.origins), (Model::Tft, 24));
    let far = forecast(&Request {
        horizon: 30,
        ..asked
    });
    assert_eq!(far, Err(Refusal::GuestSaysLess { horizon: 30 }));
    let none = forecast(&Request {
        guest: None,
        ..asked
    });
    assert_eq!(none, Err(Refusal::NoGuest));
}

#[test]
fn origins_count_from_the_first_value_also_after_a_gap() {
    let mut values = values();
    values[..20].fill(None);
    values.extend([None, None]);
    let said = BTreeMap::from([(120, vec![7.0; 14])]);
    let found = forecast(&Request {
        choice: Choice::Only(Model::Tft),
        guest: Some(&Guest::new(said)),
        ..monthly(&values)
    })
    .unwrap();
    assert_eq!((&found.points, found.backtest.origins), (&vec![7.0; 12], 0));
    // It said nothing that came since. The values are 70 to 130: so is what it may have wrong.
    let wide = &found.intervals[1];
    let above = |step: usize| wide.upper[step] - found.points[step];
    assert!((30.0..150.0).contains(&above(0)), "{wide:?}");
    assert!(above(11) >= above(0), "{wide:?}");
}
