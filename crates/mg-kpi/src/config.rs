//! The command line of mg-kpi.

use mg_core::Flags;

/// An MCP server (stdio) of governed indicators: one number with its unit, period, source, vintage and status.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "mg-kpi", version = mg_core::serve::version(mg_db::schema::expected_version()))]
pub struct Config {
    /// What every server takes.
    #[command(flatten)]
    pub flags: Flags,
}
