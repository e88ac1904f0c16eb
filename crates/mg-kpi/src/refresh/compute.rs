//! The values and forecasts of one indicator in every territory.

use mg_core::{
    ToolError,
    kpi::{Grain, Number, Period},
};

use crate::{
    KpiServer,
    case::{Case, measure_table},
    evaluate::{Measured, vintage},
    forecast::{self, Question},
    store::{Kept, Predicted, Written},
};

/// The forecasts of an indicator, and how many territories it could not be forecast for.
#[derive(Debug, Default)]
pub(crate) struct Forecasts {
    /// To be kept.
    pub(crate) made: Vec<Predicted>,
    /// How many were refused: too little history, mostly zeros…
    pub(crate) refused: usize,
}

/// Computes an indicator and stores its values.
///
/// # Errors
///
/// As [`values`], and when the database cannot be written.
pub(crate) async fn refreshed(
    server: &KpiServer,
    name: &str,
    now: &str,
) -> Result<Written, ToolError> {
    let values = values(server, name).await?;
    let (written, _) = server.store.keep(name, &values, &[], now).await?;
    Ok(written)
}

/// Every value of an indicator that is known, for every territory, grain and period: the facts are read once for all.
/// What is missing, or comes from no release, is left out.
///
/// # Errors
///
/// When the database cannot be read, or a query of the definition fails.
pub(crate) async fn values(server: &KpiServer, name: &str) -> Result<Vec<Kept>, ToolError> {
    let definition = server.catalogue.find(name)?;
    let places = server.store.territories().await?.places();
    let places: Vec<_> = places.iter().collect();
    let known = server.store.known_of(definition, &places).await?;
    let case = |(place, known)| Case::of(server, definition, place, known);
    let cases: Vec<_> = places.iter().copied().zip(&known).map(case).collect();
    let periods: Vec<_> = cases.iter().map(periods).collect();
    let measured = measure_table(&server.store, &cases, &periods).await?;
    let mut kept = Vec::new();
    for ((case, periods), measured) in cases.iter().zip(&periods).zip(&measured) {
        let values = periods.iter().zip(measured);
        kept.extend(values.filter_map(|(period, value)| keep(case, *period, value)));
    }
    Ok(kept)
}

/// The forecasts of an indicator, at its own grain, wherever one can be made.
///
/// # Errors
///
/// When the database cannot be read.
pub(crate) async fn forecasts(server: &KpiServer, name: &str) -> Result<Forecasts, ToolError> {
    let mut forecasts = Forecasts::default();
    if !server.catalogue.find(name)?.forecast.allowed {
        return Ok(forecasts);
    }
    for place in server.store.territories().await?.places() {
        let question = Question {
            name: name.to_owned(),
            territory: Some(place.territory.code),
            ..Question::default()
        };
        match forecast::attempt(server, &question).await {
            Ok(Ok(made)) => {
                let predicted = Predicted::of(made.answer.data, made.fitted_from)?;
                forecasts.made.push(predicted);
            }
            Ok(Err(_)) | Err(ToolError::Invalid(_) | ToolError::Unknown { .. }) => {
                forecasts.refused += 1;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(forecasts)
}

/// The periods of every grain, from the first that can be told to the last.
fn periods(case: &Case<'_>) -> Vec<Period> {
    let grains = [Grain::Month, Grain::Quarter, Grain::Year];
    let told = grains
        .into_iter()
        .filter(|grain| *grain >= case.definition.grain);
    told.flat_map(|grain| case.told(grain)).collect()
}

fn keep(case: &Case<'_>, period: Period, measured: &Measured) -> Option<Kept> {
    if measured.status == mg_core::kpi::Status::Missing {
        return None;
    }
    let rounded = |value| Number::rounded(value, case.definition.decimals.min(4)).decimal();
    let mut files = measured.files.iter();
    Some(Kept {
        territory: case.place.territory.code.clone(),
        period,
        vintage: vintage(&case.known.coverage, &measured.files)?,
        value: measured.value.map(rounded),
        status: measured.status,
        sample_size: measured.sample_size,
        file: files.next().filter(|_| files.next().is_none()).cloned(),
    })
}
