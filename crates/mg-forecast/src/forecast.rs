//! The one way in: a series and a wish become a forecast with its intervals, its backtest and its warnings.

use std::sync::Arc;

use crate::{
    answer::{Backtest, Forecast, Interval, Warning, Why},
    calibration::Calibration,
    contest::{self, Choosing},
    gaps::{self, Filled},
    history::History,
    interval::Errors,
    limits,
    member::Visit,
    refusal::Refusal,
    request::Request,
    warnings,
};

/// What comes after a series: points, intervals, which model and why, how it did at earlier origins, and what a
/// reader must know. The same request always gets the same answer.
///
/// # Errors
/// A [`Refusal`] where the series cannot carry what is asked for.
pub fn forecast(request: &Request<'_>) -> Result<Forecast, Refusal> {
    limits::check_wish(request)?;
    let filled = gaps::fill(request.values, request.period)?;
    limits::check_series(request, &filled)?;
    let history = history(request, &filled);
    let steps = filled.trailing + request.horizon;
    if never_changed(history.values) {
        return Ok(constant(request, &filled));
    }
    let calibration = Calibration::of(history.period, history.len(), request.overlapping);
    let guest = request.guest.map(|guest| Visit {
        guest: Arc::new(guest.clone()),
        before: filled.begin,
        count: history.len(),
    });
    let choosing = Choosing {
        history,
        guest: guest.as_ref(),
        calibration,
        horizon: steps,
        levels: request.levels,
    };
    let chosen = contest::choose(request.choice, &choosing)?;
    let errors = Errors::known(&chosen.track, history, calibration, steps);
    let floor = if request.non_negative {
        0.0
    } else {
        f64::NEG_INFINITY
    };
    let points: Vec<f64> = chosen
        .fitted
        .forecast(steps)
        .iter()
        .map(|point| point.max(floor))
        .collect();
    let asked = |values: Vec<f64>| values[filled.trailing..].to_vec();
    let interval = |level: &f64| {
        let widths = errors.half_widths(*level);
        let bounds = |side: f64| {
            let bound = |(point, width): (&f64, &f64)| (point + side * width).max(floor);
            asked(points.iter().zip(&widths).map(bound).collect())
        };
        Interval {
            level: *level,
            lower: bounds(-1.0),
            upper: bounds(1.0),
        }
    };
    let intervals = request.levels.iter().map(interval).collect();
    let warnings = warnings::of(request, &filled, history, &chosen);
    Ok(Forecast {
        points: asked(points),
        intervals,
        model: chosen.model,
        why: chosen.why,
        backtest: chosen.backtest,
        warnings,
    })
}

fn never_changed(values: &[f64]) -> bool {
    let range = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
    range.0 >= range.1
}

/// Seasons need two years to be told from chance; sums over a year have none.
fn history<'a>(request: &Request<'_>, filled: &'a Filled) -> History<'a> {
    let seasonal = filled.values.len() >= 2 * request.period
        && request
            .overlapping
            .is_none_or(|window| window % request.period != 0);
    History {
        values: &filled.values,
        period: if seasonal { request.period } else { 1 },
        start: request
            .start
            .map(|start| start.after(filled.begin, request.period)),
    }
}

/// A series that never changed is continued, and no model has anything to learn from it.
fn constant(request: &Request<'_>, filled: &Filled) -> Forecast {
    let value = filled.values.first().copied().unwrap_or_default();
    let points = vec![value; request.horizon];
    let interval = |level: &f64| Interval {
        level: *level,
        lower: points.clone(),
        upper: points.clone(),
    };
    let mut warnings = filled.warnings.clone();
    warnings.push(Warning::Constant);
    Forecast {
        intervals: request.levels.iter().map(interval).collect(),
        points,
        model: crate::Model::Naive,
        why: Why::Constant,
        backtest: Backtest {
            origins: 0,
            mase: None,
            smape: None,
            baselines: Vec::new(),
            coverage: Vec::new(),
        },
        warnings,
    }
}
