//! `auto` with the network among the candidates and without it.

use std::error::Error;

use mg_forecast::{Choice, Guest, Request, Start, Why, forecast};
use mg_tft::{Panel, Settings, Shape, Weights};

use crate::{
    cases::{Case, PERIOD, mean_and_error, nothing_static, scaled_error},
    trained,
};

/// Months that are never learnt from: the origins of the backtest, as in mg-kpi.
const KEPT_APART: usize = 24;

pub(crate) fn run(dataset: &str, cases: &[Case], steps: usize) -> Result<(), Box<dyn Error>> {
    let shape = Shape {
        past: 36,
        horizon: 24,
        period: PERIOD,
        width: 24,
        heads: 4,
        quantiles: vec![0.1, 0.25, 0.5, 0.75, 0.9],
        statics: nothing_static(),
        numbers: vec![],
        kinds: vec![],
    };
    let settings = Settings {
        steps,
        round: 25,
        kept_apart: KEPT_APART,
        ..Settings::default()
    };
    let panel = Panel {
        series: cases.iter().map(|case| case.series.clone()).collect(),
    };
    let (weights, _) = trained(&panel, shape, settings)?;
    let (mut without, mut with, mut network, mut joined) = (vec![], vec![], vec![], 0);
    for case in cases {
        let guest = guest(&weights, case)?;
        let (Some((alone, _)), Some((both, why))) = (auto(case, None), auto(case, Some(&guest)))
        else {
            continue;
        };
        network.push(network_error(&weights, case)?);
        without.push(alone);
        with.push(both);
        joined += usize::from(matches!(why, Why::Joined { .. }));
    }
    let apart: Vec<f64> = with
        .iter()
        .zip(&without)
        .map(|(one, two)| one - two)
        .collect();
    let (difference, error) = mean_and_error(&apart);
    println!(
        "| {dataset} | {} | {:.4} | {:.4} | {:.4} | {joined} | {difference:+.4} | {error:.4} |",
        apart.len(),
        mean_and_error(&network).0,
        mean_and_error(&without).0,
        mean_and_error(&with).0,
    );
    Ok(())
}

fn guest(weights: &Weights, case: &Case) -> Result<Guest, Box<dyn Error>> {
    let count = case.train.len();
    let origins: Vec<usize> = (count.saturating_sub(KEPT_APART).max(1)..=count).collect();
    let said = weights.forecast(&case.series, &origins)?;
    let points = said.into_iter().map(|prediction| prediction.points);
    Ok(Guest::new(origins.into_iter().zip(points).collect()))
}

fn network_error(weights: &Weights, case: &Case) -> Result<f64, Box<dyn Error>> {
    let said = weights.forecast(&case.series, &[case.train.len()])?;
    Ok(scaled_error(case, &said[0].points[..case.test.len()]))
}

/// The error of `auto`, and who spoke.
fn auto(case: &Case, guest: Option<&Guest>) -> Option<(f64, Why)> {
    let made = forecast(&Request {
        values: &case.series.values,
        period: PERIOD,
        start: Some(Start {
            year: 2000,
            month: 1,
        }),
        horizon: case.test.len(),
        levels: &[0.95],
        choice: Choice::Auto,
        non_negative: case.train.iter().all(|value| *value >= 0.0),
        overlapping: None,
        guest,
    });
    let made = made.ok()?;
    Some((scaled_error(case, &made.points), made.why))
}
