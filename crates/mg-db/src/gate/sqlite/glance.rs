//! Small answers, read where the call is: two changes of threads take longer than they do.
//!
//! A statement gets a moment there, and no row is delivered before the last one is known. What is not done by then, or
//! fails in any way, a thread reads anew as if nothing had been.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use super::{Deadline, SqliteGate, session::Session};
use crate::{
    gate::{Cell, Column, Flow, RowSink, Statement, cell::Delivery},
    sqlite_file,
};

/// As long as waking a thread takes: more would not be worth a second reading.
const MOMENT: Duration = Duration::from_micros(200);
/// A longer text is left to a thread: compiling it may take long, and a deep stack.
const LONGEST_TEXT: usize = 2 << 10;
/// Rows that are held at most.
const ROWS: usize = 64;
/// No larger row is read, and no larger value is made: one step of the engine looks at no deadline.
const ROW_BYTES: usize = 8 << 10;
/// A step that took so long, such as a search in an index of words or a read from a disk that slept, was the last one tried here.
const TOO_LONG: Duration = Duration::from_millis(50);

impl SqliteGate {
    /// The whole answer, where an idle session has it in a moment.
    pub(super) fn glance(&self, statement: &Statement) -> Option<Held> {
        if statement.sql.len() > LONGEST_TEXT {
            return None;
        }
        let _permit = self.permits.at_once()?;
        let mut session = self.idle_session()?;
        let glance = AssertUnwindSafe(|| session.glance(statement));
        let held = catch_unwind(glance).ok()?; // such a session is not kept
        self.idle().push(session);
        held
    }

    /// An idle session of the file that stands at the path.
    fn idle_session(&self) -> Option<Session> {
        let mut idle = self.idle();
        // First of all: the disk of another machine may keep a reader waiting, and everybody with it.
        idle.last().filter(|session| session.may_glance)?;
        let file = sqlite_file::identity(&self.path).ok()?;
        idle.pop_if(|session| session.file == file)
    }
}

impl Session {
    fn glance(&mut self, statement: &Statement) -> Option<Held> {
        let started = Instant::now();
        let deadline = Arc::new(Deadline::after(MOMENT));
        let mut delivery = Delivery::new(Held::default(), ROWS);
        let read = self.bounded(ROW_BYTES, Duration::ZERO, |session| {
            session.read(statement, &deadline, &mut delivery)
        });
        self.may_glance &= started.elapsed() < TOO_LONG;
        let is_whole = matches!(read, Ok(Ok(()))) && !delivery.truncated();
        is_whole.then(|| delivery.finish().0)
    }
}

/// The rows of an answer until all are known.
#[derive(Debug, Default)]
pub(super) struct Held {
    columns: Vec<Column>,
    rows: Vec<Vec<Kept>>,
}

/// A cell that outlives its row.
#[derive(Debug)]
enum Kept {
    Plain(Cell<'static>),
    Text(String),
    Json(String),
    Array(String),
}

impl Kept {
    fn of(cell: &Cell<'_>) -> Self {
        match *cell {
            Cell::Null => Self::Plain(Cell::Null),
            Cell::Boolean(value) => Self::Plain(Cell::Boolean(value)),
            Cell::Integer(value) => Self::Plain(Cell::Integer(value)),
            Cell::Real(value) => Self::Plain(Cell::Real(value)),
            Cell::Text(text) => Self::Text(text.to_owned()),
            Cell::Json(text) => Self::Json(text.to_owned()),
            Cell::Array(text) => Self::Array(text.to_owned()),
        }
    }

    fn cell(&self) -> Cell<'_> {
        match self {
            Self::Plain(cell) => *cell,
            Self::Text(text) => Cell::Text(text),
            Self::Json(text) => Cell::Json(text),
            Self::Array(text) => Cell::Array(text),
        }
    }
}

