//! The pulse of a worker, through which it is told to stop.

use std::time::Duration;

use jiff::Timestamp;
use mg_core::{Settings, ToolError};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::ledger::{Ledger, Run, State};

/// How often a worker tells that it is there.
const BEAT: Duration = Duration::from_secs(1);

/// Tells the ledger that the worker is there, and hears whether it is to stop.
pub(super) struct Pulse {
    ledger: Ledger,
    run: i64,
    terminate: Signal,
    interrupt: Signal,
}

impl Pulse {
    /// The first beat.
    pub(super) async fn start(settings: &Settings, run: &Run) -> Result<Self, ToolError> {
        let heard = |kind| signal(kind).map_err(|error| ToolError::Internal(error.into()));
        let mut pulse = Self {
            ledger: Ledger::open(settings).await?,
            run: run.id,
            terminate: heard(SignalKind::terminate())?,
            interrupt: heard(SignalKind::interrupt())?,
        };
        pulse.beat().await?;
        Ok(pulse)
    }

    async fn beat(&mut self) -> Result<bool, ToolError> {
        let now = Timestamp::now().as_millisecond();
        Ok(self.ledger.beat(self.run, std::process::id(), now).await?)
    }

    /// Ends when the run is cancelled, or the process is told to end.
    pub(super) async fn stopped(&mut self) -> Result<State, ToolError> {
        loop {
            let cancelled = self.beat().await?;
            if cancelled {
                return Ok(State::Cancelled);
            }
            tokio::select! {
                _ = self.terminate.recv() => {}
                _ = self.interrupt.recv() => {}
                () = tokio::time::sleep(BEAT) => continue,
            }
            return Ok(if self.beat().await? {
                State::Cancelled
            } else {
                State::Interrupted
            });
        }
    }
}
