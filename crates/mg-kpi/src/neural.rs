//! The network: what it learns from, where its weights are, what it says of one indicator.

mod inputs;
mod memory;
mod panel;
mod said;
mod shelf;
mod train;

pub(crate) use panel::Panel;
pub(crate) use said::{Asked, Said, ask};
pub(crate) use shelf::Shelf;
pub use train::run as train;

/// Months that are looked back at.
const PAST: usize = 36;
/// Months that are forecast: a year, and a year of provisional values before it.
const HORIZON: usize = 24;
/// Months at the end of each series that are never learnt from: the origins of the backtest.
const KEPT_APART: usize = 24;
