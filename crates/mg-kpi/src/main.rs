//! The mg-kpi MCP server: indicators of the territory.

use std::process::ExitCode;

use mg_kpi::{Config, KpiServer};

fn main() -> ExitCode {
    match mg_core::serve::parse::<Config>() {
        Ok(config) => mg_core::serve::run::<KpiServer>(&config.flags),
        Err(code) => code,
    }
}
