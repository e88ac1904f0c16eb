//! Prophet fitted by our optimiser and by Stan's, compiled to WebAssembly, to the same fifty series: twelve months ahead.
//!
//! usage: wasm-agreement FILE
//!
//! augurs prepares and predicts for both, so that only the search differs. Where L-BFGS, Prophet's default, is apart by
//! more than 1 %, Stan's Newton method is asked too: it goes on where L-BFGS gives up.

use std::{error::Error, fs, time::Instant};

use augurs_prophet::{
    Optimizer, PositiveFloat, PredictionData, Prophet, ProphetOptions, SeasonalityOption,
    TrainingData,
    optimizer::{Algorithm, OptimizeOpts},
    wasmstan::WasmstanOptimizer,
};
use mg_forecast::prophet::MaximumPosterior;

const MONTHS: usize = 12;
const SERIES: usize = 50;
/// Every so many monthly series of the file, as `--example agreement` takes them.
const EVERY: usize = 24;
const FIRST_YEAR: i64 = 1980;
const ENOUGH: f64 = 0.01;
/// Stan's limit ends Newton's method early on series of fifty years.
const NEWTON_STEPS: u32 = 50_000;

type Failure = Box<dyn Error>;

/// Forecasts of one series, with the milliseconds that each fit took.
struct Compared {
    label: String,
    ours: (Vec<f64>, f64),
    theirs: (Vec<f64>, f64),
    /// How far Newton's method is from ours, where it was asked.
    newton: Option<f64>,
}

fn main() -> Result<(), Failure> {
    let path = std::env::args()
        .nth(1)
        .ok_or("usage: wasm-agreement FILE")?;
    let text = fs::read_to_string(path)?;
    let monthly = text
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>())
        .filter(|fields| fields.get(2) == Some(&"M"));
    let compiled = WasmstanOptimizer::new();
    let mut all = Vec::new();
    for fields in monthly.step_by(EVERY).take(SERIES) {
        let values = fields[5]
            .split(' ')
            .map(str::parse)
            .collect::<Result<Vec<f64>, _>>()?;
        all.push(compare(
            &compiled,
            format!("{} {}", fields[0], fields[1]),
            &values,
        )?);
    }
    tell(&all);
    Ok(())
}

fn compare(
    compiled: &WasmstanOptimizer,
    label: String,
    values: &[f64],
) -> Result<Compared, Failure> {
    let ours = forecast(MaximumPosterior, values, OptimizeOpts::default())?;
    let theirs = forecast(compiled.clone(), values, OptimizeOpts::default())?;
    let newton = if apart(&ours.0, &theirs.0) > ENOUGH {
        let options = OptimizeOpts {
            algorithm: Some(Algorithm::Newton),
            iter: Some(NEWTON_STEPS),
            ..OptimizeOpts::default()
        };
        // Newton's method fails on some: that is told too.
        let newton = forecast(compiled.clone(), values, options).ok();
        newton.map(|(points, _)| apart(&ours.0, &points))
    } else {
        None
    };
    Ok(Compared {
        label,
        ours,
        theirs,
        newton,
    })
}

fn forecast(
    optimizer: impl Optimizer,
    values: &[f64],
    search: OptimizeOpts,
) -> Result<(Vec<f64>, f64), Failure> {
    let months = months(values.len() + MONTHS);
    let (past, future) = months.split_at(values.len());
    let mut prophet = Prophet::new(options()?, optimizer);
    let data = TrainingData::new(past.to_vec(), values.to_vec())?;
    let begin = Instant::now();
    prophet.fit(data, search)?;
    let spent = begin.elapsed().as_secs_f64() * 1e3;
    let predicted = prophet.predict(PredictionData::new(future.to_vec()))?;
    Ok((predicted.yhat.point, spent))
}

fn options() -> Result<ProphetOptions, Failure> {
    Ok(ProphetOptions {
        holidays_prior_scale: PositiveFloat::try_new(10.0)?,
        uncertainty_samples: 0,
        yearly_seasonality: SeasonalityOption::Manual(true),
        weekly_seasonality: SeasonalityOption::Manual(false),
        daily_seasonality: SeasonalityOption::Manual(false),
        ..ProphetOptions::default()
    })
}

/// Seconds of the first of each month.
fn months(count: usize) -> Vec<i64> {
    const DAYS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    const TEN_YEARS: i64 = 3_652;
    let mut day = TEN_YEARS; // from 1970 on, two of them leap years
    let mut found = Vec::with_capacity(count);
    for (index, days) in DAYS.iter().cycle().take(count).enumerate() {
        found.push(day * 86_400);
        let year = FIRST_YEAR + (index / DAYS.len()) as i64;
        let leap = index % DAYS.len() == 1 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        day += days + i64::from(leap);
    }
    found
}

/// The mean absolute difference, relative to the mean size of the second.
fn apart(ours: &[f64], theirs: &[f64]) -> f64 {
    let difference: f64 = ours
        .iter()
        .zip(theirs)
        .map(|(one, other)| (one - other).abs())
        .sum();
    let size: f64 = theirs.iter().map(|value| value.abs()).sum();
    difference / size
}

fn tell(all: &[Compared]) {
    let differences = sorted(all.iter().map(|one| apart(&one.ours.0, &one.theirs.0)));
    let ours = sorted(all.iter().map(|one| one.ours.1));
    let theirs = sorted(all.iter().map(|one| one.theirs.1));
    let middle = |values: &[f64]| values[values.len() / 2];
    let within = differences.iter().filter(|value| **value <= ENOUGH).count();
    let largest = differences.last().copied().unwrap_or_default();
    println!(
        "| Prophet beside | series | within 1 % | median difference | largest | ours, median ms | theirs |\n\
         |---|---:|---:|---:|---:|---:|---:|\n\
         | Stan in WebAssembly | {} | {within} | {:.4} % | {:.2} % | {:.1} | {:.1} |",
        all.len(),
        100.0 * middle(&differences),
        100.0 * largest,
        middle(&ours),
        middle(&theirs),
    );
    for one in all {
        let difference = apart(&one.ours.0, &one.theirs.0);
        if difference > ENOUGH {
            let newton = match one.newton {
                Some(newton) => format!("ours is {:.2} % from its Newton method", 100.0 * newton),
                None => "its Newton method fails".to_owned(),
            };
            println!("- {:.2} % {}: {newton}", 100.0 * difference, one.label);
        }
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}
