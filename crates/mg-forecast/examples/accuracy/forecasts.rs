//! Every forecast as a line of a CSV, so that others can score it.

use std::io::{Error, Write};

use super::{Outcome, series::Series};

/// The names of the columns.
pub(crate) const HEAD: &str = "dataset,id,model,step,point,lower95,upper95";

/// The forecasts of a model, a line a step; a series that it refused has none.
pub(crate) fn write(
    out: &mut impl Write,
    model: &str,
    series: &[Series],
    outcomes: &[Outcome],
) -> Result<(), Error> {
    for (Series { dataset, id, .. }, outcome) in series.iter().zip(outcomes) {
        let Ok(forecast) = &outcome.forecast else {
            continue;
        };
        let bounds = &forecast.intervals[0];
        let rows = forecast.points.iter().zip(&bounds.lower).zip(&bounds.upper);
        for (step, ((point, lower), upper)) in (1..).zip(rows) {
            writeln!(out, "{dataset},{id},{model},{step},{point},{lower},{upper}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use mg_forecast::Choice;

    use super::*;
    use crate::outcome;

    #[test]
    fn a_forecast_is_a_line_a_step_under_the_names_of_the_columns() {
        let one = |past: Vec<f64>| Series {
            dataset: "m3".into(),
            id: "N1".into(),
            period: 1,
            past,
            future: vec![9.0, 10.0],
        };
        let series = [one((1..9).map(f64::from).collect()), one(vec![1.0])];
        let outcomes = series.each_ref().map(|one| outcome(one, Choice::Auto));
        let mut written = Vec::new();
        write(&mut written, "auto", &series, &outcomes).unwrap();
        let text = String::from_utf8(written).unwrap();
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(rows.len(), 2, "{text}");
        for (step, row) in ["1", "2"].iter().zip(&rows) {
            assert_eq!(row.len(), HEAD.split(',').count());
            assert_eq!(row[..4], ["m3", "N1", "auto", step]);
            let [point, lower, upper] = [4, 5, 6].map(|column| row[column].parse::<f64>().unwrap());
            assert!(lower < point && point < upper);
        }
    }
}
