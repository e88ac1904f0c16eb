//! Beside the network of neuralforecast: the same width, heads, windows and steps.

use std::error::Error;

use mg_tft::{Panel, Settings, Shape};

use crate::{
    cases::{Case, PERIOD, mean_and_error, nothing_static, scaled_error},
    processor_seconds, trained,
};

pub(crate) fn run(dataset: &str, cases: &[Case], steps: usize) -> Result<(), Box<dyn Error>> {
    let horizon = cases.first().map_or(0, |case| case.test.len());
    let shape = Shape {
        past: 2 * horizon,
        horizon,
        period: PERIOD,
        width: 32,
        heads: 4,
        quantiles: vec![0.5],
        statics: nothing_static(),
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
        kept_apart: horizon / 3,
        ..Settings::default()
    };
    let panel = Panel {
        series: cases.iter().map(|case| case.series.clone()).collect(),
    };
    let begun = std::time::Instant::now();
    let (weights, parameters) = trained(&panel, shape, settings)?;
    let mut errors = Vec::new();
    for case in cases {
        let said = weights.forecast(&case.series, &[case.train.len()])?;
        errors.push(scaled_error(case, &said[0].points));
    }
    let (mean, _) = mean_and_error(&errors);
    println!(
        "| {dataset} | mg-tft | {} | {mean:.4} | {parameters} | {:.0} | {:.0} |",
        cases.len(),
        processor_seconds(),
        begun.elapsed().as_secs_f64(),
    );
    Ok(())
}
