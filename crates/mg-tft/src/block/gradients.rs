//! The derivative of every block along random directions, against finite differences.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::{DType, Device, Tensor, TensorData},
};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

use super::{
    Affine, GateAddNorm, GatedResidual, InterpretableAttention, LayerNorm, Lstm, State,
    VariableSelection, Widths,
};
use crate::{chance::Chance, draws::Draws, loss::quantile_loss, processor};

const SHIFT: f64 = 1e-5;

fn device() -> Device {
    processor().autodiff()
}

fn draws() -> Draws {
    Draws::new(7, &device()).in_double_precision()
}

/// Numbers of a size about one.
fn numbers<const D: usize>(shape: [usize; D], seed: u64) -> Tensor<D> {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let count: usize = shape.iter().product();
    let values: Vec<f64> = (0..count).map(|_| chance.random_range(-1.5..1.5)).collect();
    Tensor::from_data(TensorData::new(values, shape), (&device(), DType::F64))
}

/// Moves all parameters along a direction.
struct Shift {
    direction: u64,
    by: f64,
}

impl ModuleMapper for Shift {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let direction = numbers(param.val().dims(), self.direction ^ param.id.val());
        let moved = |values: Tensor<D>| values.inner() + direction.inner() * self.by;
        param.map(|values| Tensor::from_inner(moved(values)).require_grad())
    }
}

/// The derivative along a direction, from the gradients.
struct Along<'a> {
    direction: u64,
    gradients: &'a GradientsParams,
    sum: f64,
    parameters: usize,
}

impl ModuleVisitor for Along<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let gradient = self.gradients.get::<D>(param.id).unwrap();
        let direction = numbers(param.val().dims(), self.direction ^ param.id.val()).inner();
        let product: f64 = (gradient * direction).sum().try_into_scalar().unwrap();
        self.sum += product;
        self.parameters += 1;
    }
}

/// A number that depends on every value of the outcome, each in another way.
fn mixed(values: Tensor<3>) -> Tensor<1> {
    let weights = numbers(values.dims(), 99);
    (values.clone() * weights + values.clone() * values * 0.3).sum()
}

fn check<M: Module>(block: &M, outcome: impl Fn(&M) -> Tensor<1>) {
    let gradients = GradientsParams::from_grads(outcome(block).backward(), block);
    for direction in [1_000, 2_000, 3_000] {
        let at = |by: f64| -> f64 {
            let moved = block.clone().map(&mut Shift { direction, by });
            outcome(&moved).try_into_scalar().unwrap()
        };
        let expected = (at(SHIFT) - at(-SHIFT)) / (2.0 * SHIFT);
        let mut along = Along {
            direction,
            gradients: &gradients,
            sum: 0.0,
            parameters: 0,
        };
        block.visit(&mut along);
        let apart = (along.sum - expected).abs() / expected.abs().max(1e-3);
        assert!(along.parameters > 0 && expected != 0.0);
        assert!(apart < 1e-5, "{} against {expected}", along.sum);
    }
}

#[test]
fn of_affine_maps() {
    let block = Affine::new(3, 4, 5, &mut draws());
    check(&block, |block| mixed(block.forward(numbers([3, 6, 4], 1))));
}

#[test]
fn of_layer_norms() {
    let block = LayerNorm::new(2, 5, &mut draws());
    check(&block, |block| mixed(block.forward(numbers([2, 6, 5], 1))));
}

#[test]
fn of_gates() {
    let block = GateAddNorm::new(2, 4, 5, &mut draws());
    check(&block, |block| {
        mixed(block.forward(numbers([2, 6, 4], 1), numbers([2, 6, 5], 2)))
    });
}

#[test]
fn of_gated_residual_networks() {
    let widths = Widths {
        input: 4,
        hidden: 5,
        output: 3,
    };
    let block = GatedResidual::new(1, widths, Some(2), &mut draws());
    check(&block, |block| {
        let (input, context) = (numbers([1, 6, 4], 1), numbers([1, 2, 2], 2));
        mixed(block.forward(input, Some(context), &Chance::none()))
    });
}

#[test]
fn of_grouped_gated_residual_networks() {
    let block = GatedResidual::even(3, 4, &mut draws());
    check(&block, |block| {
        mixed(block.forward(numbers([3, 6, 4], 1), None, &Chance::none()))
    });
}

#[test]
fn of_variable_selection() {
    let block = VariableSelection::new(3, 4, true, &mut draws());
    check(&block, |block| {
        let (inputs, context) = (numbers([3, 6, 4], 1), numbers([1, 2, 4], 2));
        let selected = block.forward(inputs, Some(context), &Chance::none());
        mixed(selected.values) + mixed(selected.weights)
    });
}

#[test]
fn of_memory() {
    let block = Lstm::new(4, &mut draws());
    check(&block, |block| {
        let state = State {
            hidden: numbers([2, 4], 1),
            cell: numbers([2, 4], 2),
        };
        // The first window begins at the third step.
        let begun = [0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0];
        let begun = TensorData::new(begun.to_vec(), [1, 8, 1]);
        let begun = Tensor::<3>::from_data(begun, (&device(), DType::F64));
        let (all, last) = block.forward(&numbers([1, 8, 4], 3), Some(&begun), state);
        mixed(all) + mixed(last.cell.unsqueeze_dim(0))
    });
}

#[test]
fn of_attention() {
    let block = InterpretableAttention::new(4, 2, &mut draws());
    check(&block, |block| {
        let attended = block.forward(
            &numbers([1, 10, 4], 1),
            numbers([2, 2, 5], 2),
            &Chance::none(),
        );
        mixed(attended.values) + mixed(attended.weights)
    });
}

#[test]
fn of_the_quantile_loss() {
    let block = Affine::new(1, 4, 3, &mut draws());
    check(&block, |block| {
        let counted = numbers([1, 6, 1], 3) * 0.0 + 1.0;
        let said = block.forward(numbers([1, 6, 4], 1));
        quantile_loss(said, numbers([1, 6, 1], 2), counted, &[0.1, 0.5, 0.9])
    });
}
