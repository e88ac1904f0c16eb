//! The mg-sql MCP server: read-only SQL for agents and analysts.

use std::process::ExitCode;

use mg_sql::{Config, SqlServer};

fn main() -> ExitCode {
    match mg_core::serve::parse_or_default::<Config>() {
        Ok(config) => mg_core::serve::run::<SqlServer>(&config.flags),
        Err(code) => code,
    }
}
