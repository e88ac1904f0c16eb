//! One statement on one connection: begin, declare, fetch and roll back in a single write with a single `Sync`.
//!
//! What stands behind a statement that fails is left out by the server, the ROLLBACK too, which is then sent once more.
//! Where all goes well the rows are answered first, and nobody waits for the ROLLBACK but the next statement: it was sent
//! with them.

use postgres_protocol::message::backend::{DataRowBody, Message};
use tokio_postgres::types::{Oid, Type};

use super::{
    cells::{Reader, columns},
    connection::Connection,
    error::{Broken, ServerError},
    types::Types,
    wire::{Described, IDLE, Row, Wire, described},
};
use crate::{
    gate::{Caps, Flow, RowSink, Statement, cell::Delivery},
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
/// Bytes that are read to the end after the sink is full, to keep the connection.
const DRAINED_BYTES: usize = 1 << 20;

/// How a statement ended and how it left its connection.
#[derive(Debug)]
pub(super) struct Ending {
    pub(super) answered: Result<(), Fault>,
    /// Rolled back and idle. Otherwise the sink was full long before the end and the connection
    /// is still sending, or it broke.
    pub(super) clean: bool,
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
        Ok(answered)
    };
    match answered.await {
        Ok(Answered::All) => Ending {
            answered: Ok(()),
            clean: true,
        },
        Ok(Answered::Full) => Ending {
            answered: Ok(()),
            clean: false,
        },
        Ok(Answered::Refused { fault, status }) => Ending {
            answered: Err(fault),
            clean: status == IDLE || rolled_back(wire).await.is_ok(),
        },
        Err(
            fault @ Fault {
                broken: Broken::Unsendable(_),
                ..
            },
        ) => Ending {
            answered: Err(fault),
            clean: true,
        },
        Err(fault) => Ending {
            answered: Err(fault),
            clean: false,
        },
    }
}

/// What the server made of a sequence.
enum Answered {
    /// All of it was run, or will be before anything else.
    All,
    /// It is still sending rows that nobody takes.
    Full,
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
    let (mut parsed, mut completed) = (1, 0); // BEGIN was parsed when the connection was opened
    let mut fault = None;
    loop {
        match wire.next().await? {
            Message::ParseComplete => parsed += 1,
            // The latter where there are as many rows as were wanted.
            Message::CommandComplete(_) | Message::PortalSuspended => {
                completed += 1;
                if completed > places.rows && taking.is_all_taken() {
                    wire.leave_rest();
                    return Ok(Answered::All);
                }
            }
            Message::RowDescription(body) => taking.columns(described(&body)?),
            Message::DataRow(body) if completed == places.rows => match taking.row(body)? {
                Flow::More => {}
                Flow::Full => return Ok(Answered::Full),
            },
            Message::ErrorResponse(body) => {
                fault = Some(Fault {
                    broken: Broken::Server(ServerError::of(&body)),
                    prefix: places.prefix(parsed, completed),
                });
            }
            Message::ReadyForQuery(body) => {
                return Ok(match fault {
                    None => Answered::All,
                    Some(fault) => Answered::Refused {
                        fault,
                        status: body.status(),
                    },
                });
            }
            _ => {}
        }
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

/// Gives the rows to the sink while they arrive.
struct Taking<'a, S> {
    types: &'a Types,
    delivery: &'a mut Delivery<S>,
    described: Vec<Described>,
    reader: Option<Reader>,
    /// Rows whose types have to be looked up, which can only be asked behind them; once a connection and type.
    early: Vec<DataRowBody>,
    row: Row,
    drained: usize,
}

impl<'a, S: RowSink> Taking<'a, S> {
    fn new(types: &'a Types, delivery: &'a mut Delivery<S>) -> Self {
        Self {
            types,
            delivery,
            described: Vec::new(),
            reader: None,
            early: Vec::new(),
            row: Row::default(),
            drained: 0,
        }
    }

    fn columns(&mut self, described: Vec<Described>) {
        self.described = described;
        if let Some(types) = self.types.known(&self.numbers()) {
            self.begin(&types);
        }
    }

    fn numbers(&self) -> Vec<Oid> {
        self.described.iter().map(|column| column.oid).collect()
    }

    fn begin(&mut self, types: &[Type]) {
        self.delivery.columns(&columns(&self.described, types));
        self.reader = Some(Reader::new(types));
    }

    /// Takes a row; [`Flow::Full`] when so many have come after the last one taken that they are not waited for.
    fn row(&mut self, body: DataRowBody) -> Result<Flow, Broken> {
        let Some(reader) = &mut self.reader else {
            self.early.push(body);
            return Ok(Flow::More);
        };
        self.row.fill(body)?;
        if !self.delivery.truncated() {
            self.delivery.row(&reader.cells(&self.row));
            return Ok(Flow::More);
        }
        self.drained += self.row.bytes();
        Ok(if self.drained > DRAINED_BYTES {
            Flow::Full
        } else {
            Flow::More
        })
    }

    /// Whether no row waits for its types.
    fn is_all_taken(&self) -> bool {
        self.reader.is_some()
    }

    /// Looks up the types that are not known, and gives the rows that waited for it.
    async fn finish(mut self, wire: &mut Wire) -> Result<(), Broken> {
        if self.reader.is_some() || self.described.is_empty() {
            return Ok(());
        }
        let types = self.types.look_up(wire, &self.numbers()).await?;
        self.begin(&types);
        for body in std::mem::take(&mut self.early) {
            if self.row(body)? == Flow::Full || self.delivery.truncated() {
                break;
            }
        }
        Ok(())
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
