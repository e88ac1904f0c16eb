//! Levels that change for good: binary segmentation by the difference of the means on both sides (a CUSUM).

use super::{Anomaly, Kind, spread};
use crate::ensemble::median;

/// Observations on each side of a shift at least.
const SIDE: usize = 4;
/// Scores from which on a difference is a shift.
const SHIFT: f64 = 5.0;
/// Shifts at most, so that a series that wanders does not become a stair.
const MOST: usize = 4;

/// Shifts of a series without seasons, in order of time.
pub(super) fn shifts(plain: &[f64], period: usize) -> Vec<Anomaly> {
    let mut found = Vec::new();
    split(plain, 0, period, &mut found);
    found.sort_by_key(|one: &Anomaly| one.index);
    found
}

/// The number of the level that each observation is on.
pub(super) fn levels(plain: &[f64], shifts: &[Anomaly]) -> Vec<usize> {
    (0..plain.len())
        .map(|index| shifts.iter().filter(|shift| shift.index <= index).count())
        .collect()
}

fn split(part: &[f64], offset: usize, period: usize, found: &mut Vec<Anomaly>) {
    let side = SIDE.max(period / 2);
    if found.len() == MOST || part.len() < 2 * side {
        return;
    }
    let scores = (side..=part.len() - side).map(|at| (at, score(part, at)));
    let best = scores.max_by(|left, right| left.1.abs().total_cmp(&right.1.abs()));
    let Some((at, score)) = best.filter(|(_, score)| score.abs() >= SHIFT) else {
        return;
    };
    let before = &part[at.saturating_sub(period.max(2 * SIDE))..at];
    found.push(Anomaly {
        index: offset + at,
        kind: Kind::LevelShift,
        value: part[at],
        expected: median(before.to_vec()),
        score,
    });
    split(&part[..at], offset, period, found);
    split(&part[at..], offset + at, period, found);
}

/// The difference of the levels on both sides over its standard deviation, less what a trend explains.
fn score(part: &[f64], at: usize) -> f64 {
    let (before, after) = part.split_at(at);
    let difference = median(after.to_vec()) - median(before.to_vec());
    let residuals: Vec<f64> = [before, after]
        .iter()
        .flat_map(|side| {
            let level = median(side.to_vec());
            side.iter().map(move |value| value - level)
        })
        .collect();
    let count = |side: &[f64]| side.len() as f64;
    let deviation = spread(&residuals) * (1.0 / count(before) + 1.0 / count(after)).sqrt();
    if deviation > 0.0 {
        difference / deviation
    } else {
        0.0
    }
}
