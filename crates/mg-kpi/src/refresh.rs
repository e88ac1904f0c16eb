//! `mg-kpi refresh`: computes indicators for every territory and stores them.

use std::{io::Write, process::ExitCode};

use mg_core::Flags;

use crate::config::RefreshArguments;

/// Runs the sub-command to its end.
#[must_use]
pub fn refresh(_flags: &Flags, _arguments: &RefreshArguments) -> ExitCode {
    let _closed = writeln!(std::io::stderr(), "mg-kpi: refresh is not there yet");
    ExitCode::FAILURE
}
