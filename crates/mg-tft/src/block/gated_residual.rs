//! Gated residual networks: as much of a non-linear step as the data ask for.

use burn::{
    module::{Module, Param},
    tensor::{
        Tensor,
        activation::{relu, sigmoid},
    },
};

use super::{Affine, LayerNorm};
use crate::{chance::Chance, draws::Draws};

/// `GRN(a, c) = LayerNorm(skip(a) + GLU(W₁ ELU(W₂ a + W₃ c + b₂) + b₁))` (equations 2 to 5 of the paper), where
/// `GLU(γ) = σ(W₄ γ + b₄) ⊙ (W₅ γ + b₅)` can shut the step off, and `skip` is the identity where widths agree.
#[derive(Module, Debug)]
pub(crate) struct GatedResidual {
    inner: Affine,
    /// `W₃`, `[1, context, hidden]`.
    context: Option<Param<Tensor<3>>>,
    outer: Affine,
    gate: GateAddNorm,
    skip: Option<Affine>,
}

/// The widths of a [`GatedResidual`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Widths {
    pub(crate) input: usize,
    pub(crate) hidden: usize,
    pub(crate) output: usize,
}

impl GatedResidual {
    /// As wide outside as inside.
    pub(crate) fn even(groups: usize, width: usize, draws: &mut Draws) -> Self {
        let widths = Widths {
            input: width,
            hidden: width,
            output: width,
        };
        Self::new(groups, widths, None, draws)
    }

    /// With a context of that width, which one group only can have.
    pub(crate) fn new(
        groups: usize,
        widths: Widths,
        context: Option<usize>,
        draws: &mut Draws,
    ) -> Self {
        let Widths {
            input,
            hidden,
            output,
        } = widths;
        Self {
            inner: Affine::new(groups, input, hidden, draws),
            context: context.map(|width| draws.uniform([1, width, hidden], width)),
            outer: Affine::new(groups, hidden, hidden, draws),
            gate: GateAddNorm::new(groups, hidden, output, draws),
            skip: (input != output).then(|| Affine::new(groups, input, output, draws)),
        }
    }

    /// `[groups, rows, input]` to `[groups, rows, output]`. A context `[1, B, context]` holds for all steps of its window.
    pub(crate) fn forward(
        &self,
        input: Tensor<3>,
        context: Option<Tensor<3>>,
        chance: &Chance,
    ) -> Tensor<3> {
        let mut inner = self.inner.forward(input.clone());
        if let (Some(weight), Some(context)) = (&self.context, context) {
            inner = add_to_each_step(inner, context.matmul(weight.val()));
        }
        let outer = chance.drop(self.outer.forward(elu(inner)));
        let skipped = match &self.skip {
            Some(skip) => skip.forward(input),
            None => input,
        };
        self.gate.forward(outer, skipped)
    }
}

/// `x` above zero, `eˣ − 1` below. The exponential of what is below only: that of a large number has no finite gradient.
fn elu(values: Tensor<3>) -> Tensor<3> {
    relu(values.clone()) + values.clamp_max(0.0).exp() - 1.0
}

/// `[1, T · B, width]` plus `[1, B, width]` at each of the `T` steps.
fn add_to_each_step(rows: Tensor<3>, context: Tensor<3>) -> Tensor<3> {
    let [_, count, width] = rows.dims();
    let windows = context.dims()[1];
    let by_step = rows.reshape([count / windows, windows, width]);
    (by_step + context).reshape([1, count, width])
}

/// `LayerNorm(skipped + GLU(x))`: the gate at the end of every step of the network (equations 5, 17, 19, 22).
#[derive(Module, Debug)]
pub(crate) struct GateAddNorm {
    /// `W₄` and `W₅` beside each other.
    gate: Affine,
    norm: LayerNorm,
}

impl GateAddNorm {
    pub(crate) fn new(groups: usize, input: usize, output: usize, draws: &mut Draws) -> Self {
        Self {
            gate: Affine::new(groups, input, 2 * output, draws),
            norm: LayerNorm::new(groups, output, draws),
        }
    }

    /// `[groups, rows, input]` and `[groups, rows, output]` to the latter.
    pub(crate) fn forward(&self, input: Tensor<3>, skipped: Tensor<3>) -> Tensor<3> {
        let width = skipped.dims()[2];
        let both = self.gate.forward(input);
        let (gate, value) = (
            both.clone().narrow(2, 0, width),
            both.narrow(2, width, width),
        );
        self.norm.forward(skipped + sigmoid(gate) * value)
    }
}
