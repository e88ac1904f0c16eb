//! Layer normalisation.

use burn::{
    module::{Module, Param},
    tensor::Tensor,
};

use crate::draws::Draws;

const TINY: f64 = 1e-5;

/// `y = γ_g (x − mean(x)) / √(var(x) + ε) + β_g` over the width of each row.
#[derive(Module, Debug)]
pub(crate) struct LayerNorm {
    /// `[groups, 1, width]`.
    gain: Param<Tensor<3>>,
    /// `[groups, 1, width]`.
    shift: Param<Tensor<3>>,
}

impl LayerNorm {
    pub(crate) fn new(groups: usize, width: usize, draws: &mut Draws) -> Self {
        Self {
            gain: draws.constant([groups, 1, width], 1.0),
            shift: draws.constant([groups, 1, width], 0.0),
        }
    }

    /// `[groups, rows, width]` to the same.
    pub(crate) fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        let centred = input.clone() - input.mean_dim(2);
        let variance = (centred.clone() * centred.clone()).mean_dim(2);
        let deviation = (variance + TINY).sqrt();
        centred / deviation * self.gain.val() + self.shift.val()
    }
}
