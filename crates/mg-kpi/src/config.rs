//! The command line of mg-kpi.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use mg_core::{Flags, kpi::Grain};

/// An MCP server (stdio) of governed indicators: one number with its unit, period, source, vintage and status.
#[derive(Clone, Debug, Default, Parser)]
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
    /// Draw an indicator over time into a file
    Chart(ChartArguments),
    /// Train the network that forecasts all monthly indicators together
    Train(TrainArguments),
}

/// The arguments of `train`.
#[derive(Args, Clone, Debug)]
pub struct TrainArguments {
    /// The network
    #[arg(value_enum, value_name = "MODEL")]
    pub model: Network,
    /// Go on with a training that was stopped
    #[arg(long)]
    pub resume: bool,
    /// Steps at most; training ends earlier where the network no longer gets better
    #[arg(long, value_name = "STEPS", default_value_t = 1_000)]
    pub steps: usize,
    /// What chance starts from: the same seed makes the same weights
    #[arg(long, value_name = "SEED", default_value_t = 1)]
    pub seed: u64,
}

/// A network that can be trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Network {
    /// The Temporal Fusion Transformer
    Tft,
}

/// The arguments of `refresh`.
#[derive(Args, Clone, Debug)]
pub struct RefreshArguments {
    /// The indicators, by name
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// All indicators
    #[arg(long, conflicts_with = "names")]
    pub all: bool,
    /// The indicators that a spider of mg-scrape brings rows for
    #[arg(long, value_name = "SPIDER", conflicts_with_all = ["names", "all"])]
    pub spider: Option<String>,
    /// Store forecasts too
    #[arg(long)]
    pub forecast: bool,
    /// Print a JSON summary on stdout, for workflows
    #[arg(long)]
    pub json: bool,
}

/// The arguments of `chart`.
#[derive(Args, Clone, Debug)]
pub struct ChartArguments {
    /// The indicator: name, title or synonym
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The picture: .svg, .png or .html (with the numbers as a table)
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// INSEE or SIREN code, D77, R11, FR, or a name in any spelling [default: the whole authority]
    #[arg(long, value_name = "TERRITORY")]
    pub territory: Option<String>,
    /// First period: 2022, 2022-03, 2022-T1 [default: the 60 last periods]
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// Last period [default: the last covered one]
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// The step: month, quarter or year [default: the indicator's own]
    #[arg(long, value_enum, value_name = "GRAIN")]
    pub grain: Option<Step>,
    /// Draw what is to be expected too, at the indicator's own step
    #[arg(long, conflicts_with_all = ["to", "grain"])]
    pub forecast: bool,
    /// Steps of the forecast [default: 12 months, 4 quarters or 3 years]
    #[arg(long, value_name = "STEPS", requires = "forecast")]
    pub horizon: Option<i64>,
}

/// The step of a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// `month`
    Month,
    /// `quarter`
    Quarter,
    /// `year`
    Year,
}

impl From<Step> for Grain {
    fn from(step: Step) -> Self {
        match step {
            Step::Month => Self::Month,
            Step::Quarter => Self::Quarter,
            Step::Year => Self::Year,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_arguments_a_server_is_what_is_given_by_default() {
        let parsed = Config::try_parse_from(["mg-kpi"]).unwrap();
        assert_eq!(format!("{parsed:?}"), format!("{:?}", Config::default()));
    }
}
