//! Runs as processes: launched, looked at, cancelled, followed; and the work itself.

mod asked;
mod cancel;
mod environment;
mod follow;
mod launch;
mod list;
mod lock;
mod look;
mod pulse;
mod release;
mod report;
mod secrets;
mod spawn;
mod worker;

use std::io::Write as _;

pub use cancel::cancel;
pub use follow::{resume, run};
pub use launch::{Launch, Launched};
pub use list::{command_cancel, command_list, command_status};
pub(crate) use list::{runs, runtime};
pub use look::{found, look, looked_at};
pub use report::{Report, Trouble};
pub use worker::work;

/// Tells a person; a terminal that is closed is their choice.
pub(crate) fn say(sentence: &str) {
    let _closed = writeln!(std::io::stderr(), "{sentence}");
}

/// Prints an answer of the command line.
pub(crate) fn print(text: &str) {
    let _closed = writeln!(std::io::stdout(), "{text}");
}
