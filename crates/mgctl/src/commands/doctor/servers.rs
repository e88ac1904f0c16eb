//! The servers of a servers.json: found, of this version, answering.

use std::{path::Path, process::Stdio, time::Duration};

use mg_core::serve::Finding;

use super::probe;
use crate::{
    client::Launch, commands::call, context::Context, failure::Failure, servers_file::ServersFile,
};

/// Every server of the file.
pub(super) async fn examine(
    named: Option<&Path>,
    patience: Duration,
    context: &Context<'_>,
) -> Vec<Finding> {
    let servers = match ServersFile::find(named) {
        Ok(servers) => servers,
        Err(failure) => return vec![wrong(&failure)],
    };
    let place = servers.path.as_ref().map_or_else(
        || "the copy in mgctl".to_owned(),
        |path| path.display().to_string(),
    );
    let mut findings = vec![Finding::Good(format!("servers of {place}"))];
    for (name, entry) in &servers.servers {
        match call::launch(name, entry, &servers, context) {
            Err(failure) => findings.push(wrong(&failure)),
            Ok(launch) => {
                findings.push(version(name, &launch, patience).await);
                findings.extend(probe::examine(name, &launch, patience).await);
            }
        }
    }
    findings
}

fn wrong(failure: &Failure) -> Finding {
    Finding::Wrong(failure.sentence().unwrap_or_default().to_owned())
}

/// `--version` of the server, which must be that of this program.
async fn version(name: &str, launch: &Launch, patience: Duration) -> Finding {
    let mut command = tokio::process::Command::new(&launch.program);
    command
        .arg("--version")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let output = tokio::time::timeout(patience, command.output()).await;
    let Ok(Ok(output)) = output else {
        return Finding::Wrong(format!(
            "{name} ({}) does not tell its version",
            launch.program.display()
        ));
    };
    let told = mg_core::clean(String::from_utf8_lossy(&output.stdout).trim());
    let ours = mg_core::serve::version(mg_db::schema::expected_version());
    let without_database = mg_core::serve::version(None);
    if [&ours, &without_database]
        .iter()
        .any(|version| told == format!("{name} {version}"))
    {
        Finding::Good(format!("{told}: {}", launch.program.display()))
    } else {
        Finding::Wrong(format!(
            "{} tells the version `{told}`, mgctl is {ours}: build and install them together",
            launch.program.display()
        ))
    }
}
