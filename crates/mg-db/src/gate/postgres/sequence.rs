//! One statement on one connection: begin, declare, fetch and roll back in a single write.
//!
//! Three messages, each of them an error unit of its own. The server leaves the rest of one out when
//! something in it fails, so that the ROLLBACK, which stands behind the FETCH, is then sent once more.

use std::pin::pin;

use futures::{StreamExt, stream::FusedStream};
use tokio::sync::oneshot;
use tokio_postgres::{Error, SimpleQueryMessage, types::Type};

use super::{
    cells::{Reader, columns, named},
    connection::{Connection, milliseconds},
    text::{Utf8, parameters, untyped},
};
use crate::gate::{Caps, Flow, RowSink, Statement, cell::Delivery};

const BEGIN: &str = "BEGIN READ ONLY";
/// Stands before the caller's text: its grammar takes a query and nothing else.
const DECLARE: &str = "DECLARE mg NO SCROLL CURSOR FOR ";
/// Session locks are the one thing that a ROLLBACK leaves.
const END: &str = "ROLLBACK; SELECT pg_advisory_unlock_all()";
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

/// An error of the server and how many characters stand before the caller's text.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) error: Error,
    pub(super) prefix: usize,
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self { error, prefix: 0 }
    }
}

/// Runs a query through a cursor.
pub(super) async fn query<S: RowSink>(
    connection: &Connection,
    statement: &Statement,
    caps: Caps,
    delivery: &mut Delivery<S>,
) -> Ending {
    let client = &connection.client;
    let opening = opening(connection, caps);
    let declare = format!("{DECLARE}{}", statement.sql);
    let parameters = parameters(statement);
    let parameters = untyped(&parameters);
    let (enough, unfinished) = oneshot::channel();
    let all = async {
        tokio::join!(biased;
            client.batch_execute(&opening),
            client.execute_typed(&declare, &parameters),
            fetched(connection, caps, enough, delivery),
        )
    };
    connection.watch.forget();
    let (begun, declared, fetched) = tokio::select! {
        biased;
        all = all => all,
        Ok(()) = unfinished => return Ending { answered: Ok(()), clean: false },
    };
    let declared = declared.map_err(behind_declare);
    // The first one that failed: those behind it only say that the transaction is aborted.
    let answered = begun.map_err(Fault::from).and(declared.map(drop));
    let answered = answered.and(fetched.map_err(Fault::from));
    let clean = answered.is_ok() || client.batch_execute(END).await.is_ok();
    Ending { answered, clean }
}

