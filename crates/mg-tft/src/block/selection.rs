//! Variable selection: how much each input counts, row by row.

use burn::{
    module::Module,
    tensor::{Tensor, activation::softmax},
};

use super::{GatedResidual, Widths};
use crate::{chance::Chance, draws::Draws};

/// `v = softmax(GRN(Ξ, c))` and `ξ̃ = Σ_j v_j · GRN_j(ξ_j)` (equations 6 to 8): `Ξ` are the inputs beside each other, `c`
/// tells of the series.
#[derive(Module, Debug)]
pub(crate) struct VariableSelection {
    /// From all inputs to a weight each.
    weights: GatedResidual,
    /// A network an input.
    inputs: GatedResidual,
}

/// What was selected.
#[derive(Debug)]
pub(crate) struct Selected {
    /// `[1, rows, width]`.
    pub(crate) values: Tensor<3>,
    /// `[1, rows, variables]`; they sum to one.
    pub(crate) weights: Tensor<3>,
}

impl VariableSelection {
    /// Of so many inputs of one width, with a context of that width where one is given.
    pub(crate) fn new(variables: usize, width: usize, context: bool, draws: &mut Draws) -> Self {
        let widths = Widths {
            input: variables * width,
            hidden: width,
            output: variables,
        };
        Self {
            weights: GatedResidual::new(1, widths, context.then_some(width), draws),
            inputs: GatedResidual::even(variables, width, draws),
        }
    }

    /// From `[variables, rows, width]`, and a context `[1, B, width]`.
    pub(crate) fn forward(
        &self,
        inputs: Tensor<3>,
        context: Option<Tensor<3>>,
        chance: &Chance,
    ) -> Selected {
        let [variables, rows, width] = inputs.dims();
        let beside = inputs
            .clone()
            .swap_dims(0, 1)
            .reshape([1, rows, variables * width]);
        let weights = softmax(self.weights.forward(beside, context, chance), 2);
        let processed = self.inputs.forward(inputs, None, chance);
        let each = weights.clone().permute([2, 1, 0]);
        Selected {
            values: (processed * each).sum_dim(0),
            weights,
        }
    }
}
