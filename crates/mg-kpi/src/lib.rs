//! Indicators of the territory: one number with its meaning, as MCP tools.

mod absence;
mod anomalies;
mod asked;
mod case;
mod catalogue;
mod chart;
mod chart_file;
mod comparison;
mod config;
mod coverage;
mod evaluate;
mod facts;
#[cfg(test)]
mod fixture;
mod forecast;
mod indicator;
mod neural;
mod note;
mod objective;
mod observed;
mod phrase;
mod picture;
mod prompts;
mod provenance;
mod reach;
mod reading;
mod reference_year;
mod refresh;
mod sentence;
mod series;
mod server;
mod span;
mod store;
mod subject;
mod sums;
mod table;
mod telling;
mod territory;
mod tools;

pub use chart_file::run as chart;
pub use config::{
    ChartArguments, Command, Config, Network, RefreshArguments, Step, TrainArguments,
};
pub use neural::train;
pub use refresh::run as refresh;
pub use server::KpiServer;
