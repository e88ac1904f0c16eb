//! The panel: every monthly indicator that may be forecast, in every territory with enough history.

use std::collections::BTreeSet;

use mg_core::{
    ToolError,
    kpi::{Definition, Grain, Period},
};
use mg_tft::Shape;

use super::{KEPT_APART, inputs};
use crate::{
    KpiServer,
    case::{Case, measure_table},
    evaluate::vintage,
    forecast::start,
    observed::Observed,
    territory::Place,
};

/// Months without which a series says little about the years.
const LEAST: usize = 36 + KEPT_APART;

/// What the network learns from.
#[derive(Debug)]
pub(crate) struct Panel {
    /// The series.
    pub(crate) series: mg_tft::Panel,
    /// The form of the network for them.
    pub(crate) shape: Shape,
    /// The newest release among them.
    pub(crate) vintage: String,
    /// No month from this one on is learnt from.
    pub(crate) learnt_until: (i16, u8),
}

impl Panel {
    /// Reads every series, one statement a source of each indicator.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub(crate) async fn read(server: &KpiServer) -> Result<Self, ToolError> {
        let mut found = Vec::new();
        let monthly = |one: &&Definition| one.grain == Grain::Month && one.forecast.allowed;
        for definition in server.catalogue.all().filter(monthly) {
            found.extend(of_indicator(server, definition).await?);
        }
        Ok(Self::of(found))
    }

    fn of(found: Vec<Found>) -> Self {
        let label = |which: usize| {
            let labels: BTreeSet<String> =
                found.iter().map(|one| one.labels[which].clone()).collect();
            labels.into_iter().collect()
        };
        let shape = inputs::shape([label(0), label(1), label(2)]);
        let vintage = found.iter().filter_map(|one| one.vintage.clone()).max();
        let learnt_until = found.iter().map(|one| one.learnt_until).max();
        let series = found.into_iter().map(|one| mg_tft::Series {
            statics: kinds(&shape, &one.labels),
            ..one.series
        });
        Self {
            series: mg_tft::Panel {
                series: series.collect(),
            },
            vintage: vintage.unwrap_or_default(),
            learnt_until: learnt_until.unwrap_or_default(),
            shape,
        }
    }
}

/// The number of each label.
pub(super) fn kinds(shape: &Shape, labels: &[String; 3]) -> Vec<usize> {
    let variables = shape.statics.iter().zip(labels);
    variables
        .map(|(variable, label)| variable.kind(label))
        .collect()
}

struct Found {
    labels: [String; 3],
    series: mg_tft::Series,
    vintage: Option<String>,
    learnt_until: (i16, u8),
}

async fn of_indicator(
    server: &KpiServer,
    definition: &Definition,
) -> Result<Vec<Found>, ToolError> {
    let places = server.store.territories().await?.places();
    let places: Vec<&Place> = places.iter().collect();
    let known = server.store.known_of(definition, &places).await?;
    let case = |(place, known)| Case::of(server, definition, place, known);
    let cases: Vec<_> = places.iter().copied().zip(&known).map(case).collect();
    let months = |case: &Case<'_>| case.told(Grain::Month).collect();
    let periods: Vec<Vec<Period>> = cases.iter().map(months).collect();
    let measured = measure_table(&server.store, &cases, &periods).await?;
    let mut found = Vec::new();
    for ((case, periods), measured) in cases.iter().zip(periods).zip(measured) {
        let files = measured.last().map(|last| last.files.clone());
        let vintage = files.and_then(|files| vintage(&case.known.coverage, &files));
        let observed = Observed::of(periods.into_iter().zip(measured).collect());
        found.extend(of_place(case, &observed, vintage));
    }
    Ok(found)
}

/// Where there is enough history, and it is no series of single events.
fn of_place(case: &Case<'_>, observed: &Observed, vintage: Option<String>) -> Option<Found> {
    let labels = inputs::labels(case.definition, case.place);
    let series = inputs::series(&labels, observed)?;
    let known: Vec<f64> = series.values.iter().flatten().copied().collect();
    let zeros = known.iter().filter(|value| **value == 0.0).count();
    let first = start(observed.first()?.start);
    let cut = series.values.len().saturating_sub(KEPT_APART);
    (known.len() >= LEAST && 2 * zeros < known.len()).then(|| Found {
        labels,
        learnt_until: inputs::month_after(first, cut),
        series,
        vintage,
    })
}
