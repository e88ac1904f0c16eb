//! Levels that change for good, by the difference of the medians before and after each point.
//!
//! The difference is measured against what it usually is in this series: a trend shifts all differences alike, and
//! a series that wanders has large ones everywhere, so that neither becomes a stair of shifts.

use super::spread;
use crate::ensemble::median;

/// A step up or down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Shift {
    /// The first value on the new level.
    pub(super) index: usize,
    /// How far up.
    pub(super) size: f64,
    /// In standard deviations of the difference.
    pub(super) score: f64,
}

impl Shift {
    /// Whether both tell of one change.
    pub(super) fn is_near(&self, other: &Self) -> bool {
        self.index.abs_diff(other.index) < SIDE.1
    }
}

/// Observations on each side at least, and at most beside the period.
const SIDE: (usize, usize) = (3, 8);
/// Scores from which on a difference is a shift.
const SHIFT: f64 = 5.0;
/// Shifts smaller than this many standard deviations of single values are not worth a word.
const WORTH: f64 = 2.0;
/// Shifts at most.
const MOST: usize = 4;
/// How much wider the median of normal values is spread than their mean.
const MEDIAN_EFFICIENCY: f64 = 1.253;

/// Shifts of a series without seasons, in order of time.
pub(super) fn shifts(plain: &[f64], period: usize) -> Vec<Shift> {
    let mut left = plain.to_vec();
    let mut found: Vec<Shift> = Vec::new();
    while found.len() < MOST {
        let taken = |index: usize| found.iter().any(|one| one.index.abs_diff(index) < SIDE.1);
        let Some(next) = largest(&left, period).filter(|next| !taken(next.index)) else {
            break;
        };
        for value in &mut left[next.index..] {
            *value -= next.size;
        }
        found.push(next);
    }
    found.sort_by_key(|one| one.index);
    found
}

/// The number of the level that each observation is on.
pub(super) fn levels(count: usize, shifts: &[Shift]) -> Vec<usize> {
    (0..count)
        .map(|index| shifts.iter().filter(|shift| shift.index <= index).count())
        .collect()
}

/// The difference at a point, and the part of a single value's spread that it has by chance.
struct Difference {
    index: usize,
    size: f64,
    chance: f64,
}

fn largest(plain: &[f64], period: usize) -> Option<Shift> {
    let window = SIDE.1.max(period);
    let last = plain.len().checked_sub(SIDE.0)?;
    let differences: Vec<Difference> = (SIDE.0..=last)
        .map(|index| difference(plain, index, window))
        .collect();
    let sizes: Vec<f64> = differences.iter().map(|one| one.size).collect();
    let usual = median(sizes.clone());
    let wander = spread(&sizes.iter().map(|size| size - usual).collect::<Vec<f64>>());
    let single = single(plain);
    let shift = |one: &Difference| {
        let size = one.size - usual;
        let deviation = wander.max(single * one.chance);
        Shift {
            index: one.index,
            size,
            score: if deviation > 0.0 {
                size / deviation
            } else {
                0.0
            },
        }
    };
    let far = |one: &Shift| one.score.abs() >= SHIFT && one.size.abs() >= WORTH * single;
    let shifts = differences.iter().map(shift).filter(far);
    let best = shifts.max_by(|left, right| left.score.abs().total_cmp(&right.score.abs()))?;
    Some(Shift {
        index: sharpest(plain, best.index),
        ..best
    })
}

/// The point near `index` at which two levels fit best: medians differ as much some steps off.
fn sharpest(plain: &[f64], index: usize) -> usize {
    let begin = index.saturating_sub(2 * SIDE.1);
    let end = (index + 2 * SIDE.1).min(plain.len());
    let misfit = |side: &[f64]| {
        let level = median(side.to_vec());
        side.iter().map(|value| (value - level).abs()).sum::<f64>()
    };
    let cost = |at: &usize| misfit(&plain[begin..*at]) + misfit(&plain[*at..end]);
    let near = (index.saturating_sub(SIDE.1).max(begin + 1))..=(index + SIDE.1).min(end - 1);
    near.min_by(|left, right| cost(left).total_cmp(&cost(right)))
        .unwrap_or(index)
}

fn difference(plain: &[f64], index: usize, window: usize) -> Difference {
    let before = &plain[index.saturating_sub(window)..index];
    let after = &plain[index..(index + window).min(plain.len())];
    let chance = 1.0 / before.len() as f64 + 1.0 / after.len() as f64;
    Difference {
        index,
        size: median(after.to_vec()) - median(before.to_vec()),
        chance: MEDIAN_EFFICIENCY * chance.sqrt(),
    }
}

/// The standard deviation of a single value: from neighbours, which a shift hardly changes.
fn single(plain: &[f64]) -> f64 {
    let steps: Vec<f64> = plain.windows(2).map(|pair| pair[1] - pair[0]).collect();
    spread(&steps) / std::f64::consts::SQRT_2
}
