//! mg-platform for people: a demo, the database, a doctor, client configuration, calls and tokens.
//!
//! mgctl is an MCP client: it launches the servers as any host would and speaks to them over stdio.

mod cli;
mod client;
mod commands;
mod context;
mod csv;
mod difference;
mod failure;
mod hosts;
mod json_file;
mod servers_file;
mod terminal;

use std::{io::Write, process::ExitCode};

use mg_core::{Clock, Environment};

pub use cli::Cli;
use context::Context;
use failure::Failure;
use terminal::Terminal;

/// Runs one sub-command to its end: 0 when all is well, 1 when it failed, 78 for a configuration
/// that cannot work, 69 when the doctor finds something down.
#[must_use]
pub fn run(cli: &Cli) -> ExitCode {
    let mut stdout = std::io::stdout().lock();
    let environment = Environment::of_process();
    let mut context = Context {
        terminal: Terminal::of_process(&mut stdout, &environment),
        flags: cli.flags.clone().into(),
        environment,
        clock: Clock::system(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(commands::run(&cli.command, &mut context)),
        Err(error) => Err(Failure::Failed(format!("cannot start: {error}"))),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(sentence) = failure.sentence() {
                // Nothing to do about a closed terminal.
                let _closed = writeln!(std::io::stderr(), "mgctl: {sentence}");
            }
            failure.exit_code()
        }
    }
}
