//! The gate to a SQLite file: a thread per call, stopped through a flag that the engine looks at.

mod authorizer;
mod error;
mod functions;
mod glance;
mod scan;
mod session;
mod shadow;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{
    Account, Caps, Delivery, GateError, GateOptions, Object, RowSink, Statement,
    catalogue::ObjectSink, permits::Permits,
};
use crate::{hidden::Hidden, sqlite_file};
use error::Failure;
pub(super) use scan::tokens;
use session::Session;

/// Answers one JSON document for each object of the file. The table of statistics is there only
/// after an ANALYZE.
fn catalogue(statistics: bool) -> String {
    let sql = include_str!("sqlite/catalogue.sql");
    if statistics {
        return sql.to_owned();
    }
    sql.replace(
        "FROM sqlite_stat1 AS s",
        "FROM (SELECT NULL AS tbl, NULL AS stat) AS s",
    )
}

/// The document of one object.
fn document(name: &str) -> Statement {
    Statement {
        sql: catalogue(false).replace("ORDER BY o.name", "AND o.name = ?1"),
        params: vec![name.into()],
    }
}

/// What a call may take beyond its deadline, a wait for a writer included, before nobody waits for its
/// thread any more: one step of the engine, such as a search in a long text, looks at no deadline.
const GRACE: Duration = Duration::from_secs(4);

/// A longer text could nest deeper than the stack of a common thread holds, whatever was counted of it: the engine compiles by
/// functions that call themselves.
const LONG: usize = 8 << 10;
/// The stack for long texts; only what is used of it takes memory.
const STACK: usize = 32 << 20;

/// The gate to one database file.
#[derive(Debug)]
pub(super) struct SqliteGate {
    path: PathBuf,
    row_bytes: usize,
    hidden: Arc<Hidden>,
    idle: Mutex<Vec<Session>>,
    permits: Permits,
}

/// When a running statement has to end: shared by the caller and the engine's progress handler.
#[derive(Debug)]
struct Deadline {
    stopped: AtomicBool,
    at: Instant,
}

