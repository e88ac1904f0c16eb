//! The built binaries, as clients meet them: bytes on pipes, exit codes, files, and three real clients.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, its helpers too"
)]

mod audit;
mod calls;
mod clients;
mod configuration;
mod ending;
mod engines;
mod eras;
mod modes;
mod noise;
mod pictures;
mod reference;
mod servers;
mod settings;
mod spooling;
mod starting;
mod tokens;
mod tools;
