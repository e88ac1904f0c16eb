//! The server of the conformance suite as a process.

use std::process::ExitCode;

use clap::Parser;
use mg_testkit::ConformanceServer;

/// A server with what the MCP conformance suite asks for by name.
#[derive(Debug, Default, Parser)]
#[command(version = mg_core::serve::version(0))]
struct Cli {
    #[command(flatten)]
    flags: mg_core::Flags,
}

fn main() -> ExitCode {
    match mg_core::serve::parse_or_default::<Cli>() {
        Ok(cli) => mg_core::serve::run::<ConformanceServer>(&cli.flags),
        Err(code) => code,
    }
}
