//! `detect_anomalies`: what stands out in a series, and what is not known of it.

use mg_core::{Answer, ToolError, kpi::Anomalies, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    KpiServer,
    anomalies::{self, Question},
};

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The indicator's name, title or synonym
    #[serde(alias = "indicator", alias = "kpi")]
    name: String,
    /// As in get_indicator
    #[serde(default, alias = "commune")]
    territory: Option<String>,
    /// First period told, e.g. 2022; default: the beginning of the series
    #[serde(default, alias = "start")]
    from: Option<String>,
    /// Last one; default: the newest
    #[serde(default, alias = "end")]
    to: Option<String>,
}

#[tool_router(router = detect_anomalies_tool, vis = "pub(crate)")]
impl KpiServer {
    /// What stands out in an indicator's series (anomalies, ruptures) and what is not known of it: outliers and level shifts
    /// with what was to be expected, missing (not zero) and provisional (not judged) periods, each told apart. An outlier
    /// may be real: one large operation suffices. Example: {"name": "permis_autorises", "from": "2020"}
    #[tool(
        title = "Detect anomalies",
        output_schema = schema_for_output::<Anomalies>(),
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false)
    )]
    async fn detect_anomalies(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Anomalies>, ToolError> {
        let question = Question {
            name: arguments.name,
            territory: arguments.territory,
            from: arguments.from,
            to: arguments.to,
        };
        let answer = anomalies::answer(self, &question).await?;
        call.record_rows(answer.data.anomalies.len());
        Ok(answer)
    }
}
