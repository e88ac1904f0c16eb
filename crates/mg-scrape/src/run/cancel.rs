//! Stopping a run: what its worker had staged goes, nothing is written.

use std::time::Duration;

use mg_core::{Settings, ToolError};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::{
    look::{look, looked_at, now_iso},
    spawn,
};
use crate::{
    definition::Bound,
    ledger::{Ending, Ledger, Run, State},
};

/// How long a worker may take to stop by itself.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);

/// Stops a run and answers how it ended.
///
/// # Errors
///
/// When there is no such run, it has ended already, or the ledger cannot be used.
pub async fn cancel(settings: &Settings, run_id: &str) -> Result<Run, ToolError> {
    let (mut ledger, run) = look(settings, run_id).await?;
    if run.ended.is_some() {
        return Err(ToolError::Invalid(format!(
            "the run {} has ended already: it has {}",
            run.run_id, run.state
        )));
    }
    ledger.ask_to_cancel(run.id).await?;
    if run.state.is_live() {
        signal(&run, Signal::TERM);
    } else {
        // What it had staged is in the database, which only workers write: one is started that cleans up.
        let bound = ledger.bound(run.id).await?;
        let bound: Bound =
            serde_json::from_str(&bound).map_err(|error| ToolError::Internal(error.into()))?;
        spawn::worker(settings, &bound.spider, &run.run_id)?;
    }
    if let Some(ended) = awaited(settings, &mut ledger, &run).await? {
        return Ok(ended);
    }
    if let Some(pid) = run.pid.and_then(pid) {
        // It leads its group, with a browser and parsers in it. That it is gone meanwhile is what is wanted.
        let _gone = kill_process_group(pid, Signal::KILL);
    }
    ledger
        .end(run.id, State::Cancelled, &Ending::default(), &now_iso())
        .await?;
    super::found(&mut ledger, &run.run_id).await
}

async fn awaited(
    settings: &Settings,
    ledger: &mut Ledger,
    run: &Run,
) -> Result<Option<Run>, ToolError> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while tokio::time::Instant::now() < deadline {
        let now = super::found(ledger, &run.run_id).await?;
        if now.ended.is_some() {
            return Ok(Some(now));
        }
        tokio::time::sleep(PAUSE).await;
    }
    let now = super::found(ledger, &run.run_id).await?;
    let now = looked_at(settings, ledger, now).await?;
    Ok(now.ended.is_some().then_some(now))
}

fn signal(run: &Run, signal: Signal) {
    if let Some(pid) = run.pid.and_then(pid) {
        // That it is gone meanwhile is what is wanted.
        let _gone = kill_process(pid, signal);
    }
}

fn pid(number: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(number).ok()?)
}
