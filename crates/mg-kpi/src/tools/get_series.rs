//! `get_series`: an indicator over time.

use mg_core::{
    Answer, ToolError,
    kpi::{Grain, Series},
    serve::Call,
};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    KpiServer, chart, picture,
    series::{self, Question},
    span::Range,
};

/// The step from point to point.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Step {
    #[serde(alias = "mois", alias = "monthly")]
    Month,
    #[serde(alias = "trimestre", alias = "quarterly")]
    Quarter,
    #[serde(
        alias = "annee",
        alias = "année",
        alias = "an",
        alias = "yearly",
        alias = "annual"
    )]
    Year,
}

impl From<Step> for Grain {
    fn from(step: Step) -> Self {
        match step {
            Step::Month => Self::Month,
            Step::Quarter => Self::Quarter,
            Step::Year => Self::Year,
        }
    }
}

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The indicator's name, title or synonym
    #[serde(alias = "indicator", alias = "kpi")]
    name: String,
    /// First period, written like a date of get_indicator: 2022, 2022-03, 2022-T1; default: the 60 last periods
    #[serde(default, alias = "start")]
    from: Option<String>,
    /// Last period; default: the last covered one
    #[serde(default, alias = "end")]
    to: Option<String>,
    /// As in get_indicator
    #[serde(default, alias = "commune")]
    territory: Option<String>,
    /// Default: the indicator's own, the finest
    #[serde(default, alias = "step", alias = "frequency")]
    grain: Option<Step>,
    /// Release, YYYY-MM; default: the newest
    #[serde(default)]
    vintage: Option<String>,
    /// A second release: adds its value to each point and counts the revisions
    #[serde(default)]
    compare_vintage: Option<String>,
    /// true adds a picture
    #[serde(default, alias = "image", alias = "graphique")]
    chart: Option<bool>,
}

#[tool_router(router = get_series_tool, vis = "pub(crate)")]
impl KpiServer {
    /// The series (série, évolution) of one indicator: for each month, quarter or year the value, status, target, value a
    /// year earlier, and the sum of all where that means something. One call answers questions on trends or several
    /// periods. A missing value is null, never 0. Example:
    /// {"name": "logements_autorises", "from": "2011", "to": "2024", "grain": "year"}
    #[tool(
        title = "Get a series",
        output_schema = schema_for_output::<Series>(),
        meta = chart::VIEW.of_tool(),
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false)
    )]
    async fn get_series(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Series>, ToolError> {
        let question = Question {
            name: arguments.name,
            territory: arguments.territory,
            range: Range {
                from: arguments.from,
                to: arguments.to,
                grain: arguments.grain.map(Grain::from),
            },
            vintage: arguments.vintage,
            compare_vintage: arguments.compare_vintage,
        };
        let answer = series::answer(self, &question).await?;
        call.record_rows(answer.data.points.len());
        let Some(wanted) = chart::Wanted::by(&call, arguments.chart) else {
            return Ok(answer);
        };
        let plot = picture::of_series(self, &answer.data).await?;
        wanted.attach(answer, plot).await
    }
}
