//! A long short-term memory: what came before, step by step.

use burn::{
    module::{Module, Param},
    tensor::{
        Tensor,
        activation::{sigmoid, tanh},
    },
};

use crate::draws::Draws;

/// `(i, f, o) = σ(W x + U h + b)`, `g = tanh(W x + U h + b)`, `c ← f ⊙ c + i ⊙ g`, `h ← o ⊙ tanh(c)`.
#[derive(Module, Debug)]
pub(crate) struct Lstm {
    /// `[width, 4 · width]`: input, forget, output, candidate.
    input: Param<Tensor<2>>,
    /// `[width, 4 · width]`.
    recurrent: Param<Tensor<2>>,
    /// `[1, 4 · width]`.
    bias: Param<Tensor<2>>,
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
            input: draws.uniform([width, 4 * width], width),
            recurrent: draws.uniform([width, 4 * width], width),
            bias: draws.uniform([1, 4 * width], width),
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
        let [_, rows, width] = inputs.dims();
        let windows = state.hidden.dims()[0];
        let at = |tensor: &Tensor<3>, step: usize| {
            let last = tensor.dims()[2];
            let rows = tensor.clone().narrow(1, step * windows, windows);
            rows.reshape([windows, last])
        };
        let mut outputs = Vec::new();
        for step in 0..rows / windows {
            let next = self.step(at(inputs, step), &state, width);
            state = match known {
                Some(known) => state.where_known(&at(known, step), next),
                None => next,
            };
            outputs.push(state.hidden.clone());
        }
        (Tensor::cat(outputs, 0).reshape([1, rows, width]), state)
    }

    fn step(&self, input: Tensor<2>, state: &State, width: usize) -> State {
        let sums = input.matmul(self.input.val())
            + state.hidden.clone().matmul(self.recurrent.val())
            + self.bias.val();
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

impl State {
    fn where_known(self, known: &Tensor<2>, next: Self) -> Self {
        let mixed = |old: Tensor<2>, new: Tensor<2>| old.clone() + (new - old) * known.clone();
        Self {
            hidden: mixed(self.hidden, next.hidden),
            cell: mixed(self.cell, next.cell),
        }
    }
}
