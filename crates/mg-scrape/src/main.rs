//! The mg-scrape MCP server: named spiders that end in a table.

use std::process::ExitCode;

use mg_scrape::{Command, Config, ScrapeServer, command, files, run};

fn main() -> ExitCode {
    let config = match mg_core::serve::parse_or_default::<Config>() {
        Ok(config) => config,
        Err(code) => return code,
    };
    match config.command {
        None => mg_core::serve::run::<ScrapeServer>(&config.flags),
        Some(Command::Run(arguments)) => run::run(&config.flags, &arguments),
        Some(Command::List(arguments)) => run::command_list(&config.flags, &arguments),
        Some(Command::Status(arguments)) => run::command_status(&config.flags, &arguments),
        Some(Command::Cancel(arguments)) => run::command_cancel(&config.flags, &arguments),
        Some(Command::Resume(arguments)) => run::resume(&config.flags, &arguments),
        Some(Command::Worker(arguments)) => run::work(&config.flags, &arguments.run_id),
        Some(Command::Parse(arguments)) => files::parse(arguments.sheet.as_deref()),
        Some(Command::Check(arguments)) => command::check(&config.flags, &arguments),
        Some(Command::Extract(arguments)) => command::extract(&config.flags, &arguments),
    }
}
