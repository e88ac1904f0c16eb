//! The gate to a SQLite file: a thread per call, stopped through a flag that the engine looks at.

mod authorizer;
mod error;
mod session;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Account, Caps, Delivery, GateError, GateOptions, RowSink, Statement};
use crate::sqlite_file;
use error::Failure;
use session::Session;

/// Answers one JSON document for each object of the file. The table of statistics is there only
/// after an ANALYZE.
pub(super) fn catalogue(statistics: bool) -> String {
    let sql = include_str!("sqlite/catalogue.sql");
    if statistics {
        return sql.to_owned();
    }
    sql.replace(
        "FROM sqlite_stat1 AS s",
        "FROM (SELECT NULL AS tbl, NULL AS stat) AS s",
    )
}

/// The gate to one database file.
#[derive(Debug)]
pub(super) struct SqliteGate {
    path: PathBuf,
    cell_bytes: usize,
    idle: Mutex<Vec<Session>>,
    permits: Arc<Semaphore>,
}

/// When a running statement has to end: shared by the caller and the engine's progress handler.
#[derive(Debug)]
struct Deadline {
    stopped: AtomicBool,
    at: Instant,
}

impl Deadline {
    fn is_over(&self) -> bool {
        self.stopped.load(Ordering::Relaxed) || Instant::now() >= self.at
    }
}

/// Stops the statement when the future that waits for it is dropped.
struct StopOnDrop(Arc<Deadline>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stopped.store(true, Ordering::Relaxed);
    }
}

impl SqliteGate {
    pub(super) fn new(path: &Path, options: &GateOptions) -> Self {
        Self {
            path: path.to_path_buf(),
            cell_bytes: options.cell_bytes,
            idle: Mutex::default(),
            permits: Arc::new(Semaphore::new(options.connections)),
        }
    }

    pub(super) async fn read<S: RowSink>(
        self: &Arc<Self>,
        statement: Statement,
        caps: Caps,
        delivery: Delivery<S>,
    ) -> Result<Delivery<S>, GateError> {
        let permit = self.permit(caps).await?;
        let deadline = Arc::new(Deadline {
            stopped: AtomicBool::new(false),
            at: Instant::now() + caps.time,
        });
        let _stop = StopOnDrop(deadline.clone());
        let gate = self.clone();
        let work = tokio::task::spawn_blocking(move || {
            // Held until the thread is done, also when nobody waits any more.
            let _permit = permit;
            gate.read_here(&statement, &deadline, delivery)
        });
        match work.await {
            Ok(answer) => answer.map_err(|failure| failure.told(caps)),
            Err(panic) => Err(GateError::Unavailable(format!(
                "the reading thread ended early: {panic}"
            ))),
        }
    }

    pub(super) async fn account(self: &Arc<Self>) -> Result<Account, GateError> {
        let metadata = tokio::fs::metadata(&self.path).await;
        let metadata = metadata.map_err(|error| error::unopened(&self.path, &error))?;
        Ok(Account {
            login: None,
            server_version: rusqlite::version().to_owned(),
            privileged: None,
            may_write: !metadata.permissions().readonly(),
        })
    }

    async fn permit(&self, caps: Caps) -> Result<OwnedSemaphorePermit, GateError> {
        let permit = tokio::time::timeout(caps.time, self.permits.clone().acquire_owned()).await;
        (permit.ok().and_then(Result::ok)).ok_or_else(|| {
            GateError::Busy("all readers of the database are in use: try again in a moment".into())
        })
    }

    fn read_here<S: RowSink>(
        &self,
        statement: &Statement,
        deadline: &Arc<Deadline>,
        mut delivery: Delivery<S>,
    ) -> Result<Delivery<S>, Failure> {
        let mut answer = self.attempt(statement, deadline, &mut delivery);
        if let Err(Failure::Engine(error, _)) = &answer
            && error
                .sqlite_error()
                .is_some_and(|error| sqlite_file::needs_recovery(error.extended_code))
            && !delivery.begun()
        {
            sqlite_file::recover(&self.path).map_err(Failure::Unavailable)?;
            answer = self.attempt(statement, deadline, &mut delivery);
        }
        answer.map(|()| delivery)
    }

    fn attempt<S: RowSink>(
        &self,
        statement: &Statement,
        deadline: &Arc<Deadline>,
        delivery: &mut Delivery<S>,
    ) -> Result<(), Failure> {
        let session = self.session()?;
        session.read(statement, deadline, delivery)?;
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(session);
        Ok(())
    }

    /// An idle session, unless the file was replaced since it was opened; else a new one.
    fn session(&self) -> Result<Session, Failure> {
        let file = sqlite_file::identity(&self.path)
            .map_err(|error| Failure::Told(error::unopened(&self.path, &error)))?;
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|session| session.file == file);
        match idle.pop() {
            Some(session) => Ok(session),
            None => Session::open(&self.path, file, self.cell_bytes).map_err(Failure::from),
        }
    }
}
