//! An affine map a group.

use burn::{
    module::{Module, Param},
    tensor::Tensor,
};

use crate::draws::Draws;

/// `y = x W_g + b_g` for each group `g`.
#[derive(Module, Debug)]
pub(crate) struct Affine {
    /// `[groups, input, output]`.
    weight: Param<Tensor<3>>,
    /// `[groups, 1, output]`.
    bias: Param<Tensor<3>>,
}

impl Affine {
    pub(crate) fn new(groups: usize, input: usize, output: usize, draws: &mut Draws) -> Self {
        Self {
            weight: draws.uniform([groups, input, output], input),
            bias: draws.uniform([groups, 1, output], input),
        }
    }

    /// `[groups, rows, input]` to `[groups, rows, output]`.
    pub(crate) fn forward(&self, input: Tensor<3>) -> Tensor<3> {
        input.matmul(self.weight.val()) + self.bias.val()
    }
}
