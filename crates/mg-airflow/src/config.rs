//! The command line of mg-airflow.

use mg_core::Flags;

/// An MCP server (stdio) that runs and explains the workflows of an Airflow 3.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "mg-airflow", version = mg_core::serve::version(None))]
pub struct Config {
    /// What every server takes.
    #[command(flatten)]
    pub flags: Flags,
}
