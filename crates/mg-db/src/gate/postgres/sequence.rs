//! One statement on one connection: begin, declare, fetch and roll back in a single write.
//!
//! Each message is an error unit of its own, so the ROLLBACK runs whatever failed before it.

use std::pin::pin;

use futures::StreamExt;
use tokio::sync::oneshot;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

use super::{
    cells::{Reader, columns},
    text::{Utf8, parameters, untyped},
};
use crate::gate::{Caps, Flow, RowSink, Statement, cell::Delivery};

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
    client: &Client,
    statement: &Statement,
    caps: Caps,
    delivery: &mut Delivery<S>,
) -> Ending {
    let opening = opening(caps);
    let declare = format!("{DECLARE}{}", statement.sql);
    let fetch = fetch(caps);
    let parameters = parameters(statement);
    let parameters = untyped(&parameters);
    let (tell, described) = oneshot::channel();
    let (enough, unfinished) = oneshot::channel();
    let describe = async {
        // Parsed only: the answer describes the cursor's columns. The receiver may be gone.
        let _ = tell.send(client.prepare("FETCH 0 FROM mg").await);
    };
    let all = async {
        tokio::join!(biased;
            client.batch_execute(&opening),
            client.execute_typed(&declare, &parameters),
            describe,
            fetched(client, &fetch, described, enough, delivery),
            client.batch_execute(END),
        )
    };
    let (begun, declared, (), fetched, ended) = tokio::select! {
        biased;
        all = all => all,
        Ok(()) = unfinished => return Ending { answered: Ok(()), clean: false },
    };
    let declared = declared.map_err(behind_declare);
    // The first one that failed: those behind it only say that the transaction is aborted.
    let answered = begun.map_err(Fault::from).and(declared.map(drop));
    Ending {
        answered: answered.and(fetched.map(drop).map_err(Fault::from)),
        clean: ended.is_ok(),
    }
}

/// Runs EXPLAIN or SHOW: both answer text. What is explained, from the byte `explained` on, has to be
/// a query that a cursor would take: EXPLAIN alone would take writes, and ANALYZE runs them.
pub(super) async fn utility<S: RowSink>(
    client: &Client,
    statement: &Statement,
    explained: Option<usize>,
    caps: Caps,
    delivery: &mut Delivery<S>,
) -> Ending {
    let opening = opening(caps);
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
/// ROLLBACK comes behind them. Answers what described the rows: dropping it sends a message of its
/// own, which has time until the ROLLBACK is answered.
async fn fetched<S: RowSink>(
    client: &Client,
    fetch: &str,
    described: oneshot::Receiver<Result<tokio_postgres::Statement, Error>>,
    enough: oneshot::Sender<()>,
    delivery: &mut Delivery<S>,
) -> Result<Option<tokio_postgres::Statement>, Error> {
    let mut rows = pin!(client.simple_query_raw(fetch).await?.fuse());
    let mut described = pin!(described);
    // A type that is not built in is looked up behind the rows, which then wait here, once a
    // connection and type.
    let mut early = Vec::new();
    let statement = loop {
        tokio::select! {
            biased;
            statement = &mut described => break statement,
            Some(message) = rows.next() => early.push(message?),
        }
    };
    let Ok(statement) = statement else {
        return Ok(None);
    };
    let statement = statement?;
    let mut reader = Reader::new(statement.columns());
    delivery.columns(&columns(statement.columns()));
    let mut enough = Some(enough);
    let mut drained = 0;
    let mut messages = futures::stream::iter(early).map(Ok).chain(rows);
    while let Some(message) = messages.next().await {
        let SimpleQueryMessage::Row(row) = message? else {
            continue;
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
    Ok(Some(statement))
}

/// One row more than is wanted tells whether there are more. The grammar's number has 32 bits.
fn fetch(caps: Caps) -> String {
    match i32::try_from(caps.rows.saturating_add(1)) {
        Ok(rows) => format!("FETCH {rows} FROM mg"),
        Err(_) => "FETCH ALL FROM mg".to_owned(),
    }
}

fn opening(caps: Caps) -> String {
    // 0 would mean no limit at all.
    let milliseconds = caps.time.as_millis().clamp(1, i32::MAX as u128);
    format!("BEGIN READ ONLY; SET LOCAL statement_timeout = {milliseconds}")
}
