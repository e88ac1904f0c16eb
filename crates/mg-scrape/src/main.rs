//! The mg-scrape MCP server: named spiders that end in a table.

use std::process::ExitCode;

use mg_scrape::{Config, ScrapeServer};

fn main() -> ExitCode {
    let config = match mg_core::serve::parse::<Config>() {
        Ok(config) => config,
        Err(code) => return code,
    };
    mg_core::serve::run::<ScrapeServer>(&config.flags)
}
