//! Akaike's information criterion, corrected for short series (Hurvich and Tsai 1989).

/// Of a model with so many parameters, from −2 log likelihood; infinite where that is no number. Smaller is better.
pub(crate) fn aicc(likelihood: f64, parameters: usize, observations: usize) -> f64 {
    let (count, n) = (parameters as f64, observations as f64);
    let correction = 2.0 * count * (count + 1.0) / (n - count - 1.0).max(1.0);
    let criterion = likelihood + 2.0 * count + correction;
    if criterion.is_finite() {
        criterion
    } else {
        f64::INFINITY
    }
}
