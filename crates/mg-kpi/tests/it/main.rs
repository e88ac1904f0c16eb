//! mg-kpi as a client meets it, the same suite on every engine.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod arguments;
mod catalogue;
mod comparisons;
mod engines;
mod faults;
mod forecasts;
mod formulas;
mod odd;
mod offers;
mod periods;
mod sentences;
mod series;
mod unknown;
mod values;
