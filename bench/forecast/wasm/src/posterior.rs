//! What an optimiser reaches: the logarithm of Prophet's posterior density, by one definition for whoever searched.

use std::{cell::RefCell, rc::Rc};

use augurs_prophet::{
    Optimizer,
    optimizer::{Data, Error, InitialParams, OptimizeOpts, OptimizedParams},
};

/// Standard deviations of Prophet's priors.
const SLOPE: f64 = 5.0;
const NOISE: f64 = 0.5;

/// Where a search ended, and the logarithm of the density there.
#[derive(Debug, Clone)]
pub struct Reached {
    pub at: OptimizedParams,
    pub log_density: f64,
}

/// An optimiser that remembers where it ended, and begins where it is told to.
#[derive(Debug, Clone)]
pub struct Watched<O> {
    optimizer: O,
    start: Option<OptimizedParams>,
    reached: Rc<RefCell<Option<Reached>>>,
}

impl<O> Watched<O> {
    /// Without a start it begins where Prophet does.
    pub fn new(optimizer: O, start: Option<OptimizedParams>) -> Self {
        let reached = Rc::default();
        Self {
            optimizer,
            start,
            reached,
        }
    }

    pub fn reached(&self) -> Option<Reached> {
        self.reached.borrow().clone()
    }
}

impl<O: Optimizer> Optimizer for Watched<O> {
    fn optimize(
        &self,
        init: &InitialParams,
        data: &Data,
        options: &OptimizeOpts,
    ) -> Result<OptimizedParams, Error> {
        let start = self.start.clone().map(|start| InitialParams {
            k: start.k,
            m: start.m,
            delta: start.delta,
            beta: start.beta,
            sigma_obs: start.sigma_obs,
        });
        let at = self
            .optimizer
            .optimize(start.as_ref().unwrap_or(init), data, options)?;
        let log_density = log_density(data, &at);
        let reached = Reached {
            at: at.clone(),
            log_density,
        };
        self.reached.replace(Some(reached));
        Ok(at)
    }
}

/// Without its constants, as Stan states it; linear growth, seasons added.
fn log_density(data: &Data, at: &OptimizedParams) -> f64 {
    let sigma = *at.sigma_obs;
    let rows = data.X.chunks(at.beta.len());
    let observed = data.t.iter().zip(&data.y).zip(rows);
    let likelihood = observed.map(|((t, y), row)| {
        let expected = trend(data, at, *t) + dot(row, &at.beta);
        bell(y - expected, sigma) - sigma.ln()
    });
    let seasons = at.beta.iter().zip(&data.sigmas);
    let changes: f64 = at.delta.iter().map(|change| change.abs()).sum();
    likelihood.sum::<f64>()
        + seasons
            .map(|(value, scale)| bell(*value, **scale))
            .sum::<f64>()
        + bell(at.k, SLOPE)
        + bell(at.m, SLOPE)
        + bell(sigma, NOISE)
        - changes / *data.tau
}

fn trend(data: &Data, at: &OptimizedParams, t: f64) -> f64 {
    let bends = data.t_change.iter().zip(&at.delta);
    at.m + at.k * t
        + bends
            .map(|(change, delta)| delta * (t - change).max(0.0))
            .sum::<f64>()
}

fn bell(value: f64, deviation: f64) -> f64 {
    -(value / deviation).powi(2) / 2.0
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}
