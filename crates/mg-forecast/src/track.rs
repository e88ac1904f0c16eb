//! What a model would have said at earlier origins.

use crate::{calibration::Calibration, history::History, member::Fitted};

/// Forecasts from points in the past, each as far as the history reaches.
#[derive(Debug, Clone)]
pub(crate) struct Track {
    /// Ascending in time.
    pub(crate) origins: Vec<Origin>,
}

/// A forecast from after the first `at` observations.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    pub(crate) at: usize,
    pub(crate) forecast: Vec<f64>,
}

impl Track {
    /// The same form of the model from each of the last origins, its parameters learnt at every so many of them
    /// from what was known there: nothing at an origin knows of what came after.
    pub(crate) fn of(
        fitted: &Fitted,
        history: History<'_>,
        calibration: Calibration,
        horizon: usize,
    ) -> Self {
        let mut learnt: Option<Fitted> = None;
        let mut origins = Vec::new();
        for (number, at) in points(history, calibration).enumerate() {
            let earlier = history.until(at);
            let now = match &learnt {
                Some(learnt) if !number.is_multiple_of(calibration.refit_every) => {
                    learnt.carried_to(earlier)
                }
                _ => fitted.refitted(earlier),
            };
            let forecast = now.forecast(horizon.min(history.len() - at));
            // A model from outside need not have been asked everywhere.
            if !forecast.is_empty() {
                origins.push(Origin { at, forecast });
            }
            learnt = Some(now);
        }
        Self { origins }
    }
}

/// Where origins are: the last ones, behind enough observations to judge from.
fn points(history: History<'_>, calibration: Calibration) -> std::ops::Range<usize> {
    let count = history.len();
    let least = Calibration::least_history(history.period)
        .min(count.saturating_sub(1))
        .max(1);
    let origins = count.saturating_sub(least).min(calibration.origins);
    count - origins..count
}
