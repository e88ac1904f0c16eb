//! The command line of mg-sql.

use mg_core::Flags;

/// An MCP server (stdio) that reads the analytics database: one statement at a time, read-only, always rolled back.
#[derive(Clone, Debug, Default, clap::Parser)]
#[command(name = "mg-sql", version = mg_core::serve::version(mg_db::schema::expected_version()))]
pub struct Config {
    /// What every server takes.
    #[command(flatten)]
    pub flags: Flags,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[test]
    fn without_arguments_a_server_is_what_is_given_by_default() {
        let parsed = Config::try_parse_from(["mg-sql"]).unwrap();
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Config::default()));
    }
}
