//! `list_scrape_runs`: the runs, newest first.

use mg_core::{Answer, Language, ToolError, markdown_table, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    ScrapeServer,
    ledger::State,
    run::{self, Report},
};

const DEFAULT_LIMIT: usize = 20;
const MOST: usize = 200;

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// Only runs of this spider
    #[serde(default, alias = "name")]
    spider: Option<String>,
    /// Only runs in this state: running, succeeded, failed, cancelled, interrupted or stalled
    #[serde(default)]
    state: Option<String>,
    /// How many at most; default 20, cap 200
    #[serde(default)]
    limit: Option<usize>,
}

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Listed {
    /// The runs, newest first
    runs: Vec<Brief>,
    /// How many there are
    total: usize,
    /// Whether the limit cut the list
    truncated: bool,
    /// Caveats
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

/// A run in brief; get_scrape_run tells all of it.
#[derive(Debug, Serialize, JsonSchema)]
struct Brief {
    /// The run
    run_id: String,
    /// The spider
    spider: String,
    /// Its state
    state: State,
    /// When it was launched
    started: String,
    /// When it ended
    #[serde(skip_serializing_if = "Option::is_none")]
    ended: Option<String>,
    /// Pages read
    pages: u64,
    /// Rows read
    items: u64,
    /// Why it failed
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[tool_router(router = list_scrape_runs_tool, vis = "pub(crate)")]
impl ScrapeServer {
    /// Lists the runs of spiders, newest first, also those that other servers launched: state, pages, rows, why one failed.
    /// Example: {"spider": "sitadel", "state": "failed"}
    #[tool(
        title = "List runs",
        output_schema = schema_for_output::<Listed>(),
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false)
    )]
    async fn list_scrape_runs(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Listed>, ToolError> {
        let state = arguments.state.as_deref().map(str::parse).transpose()?;
        let asked = arguments.limit.unwrap_or(DEFAULT_LIMIT);
        let limit = asked.clamp(1, MOST);
        let (runs, total) =
            run::runs(&self.settings, arguments.spider.as_deref(), state, limit).await?;
        let briefs = runs.into_iter().map(|run| brief(Report::brief(run, false)));
        let listed = Listed {
            runs: briefs.collect(),
            total,
            truncated: total > limit,
            notes: (asked != limit)
                .then(|| format!("limit {asked} was set to {limit}; it may be 1 to {MOST}"))
                .into_iter()
                .collect(),
        };
        call.record_rows(listed.runs.len());
        Ok(Answer::new(text(&listed, self.settings.language), listed))
    }
}

fn brief(report: Report) -> Brief {
    Brief {
        run_id: report.run_id,
        spider: report.spider,
        state: report.state,
        started: report.started,
        ended: report.ended,
        pages: report.pages,
        items: report.items,
        message: report.message,
    }
}

fn text(listed: &Listed, language: Language) -> String {
    let columns = match language {
        Language::French => [
            "collecte", "robot", "état", "début", "fin", "pages", "lignes",
        ],
        Language::English => [
            "run", "spider", "state", "started", "ended", "pages", "rows",
        ],
    };
    let rows = listed.runs.iter().map(|run| {
        [
            run.run_id.clone(),
            run.spider.clone(),
            run.state.name().to_owned(),
            run.started.clone(),
            run.ended.clone().unwrap_or_default(),
            run.pages.to_string(),
            run.items.to_string(),
        ]
    });
    let shown = format!("{} / {}", listed.runs.len(), listed.total);
    let heading = match language {
        Language::French => format!("Collectes\u{a0}: {shown}"),
        Language::English => format!("Runs: {shown}"),
    };
    let mut lines = vec![heading, markdown_table(&columns, rows)];
    lines.extend(listed.notes.iter().map(|note| format!("- {note}")));
    lines.join("\n")
}
