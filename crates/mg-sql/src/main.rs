//! The mg-sql MCP server: read-only SQL for agents and analysts.

use std::process::ExitCode;

use mg_sql::{Config, SqlServer};

fn main() -> ExitCode {
    match mg_core::serve::parse::<Config>() {
        Ok(config) => mg_core::serve::run::<SqlServer>(&config.flags),
        Err(code) => code,
    }
}
