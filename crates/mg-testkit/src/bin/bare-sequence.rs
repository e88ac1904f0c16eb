//! A yardstick for the bench: the statements that mg-sql sends for `SELECT 1` on PostgreSQL, sent
//! by the same driver and nothing else.
//!
//! Each line on stdin runs them once and is answered by the nanoseconds they took. They are those
//! of `mg-db/src/gate/postgres/sequence.rs`, in as few messages of the driver as they can be: three in one write.

use std::{
    io::{BufRead, Write},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

const BEGIN: &str = "BEGIN READ ONLY";
const DECLARE: &str = "DECLARE mg NO SCROLL CURSOR FOR SELECT 1";
const FETCH: &str = "FETCH 201 FROM mg; ROLLBACK; SELECT pg_advisory_unlock_all()";

fn main() -> anyhow::Result<()> {
    // As many threads as the servers have: what wakes what is part of the driver's cost.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let client = Arc::new(connect(&runtime)?);
    let mut answers = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        line?;
        let work = runtime.spawn(timed(Arc::clone(&client)));
        let took = runtime.block_on(work)??;
        writeln!(answers, "{}", took.as_nanos())?;
        answers.flush()?;
    }
    Ok(())
}

fn connect(runtime: &Runtime) -> anyhow::Result<Client> {
    let url = std::env::var("MG_DATABASE_URL").context("MG_DATABASE_URL is not set")?;
    let (client, driver) = runtime.block_on(tokio_postgres::connect(&url, NoTls))?;
    runtime.spawn(driver);
    Ok(client)
}

/// How long the sequence took, from its first message to the answer to its last.
async fn timed(client: Arc<Client>) -> anyhow::Result<Duration> {
    let started = Instant::now();
    let (begun, declared, rows) = tokio::join!(biased;
        client.batch_execute(BEGIN),
        client.execute_typed(DECLARE, &[]),
        client.simple_query(FETCH),
    );
    let took = started.elapsed();
    begun?;
    declared?;
    let is_row = |message: &SimpleQueryMessage| matches!(message, SimpleQueryMessage::Row(_));
    // One of the cursor, one of what gives the locks back.
    anyhow::ensure!(rows?.iter().filter(|message| is_row(message)).count() == 2);
    Ok(took)
}
