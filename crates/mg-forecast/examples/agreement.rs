//! Forecasts of single model forms on fifty series, for others to fit the same forms to.
//!
//! usage: agreement FILE > OUT.csv (dataset,id,model,form,aicc,milliseconds,points separated by spaces)

use std::{
    io::{Error, Write, stdout},
    time::Duration,
};

use mg_forecast::{
    History, Start,
    ces::{Ces, Shape},
    ets::{Ets, Form, Season},
    naive,
    prophet::Dated,
    theta::{Theta, Variant},
};
use rustix::time::{ClockId, clock_gettime};

const MONTHS: usize = 12;
const SERIES: usize = 50;
/// Every so many monthly series of the file.
const EVERY: usize = 24;
const START: Start = Start {
    year: 1980,
    month: 1,
};

fn main() -> Result<(), Error> {
    let path = std::env::args()
        .nth(1)
        .ok_or_else(|| Error::other("usage: agreement FILE"))?;
    let text = std::fs::read_to_string(path)?;
    let monthly = text
        .lines()
        .map(|line| line.split(',').collect::<Vec<&str>>());
    let monthly = monthly.filter(|fields| fields.get(2) == Some(&"M"));
    let mut output = stdout().lock();
    writeln!(output, "dataset,id,model,form,aicc,milliseconds,points")?;
    for fields in monthly.step_by(EVERY).take(SERIES) {
        let values: Vec<f64> = fields[5]
            .split(' ')
            .filter_map(|word| word.parse().ok())
            .collect();
        for (model, form, aicc, spent, points) in forecasts(&values) {
            let points: Vec<String> = points.iter().map(f64::to_string).collect();
            let (dataset, id) = (fields[0], fields[1]);
            writeln!(
                output,
                "{dataset},{id},{model},{form},{aicc},{spent:.3},{}",
                points.join(" ")
            )?;
        }
    }
    Ok(())
}

type Row = (&'static str, String, f64, f64, Vec<f64>);
/// Of a form that has none.
const NO_AICC: f64 = f64::NAN;

fn forecasts(values: &[f64]) -> Vec<Row> {
    let history = History {
        values,
        period: MONTHS,
        start: Some(START),
    };
    let timed = |model, form: &dyn Fn() -> Option<(String, f64, Vec<f64>)>| {
        let begin = seconds();
        let (form, aicc, points) = form()?;
        Some((model, form, aicc, (seconds() - begin) * 1e3, points))
    };
    let rows = [
        timed("ets", &|| ets(values)),
        timed("theta", &|| {
            let fitted = Theta::fit(values, MONTHS, Variant::Standard).ok()?;
            Some((String::new(), NO_AICC, fitted.forecast(MONTHS)))
        }),
        timed("dotm", &|| {
            let fitted = Theta::fit(values, MONTHS, Variant::DynamicOptimised).ok()?;
            Some((String::new(), NO_AICC, fitted.forecast(MONTHS)))
        }),
        timed("ces", &|| {
            let fitted = Ces::select(values, MONTHS).ok()?;
            Some((with_weights(&fitted), NO_AICC, fitted.forecast(MONTHS)))
        }),
        timed("naive2", &|| {
            Some((
                String::new(),
                NO_AICC,
                naive::naive2(values, MONTHS, MONTHS),
            ))
        }),
        timed("prophet", &|| {
            let fitted = Dated::fit_plain(history).ok()?;
            Some((String::new(), NO_AICC, fitted.forecast(MONTHS)))
        }),
    ];
    rows.into_iter().flatten().collect()
}

/// Of this thread, on a processor.
fn seconds() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).map_or(0.0, |time| time.as_secs_f64())
}

/// The best form with seasons.
fn ets(values: &[f64]) -> Option<(String, f64, Vec<f64>)> {
    let seasonal = |form: &Form| form.season != Season::None;
    let fitted = Ets::select_among(values, MONTHS, seasonal).ok()?;
    Some((
        fitted.form.to_string().replace(',', " "),
        fitted.aicc,
        fitted.forecast(MONTHS),
    ))
}

/// The letter of a shape and its smoothing parameters.
fn with_weights(fitted: &Ces) -> String {
    let ((real, imaginary), (season, season_imaginary)) =
        (fitted.weights.alpha, fitted.weights.beta);
    let level = format!("{real:.9} {imaginary:.9}");
    match fitted.shape {
        Shape::None => format!("N {level}"),
        Shape::Simple => format!("S {level}"),
        Shape::Partial => format!("P {level} {season:.9}"),
        Shape::Full => format!("F {level} {season:.9} {season_imaginary:.9}"),
    }
}