impl Deadline {
    fn after(time: Duration) -> Self {
        Self {
            stopped: AtomicBool::new(false),
            at: Instant::now() + time,
        }
    }

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
            row_bytes: options.row_bytes,
            hidden: Arc::new(options.hidden.clone()),
            idle: Mutex::default(),
            permits: Permits::new(options.connections),
        }
    }

    /// Runs a caller's statement.
    pub(super) async fn read<S: RowSink>(
        self: &Arc<Self>,
        statement: Statement,
        caps: Caps,
        mut delivery: Delivery<S>,
    ) -> Result<Delivery<S>, GateError> {
        if let Some(held) = self.glance(&statement) {
            held.deliver(&mut delivery);
            return Ok(delivery);
        }
        self.read_in_thread(statement, caps, delivery).await
    }

    async fn read_in_thread<S: RowSink>(
        self: &Arc<Self>,
        statement: Statement,
        caps: Caps,
        delivery: Delivery<S>,
    ) -> Result<Delivery<S>, GateError> {
        let is_long = statement.sql.len() > LONG;
        let work = move |gate: &Self, deadline: &Arc<Deadline>| {
            gate.read_here(delivery, |session, delivery| {
                session.read(&statement, deadline, delivery)
            })
        };
        self.in_a_thread(caps, is_long, work).await
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tables and views by the columns that callers may read.
    pub(super) async fn objects(self: &Arc<Self>, caps: Caps) -> Result<Vec<Object>, GateError> {
        let objects = match self.listed(Statement::of(catalogue(true)), caps).await {
            Err(GateError::Statement(_)) => self.objects_without_statistics(caps).await?,
            listed => listed?,
        };
        if self.hidden.is_empty() {
            return Ok(objects);
        }
        let work = move |gate: &Self, deadline: &Arc<Deadline>| {
            gate.with_session(|session| session.shown(objects, deadline))
        };
        self.in_a_thread(caps, false, work).await
    }

    async fn objects_without_statistics(
        self: &Arc<Self>,
        caps: Caps,
    ) -> Result<Vec<Object>, GateError> {
        match self.listed(Statement::of(catalogue(false)), caps).await {
            Err(GateError::Statement(fault)) => {
                // A view of something that is gone is an error of every statement that looks at it.
                tracing::warn!(%fault, "a table or view cannot be described, and is left out");
                self.listed_one_by_one(caps).await
            }
            listed => listed,
        }
    }

    async fn listed_one_by_one(self: &Arc<Self>, caps: Caps) -> Result<Vec<Object>, GateError> {
        let names = |gate: &Self, deadline: &Arc<Deadline>| {
            gate.with_session(|session| session.names(deadline))
        };
        let mut objects = Vec::new();
        for name in self.in_a_thread(caps, false, names).await? {
            match self.listed(document(&name), caps).await {
                Ok(described) => objects.extend(described),
                Err(GateError::Statement(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(objects)
    }

    /// Tables and views by a statement of ours, which may look at the statistics.
    async fn listed(
        self: &Arc<Self>,
        statement: Statement,
        caps: Caps,
    ) -> Result<Vec<Object>, GateError> {
        let delivery = Delivery::new(ObjectSink::default(), caps.rows);
        let work = move |gate: &Self, deadline: &Arc<Deadline>| {
            gate.read_here(delivery, |session, delivery| {
                session.run(&statement, deadline, delivery)
            })
        };
        let (sink, _) = self.in_a_thread(caps, false, work).await?.finish();
        sink.into_objects()
    }

    /// Works in a thread, one of its own for a long text, that is done when nobody waits for it any more.
    async fn in_a_thread<T: Send + 'static>(
        self: &Arc<Self>,
        caps: Caps,
        is_long: bool,
        work: impl FnOnce(&Self, &Arc<Deadline>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, GateError> {
        let permit = self.permits.one(caps.time).await?;
        let deadline = Arc::new(Deadline::after(caps.time));
        let _stop = StopOnDrop(deadline.clone());
        let gate = self.clone();
        let (sender, receiver) = oneshot::channel();
        let work = move || {
            // Held until the thread is done, also when nobody waits any more.
            let _permit = permit;
            let answer = catch_unwind(AssertUnwindSafe(|| work(&gate, &deadline)));
            let answer = answer.unwrap_or_else(|panic| Err(error::panicked(&*panic)));
            drop(sender.send(answer));
        };
        if is_long {
            let thread = thread::Builder::new().stack_size(STACK).spawn(work);
            thread.map_err(|error| GateError::Busy(format!("no thread to read in: {error}")))?;
        } else {
            tokio::task::spawn_blocking(work);
        }
        match tokio::time::timeout(caps.time + GRACE, receiver).await {
            Ok(Ok(answer)) => answer.map_err(|failure| failure.told(caps)),
            // A thread says how it ended, so that only the end of the process leaves nothing to be heard.
            Err(_) | Ok(Err(_)) => Err(GateError::Timeout(caps.time)),
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

    /// Reads; once more when an interrupted writer's file had to be recovered first.
    fn read_here<S: RowSink>(
        &self,
        mut delivery: Delivery<S>,
        read: impl Fn(&mut Session, &mut Delivery<S>) -> Result<(), Failure>,
    ) -> Result<Delivery<S>, Failure> {
        let mut answer = self.with_session(|session| read(session, &mut delivery));
        if let Err(Failure::Engine(error, _)) = &answer
            && error
                .sqlite_error()
                .is_some_and(|error| sqlite_file::needs_recovery(error.extended_code))
            && !delivery.begun()
        {
            sqlite_file::recover(&self.path).map_err(Failure::Unavailable)?;
            answer = self.with_session(|session| read(session, &mut delivery));
        }
        answer.map(|()| delivery)
    }

    /// Works with a session, which is kept for the next call unless the engine failed in it.
    fn with_session<T>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let mut session = self.session()?;
        let answer = work(&mut session);
        if answer.as_ref().err().is_none_or(Failure::is_of_the_text) {
            self.idle().push(session);
        }
        answer
    }

    /// An idle session, unless the file was replaced since it was opened; else a new one.
    fn session(&self) -> Result<Session, Failure> {
        let file = sqlite_file::identity(&self.path)
            .map_err(|error| Failure::Told(error::unopened(&self.path, &error)))?;
        let mut idle = self.idle();
        idle.retain(|session| session.file == file);
        match idle.pop() {
            Some(session) => Ok(session),
            None => Session::open(&self.path, file, self.row_bytes, self.hidden.clone())
                .map_err(Failure::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{Cell, Column, Flow};

    struct Nobody;

    impl RowSink for Nobody {
        fn columns(&mut self, _: &[Column]) {}
        fn row(&mut self, _: &[Cell<'_>]) -> Flow {
            Flow::More
        }
    }

    #[derive(Debug)]
    struct Panicking(&'static str);

    impl RowSink for Panicking {
        fn columns(&mut self, _: &[Column]) {
            std::panic::panic_any(self.0);
        }
        fn row(&mut self, _: &[Cell<'_>]) -> Flow {
            Flow::More
        }
    }

    #[tokio::test]
    async fn a_reader_that_panics_is_told_by_its_cause_and_the_next_one_reads() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("empty.db");
        rusqlite::Connection::open(&path).unwrap();
        std::fs::write(&path, "").unwrap();
        let gate = Arc::new(SqliteGate::new(&path, &GateOptions::default()));
        let caps = Caps {
            time: Duration::from_secs(20),
            rows: 9,
        };
        for (panic, told) in [
            // The driver's own words for a value that the engine has no memory for.
            (
                "unexpected SQLITE_TEXT column type with NULL data",
                "memory",
            ),
            ("something else", "its log tells"),
        ] {
            let delivery = Delivery::new(Panicking(panic), caps.rows);
            let reading = gate.read_in_thread(Statement::of("SELECT 1"), caps, delivery);
            let error = reading.await.unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
        let reading = gate.read(Statement::of("SELECT 1"), caps, Delivery::new(Nobody, 9));
        assert_eq!(reading.await.unwrap().finish().1.rows, 1);
    }

    #[tokio::test]
    async fn what_the_count_of_levels_would_miss_fits_on_the_stack() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("empty.db");
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch("CREATE TABLE t (a)").unwrap();
        let gate = Arc::new(SqliteGate::new(&path, &GateOptions::default()));
        let caps = Caps {
            time: Duration::from_mins(2),
            rows: 9,
        };
        let chain = |count: usize| {
            let part = |part: usize| format!(",c{part} AS(SELECT*FROM c{})", part - 1);
            let parts: String = (1..count).map(part).collect();
            format!("WITH c0 AS(SELECT 1){parts}SELECT*FROM c{}", count - 1)
        };
        let longest = (1..LONG)
            .map(chain)
            .take_while(|sql| sql.len() <= LONG)
            .last();
        for sql in [longest.unwrap(), chain(6_000)] {
            let delivery = Delivery::new(Nobody, caps.rows);
            let answer = gate.read(Statement::of(sql), caps, delivery).await;
            let (_, outcome) = answer.unwrap().finish();
            assert_eq!(outcome.rows, 1);
        }
    }
}
