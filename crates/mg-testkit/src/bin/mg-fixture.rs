//! The fixture server as a process.

use std::process::ExitCode;

use clap::Parser;
use mg_testkit::FixtureServer;

/// A server with tools that misbehave on purpose.
#[derive(Debug, Default, Parser)]
#[command(version = mg_core::serve::version(0))]
struct Cli {
    #[command(flatten)]
    flags: mg_core::Flags,
}

fn main() -> ExitCode {
    match mg_core::serve::parse_or_default::<Cli>() {
        Ok(cli) => mg_core::serve::run::<FixtureServer>(&cli.flags),
        Err(code) => code,
    }
}
