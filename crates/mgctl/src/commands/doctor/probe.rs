//! One server, launched, asked for its tools, and ended.

use std::time::Duration;

use mg_core::serve::Finding;

use crate::client::{Client, Launch};

/// Whether the server answers initialize and tools/list, and what a host would hide.
pub(super) async fn examine(name: &str, launch: &Launch, patience: Duration) -> Vec<Finding> {
    let client = match Client::connect(launch, patience).await {
        Ok(client) => client,
        Err(error) => {
            return vec![Finding::Wrong(format!(
                "{name} ({}): {error}",
                launch.program.display()
            ))];
        }
    };
    let tools = tokio::time::timeout(patience, client.tools()).await;
    let ending = client.close().await;
    let listed = match tools {
        Ok(Ok(tools)) => {
            let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_ref()).collect();
            Finding::Good(format!(
                "{name} answers with {} tools: {}",
                names.len(),
                names.join(", ")
            ))
        }
        Ok(Err(error)) => Finding::Wrong(format!("{name}: tools/list failed: {error}{ending}")),
        Err(_) => Finding::Wrong(format!(
            "{name}: no answer to tools/list within {} s{ending}",
            patience.as_secs()
        )),
    };
    let mut findings = vec![listed];
    if let Some(line) = ending.foreign.first() {
        findings.push(Finding::Wrong(format!(
            "{name} writes something else than JSON-RPC to stdout, which hosts may take for a broken server: `{line}`; send it to stderr"
        )));
    }
    if ending.code.is_none() {
        findings.push(Finding::Wrong(format!(
            "{name} did not leave when its stdin was closed, and was killed"
        )));
    }
    findings
}
