//! The network learns what each of its parts is for, and does not where that part is cut.
#![expect(
    clippy::unwrap_used,
    reason = "tests stop at the first surprise and know their numbers"
)]

use mg_tft::{Failure, Panel, Series, Settings, Shape, Training, Variable, Weights, processor};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

fn shape(past: usize) -> Shape {
    Shape {
        past,
        horizon: 2,
        period: 4,
        width: 8,
        heads: 2,
        quantiles: vec![0.1, 0.5, 0.9],
        statics: vec![Variable {
            name: "place".into(),
            labels: vec!["low".into(), "high".into()],
        }],
        numbers: vec!["event".into()],
        kinds: vec![],
    }
}

fn settings() -> Settings {
    Settings {
        steps: 240,
        batch: 48,
        learning_rate: 1e-2,
        dropout: 0.0,
        round: 40,
        patience: 9,
        kept_apart: 20,
        ..Settings::default()
    }
}

fn panel(make: impl Fn(usize, &mut ChaCha8Rng) -> Series) -> Panel {
    let mut chance = ChaCha8Rng::seed_from_u64(5);
    Panel {
        series: (0..24).map(|number| make(number, &mut chance)).collect(),
    }
}

fn series(number: usize, values: &[f64], event: Vec<f32>) -> Series {
    Series {
        name: number.to_string(),
        values: values.iter().copied().map(Some).collect(),
        statics: vec![number % 2 + 1],
        numbers: vec![event],
        kinds: vec![],
    }
}

/// The smallest loss on what was kept apart.
fn learnt(panel: &Panel, shape: Shape) -> f64 {
    let mut training = Training::begin(panel, shape, settings(), &processor()).unwrap();
    while training.round().unwrap().is_some() {}
    training.best("2026-01", Some((2026, 1))).origin().loss
}

/// Steps from one event to the next: more than a short window, the year before its first step and its horizon hold together,
/// so that nothing shows the last event where one lies ahead.
const APART: usize = 10;
/// A window that does show it.
const LONG: usize = APART + 2;

/// Ups and downs of one size, but for what events bring.
fn with_events(number: usize, chance: &mut ChaCha8Rng, effect: f64) -> Series {
    let event: Vec<f32> = (0..64)
        .map(|step| f32::from(u8::from(step % APART == 0)))
        .collect();
    let values: Vec<f64> = (0..60)
        .map(|step| {
            let usual = if step % 2 == 0 { 1.0 } else { -1.0 };
            let level = if step % APART == 0 { effect } else { usual };
            level + chance.random_range(-0.1..0.1)
        })
        .collect();
    series(number, &values, event)
}

#[test]
fn what_is_static_is_learnt_from_static_variables_only() {
    // An event lifts series of one place and lowers those of the other.
    let told = panel(|number, chance| {
        let effect = if number % 2 == 0 { 3.0 } else { -3.0 };
        with_events(number, chance, effect)
    });
    let mut cut = told.clone();
    for series in &mut cut.series {
        series.statics = vec![0];
    }
    let (with, without) = (learnt(&told, shape(4)), learnt(&cut, shape(4)));
    assert!(with < 0.5 * without, "{with} against {without}");
    // The static variable is needed because the past is too short to show an earlier event.
    let remembered = learnt(&cut, shape(LONG));
    assert!(remembered < 0.7 * without, "{remembered} against {without}");
}

#[test]
fn what_is_known_ahead_is_learnt_from_known_inputs_only() {
    let told = panel(|number, chance| {
        let event: Vec<f32> = (0..64)
            .map(|_| f32::from(u8::from(chance.random_bool(0.5))))
            .collect();
        let values: Vec<f64> = event[..60]
            .iter()
            .map(|event| 10.0 + 4.0 * f64::from(*event) + chance.random_range(-0.2..0.2))
            .collect();
        series(number, &values, event)
    });
    let mut cut = told.clone();
    for series in &mut cut.series {
        series.numbers = vec![vec![0.0; 64]];
    }
    let (with, without) = (learnt(&told, shape(8)), learnt(&cut, shape(8)));
    assert!(with < 0.4 * without, "{with} against {without}");
}

#[test]
fn what_was_long_ago_is_learnt_from_a_long_past_only() {
    // What an event brings is known of no series beforehand: only the last event tells it.
    let told = panel(|number, chance| {
        let effect = if chance.random_bool(0.5) { 3.0 } else { -3.0 };
        let mut series = with_events(number, chance, effect);
        series.statics = vec![0];
        series
    });
    let (with, without) = (learnt(&told, shape(LONG)), learnt(&told, shape(4)));
    assert!(with < 0.7 * without, "{with} against {without}");
}

