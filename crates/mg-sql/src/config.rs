//! The command line of mg-sql.

use mg_core::Flags;

/// An MCP server (stdio) that reads the analytics database: one statement at a time, read-only, always rolled back.
#[derive(Clone, Debug, clap::Parser)]
#[command(name = "mg-sql", version = mg_core::serve::version(mg_db::schema::expected_version()))]
pub struct Config {
    /// What every server takes.
    #[command(flatten)]
    pub flags: Flags,
}
