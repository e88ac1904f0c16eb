//! `forecast_kpi`: what is to be expected, and how good that expectation is.

use mg_core::{
    Answer, ToolError,
    kpi::{Forecast, Number},
    serve::Call,
};
use rmcp::{
    handler::server::{common::schema_for_output, wrapper::Parameters},
    tool, tool_router,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    KpiServer, chart,
    forecast::{self, Question},
    picture,
};

/// Arguments.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Arguments {
    /// The indicator's name, title or synonym
    #[serde(alias = "indicator", alias = "kpi")]
    name: String,
    /// Steps after the last covered period; default: 12 months, 4 quarters or 3 years
    #[serde(default, alias = "steps", alias = "periods")]
    horizon: Option<i64>,
    /// As in get_indicator
    #[serde(default, alias = "commune")]
    territory: Option<String>,
    /// auto (default), naive, snaive, drift, ets, theta, ces, arima, mstl, prophet or tft
    #[serde(default)]
    model: Option<String>,
    /// Percent that the intervals should hold; default [80, 95]
    #[serde(default)]
    levels: Option<Vec<Number>>,
    /// true adds a picture
    #[serde(default, alias = "image", alias = "graphique")]
    chart: Option<bool>,
}

#[tool_router(router = forecast_kpi_tool, vis = "pub(crate)")]
impl KpiServer {
    /// Forecasts one indicator (prévision, projection): point and intervals for each step, the model and why, its errors on
    /// the past (MASE, sMAPE) beside simple methods, measured coverage, warnings to pass on. Provisional months are left out
    /// of the fit and estimated anew. Refuses where the history cannot carry it, and says what to ask instead: for one
    /// commune permits or 12-month sums. Example: {"name": "logements_autorises_cumul12", "territory": "FR"}
    #[tool(
        title = "Forecast an indicator",
        output_schema = schema_for_output::<Forecast>(),
        meta = chart::VIEW.of_tool(),
        annotations(read_only_hint = true, destructive_hint = false, idempotent_hint = true, open_world_hint = false)
    )]
    async fn forecast_kpi(
        &self,
        Parameters(arguments): Parameters<Arguments>,
        call: Call,
    ) -> Result<Answer<Forecast>, ToolError> {
        let question = Question {
            name: arguments.name,
            territory: arguments.territory,
            horizon: arguments.horizon,
            model: arguments.model,
            levels: arguments.levels,
        };
        let answer = forecast::answer(self, &question).await?;
        call.record_rows(answer.data.forecast.len());
        let Some(wanted) = chart::Wanted::by(&call, arguments.chart) else {
            return Ok(answer);
        };
        let plot = picture::of_forecast(self, &answer.data).await?;
        wanted.attach(answer, plot).await
    }
}
