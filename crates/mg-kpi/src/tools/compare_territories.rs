//! `compare_territories`: one indicator, territory by territory.

use mg_core::{Answer, ToolError, kpi::Comparison, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    KpiServer,
    comparison::{self, Question},
};

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The indicator's name, title or synonym
    #[serde(alias = "indicator", alias = "kpi")]
    name: String,
    /// As in get_indicator; default: the newest period that all have
    #[serde(default, alias = "period")]
    date: Option<String>,
    /// Codes or names; default: the 20 communes
    #[serde(default, alias = "communes")]
    territories: Option<Vec<String>>,
}

#[tool_router(router = compare_territories_tool, vis = "pub(crate)")]
impl KpiServer {
    /// Compares territories (comparer, classement, palmarès) on one indicator in one period: value, status, rank (1 is the
    /// best where the indicator has a better side), share of the total for sums, and the total. Use it for which commune
    /// has most or least. Those without data are named, never ranked as 0. Example:
    /// {"name": "logements_autorises", "date": "2022"}
    #[tool(
        title = "Compare territories",
        output_schema = schema_for_output::<Comparison>(),
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false)
    )]
    async fn compare_territories(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Comparison>, ToolError> {
        let question = Question {
            name: arguments.name,
            date: arguments.date.unwrap_or_else(|| "latest".into()),
            territories: arguments.territories.unwrap_or_default(),
        };
        let answer = comparison::answer(self, &question).await?;
        call.record_rows(answer.data.rows.len());
        Ok(answer)
    }
}
