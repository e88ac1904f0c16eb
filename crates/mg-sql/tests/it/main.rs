//! mg-sql as a client meets it, the same suite on every engine.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod engines;
mod exactness;
mod explain_sql;
mod faults;
mod hidden;
mod interruption;
mod misspelt;
mod offers;
mod run_sql;
mod schemas;
mod search_schema;
mod types;
