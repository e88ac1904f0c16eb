//! How a run really is: a worker that died cannot say so itself.

use std::path::Path;

use jiff::Timestamp;
use mg_core::{Settings, ToolError};

use super::lock::Lock;
use crate::ledger::{Ledger, Run, State, folder};

/// A worker that is silent for so long is stalled.
const SILENCE_MS: i64 = 60_000;
/// A worker that was started is there after so long.
const START_MS: i64 = 15_000;

/// A run by its name, as it really is.
///
/// # Errors
///
/// When there is none of this name, or the ledger cannot be used.
pub async fn look(settings: &Settings, run_id: &str) -> Result<(Ledger, Run), ToolError> {
    let Some(mut ledger) = Ledger::existing(settings).await? else {
        return Err(ToolError::unknown("run", run_id, []));
    };
    let run = found(&mut ledger, run_id).await?;
    let run = looked_at(settings, &mut ledger, run).await?;
    Ok((ledger, run))
}

/// A run by its name, as the ledger has it.
///
/// # Errors
///
/// When there is none of this name, or the ledger cannot be used.
pub async fn found(ledger: &mut Ledger, run_id: &str) -> Result<Run, ToolError> {
    if let Some(run) = ledger.run(run_id.trim()).await? {
        return Ok(run);
    }
    let known = ledger.run_ids(50).await?;
    let known = known.iter().map(String::as_str);
    Err(ToolError::unknown("run", run_id, known))
}

/// A run as it really is; the ledger is corrected where it differs.
///
/// # Errors
///
/// When the ledger cannot be used.
pub async fn looked_at(
    settings: &Settings,
    ledger: &mut Ledger,
    mut run: Run,
) -> Result<Run, ToolError> {
    let folder = folder(settings)?;
    for _ in 0..3 {
        let state = settled(&folder, &run);
        if state == run.state {
            return Ok(run);
        }
        // Its worker may have ended between the two looks.
        let Some(again) = ledger.run(&run.run_id).await? else {
            return Ok(run);
        };
        if again.state == run.state && again.heartbeat == run.heartbeat {
            ledger.correct(&run, state).await?;
            if state == State::Interrupted {
                ledger
                    .note(run.id, &now_iso(), "its worker is gone")
                    .await?;
            }
            run.state = state;
            return Ok(run);
        }
        run = again;
    }
    Ok(run)
}

/// The state of a run by its worker's lock and the time it was last heard of.
pub(super) fn settled(folder: &Path, run: &Run) -> State {
    if !run.state.is_live() {
        return run.state;
    }
    let silent = Timestamp::now().as_millisecond() - run.heartbeat;
    match Lock::is_held(folder, &run.run_id) {
        true if silent > SILENCE_MS => State::Stalled,
        true => State::Running,
        false if run.pid.is_none() && silent < START_MS => State::Running,
        false => State::Interrupted,
    }
}

pub(super) fn now_iso() -> String {
    mg_core::Clock::system().now_iso()
}
