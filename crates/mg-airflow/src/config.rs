//! The command line of mg-airflow.

use mg_core::Flags;

/// An MCP server (stdio) that runs and explains the workflows of an Airflow 3.
#[derive(Clone, Debug, Default, clap::Parser)]
#[command(name = "mg-airflow", version = mg_core::serve::version(None))]
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
        let parsed = Config::try_parse_from(["mg-airflow"]).unwrap();
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Config::default()));
    }
}
