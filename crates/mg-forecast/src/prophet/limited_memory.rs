//! L-BFGS for a smooth cost plus absolute values of some parameters (OWL-QN; Andrew and Gao 2007).

use std::{collections::VecDeque, ops::Range};

const MEMORY: usize = 25;
const STEPS: usize = 2_000;
const SHORTENINGS: usize = 40;
/// Relative gains below this, three times in a row, end the search.
const GAIN: f64 = 1e-8;

/// A step taken and the change of the gradient along it.
struct Curvature {
    step: Vec<f64>,
    change: Vec<f64>,
    product: f64,
}

/// Improves `parameters` in place until the cost, which is `smooth` plus `weight` times the absolute
/// values of the parameters in `kinked`, falls no more.
pub(super) fn minimise(
    parameters: &mut Vec<f64>,
    kinked: Range<usize>,
    weight: f64,
    mut smooth: impl FnMut(&[f64], &mut [f64]) -> f64,
) {
    let absolute = |parameters: &[f64]| {
        weight
            * parameters[kinked.clone()]
                .iter()
                .map(|value| value.abs())
                .sum::<f64>()
    };
    let mut gradient = vec![0.0; parameters.len()];
    let mut cost = smooth(parameters, &mut gradient) + absolute(parameters);
    let mut memory: VecDeque<Curvature> = VecDeque::new();
    let mut idle = 0;
    for _ in 0..STEPS {
        let slope = pseudo_gradient(parameters, &gradient, &kinked, weight);
        let mut direction = two_loops(&slope, &memory);
        // A kinked parameter moves downhill or not at all.
        for index in kinked.clone() {
            if direction[index] * slope[index] >= 0.0 {
                direction[index] = 0.0;
            }
        }
        let descent = dot(&direction, &slope);
        if descent >= 0.0 || !descent.is_finite() {
            if memory.is_empty() {
                return;
            }
            memory.clear();
            continue;
        }
        let mut length = if memory.is_empty() {
            1.0 / norm(&slope).max(1.0)
        } else {
            1.0
        };
        let mut trial = parameters.clone();
        let mut next = gradient.clone();
        let mut reached = f64::INFINITY;
        for _ in 0..SHORTENINGS {
            for (index, value) in trial.iter_mut().enumerate() {
                *value = parameters[index] + length * direction[index];
            }
            // Not past 0: there the cost has another slope.
            for index in kinked.clone() {
                let side = if parameters[index] == 0.0 {
                    -slope[index]
                } else {
                    parameters[index]
                };
                if trial[index] * side < 0.0 {
                    trial[index] = 0.0;
                }
            }
            reached = smooth(&trial, &mut next) + absolute(&trial);
            if reached <= cost + 1e-4 * length * descent {
                break;
            }
            length *= 0.5;
        }
        // Not a number is no gain either.
        if reached.is_nan() || reached >= cost {
            if memory.is_empty() {
                return;
            }
            memory.clear();
            continue;
        }
        let step: Vec<f64> = trial
            .iter()
            .zip(&*parameters)
            .map(|(after, before)| after - before)
            .collect();
        let change: Vec<f64> = next
            .iter()
            .zip(&gradient)
            .map(|(after, before)| after - before)
            .collect();
        let product = dot(&step, &change);
        if product > 1e-12 * norm(&step) * norm(&change) {
            if memory.len() == MEMORY {
                memory.pop_front();
            }
            memory.push_back(Curvature {
                step,
                change,
                product,
            });
        }
        idle = if cost - reached < GAIN * cost.abs().max(1.0) {
            idle + 1
        } else {
            0
        };
        *parameters = trial;
        gradient = next;
        cost = reached;
        if idle == 3 {
            return;
        }
    }
}

/// The gradient with the side of each kink on which the cost falls; 0 where it falls on neither.
fn pseudo_gradient(
    parameters: &[f64],
    gradient: &[f64],
    kinked: &Range<usize>,
    weight: f64,
) -> Vec<f64> {
    let mut slope = gradient.to_vec();
    for index in kinked.clone() {
        let plain = gradient[index];
        slope[index] = if parameters[index] != 0.0 {
            plain + weight * parameters[index].signum()
        } else if plain + weight < 0.0 {
            plain + weight
        } else if plain - weight > 0.0 {
            plain - weight
        } else {
            0.0
        };
    }
    slope
}

/// Minus the inverse curvature, as far as remembered, times the slope.
fn two_loops(slope: &[f64], memory: &VecDeque<Curvature>) -> Vec<f64> {
    let mut direction: Vec<f64> = slope.iter().map(|value| -value).collect();
    let mut shares = Vec::with_capacity(memory.len());
    for curvature in memory.iter().rev() {
        let share = dot(&curvature.step, &direction) / curvature.product;
        add(&mut direction, -share, &curvature.change);
        shares.push(share);
    }
    if let Some(last) = memory.back() {
        let scale = last.product / dot(&last.change, &last.change);
        for value in &mut direction {
            *value *= scale;
        }
    }
    for (curvature, share) in memory.iter().zip(shares.into_iter().rev()) {
        let other = dot(&curvature.change, &direction) / curvature.product;
        add(&mut direction, share - other, &curvature.step);
    }
    direction
}

fn add(target: &mut [f64], factor: f64, values: &[f64]) {
    for (target, value) in target.iter_mut().zip(values) {
        *target += factor * value;
    }
}

fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter()
        .zip(right)
        .map(|(left, right)| left * right)
        .sum()
}

fn norm(values: &[f64]) -> f64 {
    dot(values, values).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_kinks_the_valley_is_walked_to_its_end() {
        let mut parameters = vec![-1.2, 1.0];
        minimise(&mut parameters, 0..0, 0.0, |at, gradient| {
            let (x, y) = (at[0], at[1]);
            gradient[0] = -400.0 * x * (y - x * x) - 2.0 * (1.0 - x);
            gradient[1] = 200.0 * (y - x * x);
            100.0 * (y - x * x).powi(2) + (1.0 - x).powi(2)
        });
        assert!(
            (parameters[0] - 1.0).abs() < 1e-3 && (parameters[1] - 1.0).abs() < 1e-3,
            "{parameters:?}"
        );
    }

    #[test]
    fn small_pulls_leave_a_kinked_parameter_at_nothing_and_large_ones_are_shortened() {
        // Half of (x − a)² plus |x|: soft thresholding.
        let wanted = [0.5, -3.0, 2.0];
        let mut parameters = vec![1.0, 1.0, -1.0];
        minimise(&mut parameters, 0..3, 1.0, |at, gradient| {
            let mut cost = 0.0;
            for index in 0..3 {
                gradient[index] = at[index] - wanted[index];
                cost += gradient[index] * gradient[index] / 2.0;
            }
            cost
        });
        for (found, known) in parameters.iter().zip([0.0, -2.0, 1.0]) {
            assert!((found - known).abs() < 1e-6, "{parameters:?}");
        }
    }
}
