//! Waiting for a run, within bounds, while the client is told how far it is.

use std::time::Duration;

use mg_core::{Language, ToolError, serve::Call};
use tokio::time::Instant;

use crate::{
    client::{Airflow, Failure},
    run::has_ended,
    tasks,
    wire::Run,
    words,
};

/// The longest wait of one call.
pub(crate) const LONGEST: u64 = 45;
/// Between two looks at the tasks.
const LOOK: Duration = Duration::from_secs(2);
/// For the look at the end of the wait.
const LAST_LOOK: Duration = Duration::from_secs(5);
/// A stream that is silent for so long has lost its other end.
const SILENCE: Duration = Duration::from_secs(10);
/// Pauses between two questions where there is no stream.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(3),
    Duration::from_secs(5),
];

/// The seconds to wait, with a note where they were cut.
pub(crate) fn seconds(asked: Option<u64>) -> (u64, Option<String>) {
    match asked {
        Some(asked) if asked > LONGEST => (
            LONGEST,
            Some(format!(
                "wait_s {asked} was cut to {LONGEST}; call get_workflow_run with wait_s to wait on"
            )),
        ),
        asked => (asked.unwrap_or(0), None),
    }
}

/// A wait for one run.
#[derive(Debug)]
pub(crate) struct Wait<'a> {
    pub(crate) airflow: &'a Airflow,
    pub(crate) call: &'a Call,
    pub(crate) language: Language,
    pub(crate) seconds: u64,
}

impl Wait<'_> {
    /// The run once it has ended or the time is over; with a note where Airflow went away meanwhile, for the run itself
    /// may go on. Whoever drops this stops waiting, nothing else.
    pub(crate) async fn of(&self, run: Run) -> (Run, Option<String>) {
        if self.seconds == 0 || run.has_ended() {
            return (run, None);
        }
        let began = Instant::now();
        let until = began + Duration::from_secs(self.seconds);
        // What is heard on the way is told as progress; the end is read once more as a whole.
        let _over = tokio::time::timeout_at(until, self.until_ended(&run, began)).await;
        let look = tokio::time::timeout(LAST_LOOK, self.look(&run)).await;
        match look.unwrap_or(Err(Failure::Slow(LAST_LOOK))) {
            Ok(newest) => (newest, None),
            Err(failure) => {
                let why = ToolError::from(failure);
                (
                    run,
                    Some(words::lost_sight(self.language, &why.to_string())),
                )
            }
        }
    }

    async fn until_ended(&self, run: &Run, began: Instant) {
        if let Err(failure) = self.listen(run, began).await {
            tracing::debug!(?failure, "no stream of states; asking instead");
            self.poll(run, began).await;
        }
    }

    /// Follows Airflow's stream; an error sends the caller to [`Self::poll`].
    async fn listen(&self, run: &Run, began: Instant) -> Result<(), Failure> {
        let mut states = self.airflow.states(&run.dag_id, &run.dag_run_id).await?;
        let mut last_look = None;
        loop {
            let next = tokio::time::timeout(SILENCE, states.next()).await;
            let state = next.unwrap_or(Err(Failure::Slow(SILENCE)))?;
            let Some(state) = state else {
                return Err(Failure::Broken); // ended before the run did
            };
            if has_ended(&state) {
                return Ok(());
            }
            if last_look.is_none_or(|at: Instant| at.elapsed() >= LOOK) {
                last_look = Some(Instant::now());
                self.report(run, &state, began).await;
            }
        }
    }

    async fn poll(&self, run: &Run, began: Instant) {
        let last = Duration::from_secs(5);
        for pause in PAUSES.into_iter().chain(std::iter::repeat(last)) {
            tokio::time::sleep(pause).await;
            match self.look(run).await {
                Ok(seen) if seen.has_ended() => return,
                Ok(seen) => self.report(run, &seen.state, began).await,
                Err(failure) if failure.passes() => {}
                Err(_) => return,
            }
        }
    }

    async fn look(&self, run: &Run) -> Result<Run, Failure> {
        let path = ["dags", &run.dag_id, "dagRuns", &run.dag_run_id];
        self.airflow.get(&path, &[]).await
    }

    /// Tells the client, if it asked to know, how many tasks are done.
    async fn report(&self, run: &Run, state: &str, began: Instant) {
        if !self.call.wants_progress() {
            return;
        }
        let tasks = tasks::of_run(self.airflow, &run.dag_id, &run.dag_run_id).await;
        let done = tasks.map(|tasks| (tasks::done(&tasks), tasks.len())).ok();
        let message = words::progress(self.language, &run.dag_run_id, state, done);
        let (elapsed, total) = (
            began.elapsed().as_secs_f64(),
            Duration::from_secs(self.seconds),
        );
        self.call
            .progress(elapsed, Some(total.as_secs_f64()), &message)
            .await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_call_waits_longer_than_the_cap() {
        assert_eq!(seconds(None), (0, None));
        assert_eq!(seconds(Some(45)), (45, None));
        let (most, note) = seconds(Some(3600));
        assert_eq!(most, 45);
        assert!(note.unwrap().contains("get_workflow_run"));
    }
}
