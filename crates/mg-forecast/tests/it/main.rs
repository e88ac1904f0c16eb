//! The forecast as its callers see it.
#![expect(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "tests stop at the first surprise and know their numbers"
)]

mod anomalies;
mod benchmark;
mod guests;
mod honesty;
mod overlapping;
mod properties;
mod series;
