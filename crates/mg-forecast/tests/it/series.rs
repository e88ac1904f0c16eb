//! Series that tests share.

use mg_forecast::{Choice, Request};

/// A wish for a year of months, everything else as usual.
pub(crate) fn monthly(values: &[Option<f64>]) -> Request<'_> {
    Request {
        values,
        period: 12,
        start: None,
        horizon: 12,
        levels: &[0.8, 0.95],
        choice: Choice::Auto,
        non_negative: true,
        overlapping: None,
        guest: None,
    }
}

/// Numbers without a pattern between −1 and 1: the same for the same seed.
pub(crate) fn noise(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// A level with a swing over the year and noise.
pub(crate) fn seasonal(count: usize, seed: u64) -> Vec<Option<f64>> {
    let swing = |index: usize| (std::f64::consts::TAU * index as f64 / 12.0).sin();
    noise(count, seed)
        .into_iter()
        .enumerate()
        .map(|(index, noise)| Some(200.0 + 60.0 * swing(index) + 15.0 * noise))
        .collect()
}
