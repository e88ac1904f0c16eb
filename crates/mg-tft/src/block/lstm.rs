//! A long short-term memory: what came before, step by step.

use burn::{
    module::{Module, Param},
    tensor::{
        Tensor,
        activation::{sigmoid, tanh},
    },
};

use super::Affine;
use crate::draws::Draws;

/// `(i, f, o) = σ(W x + U h + b)`, `g = tanh(W x + U h + b)`, `c ← f ⊙ c + i ⊙ g`, `h ← o ⊙ tanh(c)`.
#[derive(Module, Debug)]
pub(crate) struct Lstm {
    /// `W` and `b`, to four widths: input, forget, output, candidate.
    input: Affine,
    /// `U`, `[width, 4 · width]`.
    recurrent: Param<Tensor<2>>,
}

/// What is remembered, `[B, width]` each.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// `h`.
    pub(crate) hidden: Tensor<2>,
    /// `c`.
    pub(crate) cell: Tensor<2>,
}

impl Lstm {
    pub(crate) fn new(width: usize, draws: &mut Draws) -> Self {
        Self {
            input: Affine::new(1, width, 4 * width, draws),
            recurrent: draws.uniform([width, 4 * width], width),
        }
    }

    /// From `[1, T · B, width]` and a state to the hidden states of each step, `[1, T · B, width]`, and the last state. At
    /// steps whose `known`, `[1, T · B, 1]`, is 0 the state stays: what is before a series began changes nothing.
    pub(crate) fn forward(
        &self,
        inputs: &Tensor<3>,
        known: Option<&Tensor<3>>,
        mut state: State,
    ) -> (Tensor<3>, State) {
        let windows = state.hidden.dims()[0];
        let sums = each_step(self.input.forward(inputs.clone()), windows);
        let known = known.map(|known| each_step(known.clone(), windows));
        let mut outputs = Vec::with_capacity(sums.len());
        for (step, sums) in sums.into_iter().enumerate() {
            let next = self.step(sums, &state);
            state = match &known {
                Some(known) => state.where_known(&known[step], next),
                None => next,
            };
            outputs.push(state.hidden.clone());
        }
        let outputs = Tensor::cat(outputs, 0).reshape(inputs.dims());
        (outputs, state)
    }

    fn step(&self, sums: Tensor<2>, state: &State) -> State {
        let width = state.hidden.dims()[1];
        let sums = sums + state.hidden.clone().matmul(self.recurrent.val());
        let gates = sigmoid(sums.clone().narrow(1, 0, 3 * width));
        let candidate = tanh(sums.narrow(1, 3 * width, width));
        let gate = |index: usize| gates.clone().narrow(1, index * width, width);
        let cell = gate(1) * state.cell.clone() + gate(0) * candidate;
        State {
            hidden: gate(2) * tanh(cell.clone()),
            cell,
        }
    }
}

/// `[1, T · B, width]` as `T` of `[B, width]`. By halves, since the gradient of a slice is as large as what it was cut from.
fn each_step(rows: Tensor<3>, windows: usize) -> Vec<Tensor<2>> {
    let [_, count, width] = rows.dims();
    if count == windows {
        return vec![rows.reshape([windows, width])];
    }
    let half = count / windows / 2 * windows;
    let mut steps = each_step(rows.clone().narrow(1, 0, half), windows);
    steps.extend(each_step(rows.narrow(1, half, count - half), windows));
    steps
}

impl State {
    fn where_known(self, known: &Tensor<2>, next: Self) -> Self {
        let mixed = |old: Tensor<2>, new: Tensor<2>| old.clone() + (new - old) * known.clone();
        Self {
            hidden: mixed(self.hidden, next.hidden),
            cell: mixed(self.cell, next.cell),
        }
    }
}
