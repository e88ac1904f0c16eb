//! Trains on one group of series of a CSV of competitions and says how well the network forecasts their ends.
//!
//! `competition SERIES.csv DATASET [STEPS]`, e.g. `competition dev.csv m3 500`; a line of Markdown on stdout.
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a program for people; counts are small"
)]

use std::{error::Error, time::Instant};

use mg_tft::{Panel, Series, Settings, Shape, Training, Variable, processor};

struct Case {
    series: Series,
    train: Vec<f64>,
    test: Vec<f64>,
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(' ')
        .filter_map(|word| word.parse().ok())
        .collect()
}

fn cases(path: &str, dataset: &str) -> Result<Vec<Case>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let mut cases = Vec::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [from, id, "M", _, _, train, test] = fields[..] else {
            continue;
        };
        if from == dataset {
            let (train, test) = (numbers(train), numbers(test));
            let series = Series {
                name: id.to_owned(),
                values: train.iter().copied().map(Some).collect(),
                statics: vec![0],
                ..Series::default()
            };
            cases.push(Case {
                series,
                train,
                test,
            });
        }
    }
    Ok(cases)
}

/// The mean absolute scaled error of months.
fn scaled_error(train: &[f64], test: &[f64], points: &[f64]) -> f64 {
    let mean_apart = |pairs: &mut dyn Iterator<Item = (&f64, &f64)>| {
        let apart: Vec<f64> = pairs.map(|(one, other)| (one - other).abs()).collect();
        apart.iter().sum::<f64>() / apart.len().max(1) as f64
    };
    let scale = mean_apart(&mut train.iter().zip(&train[12.min(train.len())..]));
    mean_apart(&mut test.iter().zip(points)) / scale
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, dataset, rest @ ..] = &arguments[..] else {
        return Err("competition SERIES.csv DATASET [STEPS]".into());
    };
    let steps = rest.first().map_or(Ok(500), |steps| steps.parse())?;
    let cases = cases(path, dataset)?;
    let horizon = cases.first().map_or(0, |case| case.test.len());
    let shape = Shape {
        past: 2 * horizon,
        horizon,
        period: 12,
        width: 32,
        heads: 4,
        quantiles: vec![0.5],
        statics: vec![Variable {
            name: "all".into(),
            labels: vec![],
        }],
        numbers: vec![],
        kinds: vec![],
    };
    let settings = Settings {
        steps,
        batch: 128,
        learning_rate: 1e-3,
        dropout: 0.1,
        round: 100,
        patience: 1_000,
        kept_apart: horizon,
        ..Settings::default()
    };
    let panel = Panel {
        series: cases.iter().map(|case| case.series.clone()).collect(),
    };
    let begun = Instant::now();
    let mut training = Training::begin(&panel, shape, settings, &processor())?;
    while let Some(round) = training.round()? {
        eprintln!("{round:?} {:.1} s", begun.elapsed().as_secs_f64());
    }
    let weights = training.best("", None);
    let mut sum = 0.0;
    for case in &cases {
        let said = weights.forecast(&case.series, &[case.train.len()])?;
        sum += scaled_error(&case.train, &case.test, &said[0].points);
    }
    println!(
        "| {dataset} | mg-tft | {} | {:.4} | {} | {:.1} |",
        cases.len(),
        sum / cases.len() as f64,
        training.parameters(),
        begun.elapsed().as_secs_f64(),
    );
    Ok(())
}
