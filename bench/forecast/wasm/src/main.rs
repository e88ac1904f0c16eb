//! Prophet fitted by our optimiser and by Stan's, compiled to WebAssembly, to the same fifty series: twelve months ahead.
//!
//! usage: wasm-agreement FILE
//!
//! augurs prepares and predicts for both, so that only the search differs. Where L-BFGS, Prophet's default, is apart by
//! more than 1 % or got higher, the log posterior that both reach is told: whoever is higher found what the other missed.
//! Ours is then begun again from where theirs ended, and Stan's Newton method asked; in brackets how far that forecast
//! is from ours.

mod compared;
mod fit;
mod posterior;
mod told;

use std::{error::Error, fs};

use augurs_prophet::wasmstan::WasmstanOptimizer;
use compared::compare;

const SERIES: usize = 50;
/// Every so many monthly series of the file, as `--example agreement` takes them.
const EVERY: usize = 24;

type Failure = Box<dyn Error>;

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
    told::tell(&all);
    Ok(())
}
