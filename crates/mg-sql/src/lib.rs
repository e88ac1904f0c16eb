//! Read-only SQL on the analytics database, as MCP tools.

mod advice;
mod config;
mod database;
mod discovery;
mod page;
mod plan;
mod rows;
mod server;
mod spool;
mod statement;
mod tools;
mod values;

pub use config::Config;
pub use server::SqlServer;
