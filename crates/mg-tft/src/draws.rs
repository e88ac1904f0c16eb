//! Where the numbers of a new network come from: one seed, so that the same seed makes the same network.

use burn::{
    module::{Param, ParamId},
    tensor::{DType, Device, Tensor, TensorData},
};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

/// Draws parameters, and numbers them in the order in which they are made.
#[derive(Debug)]
pub(crate) struct Draws {
    chance: ChaCha8Rng,
    device: Device,
    precision: DType,
    made: u64,
}

impl Draws {
    /// From a seed, for a device.
    pub(crate) fn new(seed: u64, device: &Device) -> Self {
        Self {
            chance: ChaCha8Rng::seed_from_u64(seed),
            device: device.clone(),
            precision: DType::F32,
            made: 0,
        }
    }

    /// The same draws in double precision, which finite differences need.
    #[cfg(test)]
    pub(crate) fn in_double_precision(mut self) -> Self {
        self.precision = DType::F64;
        self
    }

    /// A parameter uniform on ±1/√`fan_in`.
    pub(crate) fn uniform<const D: usize>(
        &mut self,
        shape: [usize; D],
        fan_in: usize,
    ) -> Param<Tensor<D>> {
        let bound = 1.0 / (fan_in.max(1) as f32).sqrt();
        let count: usize = shape.iter().product();
        let values: Vec<f32> = (0..count)
            .map(|_| self.chance.random_range(-bound..=bound))
            .collect();
        self.parameter(values, shape)
    }

    /// A parameter that starts as one value everywhere.
    pub(crate) fn constant<const D: usize>(
        &mut self,
        shape: [usize; D],
        value: f32,
    ) -> Param<Tensor<D>> {
        self.parameter(vec![value; shape.iter().product()], shape)
    }

    fn parameter<const D: usize>(
        &mut self,
        values: Vec<f32>,
        shape: [usize; D],
    ) -> Param<Tensor<D>> {
        let options = (&self.device, self.precision);
        let tensor = Tensor::from_data(TensorData::new(values, shape), options);
        self.made += 1;
        // Only what is trained has gradients.
        let tensor = if self.device.is_autodiff() {
            tensor.require_grad()
        } else {
            tensor
        };
        Param::initialized(ParamId::from(self.made), tensor)
    }
}
