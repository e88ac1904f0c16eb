//! The level of sums that overlap, when it changes at once.
//!
//! Neighbouring sums share most of their parts, so that they wander, and what a level differs by over a year says little. But
//! from one sum to the next only one part comes and one goes: a step far from all others that stays is a new level.

use super::{shift::Shift, spread};
use crate::ensemble::median;

/// Scores from which on a step is no ordinary one.
const STEP: f64 = 8.0;
/// How many times the next largest step: where single events make a series, they come more than once, or leave again.
const LONE: f64 = 2.5;
/// Observations that have to stay on the new level.
const STAYS: usize = 3;
/// Of the normal distribution, in standard deviations: one step in twenty is farther.
const FAR: f64 = 1.96;

/// The step, if there is one.
pub(super) fn step(sums: &[f64]) -> Option<Shift> {
    let steps: Vec<f64> = sums.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mut sizes: Vec<f64> = steps.iter().map(|step| step.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let [.., next, largest] = sizes[..] else {
        return None;
    };
    let ordinary = spread(&steps).max(sizes[(sizes.len() - 1) * 19 / 20] / FAR);
    let at = steps.iter().position(|step| step.abs() >= largest)?;
    let score = steps[at] / ordinary;
    let (old, new) = (sums[at], sums[at + 1]);
    let after = sums.get(at + 1..at + 1 + STAYS)?;
    let level = median(after.to_vec());
    let stays = (level - new).abs() < (level - old).abs();
    let is_lone = largest >= LONE * next && score.is_finite() && score.abs() >= STEP;
    (is_lone && stays).then_some(Shift {
        index: at + 1,
        size: new - old,
        score,
    })
}
