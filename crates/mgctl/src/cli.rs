//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use mg_core::{Flags, Language};
use secrecy::SecretString;

use crate::commands::{call, clients, db, demo, doctor, token};

/// mg-platform for people: a demo, the database, a doctor, client configuration, calls, tokens.
#[derive(Debug, Parser)]
#[command(name = "mgctl", version = mg_core::serve::version(mg_db::schema::expected_version()))]
pub struct Cli {
    #[command(flatten)]
    pub(crate) flags: GlobalFlags,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every sub-command, as the servers take them.
#[derive(Args, Clone, Debug)]
pub(crate) struct GlobalFlags {
    /// The settings file [env: `MG_CONFIG`] [default: mg.toml in the user's configuration folder]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Where the embedded database, run ledgers and results live [env: `MG_DATA_DIR`]
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// The account that reads: postgres://…, mariadb://… or sqlite:… [env: `MG_DATABASE_URL`] [default: the embedded demo database]
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<SecretString>,
    /// Language of sentences and labels [env: `MG_LANG`] [default: fr]
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE")]
    lang: Option<Language>,
}

impl From<GlobalFlags> for Flags {
    fn from(flags: GlobalFlags) -> Self {
        let GlobalFlags {
            config,
            data_dir,
            database_url,
            lang,
        } = flags;
        Self {
            config,
            data_dir,
            database_url,
            lang,
            ..Self::default()
        }
    }
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Launch the servers and tell a short story with right numbers
    Demo(demo::Arguments),
    /// Make, fill, upgrade and describe the database
    #[command(subcommand)]
    Db(db::Command),
    /// Check settings, accounts, schema, roles and servers, and say how to mend what is wrong
    Doctor(doctor::Arguments),
    /// Write the servers into the configuration of an AI client
    #[command(subcommand)]
    Clients(clients::Command),
    /// Call one tool of a server
    Call(call::Arguments),
    /// Make keys and signed tokens
    #[command(subcommand)]
    Token(token::Command),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_has_no_contradiction() {
        Cli::command().debug_assert();
    }

    #[test]
    fn global_flags_may_stand_after_the_sub_command() {
        let cli = Cli::try_parse_from(["mgctl", "db", "status", "--lang", "en", "--data-dir", "d"])
            .unwrap();
        let flags = Flags::from(cli.flags);
        assert_eq!(
            (flags.lang, flags.data_dir),
            (Some(Language::English), Some("d".into()))
        );
    }
}
