//! mgctl: mg-platform for people.

use std::process::ExitCode;

fn main() -> ExitCode {
    match mg_core::serve::parse::<mgctl::Cli>() {
        Ok(cli) => mgctl::run(&cli),
        Err(code) => code,
    }
}
