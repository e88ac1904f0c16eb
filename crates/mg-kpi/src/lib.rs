//! Indicators of the territory: one number with its meaning, as MCP tools.

mod absence;
mod asked;
mod case;
mod catalogue;
mod config;
mod coverage;
mod evaluate;
mod facts;
#[cfg(test)]
mod fixture;
mod indicator;
mod note;
mod objective;
mod prompts;
mod reading;
mod reference_year;
mod refresh;
mod sentence;
mod server;
mod store;
mod sums;
mod telling;
mod territory;
mod tools;

pub use config::{Command, Config, RefreshArguments};
pub use refresh::refresh;
pub use server::KpiServer;
