//! The mg-kpi MCP server: indicators of the territory.

use std::process::ExitCode;

use mg_kpi::{Command, Config, KpiServer, chart, refresh, train};

fn main() -> ExitCode {
    let config = match mg_core::serve::parse_or_default::<Config>() {
        Ok(config) => config,
        Err(code) => return code,
    };
    match config.command {
        None => mg_core::serve::run::<KpiServer>(&config.flags),
        Some(Command::Refresh(arguments)) => refresh(&config.flags, &arguments),
        Some(Command::Chart(arguments)) => chart(&config.flags, &arguments),
        Some(Command::Train(arguments)) => train(&config.flags, &arguments),
    }
}
