//! Rows into tables, the same on every engine.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod end_to_end;
mod engines;
mod facts;
mod files;
mod indicators;
mod own;
mod permits;
mod portal;
mod quirks;