fn small() -> Panel {
    panel(|number, chance| {
        let values: Vec<f64> = (0..40)
            .map(|step| f64::from(step).sin() + chance.random_range(-0.1..0.1))
            .collect();
        series(number, &values, vec![0.0; 44])
    })
}

fn rounds(training: &mut Training<'_>, count: usize) {
    for _ in 0..count {
        training.round().unwrap().unwrap();
    }
}

fn short() -> Settings {
    Settings {
        steps: 12,
        round: 4,
        dropout: 0.2,
        ..settings()
    }
}

#[test]
fn the_same_seed_makes_the_same_weights_also_after_a_stop() {
    let panel = small();
    let begin = |settings| Training::begin(&panel, shape(6), settings, &processor()).unwrap();
    let mut whole = begin(short());
    rounds(&mut whole, 3);
    let mut stopped = begin(short());
    rounds(&mut stopped, 1);
    let file = stopped.checkpoint().unwrap();
    let mut resumed = Training::resume(&panel, shape(6), short(), &file, &processor()).unwrap();
    rounds(&mut resumed, 2);
    let bytes = |training: &Training<'_>| {
        training
            .best("2026-01", Some((2026, 1)))
            .to_bytes()
            .unwrap()
    };
    assert!(bytes(&whole) == bytes(&resumed));
    let mut other = begin(Settings { seed: 2, ..short() });
    rounds(&mut other, 3);
    assert!(bytes(&whole) != bytes(&other));
    let elsewhere = Training::resume(&panel, shape(5), short(), &file, &processor());
    assert!(matches!(elsewhere, Err(Failure::OtherTraining)));
    let mut revised = panel.clone();
    revised.series[7].values[3] = Some(0.5);
    let revised = Training::resume(&revised, shape(6), short(), &file, &processor());
    assert!(matches!(revised, Err(Failure::OtherTraining)));
}

#[test]
fn weights_read_back_say_the_same_and_say_what_counted() {
    let panel = small();
    let mut training = Training::begin(&panel, shape(6), short(), &processor()).unwrap();
    rounds(&mut training, 2);
    let weights = training.best("2026-01", Some((2026, 1)));
    let file = weights.to_bytes().unwrap();
    let read = Weights::from_bytes(&file, &processor()).unwrap();
    let series = &panel.series[3];
    let said = read.forecast(series, &[40, 2, 20]).unwrap();
    assert_eq!(said, weights.forecast(series, &[40, 2, 20]).unwrap());
    for prediction in &said {
        let sum = |shares: &[(String, f64)]| shares.iter().map(|(_, share)| share).sum::<f64>();
        for shares in [&prediction.statics, &prediction.past, &prediction.future] {
            assert!((sum(shares) - 1.0).abs() < 1e-4, "{shares:?}");
        }
        assert!(prediction.attention.iter().sum::<f64>() <= 1.0001);
        assert!(prediction.quantiles.iter().all(|row| row.is_sorted()));
        assert_eq!(prediction.points.len(), 2);
    }
    // After two values, four steps of the past are before the series.
    assert!(said[1].attention[..4].iter().all(|share| *share < 1e-6));
    let alone = read.forecast(series, &[20]).unwrap();
    assert_eq!(
        alone[0], said[2],
        "a forecast does not depend on its neighbours, so not on how many cores share the origins"
    );
    assert_eq!(read.origin().vintage, "2026-01");
    let cut = &file[..file.len() - 7];
    assert!(matches!(
        Weights::from_bytes(cut, &processor()),
        Err(Failure::Damaged(_))
    ));
}

#[test]
fn what_cannot_be_trained_is_refused_with_a_sentence() {
    let refused = |panel: &Panel, shape: Shape| {
        let training = Training::begin(panel, shape, settings(), &processor());
        training.err().unwrap().to_string()
    };
    let panel = small();
    let odd = Shape {
        width: 9,
        ..shape(6)
    };
    assert!(refused(&panel, odd).contains("multiple of the number of heads"));
    let mut lacking = panel.clone();
    lacking.series[0].numbers[0].truncate(41);
    assert!(refused(&lacking, shape(6)).contains("42 steps"));
    let mut empty = panel.clone();
    for series in &mut empty.series {
        series.values = vec![None; 40];
    }
    assert!(refused(&empty, shape(6)).contains("no series is long enough"));
}
