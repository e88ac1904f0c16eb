//! L-BFGS for a smooth cost plus absolute values of some parameters (OWL-QN; Andrew and Gao 2007).

use std::{collections::VecDeque, ops::Range};

use crate::vector::{difference, dot};

const MEMORY: usize = 25;
const STEPS: usize = 2_000;
const SHORTENINGS: usize = 40;
/// Relative gains below this, so many times in a row, end the search.
const GAIN: f64 = 1e-8;
const IDLE: usize = 3;

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
    smooth: impl FnMut(&[f64], &mut [f64]) -> f64,
) {
    let mut search = Search::new(std::mem::take(parameters), kinked, weight, smooth);
    search.walk();
    *parameters = search.parameters;
}

/// Where a search stands.
struct Search<F> {
    smooth: F,
    kinked: Range<usize>,
    weight: f64,
    parameters: Vec<f64>,
    /// Of the smooth part.
    gradient: Vec<f64>,
    cost: f64,
    memory: VecDeque<Curvature>,
}

/// What a direction led to.
struct Trial {
    parameters: Vec<f64>,
    gradient: Vec<f64>,
    cost: f64,
}

impl<F: FnMut(&[f64], &mut [f64]) -> f64> Search<F> {
    fn new(parameters: Vec<f64>, kinked: Range<usize>, weight: f64, mut smooth: F) -> Self {
        let mut gradient = vec![0.0; parameters.len()];
        let cost = cost(&mut smooth, &parameters, &mut gradient, &kinked, weight);
        Self {
            smooth,
            kinked,
            weight,
            parameters,
            gradient,
            cost,
            memory: VecDeque::new(),
        }
    }

    /// Goes downhill until gains have become small, or for as many steps as it may take.
    fn walk(&mut self) {
        let mut idle = 0;
        for _ in 0..STEPS {
            let before = self.cost;
            if self.step() {
                let is_small = before - self.cost < GAIN * before.abs().max(1.0);
                idle = if is_small { idle + 1 } else { 0 };
                if idle == IDLE {
                    return;
                }
            } else if self.memory.is_empty() {
                return;
            } else {
                self.memory.clear();
            }
        }
    }

    /// One step downhill; false where none was found.
    fn step(&mut self) -> bool {
        let slope = self.pseudo_gradient();
        let direction = self.direction(&slope);
        let descent = dot(&direction, &slope);
        if descent >= 0.0 || !descent.is_finite() {
            return false;
        }
        let trial = self.look_along(&direction, &slope, descent);
        // Not a number is no gain either.
        if trial.cost.is_nan() || trial.cost >= self.cost {
            return false;
        }
        self.go(trial);
        true
    }

    /// Downhill by what is remembered. A kinked parameter moves downhill or not at all.
    fn direction(&self, slope: &[f64]) -> Vec<f64> {
        let mut direction = two_loops(slope, &self.memory);
        for index in self.kinked.clone() {
            if direction[index] * slope[index] >= 0.0 {
                direction[index] = 0.0;
            }
        }
        direction
    }

    /// The first of ever shorter steps that gains enough, or the last one.
    fn look_along(&mut self, direction: &[f64], slope: &[f64], descent: f64) -> Trial {
        let mut length = if self.memory.is_empty() {
            1.0 / norm(slope).max(1.0)
        } else {
            1.0
        };
        let mut trial = Trial {
            parameters: self.parameters.clone(),
            gradient: self.gradient.clone(),
            cost: f64::INFINITY,
        };
        for _ in 0..SHORTENINGS {
            for (index, value) in trial.parameters.iter_mut().enumerate() {
                *value = self.parameters[index] + length * direction[index];
            }
            self.stop_at_kinks(&mut trial.parameters, slope);
            trial.cost = cost(
                &mut self.smooth,
                &trial.parameters,
                &mut trial.gradient,
                &self.kinked,
                self.weight,
            );
            if trial.cost <= self.cost + 1e-4 * length * descent {
                break;
            }
            length *= 0.5;
        }
        trial
    }

    /// Not past 0: there the cost has another slope.
    fn stop_at_kinks(&self, trial: &mut [f64], slope: &[f64]) {
        for index in self.kinked.clone() {
            let side = if self.parameters[index] == 0.0 {
                -slope[index]
            } else {
                self.parameters[index]
            };
            if trial[index] * side < 0.0 {
                trial[index] = 0.0;
            }
        }
    }

    /// Takes the step, and remembers how the gradient changed along it.
    fn go(&mut self, trial: Trial) {
        let step = difference(&trial.parameters, &self.parameters);
        let change = difference(&trial.gradient, &self.gradient);
        let product = dot(&step, &change);
        if product > 1e-12 * norm(&step) * norm(&change) {
            if self.memory.len() == MEMORY {
                self.memory.pop_front();
            }
            self.memory.push_back(Curvature {
                step,
                change,
                product,
            });
        }
        self.parameters = trial.parameters;
        self.gradient = trial.gradient;
        self.cost = trial.cost;
    }

    /// The gradient with the side of each kink on which the cost falls; 0 where it falls on neither.
    fn pseudo_gradient(&self) -> Vec<f64> {
        let weight = self.weight;
        let mut slope = self.gradient.clone();
        for index in self.kinked.clone() {
            let plain = self.gradient[index];
            slope[index] = if self.parameters[index] != 0.0 {
                plain + weight * self.parameters[index].signum()
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
}

/// The smooth part, whose gradient is written, and the absolute values.
fn cost(
    smooth: &mut impl FnMut(&[f64], &mut [f64]) -> f64,
    parameters: &[f64],
    gradient: &mut [f64],
    kinked: &Range<usize>,
    weight: f64,
) -> f64 {
    let absolute = parameters[kinked.clone()].iter().map(|value| value.abs());
    smooth(parameters, gradient) + weight * absolute.sum::<f64>()
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
