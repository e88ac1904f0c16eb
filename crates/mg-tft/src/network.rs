//! The whole network.

use burn::{
    module::{Module, Param},
    tensor::{Int, Tensor},
};

use crate::{
    batch::Batch,
    block::{
        Affine, GateAddNorm, GatedResidual, InterpretableAttention, Lstm, State, VariableSelection,
        Widths,
    },
    chance::Chance,
    draws::Draws,
    shape::Shape,
};

/// The Temporal Fusion Transformer (figure 2 of the paper).
#[derive(Module, Debug)]
pub(crate) struct Network {
    /// A table `[kinds, width]` a static variable.
    statics: Vec<Param<Tensor<2>>>,
    /// A table `[kinds, width]` a variable of kinds known ahead.
    kinds: Vec<Param<Tensor<2>>>,
    /// From the numbers observed to the width, each its own way.
    observed: Affine,
    /// The same for those known ahead.
    numbers: Affine,
    static_selection: VariableSelection,
    past_selection: VariableSelection,
    future_selection: VariableSelection,
    /// Four views of the series: for selection, for enrichment, for the memory's two parts.
    contexts: Vec<GatedResidual>,
    encoder: Lstm,
    decoder: Lstm,
    after_memory: GateAddNorm,
    enrichment: GatedResidual,
    attention: InterpretableAttention,
    after_attention: GateAddNorm,
    feed_forward: GatedResidual,
    before_output: GateAddNorm,
    output: Affine,
}

/// What the network says, in the scale of each window.
#[derive(Debug)]
pub(crate) struct Said {
    /// `[1, H · B, quantiles]`.
    pub(crate) quantiles: Tensor<3>,
    /// `[1, B, statics]`.
    pub(crate) statics: Tensor<3>,
    /// `[1, P · B, inputs of the past]`.
    pub(crate) past: Tensor<3>,
    /// `[1, H · B, inputs of the horizon]`.
    pub(crate) future: Tensor<3>,
    /// `[B, H, P + H]`.
    pub(crate) attention: Tensor<3>,
}

impl Network {
    pub(crate) fn new(shape: &Shape, draws: &mut Draws) -> Self {
        let width = shape.width;
        let (numbers, kinds) = (
            Shape::DERIVED.len() + shape.numbers.len(),
            shape.kinds.len(),
        );
        let even = |draws: &mut Draws| GatedResidual::even(1, width, draws);
        let enriched = Widths {
            input: width,
            hidden: width,
            output: width,
        };
        let tables = |variables: &[crate::Variable], draws: &mut Draws| {
            let mut table =
                |variable: &crate::Variable| draws.uniform([variable.kinds(), width], width);
            variables.iter().map(&mut table).collect()
        };
        Self {
            statics: tables(&shape.statics, draws),
            kinds: tables(&shape.kinds, draws),
            observed: Affine::new(Shape::OBSERVED.len(), 1, width, draws),
            numbers: Affine::new(numbers, 1, width, draws),
            static_selection: VariableSelection::new(shape.statics.len(), width, false, draws),
            past_selection: VariableSelection::new(
                Shape::OBSERVED.len() + numbers + kinds,
                width,
                true,
                draws,
            ),
            future_selection: VariableSelection::new(numbers + kinds, width, true, draws),
            contexts: (0..4).map(|_| even(draws)).collect(),
            encoder: Lstm::new(width, draws),
            decoder: Lstm::new(width, draws),
            after_memory: GateAddNorm::new(1, width, width, draws),
            enrichment: GatedResidual::new(1, enriched, Some(width), draws),
            attention: InterpretableAttention::new(width, shape.heads, draws),
            after_attention: GateAddNorm::new(1, width, width, draws),
            feed_forward: even(draws),
            before_output: GateAddNorm::new(1, width, width, draws),
            output: Affine::new(1, width, shape.quantiles.len(), draws),
        }
    }

    /// Of all windows of a batch.
    pub(crate) fn forward(&self, batch: &Batch, chance: &Chance) -> Said {
        let tables = self.statics.iter().zip(&batch.statics);
        let embedded: Vec<Tensor<3>> = tables.map(|(table, kinds)| embed(table, kinds)).collect();
        let series = self
            .static_selection
            .forward(Tensor::cat(embedded, 0), None, chance);
        let context =
            |which: usize| self.contexts[which].forward(series.values.clone(), None, chance);

        let (past, future) = self.inputs(batch);
        let selecting = context(0);
        let past = self
            .past_selection
            .forward(past, Some(selecting.clone()), chance);
        let future = self
            .future_selection
            .forward(future, Some(selecting), chance);

        let remembered = self.remember(
            &past.values,
            &future.values,
            batch.begun.as_ref(),
            [context(2), context(3)],
        );
        let selected = Tensor::cat(vec![past.values, future.values], 1);
        let local = self.after_memory.forward(chance.drop(remembered), selected);
        let enriched = self
            .enrichment
            .forward(local.clone(), Some(context(1)), chance);

        let attended = self
            .attention
            .forward(&enriched, batch.mask.clone(), chance);
        let of_horizon = |steps: Tensor<3>| {
            let rows = attended.values.dims()[1];
            let all = steps.dims()[1];
            steps.narrow(1, all - rows, rows)
        };
        let seen = self
            .after_attention
            .forward(chance.drop(attended.values.clone()), of_horizon(enriched));
        let thought = self.feed_forward.forward(seen, None, chance);
        let decided = self.before_output.forward(thought, of_horizon(local));
        Said {
            quantiles: self.output.forward(decided),
            statics: series.weights,
            past: past.weights,
            future: future.weights,
            attention: attended.weights,
        }
    }

    /// All inputs brought to one width: `[variables, P · B, width]` and `[variables, H · B, width]`.
    fn inputs(&self, batch: &Batch) -> (Tensor<3>, Tensor<3>) {
        let mut ahead = vec![self.numbers.forward(batch.numbers.clone())];
        let tables = self.kinds.iter().zip(&batch.kinds);
        ahead.extend(tables.map(|(table, kinds)| embed(table, kinds)));
        let ahead = Tensor::cat(ahead, 0);
        let observed = self.observed.forward(batch.observed.clone());
        let (past, all) = (observed.dims()[1], ahead.dims()[1]);
        let before = ahead.clone().narrow(1, 0, past);
        (
            Tensor::cat(vec![observed, before], 0),
            ahead.narrow(1, past, all - past),
        )
    }

    /// The memory of all steps, `[1, (P + H) · B, width]`, begun with what the series is like.
    fn remember(
        &self,
        past: &Tensor<3>,
        future: &Tensor<3>,
        begun: Option<&Tensor<3>>,
        [hidden, cell]: [Tensor<3>; 2],
    ) -> Tensor<3> {
        let flat = |context: Tensor<3>| {
            let [_, windows, width] = context.dims();
            context.reshape([windows, width])
        };
        let state = State {
            hidden: flat(hidden),
            cell: flat(cell),
        };
        let (before, state) = self.encoder.forward(past, begun, state);
        let (after, _) = self.decoder.forward(future, None, state);
        Tensor::cat(vec![before, after], 1)
    }
}

/// Rows of a table, `[1, rows, width]`.
fn embed(table: &Param<Tensor<2>>, kinds: &Tensor<1, Int>) -> Tensor<3> {
    table.val().select(0, kinds.clone()).unsqueeze_dim(0)
}
