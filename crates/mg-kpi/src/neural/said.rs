//! What the network says of one indicator in one place, and what that rests on.

use std::sync::Arc;

use anyhow::Context;
use mg_core::{Language, ToolError, kpi::Period};
use mg_forecast::Guest;
use mg_tft::{Origin, Series};

use super::{KEPT_APART, inputs, memory::Thought, panel::kinds, shelf::Known};
use crate::{
    forecast::{part, start},
    observed::Observed,
    subject::Subject,
};

/// Inputs and months that are named.
const NAMED: usize = 3;

/// Forecasts at the end and at earlier origins that the network did not learn from.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    thought: Arc<Thought>,
    /// The months looked back at, those before the series left out.
    months: Vec<Period>,
}

/// What came of asking.
#[derive(Debug)]
pub(crate) enum Asked {
    /// It forecasts.
    Said(Box<Said>),
    /// No network was trained.
    Untrained,
    /// The series has fewer observations than it needs.
    TooShort {
        /// How many there are.
        have: usize,
        /// How many there must be.
        need: usize,
    },
}

/// Asks the network of the months up to the last that may be fitted.
///
/// # Errors
///
/// Weights that cannot be read, with what to do.
pub(crate) async fn ask(subject: &Subject<'_>, observed: &Observed) -> Result<Asked, ToolError> {
    let (shelf, settings) = subject.shelf();
    let Some(network) = shelf.network(settings)? else {
        return Ok(Asked::Untrained);
    };
    let shape = network.weights.shape();
    let labels = inputs::labels(subject.definition, &subject.place);
    let need = shape.least_history();
    let Some(series) = inputs::series(&labels, observed) else {
        return Ok(Asked::TooShort { have: 0, need });
    };
    let have = series.values.iter().flatten().count();
    if have < need {
        return Ok(Asked::TooShort { have, need });
    }
    let series = Series {
        statics: kinds(shape, &labels),
        ..series
    };
    let said = Said::of(network, series, observed).await;
    Ok(Asked::Said(Box::new(said.map_err(ToolError::Internal)?)))
}

/// Earlier origins from which on nothing was learnt from, and the end of the series.
fn origins(origin: &Origin, count: usize, observed: &Observed) -> Vec<usize> {
    let first = observed.first().map(|first| start(first.start));
    let was_not_learnt = |at: &usize| {
        let month = first.map(|first| inputs::month_after(first, *at));
        origin
            .learnt_until
            .is_some_and(|until| month >= Some(until))
    };
    let earlier = count.saturating_sub(KEPT_APART).max(1)..count;
    earlier.filter(was_not_learnt).chain([count]).collect()
}

impl Said {
    async fn of(network: Arc<Known>, series: Series, observed: &Observed) -> anyhow::Result<Self> {
        let count = series.values.len();
        let origins = origins(network.weights.origin(), count, observed);
        let thought = match network.memory.find(&series, &origins) {
            Some(thought) => thought,
            None => think(network, series, origins).await?,
        };
        let past = count.saturating_sub(thought.last.attention.len());
        let fitted = observed.fitted().iter().map(|(period, _)| *period);
        Ok(Self {
            months: fitted.skip(past).collect(),
            thought,
        })
    }

    /// All of its forecasts, for the backtest and the vote.
    pub(crate) fn guest(&self) -> Guest {
        self.thought.guest.clone()
    }

    /// The inputs that counted most, and the months attended to.
    pub(crate) fn rests_on(&self, language: Language) -> String {
        let last = &self.thought.last;
        let mut inputs: Vec<(&str, f64)> = last
            .past
            .iter()
            .map(|(name, share)| (in_words(name, language), *share))
            .collect();
        let skipped = last.attention.len() - self.months.len();
        let attention = last.attention.iter().skip(skipped);
        let months = self.months.iter().map(|month| month.label(language));
        let mut months: Vec<(String, f64)> = months.zip(attention.copied()).collect();
        inputs.sort_by(|left, right| right.1.total_cmp(&left.1));
        months.sort_by(|left, right| right.1.total_cmp(&left.1));
        let inputs = inputs
            .into_iter()
            .map(|(name, share)| (name.to_owned(), share));
        let (inputs, months) = (
            listed(inputs, language),
            listed(months.into_iter(), language),
        );
        match language {
            Language::French => {
                format!("le réseau s'appuie surtout sur {inputs} et regarde surtout {months}")
            }
            Language::English => {
                format!("the network relies most on {inputs} and attends most to {months}")
            }
        }
    }
}

/// Asks the network, on a thread that may take its time.
async fn think(
    network: Arc<Known>,
    series: Series,
    origins: Vec<usize>,
) -> anyhow::Result<Arc<Thought>> {
    let work = move || {
        let said = network.weights.forecast(&series, &origins)?;
        let last = said.last().cloned().context("no forecast")?;
        let points = said.into_iter().map(|prediction| prediction.points);
        let thought = Arc::new(Thought {
            guest: Guest::new(origins.iter().copied().zip(points).collect()),
            last,
        });
        network.memory.keep(series, origins, &thought);
        Ok(thought)
    };
    tokio::task::spawn_blocking(work).await?
}

fn listed(shares: impl Iterator<Item = (String, f64)>, language: Language) -> String {
    let told = shares
        .take(NAMED)
        .map(|(name, share)| format!("{name} ({})", part(share, language)));
    told.collect::<Vec<_>>().join(", ")
}

/// An input of the network.
fn in_words(name: &str, language: Language) -> &str {
    match name {
        "value" => language.pick("les valeurs passées", "past values"),
        "known" => language.pick("les mois connus", "which months are known"),
        "year_before" => language.pick("la valeur d'un an avant", "the value a year before"),
        "position" => language.pick("la distance dans le temps", "the distance in time"),
        "working_days" => language.pick("les jours ouvrés", "working days"),
        "public_holidays" => language.pick("les jours fériés", "public holidays"),
        "school_holidays" => language.pick("les vacances scolaires", "school holidays"),
        "month" => language.pick("le mois de l'année", "the month of the year"),
        other => other,
    }
}