impl RowSink for Held {
    fn columns(&mut self, columns: &[Column]) {
        self.columns = columns.to_vec();
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Flow {
        self.rows.push(cells.iter().map(Kept::of).collect());
        Flow::More
    }
}

impl Held {
    /// Gives the rows to whom they are for.
    pub(super) fn deliver<S: RowSink>(&self, delivery: &mut Delivery<S>) {
        delivery.columns(&self.columns);
        let mut cells = Vec::with_capacity(self.columns.len());
        for row in &self.rows {
            cells.clear();
            cells.extend(row.iter().map(Kept::cell));
            if delivery.row(&cells) == Flow::Full {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::{
        Connection,
        functions::{Context, FunctionFlags},
    };
    use tempfile::TempDir;

    use super::*;
    use crate::gate::{Caps, GateError, GateOptions, Outcome};

    const CAPS: Caps = Caps {
        time: Duration::from_secs(20),
        rows: 1_000,
    };

    /// Columns and rows as they were delivered, written out.
    #[derive(Debug, Default, PartialEq)]
    struct Told(Vec<String>);

    impl RowSink for Told {
        fn columns(&mut self, columns: &[Column]) {
            self.0.push(format!("{columns:?}"));
        }

        fn row(&mut self, cells: &[Cell<'_>]) -> Flow {
            self.0.push(format!("{cells:?}"));
            Flow::More
        }
    }

    /// A gate whose one session is idle.
    async fn gate() -> (Arc<SqliteGate>, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("small.db");
        let connection = Connection::open(&path).unwrap();
        let made = "CREATE TABLE t (a INTEGER, b TEXT, c BLOB, d REAL);
            INSERT INTO t VALUES (1, 'é', x'00ff', 0.5), (NULL, NULL, NULL, 9e999);
            CREATE TABLE long (a TEXT); INSERT INTO long VALUES (hex(zeroblob(50000)));";
        connection.execute_batch(made).unwrap();
        let gate = Arc::new(SqliteGate::new(&path, &GateOptions::default()));
        assert!(gate.glance(&Statement::of("SELECT 1")).is_none()); // no session yet
        in_thread(&gate, "SELECT 1", CAPS).await.unwrap();
        (gate, folder)
    }

    async fn in_thread(
        gate: &Arc<SqliteGate>,
        sql: &str,
        caps: Caps,
    ) -> Result<(Told, Outcome), GateError> {
        let delivery = Delivery::new(Told::default(), caps.rows);
        let read = gate.read_in_thread(Statement::of(sql), caps, delivery);
        read.await.map(Delivery::finish)
    }

    /// What a glance finds. Other work on the machine may take its moment, so it may look several times.
    fn glanced(gate: &SqliteGate, sql: &str, rows: usize) -> Option<(Told, Outcome)> {
        let statement = Statement::of(sql);
        let held = (0..1_000).find_map(|_| {
            gate.idle()[0].may_glance = true;
            gate.glance(&statement)
        })?;
        let mut delivery = Delivery::new(Told::default(), rows);
        held.deliver(&mut delivery);
        Some(delivery.finish())
    }

    #[tokio::test]
    async fn a_glance_tells_what_a_thread_tells() {
        let (gate, _folder) = gate().await;
        for sql in [
            "SELECT 1",
            "SELECT * FROM t",
            "SELECT a, a, 1.5, 'x', NULL FROM t WHERE a IS NULL",
            "SELECT a FROM t WHERE 0",
            "VALUES (1), (2), (3), (4)",
            "EXPLAIN QUERY PLAN SELECT * FROM t",
            "PRAGMA table_info(t)",
        ] {
            for rows in [1, 2, 1_000] {
                let caps = Caps { rows, ..CAPS };
                let (expected, thread) = in_thread(&gate, sql, caps).await.unwrap();
                let (told, outcome) = glanced(&gate, sql, rows).unwrap();
                assert_eq!(told, expected, "{sql}");
                let ends = |outcome: Outcome| (outcome.rows, outcome.truncated);
                assert_eq!(ends(outcome), ends(thread), "{sql}");
            }
        }
    }

    #[tokio::test]
    async fn what_is_not_there_in_a_moment_or_fails_is_left_to_a_thread() {
        let (gate, _folder) = gate().await;
        let counting = |rows: usize| {
            format!(
                "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) SELECT i FROM n"
            )
        };
        assert!(glanced(&gate, &counting(ROWS), ROWS).is_some());
        for sql in [
            &counting(ROWS + 1),
            &format!("SELECT max(i) FROM ({})", counting(1_000_000)),
            &format!("SELECT 1 -- {}", "x".repeat(LONGEST_TEXT)),
            "SELECT length(a) FROM long",
            "SELECT zeroblob(100000)",
            "SELECT zeroblob(5000), zeroblob(5000)",
            "SELECT nothing FROM t",
            "DELETE FROM t",
            "SELECT 1; SELECT 2",
        ] {
            assert!(glanced(&gate, sql, 9).is_none(), "{sql}");
            assert_eq!(gate.idle().len(), 1, "{sql}");
        }
    }

    #[tokio::test]
    async fn a_session_is_bound_for_the_moment_only() {
        let (gate, folder) = gate().await;
        let sql = "SELECT length(a) FROM long";
        assert!(glanced(&gate, sql, 9).is_none());
        assert!(in_thread(&gate, sql, CAPS).await.is_ok());
        // A writer that locks the whole file is waited for in a thread.
        let writer = Connection::open(folder.path().join("small.db")).unwrap();
        writer.execute_batch("BEGIN EXCLUSIVE").unwrap();
        assert!(gate.glance(&Statement::of("SELECT a FROM t")).is_none());
        let reading = tokio::spawn(async move { in_thread(&gate, "SELECT a FROM t", CAPS).await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        writer.execute_batch("COMMIT").unwrap();
        assert_eq!(reading.await.unwrap().unwrap().1.rows, 2);
    }

    #[tokio::test]
    async fn a_session_whose_step_took_too_long_is_tried_no_more() {
        let (gate, _folder) = gate().await;
        assert!(glanced(&gate, "SELECT 1", 9).is_some());
        let slow = |_: &Context<'_>| {
            std::thread::sleep(TOO_LONG);
            Ok(1)
        };
        let flags = FunctionFlags::SQLITE_UTF8;
        let made = (gate.idle()[0].connection).create_scalar_function("hex", 1, flags, slow);
        made.unwrap();
        let tried_no_more = (0..1_000).any(|_| {
            gate.glance(&Statement::of("SELECT hex(1)"));
            !gate.idle()[0].may_glance
        });
        assert!(tried_no_more && gate.glance(&Statement::of("SELECT 1")).is_none());
    }

    #[tokio::test]
    async fn a_file_far_away_or_replaced_and_a_gate_that_is_full_are_left_to_a_thread() {
        let (gate, folder) = gate().await;
        let sql = "SELECT count(*) FROM t";
        gate.idle()[0].may_glance = false;
        assert!(gate.glance(&Statement::of(sql)).is_none());
        let permits: Vec<_> = std::iter::from_fn(|| gate.permits.at_once()).collect();
        assert!(glanced(&gate, sql, 9).is_none());
        drop(permits);
        assert!(glanced(&gate, sql, 9).is_some());
        let path = folder.path().join("small.db");
        std::fs::copy(&path, folder.path().join("new.db")).unwrap();
        std::fs::rename(folder.path().join("new.db"), &path).unwrap();
        assert!(glanced(&gate, sql, 9).is_none());
    }
}
