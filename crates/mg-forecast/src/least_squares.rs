//! Levenberg–Marquardt: the parameters whose residuals have the smallest sum of squares.
//!
//! Every model here minimises a sum of squares (a likelihood with multiplicative errors becomes one after
//! scaling), which this reaches in some dozens of passes where a simplex takes thousands.

use crate::vector::{difference, dot};

/// When the search ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search {
    /// Steps at most.
    pub(crate) steps: usize,
    /// A step that gains less than this share of the sum ends the search.
    pub(crate) gain: f64,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            steps: 60,
            gain: 1e-8,
        }
    }
}

impl Search {
    /// To weigh models against each other: likelihoods come out right to a hundredth, and going on changed no
    /// forecast by anything that could be measured.
    pub(crate) fn rough() -> Self {
        Self {
            steps: 30,
            gain: 1e-5,
        }
    }
}

/// The step of a numerical derivative, relative to the parameter.
const NUDGE: f64 = 1e-6;
const FIRST_DAMPING: f64 = 1e-2;
const LARGEST_DAMPING: f64 = 1e10;

/// Improves `parameters` in place and answers the sum of squared residuals; infinite where the
/// residuals at the start are no numbers. `residuals` writes all its residuals anew each time.
pub(crate) fn minimise(
    parameters: &mut [f64],
    search: Search,
    mut residuals: impl FnMut(&[f64], &mut Vec<f64>),
) -> f64 {
    let count = parameters.len();
    let mut current = Vec::new();
    residuals(parameters, &mut current);
    let mut sum = sum_of_squares(&current);
    if count == 0 || !sum.is_finite() {
        return sum;
    }
    let mut damping = FIRST_DAMPING;
    let mut moved = Vec::new();
    for _ in 0..search.steps {
        let slopes = slopes(parameters, &current, &mut residuals, &mut moved);
        let (normal, gradient) = normal_equations(&slopes, &current);
        let found = loop {
            if damping > LARGEST_DAMPING {
                break None;
            }
            let Some(step) = damped_step(&normal, &gradient, damping) else {
                damping *= 10.0;
                continue;
            };
            let trial = difference(parameters, &step);
            residuals(&trial, &mut moved);
            let reached = sum_of_squares(&moved);
            if reached < sum {
                break Some((trial, reached));
            }
            damping *= 5.0;
        };
        let Some((trial, reached)) = found else { break };
        parameters.copy_from_slice(&trial);
        std::mem::swap(&mut current, &mut moved);
        damping = (damping * 0.2).max(1e-12);
        let gained = (sum - reached) / sum;
        sum = reached;
        if gained < search.gain {
            break;
        }
    }
    sum
}

fn sum_of_squares(residuals: &[f64]) -> f64 {
    let sum = dot(residuals, residuals);
    if sum.is_finite() { sum } else { f64::INFINITY }
}

/// One column of differences a parameter.
fn slopes(
    parameters: &[f64],
    current: &[f64],
    residuals: &mut impl FnMut(&[f64], &mut Vec<f64>),
    moved: &mut Vec<f64>,
) -> Vec<Vec<f64>> {
    let mut nudged = parameters.to_vec();
    let mut columns = Vec::with_capacity(parameters.len());
    for index in 0..parameters.len() {
        let step = NUDGE * parameters[index].abs().max(1.0);
        nudged[index] = parameters[index] + step;
        residuals(&nudged, moved);
        nudged[index] = parameters[index];
        let slope = |(moved, current): (&f64, &f64)| {
            let slope = (moved - current) / step;
            if slope.is_finite() { slope } else { 0.0 }
        };
        columns.push(moved.iter().zip(current).map(slope).collect());
    }
    columns
}

/// `JᵀJ` (row by row) and `Jᵀr`.
fn normal_equations(slopes: &[Vec<f64>], residuals: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let count = slopes.len();
    let mut normal = vec![0.0; count * count];
    for row in 0..count {
        for column in 0..=row {
            let value = dot(&slopes[row], &slopes[column]);
            normal[row * count + column] = value;
            normal[column * count + row] = value;
        }
    }
    let gradient = slopes.iter().map(|slope| dot(slope, residuals)).collect();
    (normal, gradient)
}

