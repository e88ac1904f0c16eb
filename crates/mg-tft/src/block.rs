//! The blocks of the network, each with its equation.
//!
//! Rows of a batch are ordered by time first: row `t · B + b` is step `t` of window `b`. Tensors are
//! `[groups, rows, width]`: several variables that each have weights of their own pass through one block as groups.

mod affine;
mod attention;
mod gated_residual;
#[cfg(test)]
mod gradients;
mod layer_norm;
mod lstm;
mod selection;

pub(crate) use affine::Affine;
pub(crate) use attention::InterpretableAttention;
pub(crate) use gated_residual::{GateAddNorm, GatedResidual, Widths};
pub(crate) use layer_norm::LayerNorm;
pub(crate) use lstm::{Lstm, State};
pub(crate) use selection::VariableSelection;
