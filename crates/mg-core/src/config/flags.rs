//! The flags every server takes.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::{Language, Role};

/// Flags of every server; each beats its environment variable, which beats `mg.toml`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Flags {
    /// What the caller may do; ignored where tokens are required [env: `MG_ROLE`] [default: viewer]
    #[arg(long, global = true, value_enum, value_name = "ROLE")]
    pub role: Option<Role>,
    /// The account that reads: postgres://…, mariadb://… or sqlite:… [env: `MG_DATABASE_URL`] [default: the embedded demo database]
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<SecretString>,
    /// Where the embedded database, run ledgers and results live [env: `MG_DATA_DIR`]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// The settings file [env: `MG_CONFIG`] [default: mg.toml in the user's configuration folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Language of sentences, labels and charts [env: `MG_LANG`] [default: fr]
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE")]
    pub lang: Option<Language>,
    /// Serve over HTTP at this address, as 127.0.0.1:8811, instead of over stdio [env: `MG_HTTP`]
    #[arg(long, value_name = "ADDRESS")]
    pub http: Option<String>,
    /// Validate the settings, try the connections, print what was found, exit
    #[arg(long)]
    pub check: bool,
    /// Print the JSON of tools/list for the role, exit
    #[arg(long)]
    pub list_tools: bool,
}
