//! What a model would have said at earlier origins.

use crate::{
    calibration::Calibration,
    history::History,
    member::{Fitted, Model},
};

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
    /// The same model from each of the last origins: fitted anew there, or with the parameters of the whole
    /// history where it is long enough for them to hardly differ.
    pub(crate) fn of(
        model: Model,
        fitted: &Fitted,
        history: History<'_>,
        calibration: Calibration,
        horizon: usize,
    ) -> Self {
        let origin = |at: usize| {
            let earlier = history.until(at);
            let refitted = calibration
                .refits
                .then(|| model.fit(earlier).ok())
                .flatten();
            let then = refitted.unwrap_or_else(|| fitted.carried_to(earlier));
            Origin {
                at,
                forecast: then.forecast(horizon.min(history.len() - at)),
            }
        };
        Self {
            origins: points(history, calibration).map(origin).collect(),
        }
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
