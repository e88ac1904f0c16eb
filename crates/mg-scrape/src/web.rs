//! The web: who may be spoken to, how, and how politely.

pub mod address;
mod failure;
pub mod guard;
pub mod politeness;
mod retry_after;
pub mod robots;
pub mod secrets;
pub mod sitemap;
pub mod transport;

pub use failure::Failure;
pub use guard::{Guard, HostPattern, Refusal};
pub use robots::Robots;
pub use secrets::Secrets;
pub use transport::Transport;
