//! Series of order one, so that the steps and tolerances of a search mean the same for all.

/// The mean absolute value; 1 for a series of zeros.
pub(crate) fn mean_size(values: &[f64]) -> f64 {
    let size = values.iter().map(|value| value.abs()).sum::<f64>() / values.len() as f64;
    if size > 0.0 { size } else { 1.0 }
}

/// The values in units of `size`.
pub(crate) fn relative_to(size: f64, values: &[f64]) -> Vec<f64> {
    values.iter().map(|value| value / size).collect()
}
