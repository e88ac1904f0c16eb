//! `get_indicator`: one number with its meaning.

use mg_core::{Answer, ToolError, kpi::IndicatorValue, serve::Call};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    KpiServer,
    indicator::{self, Question},
};

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The indicator's name, e.g. logements_autorises; titles and synonyms work too
    #[serde(alias = "indicator", alias = "kpi")]
    name: String,
    /// latest (default), 2024, 2024-03, mars 2024, 2024-T1, 2024-01/2024-10 (sums and shares), 12 derniers mois
    #[serde(default, alias = "period")]
    date: Option<String>,
    /// INSEE or SIREN code, D77, R11, FR, or a name in any spelling (Lagny); default: the whole authority
    #[serde(default, alias = "commune")]
    territory: Option<String>,
    /// Release of the data, YYYY-MM; default: the newest
    #[serde(default)]
    vintage: Option<String>,
}

#[tool_router(router = get_indicator_tool, vis = "pub(crate)")]
impl KpiServer {
    /// The value of one indicator (indicateur) for one period and territory, with unit, status, previous period, a year
    /// earlier, target (objectif), source, vintage (millésime) and caveats. Use it for any question on numbers of dwellings
    /// or permits authorised (autorisés), started (commencés), completed (achevés), shares, rates,
    /// delays, demolitions, premises, zones (ZAC), the housing plan (PLH), sales and prices (DVF), rents, vacancy, social
    /// housing (SRU), population, jobs, incomes.
    /// status: final, provisional, missing (not published: NOT zero), partial, secret; value is null for the last three.
    /// synthetic: true means invented demonstration data, say so. Territories: the 20 communes of Marne et Gondoire, the
    /// authority; for yearly construction also D77, R11 and FR, for 12-month sums FR by month. Example:
    /// {"name": "logements_autorises", "date": "2022", "territory": "Montévrain"}
    #[tool(
        title = "Get an indicator",
        output_schema = schema_for_output::<IndicatorValue>(),
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false)
    )]
    async fn get_indicator(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<IndicatorValue>, ToolError> {
        let question = Question {
            name: arguments.name,
            date: arguments.date.unwrap_or_else(|| "latest".into()),
            territory: arguments.territory,
            vintage: arguments.vintage,
        };
        let answer = indicator::answer(self, &question).await?;
        call.record_rows(1);
        Ok(answer)
    }
}
