//! Many indicators at once: computed in parallel, written one after the other, each with its forecasts in one transaction.

use std::{collections::HashMap, num::NonZero, sync::Arc, time::Instant};

use mg_core::ToolError;
use tokio::task::{Id, JoinSet};

use super::{
    compute::{Forecasts, forecasts, values},
    progress::Progress,
    summary::{Outcome, Summary},
};
use crate::{KpiServer, store::Kept};

/// What was computed of one indicator.
struct Computed {
    values: Vec<Kept>,
    forecasts: Forecasts,
}

/// What is being computed, by the name of the indicator: a task that panics does not tell it itself.
struct Running<T> {
    tasks: JoinSet<Result<T, ToolError>>,
    names: HashMap<Id, String>,
}

impl<T: Send + 'static> Running<T> {
    fn start(
        &mut self,
        name: String,
        work: impl Future<Output = Result<T, ToolError>> + Send + 'static,
    ) {
        self.names.insert(self.tasks.spawn(work).id(), name);
    }

    /// The next that comes to its end, with its name; none where nothing runs.
    async fn next(&mut self) -> Option<(String, Result<T, ToolError>)> {
        let (id, found) = match self.tasks.join_next_with_id().await? {
            Ok(done) => done,
            Err(error) => (error.id(), Err(ToolError::Internal(error.into()))),
        };
        Some((self.names.remove(&id).unwrap_or_default(), found))
    }
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
    let mut running = Running {
        tasks: JoinSet::new(),
        names: HashMap::new(),
    };
    loop {
        while running.tasks.len() < width
            && let Some(name) = waiting.next()
        {
            let work = compute(Arc::clone(server), name.clone(), with_forecasts);
            running.start(name, work);
        }
        let Some((name, computed)) = running.next().await else {
            break;
        };
        let stored = match computed {
            Ok(computed) => store(server, &name, computed, now).await,
            Err(error) => Err(error),
        };
        progress.step(&name);
        summary.add(stored.unwrap_or_else(|error| Outcome::failed(&name, &error)));
    }
    progress.end();
    summary.finish(started.elapsed());
    summary
}

async fn compute(
    server: Arc<KpiServer>,
    name: String,
    with_forecasts: bool,
) -> Result<Computed, ToolError> {
    let values = values(&server, &name).await?;
    let forecasts = if with_forecasts {
        forecasts(&server, &name).await?
    } else {
        Forecasts::default()
    };
    Ok(Computed { values, forecasts })
}

async fn store(
    server: &KpiServer,
    name: &str,
    computed: Computed,
    now: &str,
) -> Result<Outcome, ToolError> {
    let Computed { values, forecasts } = computed;
    let kept = server.store.keep(name, &values, &forecasts.made, now);
    let (written, forecasts_written) = kept.await?;
    Ok(Outcome {
        name: name.to_owned(),
        values: Some(written),
        forecasts_made: forecasts.made.len(),
        forecasts_written,
        forecasts_refused: forecasts.refused,
        error: None,
        unavailable: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_is_told_by_the_name_of_its_indicator() {
        let mut running = Running::<u8> {
            tasks: JoinSet::new(),
            names: HashMap::new(),
        };
        running.start("population".into(), async { panic!("a fault of ours") });
        let (name, found) = running.next().await.unwrap();
        assert_eq!(name, "population");
        assert!(matches!(found, Err(ToolError::Internal(_))), "{found:?}");
        assert!(running.next().await.is_none());
    }
}
