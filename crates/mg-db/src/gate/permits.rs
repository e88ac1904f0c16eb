//! How many statements of callers run at the same time.

use std::{sync::Arc, time::Duration};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::GateError;

/// One permit a connection.
#[derive(Debug)]
pub(super) struct Permits(Arc<Semaphore>);

impl Permits {
    pub(super) fn new(connections: usize) -> Self {
        Self(Arc::new(Semaphore::new(connections)))
    }

    /// A permit, if there is one now.
    pub(super) fn at_once(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.0).try_acquire_owned().ok()
    }

    /// A permit, for which nobody waits longer than for an answer.
    pub(super) async fn one(&self, time: Duration) -> Result<OwnedSemaphorePermit, GateError> {
        let permit = tokio::time::timeout(time, Arc::clone(&self.0).acquire_owned()).await;
        (permit.ok().and_then(Result::ok)).ok_or_else(|| {
            GateError::Busy(
                "all connections to the database are in use: try again in a moment".to_owned(),
            )
        })
    }
}
