//! The forecast that everybody asks for.

use crate::{ensemble::Ensemble, error::ForecastError, interval::Errors};

/// A forecast with its intervals.
#[derive(Debug, Clone)]
pub struct Forecast {
    /// The expected values.
    pub points: Vec<f64>,
    /// Lower bounds at the level asked for.
    pub lower: Vec<f64>,
    /// Upper bounds.
    pub upper: Vec<f64>,
}

/// The median of the models, with intervals at `level` (0.95) from what it got wrong at earlier
/// origins. A series without a negative value has no bound below 0.
///
/// # Errors
/// [`ForecastError::TooShort`] where no model has enough observations.
pub fn auto(
    values: &[f64],
    period: usize,
    horizon: usize,
    level: f64,
) -> Result<Forecast, ForecastError> {
    let fitted = Ensemble::fit(values, period)?;
    let points = fitted.forecast(horizon);
    let widths = Errors::of(&fitted, values, period, horizon).half_widths(level);
    let floor = if values.iter().all(|value| *value >= 0.0) {
        0.0
    } else {
        f64::NEG_INFINITY
    };
    let lower = points
        .iter()
        .zip(&widths)
        .map(|(point, width)| (point - width).max(floor))
        .collect();
    let upper = points
        .iter()
        .zip(&widths)
        .map(|(point, width)| point + width)
        .collect();
    Ok(Forecast {
        points,
        lower,
        upper,
    })
}
