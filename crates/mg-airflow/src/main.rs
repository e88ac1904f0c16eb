//! The mg-airflow MCP server: workflows of an Airflow 3.

use std::process::ExitCode;

use mg_airflow::{AirflowServer, Config};

fn main() -> ExitCode {
    match mg_core::serve::parse_or_default::<Config>() {
        Ok(config) => mg_core::serve::run::<AirflowServer>(&config.flags),
        Err(code) => code,
    }
}
