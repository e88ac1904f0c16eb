//! Accuracy and cost of every model on a file of series with known futures.
//!
//! usage: accuracy FILE [--forecasts OUT.csv] [--models auto,ets,…]

#![expect(
    clippy::cast_precision_loss,
    reason = "counts of series are far below what a double holds exactly"
)]

mod arguments;
mod forecasts;
mod refused;
mod score;
mod series;
mod table;

use std::{
    fs::File,
    io::{BufWriter, Error, Write, stderr, stdout},
    time::Duration,
};

use mg_forecast::{Choice, Forecast, Model, Refusal, Request, Start, forecast};
use rustix::time::{ClockId, clock_gettime};

use arguments::Arguments;
use score::{Score, Total};
use series::Series;

const LEVEL: f64 = 0.95;
/// The sets have no dates: Prophet is told that they begin here.
const START: Start = Start {
    year: 1980,
    month: 1,
};

fn main() -> Result<(), Error> {
    let arguments = Arguments::parse(std::env::args().skip(1)).map_err(Error::other)?;
    let groups = series::read(&arguments.file)?;
    let mut out = arguments
        .forecasts
        .map(File::create)
        .transpose()?
        .map(BufWriter::new);
    if let Some(out) = &mut out {
        writeln!(out, "{}", forecasts::HEAD)?;
    }
    let mut output = stdout().lock();
    writeln!(output, "{}", table::HEAD)?;
    for (name, series) in &groups {
        for model in &arguments.models {
            let results = run(series, model.choice());
            if let Some(out) = &mut out {
                forecasts::write(out, model.name(), series, &results)?;
            }
            for line in refused::lines(name, model.name(), series, &results) {
                writeln!(stderr(), "{line}")?;
            }
            let total = Total::of(results.into_iter().map(|result| result.score));
            writeln!(output, "{}", table::row(name, model.name(), &total))?;
        }
        output.flush()?;
    }
    out.map_or(Ok(()), |mut out| out.flush())
}

/// What became of one series.
struct Outcome {
    forecast: Result<Forecast, Refusal>,
    score: Score,
}

/// On all processors: a series' time is that of its thread, so that it does not count the others'.
fn run(series: &[Series], choice: Choice) -> Vec<Outcome> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let part = series.len().div_ceil(threads).max(1);
    let each = |series: &[Series]| {
        series
            .iter()
            .map(|one| outcome(one, choice))
            .collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = series
            .chunks(part)
            .map(|part| scope.spawn(move || each(part)))
            .collect();
        let finished = running.into_iter().map(|thread| {
            let found = thread.join();
            found.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        finished.flatten().collect()
    })
}

fn outcome(series: &Series, choice: Choice) -> Outcome {
    let values: Vec<Option<f64>> = series.past.iter().copied().map(Some).collect();
    let request = Request {
        values: &values,
        period: series.period,
        start: Some(START),
        horizon: series.future.len(),
        levels: &[LEVEL],
        choice,
        non_negative: series.past.iter().all(|value| *value >= 0.0),
        overlapping: None,
        guest: None,
    };
    let begin = seconds();
    let forecast = forecast(&request);
    let spent = seconds() - begin;
    Outcome {
        score: Score::of(series, forecast.as_ref().ok(), spent),
        forecast,
    }
}

/// Of this thread, on a processor.
fn seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).map_or(0.0, |time| time.as_secs_f64())
}