/// Runs EXPLAIN or SHOW: both answer text. What is explained, from the byte `explained` on, has to be
/// a query that a cursor would take: EXPLAIN alone would take writes, and ANALYZE runs them.
pub(super) async fn utility<S: RowSink>(
    connection: &Connection,
    statement: &Statement,
    explained: Option<usize>,
    caps: Caps,
    delivery: &mut Delivery<S>,
) -> Ending {
    let client = &connection.client;
    let opening = opening(connection, caps);
    let parameters = parameters(statement);
    let parameters = untyped(&parameters);
    let checked = async {
        match explained {
            // Parsed only; a refusal aborts the transaction, so that the EXPLAIN behind it does not run.
            Some(query) => client
                .prepare(&declared(&statement.sql, query))
                .await
                .map(drop),
            None => Ok(()),
        }
    };
    let rows = async {
        let rows = client.query_typed(&statement.sql, &parameters).await?;
        if let Some(row) = rows.first() {
            delivery.columns(&columns(row.columns()));
        }
        for row in &rows {
            let texts = (0..row.len()).map(|index| row.try_get::<_, Option<Utf8<'_>>>(index));
            let texts = texts.collect::<Result<Vec<_>, Error>>()?;
            let cells: Vec<_> = texts
                .iter()
                .map(|text| Utf8::cell_of(text.as_ref()))
                .collect();
            if delivery.row(&cells) == Flow::Full {
                break;
            }
        }
        Ok::<_, Error>(())
    };
    let (begun, checked, answered, ended) = tokio::join!(biased;
        client.batch_execute(&opening),
        checked,
        rows,
        client.batch_execute(END),
    );
    let checked = checked.map_err(behind_declare);
    let answered = begun
        .map_err(Fault::from)
        .and(checked)
        .and(answered.map_err(Fault::from));
    Ending {
        answered,
        clean: ended.is_ok(),
    }
}

/// The explained query as a cursor's, at the place where it stands in the caller's text.
fn declared(sql: &str, query: usize) -> String {
    let (head, query) = sql.split_at(query);
    format!("{DECLARE}{}{query}", " ".repeat(head.chars().count()))
}

fn behind_declare(error: Error) -> Fault {
    Fault {
        error,
        prefix: DECLARE.len(),
    }
}

/// Gives the rows to the sink while they arrive. They have to be read here: the answer to the
/// ROLLBACK comes behind them.
async fn fetched<S: RowSink>(
    connection: &Connection,
    caps: Caps,
    enough: oneshot::Sender<()>,
    delivery: &mut Delivery<S>,
) -> Result<(), Error> {
    let sent = connection.client.simple_query_raw(&fetch(caps)).await?;
    let mut messages = pin!(sent.fuse());
    let Some(SimpleQueryMessage::RowDescription(names)) = messages.next().await.transpose()? else {
        return Ok(());
    };
    let mut early = Vec::new();
    let types = types(connection, names.len(), &mut messages, &mut early).await?;
    let mut reader = Reader::new(&types);
    delivery.columns(&named(&names, &types));
    let mut enough = Some(enough);
    let mut drained = 0;
    let mut messages = futures::stream::iter(early).map(Ok).chain(messages);
    while let Some(message) = messages.next().await {
        let row = match message? {
            SimpleQueryMessage::Row(row) => row,
            SimpleQueryMessage::CommandComplete(_) => break,
            _ => continue,
        };
        if !delivery.truncated() {
            delivery.row(&reader.cells(&row));
            continue;
        }
        drained += (0..row.len())
            .filter_map(|index| row.get(index))
            .map(str::len)
            .sum::<usize>();
        if drained > DRAINED_BYTES
            && let Some(enough) = enough.take()
        {
            let _ = enough.send(());
        }
    }
    // What the ROLLBACK answers, and the end of the message.
    while messages.next().await.transpose()?.is_some() {}
    Ok(())
}

/// The types of the rows' columns. One that has to be looked up is answered behind the rows, which
/// then wait in `early`, once a connection and type.
async fn types(
    connection: &Connection,
    columns: usize,
    mut messages: impl FusedStream<Item = Result<SimpleQueryMessage, Error>> + Unpin,
    early: &mut Vec<SimpleQueryMessage>,
) -> Result<Vec<Type>, Error> {
    let mut oids = connection.watch.types();
    oids.resize(columns, Type::TEXT.oid());
    if let Some(types) = connection.types.known(&oids) {
        return Ok(types);
    }
    let mut asked = pin!(connection.types.look_up(&connection.client, &oids));
    loop {
        tokio::select! {
            biased;
            types = &mut asked => return types,
            Some(message) = messages.next() => early.push(message?),
        }
    }
}

/// One row more than is wanted tells whether there are more; the grammar's number has 32 bits.
fn fetch(caps: Caps) -> String {
    match i32::try_from(caps.rows.saturating_add(1)) {
        Ok(rows) => format!("FETCH {rows} FROM mg; {END}"),
        Err(_) => format!("FETCH ALL FROM mg; {END}"),
    }
}

fn opening(connection: &Connection, caps: Caps) -> String {
    if caps.time == connection.time {
        return BEGIN.to_owned();
    }
    let time = milliseconds(caps.time);
    format!("{BEGIN}; SET LOCAL statement_timeout = {time}")
}
