//! The picture of an answer, with what the answer does not carry: the targets of a forecast's past, and what stands out.

use mg_core::{
    ToolError,
    kpi::{Forecast, Grain, Period, Series, Territory},
};

use crate::{KpiServer, anomalies, chart::Plot, subject::Subject, telling::target};

/// The picture of a series.
///
/// # Errors
///
/// When the database cannot be read.
pub(crate) async fn of_series(server: &KpiServer, series: &Series) -> Result<Plot, ToolError> {
    let plot = Plot::of_series(series, server.settings.language);
    marked(server, plot, &series.name, &series.territory, series.grain).await
}

/// The picture of a forecast.
///
/// # Errors
///
/// When the database cannot be read.
pub(crate) async fn of_forecast(
    server: &KpiServer,
    forecast: &Forecast,
) -> Result<Plot, ToolError> {
    let (name, territory, grain) = (&forecast.name, &forecast.territory, forecast.grain);
    let subject = Subject::find(server, name, Some(&territory.code)).await?;
    let case = subject.case();
    let plot = Plot::of_forecast(forecast, server.settings.language).with_targets(|period| {
        let period = Period::holding(period.start, grain);
        target(&case, period, None).map(|target| target.value)
    });
    marked(server, plot, name, territory, grain).await
}

/// With what stands out; it is looked for at the indicator's own step.
async fn marked(
    server: &KpiServer,
    plot: Plot,
    name: &str,
    territory: &Territory,
    grain: Grain,
) -> Result<Plot, ToolError> {
    let question = anomalies::Question {
        name: name.to_owned(),
        territory: Some(territory.code.clone()),
        from: None,
        to: None,
    };
    let found = anomalies::answer(server, &question).await?.data;
    Ok(if found.grain == grain {
        plot.with_anomalies(&found.anomalies)
    } else {
        plot
    })
}
