//! The sub-commands, one file each.

pub(crate) mod call;
pub(crate) mod clients;
pub(crate) mod db;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod token;

use crate::{cli::Command, context::Context, failure::Failure};

/// Runs one sub-command.
pub(crate) async fn run(command: &Command, context: &mut Context<'_>) -> Result<(), Failure> {
    match command {
        Command::Demo(arguments) => demo::run(arguments, context).await,
        Command::Db(command) => db::run(command, context).await,
        Command::Doctor(arguments) => doctor::run(arguments, context).await,
        Command::Clients(command) => clients::run(command, context),
        Command::Call(arguments) => call::run(arguments, context).await,
        Command::Token(command) => token::run(command, context),
    }
}
