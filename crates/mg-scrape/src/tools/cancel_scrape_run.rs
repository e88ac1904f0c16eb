//! `cancel_scrape_run`: stops a run.

use mg_core::{Answer, ToolError, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    ScrapeServer,
    run::{self, Report},
};

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The run, as launch_scraper names it
    #[serde(alias = "id", alias = "run")]
    run_id: String,
}

#[tool_router(router = cancel_scrape_run_tool, vis = "pub(crate)")]
impl ScrapeServer {
    /// Stops a run of a spider, also an interrupted one. Nothing of it is written to the spider's table; what it had fetched
    /// is dropped. Answers once it has stopped, within some seconds. Example: {"run_id": "20261125-203422-1f3a5c"}
    #[tool(
        title = "Stop a run",
        output_schema = schema_for_output::<Report>(),
        annotations(read_only_hint = false, destructive_hint = true, idempotent_hint = true, open_world_hint = false)
    )]
    async fn cancel_scrape_run(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Report>, ToolError> {
        let run = run::cancel(&self.settings, &arguments.run_id).await?;
        let shows_rows = self.shows_rows(call.caller().role, &run.spider);
        let report = Report::brief(run, shows_rows);
        Ok(Answer::new(report.sentence(self.settings.language), report))
    }
}
