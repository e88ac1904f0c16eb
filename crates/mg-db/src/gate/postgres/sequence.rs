//! One statement on one connection: begin, declare, fetch and roll back in a single write with a single `Sync`.
//!
//! What stands behind a statement that fails is left out by the server, the ROLLBACK too, which is then sent once more.
//! Where all goes well the rows are answered first, and nobody waits for the ROLLBACK but the next statement: it was sent
//! with them.

use postgres_protocol::message::backend::Message;
use tokio_postgres::types::Oid;

use super::{
    connection::Connection,
    error::{Broken, ServerError},
    taking::Taking,
    wire::{IDLE, Wire, described},
};
use crate::{
    gate::{Caps, RowSink, Statement, cell::Delivery},
    time_limit::milliseconds,
};

/// What stands around each statement of a caller, kept by the server under names.
pub(super) const FRAME: [(&str, &str); 3] = [
    (BEGIN, "BEGIN READ ONLY"),
    (ROLLBACK, "ROLLBACK"),
    (UNLOCK, "SELECT pg_advisory_unlock_all()"),
];
const BEGIN: &str = "mg_begin";
const ROLLBACK: &str = "mg_rollback";
/// Session locks are the one thing that a ROLLBACK leaves.
const UNLOCK: &str = "mg_unlock";
/// Stands before the caller's text: its grammar takes a query and nothing else.
const DECLARE: &str = "DECLARE mg NO SCROLL CURSOR FOR ";
const CURSOR: &str = "mg";

/// How a statement ended and how it left its connection.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) answered: Result<(), Unanswered>,
    /// Rolled back and idle. Otherwise the sink was full long before the end and the connection
    /// is still sending, or it broke.
    pub(super) clean: bool,
}

impl Ending {
    pub(super) fn of(answered: Result<(), Unanswered>, clean: bool) -> Self {
        Self { answered, clean }
    }
}

/// What came instead of an answer.
#[derive(Debug)]
pub(super) enum Unanswered {
    Fault(Fault),
    /// More rows than are kept until these types are looked up. Nothing of them was given on.
    Unmet(Vec<Oid>),
}

/// Why there is no answer, and how many characters stand before the caller's text where it failed.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) broken: Broken,
    pub(super) prefix: usize,
}

impl<E: Into<Broken>> From<E> for Fault {
    fn from(broken: E) -> Self {
        Self {
            broken: broken.into(),
            prefix: 0,
        }
    }
}

/// Where in the answers what is.
#[derive(Clone, Copy)]
struct Places {
    /// The statement whose rows are wanted, counted from 0.
    rows: usize,
    /// The statement behind `DECLARE …` that an error may be in.
    declared: Option<usize>,
}

/// Runs a query through a cursor.
pub(super) async fn query<S: RowSink>(
    connection: &mut Connection,
    statement: &Statement,
    caps: Caps,
    delivery: &mut Delivery<S>,
) -> Ending {
    let places = |wire: &mut Wire, opening: usize| {
        let declare = format!("{DECLARE}{}", statement.sql);
        wire.run(&declare, &parameters(statement))?;
        wire.fetch(CURSOR, wanted(caps))?;
        Ok(Places {
            rows: opening + 1,
            declared: Some(opening),
        })
    };
    in_transaction(connection, caps, places, delivery).await
}

/// Runs EXPLAIN or SHOW. What is explained, from the byte `explained` on, has to be a query that a cursor would take:
/// EXPLAIN alone would take writes, and ANALYZE runs them. It is parsed as one first, and where that is refused the
/// server leaves out the EXPLAIN.
pub(super) async fn utility<S: RowSink>(
    connection: &mut Connection,
    statement: &Statement,
    explained: Option<usize>,
    caps: Caps,
    delivery: &mut Delivery<S>,
) -> Ending {
    let places = |wire: &mut Wire, opening: usize| {
        if let Some(query) = explained {
            wire.parse(&declared(&statement.sql, query))?;
        }
        wire.run_described(&statement.sql, &parameters(statement))?;
        Ok(Places {
            rows: opening,
            declared: explained.map(|_| opening),
        })
    };
    in_transaction(connection, caps, places, delivery).await
}

/// Runs what `asking` adds between the beginning of a transaction and its end.
async fn in_transaction<S: RowSink>(
    connection: &mut Connection,
    caps: Caps,
    asking: impl FnOnce(&mut Wire, usize) -> Result<Places, Broken>,
    delivery: &mut Delivery<S>,
) -> Ending {
    let Connection {
        wire, types, time, ..
    } = connection;
    let answered = async {
        wire.settle().await?;
        let opening = open(wire, (caps.time != *time).then_some(caps))?;
        let places = asking(wire, opening)?;
        wire.hurry();
        close(wire)?;
        wire.send().await?;
        let mut taking = Taking::new(types, delivery);
        let answered = answers(wire, places, &mut taking).await?;
        if matches!(answered, Answered::All) {
            // In a transaction that failed nothing more can be asked, and its own error is the one to tell.
            taking.finish(wire).await?;
        }
        Ok::<_, Fault>(answered)
    };
    match answered.await {
        Ok(answered) => ending(wire, answered).await,
        Err(fault) => {
            let clean = matches!(fault.broken, Broken::Unsendable(_));
            Ending::of(Err(Unanswered::Fault(fault)), clean)
        }
    }
}

