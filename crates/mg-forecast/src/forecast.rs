//! The one way in: a series and a wish become a forecast with its intervals, its backtest and its warnings.

use std::sync::Arc;

use crate::{
    answer::{Backtest, Forecast, Interval, Warning, Why},
    calibration::Calibration,
    contest::{self, Choosing, Chosen},
    gaps::{self, Filled},
    history::History,
    interval::Errors,
    limits,
    member::Visit,
    refusal::Refusal,
    request::Request,
    track::{Judging, raised},
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
    if never_changed(history.values) {
        return Ok(constant(request, &filled));
    }
    let judging = Judging {
        history,
        calibration: Calibration::of(history.period, history.len(), request.overlapping),
        horizon: filled.trailing + request.horizon,
        floor: request.floor(),
    };
    let guest = request.guest.map(|guest| Visit {
        guest: Arc::new(guest.clone()),
        before: filled.begin,
        count: history.len(),
    });
    let choosing = Choosing {
        judging,
        guest: guest.as_ref(),
        levels: request.levels,
        year: request.period,
    };
    let chosen = contest::choose(request.choice, &choosing)?;
    let (points, intervals) = numbers(request, &filled, &judging, &chosen)?;
    let warnings = warnings::of(request, &filled, history, &chosen);
    Ok(Forecast {
        begin: filled.begin,
        points,
        intervals,
        model: chosen.model,
        why: chosen.why,
        backtest: chosen.backtest,
        warnings,
    })
}

/// Points and intervals of the steps asked for.
///
/// # Errors
/// [`Refusal::CannotFit`] where one of them is no finite number: a floor would make 0 of it.
fn numbers(
    request: &Request<'_>,
    filled: &Filled,
    judging: &Judging<'_>,
    chosen: &Chosen,
) -> Result<(Vec<f64>, Vec<Interval>), Refusal> {
    let Judging {
        history,
        calibration,
        horizon,
        floor,
    } = *judging;
    let model = chosen.model;
    let finite = |values: Vec<f64>| {
        let all = values.iter().all(|value| value.is_finite());
        all.then_some(values).ok_or(Refusal::CannotFit { model })
    };
    let asked = |values: &[f64]| raised(&values[filled.trailing..], floor);
    let points = raised(&finite(chosen.fitted.forecast(horizon))?, floor);
    let errors = Errors::known(&chosen.track, history, calibration, horizon);
    let interval = |level: &f64| {
        let widths = finite(errors.half_widths(*level))?;
        let bounds = |side: f64| {
            let bound = |(point, width): (&f64, &f64)| point + side * width;
            let bounds: Vec<f64> = points.iter().zip(&widths).map(bound).collect();
            asked(&bounds)
        };
        Ok(Interval {
            level: *level,
            lower: bounds(-1.0),
            upper: bounds(1.0),
        })
    };
    let intervals = request.levels.iter().map(interval);
    Ok((asked(&points), intervals.collect::<Result<_, _>>()?))
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
        begin: filled.begin,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Choice, Model, Start,
        member::Fitted,
        track::{Origin, Track},
    };

    /// What is said of a series of counts by a model that says `said`, and said it at the origins of `track`.
    fn said(said: f64, track: Track) -> Result<(Vec<f64>, Vec<Interval>), Refusal> {
        let values: Vec<f64> = (0..40).map(|i| 50.0 + f64::from(i * 7919 % 23)).collect();
        let observed: Vec<Option<f64>> = values.iter().copied().map(Some).collect();
        let request = Request {
            values: &observed,
            period: 1,
            start: None::<Start>,
            horizon: 3,
            levels: &[0.8],
            choice: Choice::Only(Model::Naive),
            non_negative: true,
            overlapping: None,
            guest: None,
        };
        let filled = gaps::fill(&observed, 1).unwrap();
        let judging = Judging {
            history: history(&request, &filled),
            calibration: Calibration::of(1, 40, None),
            horizon: 3,
            floor: request.floor(),
        };
        let chosen = Chosen {
            model: Model::Naive,
            fitted: Fitted::Yardstick(Model::Naive, 1, vec![said]),
            track,
            why: Why::Asked,
            backtest: constant(&request, &filled).backtest,
        };
        numbers(&request, &filled, &judging, &chosen)
    }

    #[test]
    fn what_is_no_number_is_no_forecast_of_nothing() {
        let model = Model::Naive;
        let none = || Track {
            origins: Vec::new(),
        };
        let refused = |found| assert_eq!(found, Err(Refusal::CannotFit { model }));
        refused(said(f64::NAN, none()));
        refused(said(f64::NEG_INFINITY, none()));
        let at_an_origin = Origin {
            at: 30,
            forecast: vec![f64::NAN; 3],
        };
        refused(said(
            50.0,
            Track {
                origins: vec![at_an_origin],
            },
        ));
        let (points, intervals) = said(-5.0, none()).unwrap();
        assert_eq!(points, [0.0; 3]);
        assert_eq!(intervals[0].lower, [0.0; 3]);
        assert!(intervals[0].upper.iter().all(|upper| *upper > 0.0));
    }
}
