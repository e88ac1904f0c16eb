//! How long a panel of the size of an authority's takes, and how much memory.

use std::{error::Error, time::Instant};

use mg_tft::{Panel, Series, Settings, Shape, Variable};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

use crate::{processor_seconds, trained};

const SERIES: usize = 200;
const MONTHS: usize = 120;
const PLACES: usize = 20;
const HORIZON: usize = 24;
/// Months that are never learnt from, as in mg-kpi.
const KEPT_APART: usize = 24;
/// Forecasts that are timed.
const TIMED: u32 = 50;

pub(crate) fn run(steps: usize) -> Result<(), Box<dyn Error>> {
    let labels = |count: usize| (0..count).map(|label| label.to_string()).collect();
    let variable = |name: &str, count| Variable {
        name: name.to_owned(),
        labels: labels(count),
    };
    let shape = Shape {
        past: 36,
        horizon: HORIZON,
        period: 12,
        width: 24,
        heads: 4,
        quantiles: vec![0.1, 0.25, 0.5, 0.75, 0.9],
        statics: vec![
            variable("territory", PLACES),
            variable("indicator", SERIES / PLACES),
            variable("unit", 3),
        ],
        numbers: vec![
            "working_days".into(),
            "public_holidays".into(),
            "school_holidays".into(),
        ],
        kinds: vec![variable("month", 12)],
    };
    let settings = Settings {
        steps,
        round: 25,
        kept_apart: KEPT_APART,
        ..Settings::default()
    };
    let mut chance = ChaCha8Rng::seed_from_u64(3);
    let panel = Panel {
        series: (0..SERIES)
            .map(|number| series(number, &mut chance))
            .collect(),
    };
    let begun = Instant::now();
    let (weights, parameters) = trained(&panel, shape, settings)?;
    let (seconds, on_processors) = (begun.elapsed().as_secs_f64(), processor_seconds());
    let peak = peak_memory();
    let origins: Vec<usize> = (MONTHS - KEPT_APART..=MONTHS).collect();
    let begun = Instant::now();
    for _ in 0..TIMED {
        weights.forecast(&panel.series[7], &origins)?;
    }
    println!(
        "| {SERIES} × {MONTHS} | {parameters} | {} | {seconds:.0} | {on_processors:.0} | {peak} | {:.1} |",
        weights.origin().step,
        begun.elapsed().as_secs_f64() * 1e3 / f64::from(TIMED),
    );
    Ok(())
}

/// A level, a swing over the year that indicators share, working days that count, noise.
fn series(number: usize, chance: &mut ChaCha8Rng) -> Series {
    let (place, indicator) = (number % PLACES, number / PLACES);
    let level = 20.0 + 10.0 * place as f64;
    let length = MONTHS + HORIZON;
    let days: Vec<f32> = (0..length)
        .map(|_| chance.random_range(-1.0..1.0))
        .collect();
    let value = |step: usize, chance: &mut ChaCha8Rng| {
        let swing = (std::f64::consts::TAU * (step + indicator) as f64 / 12.0).sin();
        let noise = chance.random_range(-0.2..0.2);
        Some(level * (1.0 + 0.3 * swing + 0.1 * f64::from(days[step]) + noise))
    };
    Series {
        name: number.to_string(),
        values: (0..MONTHS).map(|step| value(step, chance)).collect(),
        statics: vec![place + 1, indicator + 1, indicator % 3 + 1],
        numbers: vec![days.clone(), vec![0.0; length], vec![0.0; length]],
        kinds: vec![(0..length).map(|step| step % 12 + 1).collect()],
    }
}

/// The most memory that this program held so far, in megabytes, where the system tells it.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    number.map_or_else(|| "?".into(), |number| format!("{:.0}", number / 1024.0))
}
