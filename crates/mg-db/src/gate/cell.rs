//! What a statement of a caller answers: columns, cells, and who takes them.

use std::time::{Duration, Instant};

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Column {
    /// The name as the statement gives it; names may repeat.
    pub name: String,
    /// The engine's own name of the type, e.g. `int8`, `numeric`, `varchar(40)`.
    pub r#type: String,
}

/// One exact value of a row, borrowed from the driver.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// SQL `NULL`.
    Null,
    /// A boolean.
    Boolean(bool),
    /// An integer of at most 64 bits.
    Integer(i64),
    /// A finite binary floating point number.
    Real(f64),
    /// Every other value as text: decimals, NaN and infinities, ISO 8601 dates, timestamps and
    /// intervals, bytes as `\x…`, the rest in the engine's own form.
    Text(&'a str),
    /// A JSON document, untouched.
    Json(&'a str),
    /// An array as JSON: nested lists of elements by these same rules, so that every number in it is one
    /// that readers keep.
    Array(&'a str),
}

/// Whether a sink takes more rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// The row was taken.
    More,
    /// The row was not taken: stop here.
    Full,
}

/// Takes the rows of one statement while they arrive.
pub trait RowSink: Send + 'static {
    /// Called once, before the first row.
    fn columns(&mut self, columns: &[Column]);
    /// Takes one row, or refuses it with [`Flow::Full`].
    fn row(&mut self, cells: &[Cell<'_>]) -> Flow;
}

/// The limits of one statement.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
    /// How long the statement may run.
    pub time: Duration,
    /// How many rows the sink is given at most; one more is fetched to know whether there are more.
    pub rows: usize,
}

/// How a statement ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Rows that the sink took.
    pub rows: usize,
    /// There was at least one more row.
    pub truncated: bool,
    /// Time from the call to its last row, waiting for a connection included.
    pub elapsed: Duration,
}

/// Counts rows between a driver and a sink, the same on all engines.
#[derive(Debug)]
pub(crate) struct Delivery<S> {
    sink: S,
    cap: usize,
    rows: usize,
    truncated: bool,
    begun: bool,
    started: Instant,
}

impl<S: RowSink> Delivery<S> {
    pub(crate) fn new(sink: S, cap: usize) -> Self {
        let started = Instant::now();
        Self {
            sink,
            cap,
            rows: 0,
            truncated: false,
            begun: false,
            started,
        }
    }

    pub(crate) fn columns(&mut self, columns: &[Column]) {
        self.begun = true;
        self.sink.columns(columns);
    }

    /// Whether the sink saw anything: then the statement cannot be tried again.
    pub(crate) fn begun(&self) -> bool {
        self.begun
    }

    pub(crate) fn row(&mut self, cells: &[Cell<'_>]) -> Flow {
        let flow = if self.rows == self.cap {
            Flow::Full
        } else {
            self.sink.row(cells)
        };
        match flow {
            Flow::More => self.rows += 1,
            Flow::Full => self.truncated = true,
        }
        flow
    }

    pub(crate) fn truncated(&self) -> bool {
        self.truncated
    }

    pub(crate) fn finish(self) -> (S, Outcome) {
        let outcome = Outcome {
            rows: self.rows,
            truncated: self.truncated,
            elapsed: self.started.elapsed(),
        };
        (self.sink, outcome)
    }
}

/// A floating point number as a cell: what JSON has no number for becomes text.
pub(crate) fn real(value: f64) -> Cell<'static> {
    match value {
        value if value.is_finite() => Cell::Real(value),
        value if value.is_nan() => Cell::Text("NaN"),
        value if value > 0.0 => Cell::Text("Infinity"),
        _ => Cell::Text("-Infinity"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Taker {
        taken: usize,
        room: usize,
    }

    impl RowSink for Taker {
        fn columns(&mut self, _: &[Column]) {}
        fn row(&mut self, _: &[Cell<'_>]) -> Flow {
            if self.taken == self.room {
                return Flow::Full;
            }
            self.taken += 1;
            Flow::More
        }
    }

    fn deliver(offered: usize, cap: usize, room: usize) -> (usize, Outcome) {
        let mut delivery = Delivery::new(Taker { taken: 0, room }, cap);
        for _ in 0..offered {
            if delivery.row(&[Cell::Null]) == Flow::Full {
                break;
            }
        }
        let (taker, outcome) = delivery.finish();
        (taker.taken, outcome)
    }

    #[test]
    fn exactly_the_cap_is_not_truncated() {
        let (taken, outcome) = deliver(3, 3, 9);
        assert_eq!((taken, outcome.rows, outcome.truncated), (3, 3, false));
    }

    #[test]
    fn one_row_more_than_the_cap_is_truncated() {
        let (taken, outcome) = deliver(4, 3, 9);
        assert_eq!((taken, outcome.rows, outcome.truncated), (3, 3, true));
    }

    #[test]
    fn a_full_sink_ends_the_answer() {
        let (taken, outcome) = deliver(4, 9, 2);
        assert_eq!((taken, outcome.rows, outcome.truncated), (2, 2, true));
    }

    #[test]
    fn numbers_that_json_has_not_become_text() {
        assert_eq!(real(0.5), Cell::Real(0.5));
        assert_eq!(real(f64::NAN), Cell::Text("NaN"));
        assert_eq!(real(f64::NEG_INFINITY), Cell::Text("-Infinity"));
    }
}
