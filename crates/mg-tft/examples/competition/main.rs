//! Measures the network; a line of Markdown on stdout, progress on stderr.
//!
//! - `competition equal SERIES.csv DATASET [STEPS]`: trained on the months of a data set with the size and the steps that
//!   `bench/tft/peer.py` gives the network of neuralforecast.
//! - `competition vote SERIES.csv DATASET [STEPS]`: `auto` of mg-forecast with and without the network, series by series.
//! - `competition panel [STEPS]`: 200 series of 120 months, as `mg-kpi train tft` trains.
#![expect(
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a program for people; counts are small"
)]

mod cases;
mod equal;
mod panel;
mod vote;

use std::{error::Error, time::Duration};

use mg_tft::{Panel, Settings, Shape, Training, Weights, processor};
use rustix::time::{ClockId, clock_gettime};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let steps = |given: &[&str], usual: usize| -> Result<usize, Box<dyn Error>> {
        given.first().map_or(Ok(usual), |steps| Ok(steps.parse()?))
    };
    match &arguments[..] {
        ["equal", path, dataset, rest @ ..] => {
            equal::run(dataset, &cases::read(path, dataset)?, steps(rest, 500)?)
        }
        ["vote", path, dataset, rest @ ..] => {
            vote::run(dataset, &cases::read(path, dataset)?, steps(rest, 1_000)?)
        }
        ["panel", rest @ ..] => panel::run(steps(rest, 1_000)?),
        _ => Err(
            "competition equal|vote SERIES.csv DATASET [STEPS], or competition panel [STEPS]"
                .into(),
        ),
    }
}

/// The best network, and how many parameters it has.
fn trained(
    panel: &Panel,
    shape: Shape,
    settings: Settings,
) -> Result<(Weights, usize), Box<dyn Error>> {
    let mut training = Training::begin(panel, shape, settings, &processor())?;
    while let Some(round) = training.round()? {
        eprintln!("{round:?}, {:.0} CPU s", processor_seconds());
    }
    Ok((training.best("", None), training.parameters()))
}

/// Of all threads of this program.
fn processor_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).map_or(0.0, |time| time.as_secs_f64())
}
