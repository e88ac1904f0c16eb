//! The command line of mg-scrape.

use std::{collections::BTreeMap, path::PathBuf};

use clap::{Args, Parser, Subcommand};
use mg_core::Flags;
use url::Url;

/// An MCP server (stdio) of named spiders: launched by name, followed, their rows typed, keyed and checked in a table.
#[derive(Clone, Debug, Default, Parser)]
#[command(name = "mg-scrape", version = mg_core::serve::version(mg_db::schema::expected_version()))]
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
    /// Run a spider in the foreground, to its end
    Run(RunArguments),
    /// List the runs, newest first
    List(ListArguments),
    /// Tell how a run is
    Status(OneRun),
    /// Stop a run; nothing of it is written
    Cancel(OneRun),
    /// Go on with a run that was interrupted or failed, in the foreground
    Resume(OneRun),
    /// Do the work of a run; what the other commands and launch_scraper start
    #[command(hide = true)]
    Worker(WorkerArguments),
    /// Write a sheet of the workbook on stdin as CSV to stdout; how workbooks are read
    #[command(hide = true)]
    Parse(ParseArguments),
    /// Check definition files of spiders
    Check(CheckArguments),
    /// Tell what read_page would for a saved page
    Extract(ExtractArguments),
}

/// The arguments of `run`.
#[derive(Args, Clone, Debug)]
pub struct RunArguments {
    /// The spider, by name
    #[arg(value_name = "SPIDER")]
    pub spider: String,
    /// Where to start instead, inside the spider's own scope
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// A parameter of the spider; may be repeated
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    pub params: Vec<(String, String)>,
    /// A limit, which can only be lowered: max_pages, max_depth, max_seconds, max_bytes, max_items; may be repeated
    #[arg(long = "limit", value_name = "NAME=NUMBER", value_parser = pair)]
    pub limits: Vec<(String, String)>,
    /// Print a JSON summary on stdout, for workflows
    #[arg(long)]
    pub json: bool,
}

impl RunArguments {
    /// The parameters by name; the last one of a name counts.
    #[must_use]
    pub fn params(&self) -> BTreeMap<String, String> {
        self.params.iter().cloned().collect()
    }
}

/// The arguments of `list`.
#[derive(Args, Clone, Debug)]
pub struct ListArguments {
    /// Only runs of this spider
    #[arg(long, value_name = "SPIDER")]
    pub spider: Option<String>,
    /// Only runs in this state: running, succeeded, failed, cancelled, interrupted or stalled
    #[arg(long, value_name = "STATE")]
    pub state: Option<String>,
    /// How many at most
    #[arg(long, default_value_t = 20, value_name = "COUNT")]
    pub limit: usize,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The arguments of the commands about one run.
#[derive(Args, Clone, Debug)]
pub struct OneRun {
    /// The run, as launch_scraper and `list` name it
    #[arg(value_name = "RUN_ID")]
    pub run_id: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The arguments of `worker`.
#[derive(Args, Clone, Debug)]
pub struct WorkerArguments {
    /// The run
    #[arg(value_name = "RUN_ID")]
    pub run_id: String,
}

/// The arguments of `parse`.
#[derive(Args, Clone, Debug)]
pub struct ParseArguments {
    /// The sheet, the first without it
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
}

/// The arguments of `check`.
#[derive(Args, Clone, Debug)]
pub struct CheckArguments {
    /// The definition files, or names of spiders; default: all
    #[arg(value_name = "SPIDER")]
    pub spiders: Vec<String>,
    /// A saved page to extract from
    #[arg(long, value_name = "FILE")]
    pub fixture: Option<PathBuf>,
    /// The address the saved page came from
    #[arg(long, value_name = "URL", requires = "fixture")]
    pub url: Option<Url>,
    /// Print the JSON Schema of definition files instead
    #[arg(long)]
    pub schema: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The arguments of `extract`.
#[derive(Args, Clone, Debug)]
pub struct ExtractArguments {
    /// The saved page
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The address it came from
    #[arg(long, value_name = "URL")]
    pub url: Option<Url>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = parts.ok_or("write NAME=VALUE, e.g. --param commune=77243")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_arguments_a_server_is_what_is_given_by_default() {
        let parsed = Config::try_parse_from(["mg-scrape"]).unwrap();
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Config::default()));
    }
}
