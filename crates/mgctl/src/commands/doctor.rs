//! `mgctl doctor`: what is in order, what is wrong, and how to mend it.

mod accounts;
mod as_client;
mod probe;
mod servers;
mod surroundings;

use std::{path::PathBuf, time::Duration};

use clap::Args;
use mg_core::serve::Finding;

use crate::{context::Context, failure::Failure, hosts::HostName};

/// Arguments of `doctor`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Launch what this client's own file says, as it would
    #[arg(long = "as", value_enum, value_name = "CLIENT")]
    client: Option<HostName>,
    /// Another file of this client, e.g. .vscode/mcp.json of a project
    #[arg(long, value_name = "FILE", requires = "client")]
    file: Option<PathBuf>,
    /// How servers are launched [default: servers.json beside this program or in the working folder]
    #[arg(long, value_name = "FILE", conflicts_with = "client")]
    servers: Option<PathBuf>,
    /// Seconds a server may take to answer
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
}

/// Runs the sub-command: every finding as it is made, the worst one as exit code.
pub(crate) async fn run(arguments: &Arguments, context: &mut Context<'_>) -> Result<(), Failure> {
    let patience = Duration::from_secs(arguments.timeout);
    let mut worst = 0;
    if let Some(client) = arguments.client {
        let findings = as_client::examine(
            client,
            arguments.file.as_deref(),
            patience,
            &context.environment,
        )
        .await;
        tell(&findings, &mut worst, context);
        return ended(worst);
    }
    match context.settings() {
        Err(error) => tell(&[Finding::Wrong(error.0)], &mut worst, context),
        Ok(settings) => {
            let findings = surroundings::examine(&settings, context);
            tell(&findings, &mut worst, context);
            tell(&accounts::examine(&settings).await, &mut worst, context);
        }
    }
    let findings = servers::examine(arguments.servers.as_deref(), patience, context).await;
    tell(&findings, &mut worst, context);
    ended(worst)
}

fn tell(findings: &[Finding], worst: &mut u8, context: &mut Context<'_>) {
    for finding in findings {
        *worst = finding.exit_code().max(*worst);
        context
            .terminal
            .verdict(finding.exit_code() == 0, &finding.to_string());
    }
}

fn ended(worst: u8) -> Result<(), Failure> {
    if worst == 0 {
        Ok(())
    } else {
        Err(Failure::Told(worst))
    }
}
