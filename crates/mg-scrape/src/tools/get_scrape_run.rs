//! `get_scrape_run`: how a run is, now or when it has ended.

use std::time::Duration;

use mg_core::{Answer, ToolError, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::time::Instant;

use crate::{
    ScrapeServer,
    ledger::{Ledger, Run},
    run::{Report, found, look, looked_at},
};

/// The longest wait: some clients give a call up after a minute.
const LONGEST: u64 = 45;
const PAUSE: Duration = Duration::from_millis(200);
/// Clients are told of progress so often.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The run, as launch_scraper names it
    #[serde(alias = "id", alias = "run")]
    run_id: String,
    /// Seconds to wait for its end; default 0, cap 45
    #[serde(default)]
    wait_s: Option<u64>,
}

#[tool_router(router = get_scrape_run_tool, vis = "pub(crate)")]
impl ScrapeServer {
    /// Tells how a run of a spider is: state, pages, rows, errors by kind with an example, some rows, and once its rows are in
    /// the table what changed there. With `wait_s` (at most 45) it answers when the run has ended or the time is up: call it
    /// again then. Example: {"run_id": "20261125-203422-1f3a5c", "wait_s": 30}
    #[tool(
        title = "Follow a run",
        output_schema = schema_for_output::<Report>(),
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false)
    )]
    async fn get_scrape_run(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Report>, ToolError> {
        let asked = arguments.wait_s.unwrap_or_default();
        let (mut ledger, mut run) = look(&self.settings, &arguments.run_id).await?;
        let deadline = Instant::now() + Duration::from_secs(asked.min(LONGEST));
        while run.state.is_live() && Instant::now() < deadline {
            run = self.waited(&mut ledger, run, deadline, &call).await?;
        }
        let shows_rows = self.shows_rows(call.caller().role, &run.spider);
        let mut report = Report::of(&mut ledger, run, shows_rows).await?;
        if asked > LONGEST {
            report
                .notes
                .push(format!("wait_s {asked} was cut to the cap of {LONGEST}"));
        }
        call.record_rows(report.sample.len());
        Ok(Answer::new(report.text(self.settings.language), report))
    }

    /// Waits for a moment, and tells the client how far the run is.
    async fn waited(
        &self,
        ledger: &mut Ledger,
        mut run: Run,
        deadline: Instant,
        call: &Call,
    ) -> Result<Run, ToolError> {
        let until = deadline.min(Instant::now() + TELL_EVERY);
        while run.state.is_live() && Instant::now() < until {
            tokio::time::sleep(PAUSE).await;
            let now = found(ledger, &run.run_id).await?;
            run = looked_at(&self.settings, ledger, now).await?;
        }
        let done = run.counters.pages + run.counters.failed_pages;
        let sentence = Report::brief(run.clone(), false).sentence(self.settings.language);
        call.progress(number(done), Some(number(done + run.waiting)), &sentence)
            .await;
        Ok(run)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of pages")]
fn number(count: u64) -> f64 {
    count as f64
}
