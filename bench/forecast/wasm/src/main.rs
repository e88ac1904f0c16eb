//! Prophet fitted by our optimiser and by Stan's, compiled to WebAssembly, to the same fifty series: twelve months ahead.
//!
//! usage: wasm-agreement FILE
//!
//! augurs prepares and predicts for both, so that only the search differs. Where L-BFGS, Prophet's default, is apart by
//! more than 1 % or got higher, the log posterior that both reach is told: whoever is higher found what the other missed.
//! Ours is then begun again from where theirs ended, and Stan's Newton method asked; in brackets how far that forecast
//! is from ours.

mod posterior;

use std::{error::Error, fs, time::Instant};

use augurs_prophet::{
    Optimizer, PositiveFloat, PredictionData, Prophet, ProphetOptions, SeasonalityOption,
    TrainingData,
    optimizer::{Algorithm, OptimizeOpts, OptimizedParams},
    wasmstan::WasmstanOptimizer,
};
use mg_forecast::prophet::MaximumPosterior;
use posterior::{Reached, Watched};

const MONTHS: usize = 12;
const SERIES: usize = 50;
/// Every so many monthly series of the file, as `--example agreement` takes them.
const EVERY: usize = 24;
const FIRST_YEAR: i64 = 1980;
const ENOUGH: f64 = 0.01;
/// Stan's limit ends Newton's method early on series of fifty years.
const NEWTON_STEPS: u32 = 50_000;

type Failure = Box<dyn Error>;

/// One fit and what it forecasts.
struct Fit {
    points: Vec<f64>,
    milliseconds: f64,
    reached: Reached,
}

struct Compared {
    label: String,
    months: usize,
    ours: Fit,
    theirs: Fit,
    /// Asked where both are apart, or theirs is higher.
    again: Option<Again>,
}

struct Again {
    /// Our search from where theirs ended.
    from_theirs: Fit,
    /// Nothing where Stan aborts.
    newton: Option<Fit>,
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
    // As Stan optimises unless it is told otherwise, and Prophet does not: augurs would add the Jacobian.
    let plain = OptimizeOpts {
        jacobian: Some(false),
        ..OptimizeOpts::default()
    };
    let ours = fit(MaximumPosterior, None, values, plain.clone())?;
    let theirs = fit(compiled.clone(), None, values, plain.clone())?;
    let higher = theirs.reached.log_density > ours.reached.log_density;
    let again = if higher || apart(&ours, &theirs) > ENOUGH {
        let start = Some(theirs.reached.at.clone());
        let newton = OptimizeOpts {
            algorithm: Some(Algorithm::Newton),
            iter: Some(NEWTON_STEPS),
            ..plain.clone()
        };
        Some(Again {
            from_theirs: fit(MaximumPosterior, start, values, plain)?,
            newton: fit(compiled.clone(), None, values, newton).ok(),
        })
    } else {
        None
    };
    Ok(Compared {
        label,
        months: values.len(),
        ours,
        theirs,
        again,
    })
}

fn fit(
    optimizer: impl Optimizer + Clone,
    start: Option<OptimizedParams>,
    values: &[f64],
    search: OptimizeOpts,
) -> Result<Fit, Failure> {
    let months = months(values.len() + MONTHS);
    let (past, future) = months.split_at(values.len());
    let watched = Watched::new(optimizer, start);
    let mut prophet = Prophet::new(options()?, watched.clone());
    let data = TrainingData::new(past.to_vec(), values.to_vec())?;
    let begin = Instant::now();
    prophet.fit(data, search)?;
    let milliseconds = begin.elapsed().as_secs_f64() * 1e3;
    let predicted = prophet.predict(PredictionData::new(future.to_vec()))?;
    Ok(Fit {
        points: predicted.yhat.point,
        milliseconds,
        reached: watched.reached().ok_or("nothing was optimised")?,
    })
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

/// The mean absolute difference of the forecasts, relative to the mean size of the second.
fn apart(ours: &Fit, theirs: &Fit) -> f64 {
    let pairs = ours.points.iter().zip(&theirs.points);
    let difference: f64 = pairs.map(|(one, other)| (one - other).abs()).sum();
    let size: f64 = theirs.points.iter().map(|value| value.abs()).sum();
    difference / size
}

fn tell(all: &[Compared]) {
    let differences = sorted(all.iter().map(|one| apart(&one.ours, &one.theirs)));
    let ours = sorted(all.iter().map(|one| one.ours.milliseconds));
    let theirs = sorted(all.iter().map(|one| one.theirs.milliseconds));
    let middle = |values: &[f64]| values[values.len() / 2];
    let within = differences.iter().filter(|value| **value <= ENOUGH).count();
    let largest = differences.last().copied().unwrap_or_default();
    println!(
        "| Prophet beside | series | within 1 % | median difference | largest | ours, median ms | theirs |\n\
         |---|---:|---:|---:|---:|---:|---:|\n\
         | Stan in WebAssembly | {} | {within} | {:.4} % | {:.2} % | {:.1} | {:.1} |\n\n\
         | series | months | apart | log posterior, theirs | ours | ours is higher by | ours from theirs | Newton |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|",
        all.len(),
        100.0 * middle(&differences),
        100.0 * largest,
        middle(&ours),
        middle(&theirs),
    );
    for one in all {
        if let Some(again) = &one.again {
            tell_apart(one, again);
        }
    }
}

fn tell_apart(one: &Compared, again: &Again) {
    let (ours, theirs) = (&one.ours.reached, &one.theirs.reached);
    let told = |fit: &Fit| {
        let difference = 100.0 * apart(fit, &one.ours);
        format!("{:.2} ({difference:.2} %)", fit.reached.log_density)
    };
    println!(
        "| {} | {} | {:.2} % | {:.2} | {:.2} | {:+.2} | {} | {} |",
        one.label,
        one.months,
        100.0 * apart(&one.ours, &one.theirs),
        theirs.log_density,
        ours.log_density,
        ours.log_density - theirs.log_density,
        told(&again.from_theirs),
        again.newton.as_ref().map_or("fails".to_owned(), told),
    );
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}
