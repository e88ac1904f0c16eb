//! Serving: what a server offers, the call path that all servers share, stdio, HTTP, and the start of a process.

mod arguments;
mod call;
mod failure;
mod host;
mod http;
mod logs;
mod offers;
mod prompt;
mod server;
mod signals;
mod size;
mod start;
mod stdio;
mod tally;
mod trace;
mod view;

pub use call::Call;
pub use host::Host;
pub use logs::{Logs, start as start_logs};
pub use prompt::{Prompt, PromptArgument};
pub use server::{Finding, Server};
pub use start::{parse, parse_or_default, run, version};
pub use stdio::serve_stdio;
pub(crate) use view::FRAGMENT;
pub use view::View;
