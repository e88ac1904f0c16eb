//! `mgctl db demo`: the embedded database, and larger ones for benchmarks.

use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use clap::Args;
use mg_core::Settings;
use mg_db::{demo::DemoOptions, embedded, store::StoreError};

use crate::{context::Context, failure::Failure};

/// Arguments of `db demo`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Make it anew
    #[arg(long)]
    reset: bool,
    /// Permits in all, for benchmarks; needs --out
    #[arg(long, value_name = "N", requires = "out", value_parser = clap::value_parser!(u32).range(..=50_000_000))]
    permits: Option<u32>,
    /// The file to make; needs --permits
    #[arg(long, value_name = "FILE", requires = "permits")]
    out: Option<PathBuf>,
}

/// Runs the sub-command.
pub(crate) async fn run(
    arguments: &Arguments,
    settings: &Settings,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    if let (Some(permits), Some(out)) = (arguments.permits, &arguments.out) {
        return larger(permits, out, arguments.reset, context).await;
    }
    let path = settings.data_dir()?.join("mg.db");
    let now = context.clock.now_iso();
    let said = match (arguments.reset, path.exists()) {
        (true, _) => {
            Box::pin(embedded::reset(&path, &now)).await?;
            "the demo database was made anew"
        }
        (false, true) => "the demo database is there already (--reset makes it anew)",
        (false, false) => {
            Box::pin(embedded::ensure(&path, &now)).await?;
            "the demo database was made"
        }
    };
    context
        .terminal
        .line(&format!("{said}: {}", path.display()));
    if !settings.uses_embedded_database() {
        context
            .terminal
            .line("it is not in use: another database is configured (MG_DATABASE_URL)");
    }
    Ok(())
}

async fn larger(
    permits: u32,
    out: &Path,
    replace: bool,
    context: &mut Context<'_>,
) -> Result<(), Failure> {
    let path = std::path::absolute(out).unwrap_or_else(|_| out.to_path_buf());
    if path.exists() && !replace {
        return Err(Failure::Failed(format!(
            "{} is there already: --reset replaces it",
            path.display()
        )));
    }
    let started = Instant::now();
    let options = DemoOptions {
        extra_permits: permits as usize,
        loaded_at: context.clock.now_iso(),
    };
    watched(Box::pin(embedded::make(&path, &options)), permits).await?;
    let megabytes = path.metadata().map_or(0, |metadata| metadata.len()) / 1_000_000;
    let seconds = started.elapsed().as_secs_f64();
    context.terminal.line(&format!(
        "{permits} permits in {}: {megabytes} MB, {seconds:.1} s",
        path.display()
    ));
    Ok(())
}

/// Waits for the work, with a line on a terminal that moves every second.
async fn watched(
    mut work: impl Future<Output = Result<(), StoreError>> + Unpin,
    permits: u32,
) -> Result<(), StoreError> {
    let shown = std::io::stderr().is_terminal();
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    let started = Instant::now();
    let ended = loop {
        tokio::select! {
            ended = &mut work => break ended,
            _ = ticks.tick() => if shown {
                let _closed = write!(std::io::stderr(), "\rmaking {permits} permits … {} s", started.elapsed().as_secs());
            },
        }
    };
    if shown {
        let _closed = write!(std::io::stderr(), "\r\x1b[K");
    }
    ended
}
