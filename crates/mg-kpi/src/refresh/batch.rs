//! Many indicators at once: computed in parallel, written one after the other, one transaction each.

use std::{num::NonZero, sync::Arc, time::Instant};

use mg_core::ToolError;
use tokio::task::JoinSet;

use super::{
    compute::{Forecasts, forecasts, values},
    progress::Progress,
    summary::{Outcome, Summary},
};
use crate::{KpiServer, store::Kept};

/// What was computed of one indicator.
struct Computed {
    name: String,
    values: Result<Vec<Kept>, ToolError>,
    forecasts: Result<Forecasts, ToolError>,
}

/// Refreshes indicators. One that fails does not stop the others; a run that was stopped half way is simply run again:
/// what is stored already is left alone.
pub(super) async fn run(
    server: &Arc<KpiServer>,
    names: Vec<String>,
    with_forecasts: bool,
    now: &str,
) -> Summary {
    let started = Instant::now();
    let width = std::thread::available_parallelism().map_or(1, NonZero::get);
    let mut progress = Progress::of(names.len());
    let mut summary = Summary::default();
    let mut waiting = names.into_iter();
    let mut running = JoinSet::new();
    loop {
        while running.len() < width
            && let Some(name) = waiting.next()
        {
            running.spawn(compute(Arc::clone(server), name, with_forecasts));
        }
        let Some(done) = running.join_next().await else {
            break;
        };
        let outcome = match done {
            Ok(computed) => write(server, computed, now).await,
            Err(error) => Outcome::failed("?", &ToolError::Internal(error.into())),
        };
        progress.step(&outcome.name);
        summary.add(outcome);
    }
    progress.end();
    summary.finish(started.elapsed());
    summary
}

async fn compute(server: Arc<KpiServer>, name: String, with_forecasts: bool) -> Computed {
    let values = values(&server, &name).await;
    let forecasts = match (with_forecasts, &values) {
        (true, Ok(_)) => forecasts(&server, &name).await,
        _ => Ok(Forecasts::default()),
    };
    Computed {
        name,
        values,
        forecasts,
    }
}

async fn write(server: &KpiServer, computed: Computed, now: &str) -> Outcome {
    let name = computed.name.clone();
    match stored(server, computed, now).await {
        Ok(outcome) => outcome,
        Err(error) => Outcome::failed(&name, &error),
    }
}

async fn stored(server: &KpiServer, computed: Computed, now: &str) -> Result<Outcome, ToolError> {
    let Computed {
        name,
        values,
        forecasts,
    } = computed;
    let written = server.store.keep(&name, &values?, now).await?;
    let Forecasts { made, refused } = forecasts?;
    let forecasts = if made.is_empty() {
        0
    } else {
        server.store.keep_forecasts(&name, &made, now).await?
    };
    Ok(Outcome {
        name,
        values: Some(written),
        forecasts_made: made.len(),
        forecasts_written: forecasts,
        forecasts_refused: refused,
        error: None,
        unavailable: false,
    })
}
