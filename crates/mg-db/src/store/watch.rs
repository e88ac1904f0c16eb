//! Stops a statement of SQLite that takes too long, or that nobody waits for any more.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use sqlx::SqliteConnection;

/// Steps of SQLite's machine between two looks at the clock: a fraction of a millisecond.
const STEPS: i32 = 10_000;

/// Until when the statement may run; none once it has ended.
type Deadline = Mutex<Option<Instant>>;

/// Held while a statement runs. Dropped before [`Watch::ended`], the statement is stopped at once.
#[derive(Debug)]
pub(super) struct Watch(Arc<Deadline>);

impl Watch {
    /// Watches over what runs on the connection from now on.
    pub(super) async fn over(
        connection: &mut SqliteConnection,
        limit: Duration,
    ) -> Result<Self, sqlx::Error> {
        let deadline = Arc::new(Mutex::new(Instant::now().checked_add(limit)));
        let seen = Arc::clone(&deadline);
        let goes_on = move || until(&seen).is_none_or(|deadline| Instant::now() < deadline);
        let mut handle = connection.lock_handle().await?;
        handle.set_progress_handler(STEPS, goes_on);
        Ok(Self(deadline))
    }

    /// What runs on the connection after this is not watched.
    pub(super) fn ended(self) {
        set(&self.0, None);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if until(&self.0).is_some() {
            set(&self.0, Some(Instant::now()));
        }
    }
}

fn until(deadline: &Deadline) -> Option<Instant> {
    *deadline.lock().unwrap_or_else(PoisonError::into_inner)
}

fn set(deadline: &Deadline, until: Option<Instant>) {
    *deadline.lock().unwrap_or_else(PoisonError::into_inner) = until;
}
