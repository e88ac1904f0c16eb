//! mg-kpi as a client meets it, the same suite on every engine.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod annual;
mod arguments;
mod catalogue;
mod cohorts;
mod comparisons;
mod engines;
mod every;
mod faults;
mod forecasts;
mod formulas;
mod loaded;
mod network;
mod odd;
mod offers;
mod periods;
mod promises;
mod refresh;
mod resuming;
mod sales;
mod sentences;
mod series;
mod sources;
mod traps;
mod unknown;
mod values;
mod variants;