/// What is left to do on the line, and how it ends.
async fn ending(wire: &mut Wire, answered: Answered) -> Ending {
    match answered {
        Answered::All => Ending::of(Ok(()), true),
        Answered::Full => Ending::of(Ok(()), false),
        Answered::Unmet(types) => Ending::of(Err(Unanswered::Unmet(types)), false),
        Answered::Refused { fault, status } => {
            let clean = status == IDLE || rolled_back(wire).await.is_ok();
            Ending::of(Err(Unanswered::Fault(fault)), clean)
        }
    }
}

/// What the server made of a sequence.
pub(super) enum Answered {
    /// All of it was run, or will be before anything else.
    All,
    /// It is still sending rows that nobody takes.
    Full,
    /// It is still sending rows of types that have to be looked up.
    Unmet(Vec<Oid>),
    /// One statement failed.
    Refused { fault: Fault, status: u8 },
}

/// Adds the beginning, and how many statements that are.
fn open(wire: &mut Wire, limited: Option<Caps>) -> Result<usize, Broken> {
    wire.run_prepared(BEGIN)?;
    let Some(caps) = limited else {
        return Ok(1);
    };
    let time = milliseconds(caps.time);
    wire.run(&format!("SET LOCAL statement_timeout = {time}"), &[])?;
    Ok(2)
}

/// Adds the end.
fn close(wire: &mut Wire) -> Result<(), Broken> {
    wire.run_prepared(ROLLBACK)?;
    wire.run_prepared(UNLOCK)
}

async fn rolled_back(wire: &mut Wire) -> Result<(), Broken> {
    close(wire)?;
    wire.send().await?;
    wire.rest().await
}

/// Reads until the server has answered all, or until nobody takes the rows any more.
async fn answers<S: RowSink>(
    wire: &mut Wire,
    places: Places,
    taking: &mut Taking<'_, S>,
) -> Result<Answered, Fault> {
    let mut progress = Progress {
        places,
        parsed: 1, // BEGIN was, when the connection was opened
        completed: 0,
        fault: None,
    };
    loop {
        let message = wire.next().await?;
        let is_last = matches!(message, Message::ReadyForQuery(_));
        if let Some(answered) = progress.made_by(message, taking)? {
            if matches!(answered, Answered::All) && !is_last {
                wire.leave_rest();
            }
            return Ok(answered);
        }
    }
}

/// How far the server is.
struct Progress {
    places: Places,
    parsed: usize,
    completed: usize,
    fault: Option<Fault>,
}

impl Progress {
    /// Takes the next message; something where nothing behind it is waited for.
    fn made_by<S: RowSink>(
        &mut self,
        message: Message,
        taking: &mut Taking<'_, S>,
    ) -> Result<Option<Answered>, Fault> {
        match message {
            Message::ParseComplete => self.parsed += 1,
            // The latter where there are as many rows as were wanted.
            Message::CommandComplete(_) | Message::PortalSuspended => {
                self.completed += 1;
                let all = self.completed > self.places.rows && taking.is_all_taken();
                return Ok(all.then_some(Answered::All));
            }
            Message::RowDescription(body) => taking.columns(described(&body)?),
            Message::DataRow(body) if self.completed == self.places.rows => {
                return Ok(taking.row(body)?);
            }
            Message::ErrorResponse(body) => {
                self.fault = Some(Fault {
                    broken: Broken::Server(ServerError::of(&body)),
                    prefix: self.places.prefix(self.parsed, self.completed),
                });
            }
            Message::ReadyForQuery(body) => {
                let status = body.status();
                let fault = self.fault.take();
                return Ok(Some(fault.map_or(Answered::All, |fault| {
                    Answered::Refused { fault, status }
                })));
            }
            _ => {}
        }
        Ok(None)
    }
}

impl Places {
    /// What stands before the caller's text in the statement that an error is in. It failed while it was parsed, or, if it is
    /// one that is run, while it was or while its rows were fetched.
    fn prefix(self, parsed: usize, completed: usize) -> usize {
        match self.declared {
            Some(declared) if parsed == declared => DECLARE.len(),
            Some(declared) if declared < self.rows && completed >= declared => DECLARE.len(),
            _ => 0,
        }
    }
}

/// The explained query as a cursor's, at the place where it stands in the caller's text.
fn declared(sql: &str, query: usize) -> String {
    let (head, query) = sql.split_at(query);
    format!("{DECLARE}{}{query}", " ".repeat(head.chars().count()))
}

/// One row more than the caller may have tells whether there are more. The protocol's number has 32 bits, and 0 is all.
fn wanted(caps: Caps) -> i32 {
    i32::try_from(caps.rows.saturating_add(1)).unwrap_or(0)
}

/// The parameters as texts: the server infers the type of each from where it stands.
fn parameters(statement: &Statement) -> Vec<Option<String>> {
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    statement.params.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_a_query_stands_behind_declare_wherever_it_comes() {
        let places = Places {
            rows: 2,
            declared: Some(1),
        };
        let prefix = |parsed, completed| places.prefix(parsed, completed);
        assert_eq!(prefix(1, 1), DECLARE.len()); // the query is parsed
        assert_eq!(prefix(2, 1), DECLARE.len()); // its cursor is opened
        assert_eq!(prefix(2, 2), DECLARE.len()); // its rows are fetched
    }

    #[test]
    fn an_error_of_what_is_explained_stands_behind_declare_only_where_it_is_checked() {
        let places = Places {
            rows: 1,
            declared: Some(1),
        };
        assert_eq!(places.prefix(1, 1), DECLARE.len());
        assert_eq!(places.prefix(2, 1), 0);
    }

    #[test]
    fn what_is_explained_keeps_its_place() {
        assert_eq!(
            declared("EXPLAIN SELECT 1", 8),
            format!("{DECLARE}        SELECT 1")
        );
    }
}
