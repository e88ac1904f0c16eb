//! Monthly series of a CSV of competitions: `dataset,id,freq,m,h,train,test`.

use std::error::Error;

use mg_tft::{Series, Variable};

/// Steps a year.
pub(crate) const PERIOD: usize = 12;

/// A series with its end, which is to be forecast.
pub(crate) struct Case {
    pub(crate) series: Series,
    pub(crate) train: Vec<f64>,
    pub(crate) test: Vec<f64>,
}

/// The monthly series of a data set.
pub(crate) fn read(path: &str, dataset: &str) -> Result<Vec<Case>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    let cases: Vec<Case> = text
        .lines()
        .filter_map(|line| case(line, dataset))
        .collect();
    if cases.is_empty() {
        return Err(format!("{path} has no monthly series of {dataset}").into());
    }
    Ok(cases)
}

fn case(line: &str, dataset: &str) -> Option<Case> {
    let fields: Vec<&str> = line.split(',').collect();
    let [from, id, "M", _, _, train, test] = fields[..] else {
        return None;
    };
    let (train, test) = (numbers(train), numbers(test));
    (from == dataset).then(|| Case {
        series: Series {
            name: id.to_owned(),
            values: train.iter().copied().map(Some).collect(),
            statics: vec![0],
            ..Series::default()
        },
        train,
        test,
    })
}

fn numbers(text: &str) -> Vec<f64> {
    text.split(' ')
        .filter_map(|word| word.parse().ok())
        .collect()
}

/// Of series of which nothing is known but their values.
pub(crate) fn nothing_static() -> Vec<Variable> {
    vec![Variable {
        name: "all".into(),
        labels: vec![],
    }]
}

/// The mean absolute scaled error.
pub(crate) fn scaled_error(case: &Case, points: &[f64]) -> f64 {
    mg_forecast::metrics::mase(&case.train, PERIOD, &case.test, points)
}

/// The mean, and its standard error.
pub(crate) fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0).max(1.0) / count).sqrt())
}
