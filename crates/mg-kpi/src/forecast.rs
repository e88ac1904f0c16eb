//! A forecast of one indicator, from the words of the caller to the words of the answer.

mod alternative;
mod caution;
mod figures;
mod heard;
mod reason;
mod refusal;
mod telling;
mod wish;
mod words;

use std::collections::BTreeSet;

use jiff::civil::Date;
use mg_core::{
    Answer, ToolError,
    kpi::{Aggregation, Definition, Forecast, Grain, Level, Period},
};
use mg_forecast::{Guest, Request, Start};

use crate::{
    KpiServer,
    evaluate::Measured,
    note::Note,
    observed::Observed,
    series::periods_a_year,
    span::{Range, Span, span},
    subject::Subject,
};
use alternative::Alternative;
use caution::Cautions;
pub(crate) use figures::part;
use heard::Heard;
use refusal::{Refused, Why};
pub(crate) use wish::Question;
use wish::Wish;

/// A forecast that could be made.
#[derive(Debug)]
pub(crate) struct Made {
    /// What is told.
    pub(crate) answer: Answer<Forecast>,
    /// The first period that the model was fitted on: often earlier than the history that is told.
    pub(crate) fitted_from: Period,
}

/// Answers a question.
///
/// # Errors
///
/// A name, territory, horizon, model or level that does not exist, with what would work; an indicator or a history that
/// cannot carry a forecast, with the reason and what to ask instead; a database that is not there.
pub(crate) async fn answer(
    server: &KpiServer,
    question: &Question,
) -> Result<Answer<Forecast>, ToolError> {
    match attempt(server, question).await? {
        Ok(made) => Ok(made.answer),
        Err(refused) if refused.asks_for_another() => {
            let other = Alternative::find(server, &refused.subject).await;
            Err(refused.told(Some(&other)))
        }
        Err(refused) => Err(refused.told(None)),
    }
}

/// The same, without a look at what to ask instead: why there is no forecast, for those who make many.
///
/// # Errors
///
/// As [`answer`], but for what the indicator or its history refuses.
pub(crate) async fn attempt<'a>(
    server: &'a KpiServer,
    question: &Question,
) -> Result<Result<Made, Box<Refused<'a>>>, ToolError> {
    let subject = Subject::find(server, &question.name, question.territory.as_deref()).await?;
    if !subject.definition.forecast.allowed {
        let why = Why::NotAllowed;
        return Ok(Err(Refused { subject, why }.into()));
    }
    let span = span(&subject, &Range::default())?;
    let wish = Wish::of(question, span.first.grain, subject.definition)?;
    let periods = span.periods();
    let values = subject
        .case()
        .measure_all(subject.store(), &periods)
        .await?;
    let lacking = lacking(&values);
    let observed = Observed::of(periods.into_iter().zip(values).collect());
    let heard = Heard::of(&subject, &span, &wish, &observed).await?;
    let made = match compute(&subject, &span, &wish, &observed, heard.guest()).await? {
        Ok(made) => made,
        Err(reason) => {
            let why = Why::History {
                wish,
                observed,
                lacking,
                reason,
            };
            return Ok(Err(Refused { subject, why }.into()));
        }
    };
    let cautions = Cautions {
        made: &made,
        heard: &heard,
        dominated: dominated(server, &subject, span.first.grain).await,
    };
    let told = telling::tell(&subject, &wish, &observed, &cautions);
    let begin = observed.fitted().get(made.begin);
    Ok(Ok(Made {
        fitted_from: begin.map_or(span.first, |(period, _)| *period),
        answer: Answer::new(words::of(&told, subject.language()), told),
    }))
}

/// The names of the territories whose data are missing in some period, without which the whole has no value.
fn lacking(values: &[Measured]) -> BTreeSet<String> {
    let notes = values.iter().flat_map(|measured| &measured.notes);
    let names = notes.filter_map(|note| match note {
        Note::Lacking(names) => Some(names),
        _ => None,
    });
    names.flatten().cloned().collect()
}

/// The forecast, made on a thread that may take its time; why the history cannot carry it.
async fn compute(
    subject: &Subject<'_>,
    span: &Span,
    wish: &Wish,
    observed: &Observed,
    guest: Option<Guest>,
) -> Result<Result<mg_forecast::Forecast, mg_forecast::Refusal>, ToolError> {
    let (values, levels) = (observed.fitted_values(), wish.shares());
    let (choice, horizon) = (wish.choice, wish.horizon + observed.tail().len());
    let start = start(
        observed
            .first()
            .map_or(span.first.start, |first| first.start),
    );
    let grain = span.first.grain;
    let non_negative = subject.definition.forecast.non_negative && observed.is_non_negative();
    let overlapping = overlapping(subject.definition, grain);
    let work = move || {
        mg_forecast::forecast(&Request {
            values: &values,
            period: periods_a_year(grain),
            start: Some(start),
            horizon,
            levels: &levels,
            choice,
            non_negative,
            overlapping,
            guest: guest.as_ref(),
        })
    };
    let made = tokio::task::spawn_blocking(work).await;
    made.map_err(|error| ToolError::Internal(error.into()))
}

/// The month of a day.
pub(crate) fn start(day: Date) -> Start {
    Start {
        year: day.year(),
        month: day.month().unsigned_abs(),
    }
}

/// How many steps each value of a rolling sum shares with its neighbours.
pub(crate) fn overlapping(definition: &Definition, grain: Grain) -> Option<usize> {
    let rolling = matches!(definition.aggregation, Aggregation::Rolling);
    let months = definition
        .months
        .filter(|_| rolling && grain == Grain::Month)?;
    usize::try_from(months).ok()
}

/// The indicators to ask for instead where single operations dominate, which the indicator says of communes.
async fn dominated(server: &KpiServer, subject: &Subject<'_>, grain: Grain) -> Option<Vec<String>> {
    let commune = Level::of(&subject.place.territory.code) == Some(Level::Commune);
    if !commune || grain >= Grain::Year || subject.definition.forecast.communes {
        return None;
    }
    Some(alternative::indicators(server, subject).await)
}
