//! What the network says of series, in their own units.

use std::{
    num::NonZero,
    panic::resume_unwind,
    thread::{self, ScopedJoinHandle, available_parallelism},
};

use burn::tensor::{Device, Tensor};

use crate::{
    batch::Batch,
    chance::Chance,
    failure::Failure,
    network::{Network, Said},
    panel::Series,
    shape::Shape,
    window::Place,
};

/// Windows that pass through the network at once.
const AT_ONCE: usize = 256;

/// A forecast from one origin, and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The medians, one a step.
    pub points: Vec<f64>,
    /// One row a step, one value a quantile, ascending.
    pub quantiles: Vec<Vec<f64>>,
    /// Static variables and how much each counted; they sum to one.
    pub statics: Vec<(String, f64)>,
    /// Inputs of the past, the mean over its steps.
    pub past: Vec<(String, f64)>,
    /// Inputs of the horizon, the mean over its steps.
    pub future: Vec<(String, f64)>,
    /// How much each step of the past was attended to, the oldest first, the mean over the horizon; the rest to one is what
    /// steps of the horizon got.
    pub attention: Vec<f64>,
}

/// Forecasts of one series after its first so many steps, one an origin. Each core takes its part of the origins: what a window
/// says does not depend on those beside it.
pub(crate) fn forecast(
    network: &Network,
    shape: &Shape,
    series: &Series,
    origins: &[usize],
    device: &Device,
) -> Result<Vec<Prediction>, Failure> {
    series.check(shape)?;
    let cores = available_parallelism().map_or(1, NonZero::get);
    let part = origins.len().div_ceil(cores).max(1);
    let said: Result<Vec<_>, Failure> = thread::scope(|scope| {
        let begin = |origins| scope.spawn(move || of_part(network, shape, series, origins, device));
        let parts: Vec<_> = origins.chunks(part).map(begin).collect();
        let end = |part: ScopedJoinHandle<'_, _>| {
            part.join().unwrap_or_else(|panic| resume_unwind(panic))
        };
        parts.into_iter().map(end).collect()
    });
    Ok(said?.into_iter().flatten().collect())
}

fn of_part(
    network: &Network,
    shape: &Shape,
    series: &Series,
    origins: &[usize],
    device: &Device,
) -> Result<Vec<Prediction>, Failure> {
    let panel = std::slice::from_ref(series);
    let mut predictions = Vec::with_capacity(origins.len());
    for origins in origins.chunks(AT_ONCE) {
        let place = |origin: &usize| Place {
            series: 0,
            origin: *origin,
            until: 0,
            unnamed: false,
        };
        let places: Vec<Place> = origins.iter().map(place).collect();
        let batch = Batch::of(panel, &places, shape, device);
        let said = network.forward(&batch, &Chance::none());
        let read = Read::of(said)?;
        predictions.extend((0..origins.len()).map(|window| read.prediction(window, &batch, shape)));
    }
    Ok(predictions)
}

/// What the network said as plain numbers, rows by time first.
struct Read {
    quantiles: Vec<f32>,
    statics: Vec<f32>,
    past: Vec<f32>,
    future: Vec<f32>,
    attention: Vec<f32>,
}

impl Read {
    fn of(said: Said) -> Result<Self, Failure> {
        Ok(Self {
            quantiles: numbers(said.quantiles)?,
            statics: numbers(said.statics)?,
            past: numbers(said.past)?,
            future: numbers(said.future)?,
            attention: numbers(said.attention)?,
        })
    }

    fn prediction(&self, window: usize, batch: &Batch, shape: &Shape) -> Prediction {
        let windows = batch.scales.len();
        let scale = batch.scales[window];
        let count = shape.quantiles.len();
        let quantiles: Vec<Vec<f64>> = (0..shape.horizon)
            .map(|step| {
                let row = (step * windows + window) * count;
                let mut row: Vec<f64> = self.quantiles[row..row + count]
                    .iter()
                    .map(|scaled| scale.back(*scaled))
                    .collect();
                row.sort_by(f64::total_cmp);
                row
            })
            .collect();
        let median = shape.median();
        let statics = shape.statics.iter().map(|variable| variable.name.clone());
        Prediction {
            points: quantiles.iter().map(|row| row[median]).collect(),
            quantiles,
            statics: shares(&self.statics, statics.collect(), window, windows),
            past: shares(&self.past, shape.past_inputs(), window, windows),
            future: shares(&self.future, shape.future_inputs(), window, windows),
            attention: self.attention_of(window, shape),
        }
    }

    fn attention_of(&self, window: usize, shape: &Shape) -> Vec<f64> {
        let all = shape.past + shape.horizon;
        let at = |asking: usize, step: usize| {
            f64::from(self.attention[(window * shape.horizon + asking) * all + step])
        };
        let mean = |step| {
            (0..shape.horizon)
                .map(|asking| at(asking, step))
                .sum::<f64>()
        };
        (0..shape.past)
            .map(|step| mean(step) / shape.horizon as f64)
            .collect()
    }
}

/// The mean weight of each variable over the steps of one window.
fn shares(
    weights: &[f32],
    names: Vec<String>,
    window: usize,
    windows: usize,
) -> Vec<(String, f64)> {
    let count = names.len();
    let steps = weights.len() / count / windows;
    let mean = |variable: usize| {
        let at = |step: usize| weights[(step * windows + window) * count + variable];
        let sum: f64 = (0..steps).map(|step| f64::from(at(step))).sum();
        sum / steps as f64
    };
    names
        .into_iter()
        .enumerate()
        .map(|(variable, name)| (name, mean(variable)))
        .collect()
}

fn numbers(tensor: Tensor<3>) -> Result<Vec<f32>, Failure> {
    tensor
        .try_into_vec_as::<f32>()
        .map_err(|error| Failure::Damaged(error.to_string()))
}
