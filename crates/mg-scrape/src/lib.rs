//! Named spiders that end in a table: declared in TOML, launched by name, their rows typed, keyed and checked.

pub mod browser;
pub mod command;
mod config;
pub mod crawl;
pub mod definition;
pub mod extract;
pub mod files;
mod hexadecimal;
pub mod item;
pub mod ledger;
pub mod load;
mod preview;
mod prompts;
mod reach;
mod reader;
pub mod run;
mod sample;
mod server;
mod stop;
mod summary;
mod tools;
pub mod web;

pub use config::{
    CheckArguments, Command, Config, ExtractArguments, ListArguments, OneRun, ParseArguments,
    RunArguments, WorkerArguments,
};
pub use server::ScrapeServer;
