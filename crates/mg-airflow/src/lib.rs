//! Workflows of an Airflow 3: listed, described, run, followed and diagnosed, as MCP tools.

mod allow;
mod cancelling;
mod catalogue;
mod cause;
mod client;
mod config;
mod diagnosis;
mod following;
mod history;
mod import_errors;
mod log;
mod moment;
mod parameters;
mod prompts;
mod results;
mod run;
mod run_id;
mod server;
mod starting;
mod tasks;
mod tools;
mod wire;
mod words;

pub use config::Config;
pub use server::AirflowServer;
