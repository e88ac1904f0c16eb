//! Serving: what a server offers, the call path that all servers share, stdio, and the start of a process.

mod arguments;
mod call;
mod host;
mod logs;
mod offers;
mod prompt;
mod server;
mod start;
mod stdio;
mod trace;
mod view;

pub use call::Call;
pub use host::Host;
pub use logs::{Logs, start as start_logs};
pub use prompt::{Prompt, PromptArgument};
pub use server::{Finding, Server};
pub use start::{parse, run, version};
pub use stdio::serve_stdio;
pub(crate) use view::FRAGMENT;
pub use view::View;
