//! `just soak-http`: many clients of one server over HTTP, some of which hang up in the middle of a call or read
//! slowly. Counts every answer, watches the server's memory, and measures one client beside stdio.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement stops at the first surprise and prints what it found"
)]

mod alone;
mod connection;
mod storm;
mod times;

use clap::Parser;
use mg_testkit::Service;

/// How long, how many.
#[derive(Debug, Parser)]
struct Arguments {
    /// Seconds of the storm
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Clients at once
    #[arg(long, default_value_t = 200)]
    clients: u64,
}

/// What every call asks.
const QUERY: &str = "SELECT comm, nom FROM dim_commune ORDER BY comm";

/// Nothing but the machine bounds the calls.
const SETTINGS: &str = "[limits]\nper_second = 1000000\nburst = 1000000\nqueued = 1000\n\
    [http]\nconcurrent = 1000\nconnections = 1000\n";

fn main() {
    let arguments = Arguments::parse();
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("mg.toml");
    std::fs::write(&config, SETTINGS).unwrap();
    let variables = [("MG_CONFIG", config.to_str().unwrap()), ("MG_LOG", "error")];
    alone::over_stdio(&variables, home.path());
    let service = Service::start("mg-sql", &[], &variables, home.path());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(alone::over_http(service.address()));
    runtime.block_on(storm::storm(&service, arguments.seconds, arguments.clients));
    runtime.block_on(alone::over_http(service.address()));
}
