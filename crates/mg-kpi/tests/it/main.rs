//! mg-kpi as a client meets it, the same suite on every engine.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod arguments;
mod catalogue;
mod engines;
mod faults;
mod formulas;
mod offers;
mod periods;
mod sentences;
mod unknown;
mod values;
