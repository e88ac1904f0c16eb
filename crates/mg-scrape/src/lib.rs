//! Named spiders that end in a table: declared in TOML, launched by name, their rows typed, keyed and checked.

pub mod browser;
mod config;
pub mod crawl;
pub mod definition;
pub mod extract;
pub mod item;
pub mod ledger;
pub mod load;
pub mod run;
mod server;
mod stop;
mod tools;
pub mod web;

pub use config::{
    CheckArguments, Command, Config, ExtractArguments, ListArguments, OneRun, RunArguments,
    WorkerArguments,
};
pub use server::ScrapeServer;
