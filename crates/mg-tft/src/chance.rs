//! Dropout whose masks come from a seed of their own, so that a run that is resumed drops what it would have dropped.

use std::cell::RefCell;

use burn::tensor::{Tensor, TensorData};
use rand::{Rng, SeedableRng, rngs::ChaCha8Rng};

/// What is dropped in one pass; nothing outside training.
#[derive(Debug)]
pub(crate) struct Chance {
    rate: f32,
    bits: RefCell<ChaCha8Rng>,
}

impl Chance {
    /// Nothing is dropped.
    pub(crate) fn none() -> Self {
        Self::of(0.0, 0, 0)
    }

    /// A share `rate` is dropped, another one at each step.
    pub(crate) fn of(rate: f32, seed: u64, step: usize) -> Self {
        let mixed = seed ^ (step as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self {
            rate,
            bits: RefCell::new(ChaCha8Rng::seed_from_u64(mixed)),
        }
    }

    /// Zero where a byte is below the rate, the rest made larger by as much: the expectation stays.
    pub(crate) fn drop<const D: usize>(&self, values: Tensor<D>) -> Tensor<D> {
        if self.rate <= 0.0 {
            return values;
        }
        let mut bytes = vec![0_u8; values.dims().iter().product()];
        self.bits.borrow_mut().fill_bytes(&mut bytes);
        let kept = 1.0 / (1.0 - self.rate);
        let mask: Vec<f32> = bytes
            .iter()
            .map(|byte| {
                if f32::from(*byte) < self.rate * 256.0 {
                    0.0
                } else {
                    kept
                }
            })
            .collect();
        let mask = TensorData::new(mask, values.dims());
        values.clone() * Tensor::<D>::from_data(mask, &values.device())
    }
}
