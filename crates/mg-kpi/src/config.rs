//! The command line of mg-kpi.

use clap::{Args, Parser, Subcommand};
use mg_core::Flags;

/// An MCP server (stdio) of governed indicators: one number with its unit, period, source, vintage and status.
#[derive(Clone, Debug, Parser)]
#[command(name = "mg-kpi", version = mg_core::serve::version(mg_db::schema::expected_version()))]
pub struct Config {
    /// What every server takes.
    #[command(flatten)]
    pub flags: Flags,
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What people and workflows run; without one, the server is run.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Compute indicators for every territory and store them in kpi_value
    Refresh(RefreshArguments),
}

/// The arguments of `refresh`.
#[derive(Args, Clone, Debug)]
pub struct RefreshArguments {
    /// The indicators, by name
    #[arg(value_name = "NAME", required_unless_present = "all")]
    pub names: Vec<String>,
    /// All indicators
    #[arg(long, conflicts_with = "names")]
    pub all: bool,
    /// Store forecasts too
    #[arg(long)]
    pub forecast: bool,
    /// Print a JSON summary on stdout, for workflows
    #[arg(long)]
    pub json: bool,
}
