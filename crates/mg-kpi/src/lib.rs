//! Indicators of the territory: one number with its meaning, as MCP tools.

mod absence;
mod asked;
mod case;
mod catalogue;
mod chart;
mod chart_file;
mod config;
mod coverage;
mod evaluate;
mod facts;
#[cfg(test)]
mod fixture;
mod indicator;
mod note;
mod objective;
mod phrase;
mod prompts;
mod provenance;
mod reading;
mod reference_year;
mod refresh;
mod sentence;
mod series;
mod server;
mod span;
mod store;
mod subject;
mod table;
mod telling;
mod territory;
mod tools;

pub use chart_file::chart_file;
pub use config::{ChartArguments, Command, Config, RefreshArguments, Step};
pub use refresh::refresh;
pub use server::KpiServer;