/// Solves `(JᵀJ + damping · diag(JᵀJ)) step = Jᵀr` by Cholesky; none where the matrix is singular.
fn damped_step(normal: &[f64], gradient: &[f64], damping: f64) -> Option<Vec<f64>> {
    let count = gradient.len();
    let largest = (0..count)
        .map(|index| normal[index * count + index])
        .fold(0.0, f64::max);
    let mut factor = normal.to_vec();
    for index in 0..count {
        let diagonal = normal[index * count + index];
        factor[index * count + index] = diagonal + damping * diagonal.max(largest * 1e-10) + 1e-300;
    }
    for row in 0..count {
        for column in 0..=row {
            let before: f64 = (0..column)
                .map(|inner| factor[row * count + inner] * factor[column * count + inner])
                .sum();
            let value = factor[row * count + column] - before;
            if row == column {
                if value <= 0.0 || !value.is_finite() {
                    return None;
                }
                factor[row * count + row] = value.sqrt();
            } else {
                factor[row * count + column] = value / factor[column * count + column];
            }
        }
    }
    let mut step = gradient.to_vec();
    for row in 0..count {
        let before: f64 = (0..row)
            .map(|inner| factor[row * count + inner] * step[inner])
            .sum();
        step[row] = (step[row] - before) / factor[row * count + row];
    }
    for row in (0..count).rev() {
        let after: f64 = (row + 1..count)
            .map(|inner| factor[inner * count + row] * step[inner])
            .sum();
        step[row] = (step[row] - after) / factor[row * count + row];
    }
    Some(step)
}

/// A number without bounds as one between `low` and `high`.
pub(crate) fn bounded(free: f64, low: f64, high: f64) -> f64 {
    low + (high - low) / (1.0 + (-free).exp())
}

/// The inverse of [`bounded`]; what lies at or beyond a bound comes a little inside.
pub(crate) fn freed(value: f64, low: f64, high: f64) -> f64 {
    let share = ((value - low) / (high - low)).clamp(1e-4, 1.0 - 1e-4);
    (share / (1.0 - share)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_is_found_exactly() {
        let mut parameters = [0.0, 0.0];
        let sum = minimise(
            &mut parameters,
            Search::default(),
            |parameters, residuals| {
                residuals.clear();
                residuals.extend((0..10).map(|x| {
                    let x = f64::from(x);
                    parameters[0] + parameters[1] * x - (3.0 + 2.0 * x)
                }));
            },
        );
        assert!(sum < 1e-12, "{sum}");
        assert!((parameters[0] - 3.0).abs() < 1e-6 && (parameters[1] - 2.0).abs() < 1e-6);
    }

    #[test]
    fn rosenbrocks_valley_is_walked_to_its_end() {
        let mut parameters = [-1.2, 1.0];
        let search = Search {
            steps: 200,
            gain: 0.0,
        };
        let sum = minimise(&mut parameters, search, |parameters, residuals| {
            residuals.clear();
            residuals.push(10.0 * (parameters[1] - parameters[0] * parameters[0]));
            residuals.push(1.0 - parameters[0]);
        });
        assert!(sum < 1e-10, "{sum} at {parameters:?}");
    }

    #[test]
    fn residuals_that_are_no_numbers_are_never_taken() {
        let mut parameters = [1.0];
        let sum = minimise(
            &mut parameters,
            Search::default(),
            |parameters, residuals| {
                residuals.clear();
                residuals.push(parameters[0].sqrt()); // not a number below zero
            },
        );
        assert!(sum.is_finite() && parameters[0] >= 0.0);
        let mut parameters = [1.0];
        assert_eq!(
            minimise(&mut parameters, Search::default(), |_, residuals| {
                residuals.clear();
                residuals.push(f64::NAN);
            }),
            f64::INFINITY
        );
    }

    #[test]
    fn bounds_are_undone() {
        for value in [0.01, 0.3, 0.97] {
            assert!((bounded(freed(value, 0.0, 1.0), 0.0, 1.0) - value).abs() < 1e-12);
        }
    }
}
