//! The built binaries, as clients meet them: bytes on pipes, exit codes, files, and three real clients.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, its helpers too"
)]

mod agents;
mod audit;
mod bundles;
mod calls;
mod claude_code;
mod clients;
mod configuration;
mod deployment;
mod ending;
mod engines;
mod eras;
mod modes;
mod noise;
mod pictures;
mod reference;
mod security;
mod servers;
mod settings;
mod spooling;
mod starting;
mod tokens;
mod tools;
