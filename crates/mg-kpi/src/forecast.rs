//! A forecast of one indicator, from the words of the caller to the words of the answer.

mod caution;
mod figures;
mod heard;
mod reason;
mod refusal;
mod telling;
mod wish;
mod words;

use jiff::civil::Date;
use mg_core::{
    Answer, ToolError,
    kpi::{Aggregation, Definition, Forecast, Grain, Level},
};
use mg_forecast::{Guest, Request, Start};

use crate::{
    KpiServer,
    observed::Observed,
    series::periods_a_year,
    span::{Range, Span, span},
    subject::Subject,
};
pub(crate) use figures::part;
use heard::Heard;
pub(crate) use wish::Question;
use wish::Wish;

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
    let subject = Subject::find(server, &question.name, question.territory.as_deref()).await?;
    if !subject.definition.forecast.allowed {
        return Err(refusal::not_allowed(&subject));
    }
    let span = span(&subject, &Range::default())?;
    let wish = Wish::of(question, span.first.grain, subject.definition)?;
    let periods = span.periods();
    let values = subject
        .case()
        .measure_all(subject.store(), &periods)
        .await?;
    let observed = Observed::of(periods.into_iter().zip(values).collect());
    let heard = Heard::of(&subject, &span, &wish, &observed).await?;
    let made = compute(&subject, &span, &wish, &observed, heard.guest()).await?;
    let told = telling::tell(&subject, &wish, &observed, &made, &heard);
    Ok(Answer::new(words::of(&told, subject.language()), told))
}

/// The forecast, made on a thread that may take its time.
async fn compute(
    subject: &Subject<'_>,
    span: &Span,
    wish: &Wish,
    observed: &Observed,
    guest: Option<Guest>,
) -> Result<mg_forecast::Forecast, ToolError> {
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
    let made = tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| ToolError::Internal(error.into()))?;
    made.map_err(|reason| refusal::refused(subject, wish, observed, reason))
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

/// Whether single operations dominate: the indicator says so for communes.
fn is_dominated(subject: &Subject<'_>, grain: Grain) -> bool {
    let commune = Level::of(&subject.place.territory.code) == Some(Level::Commune);
    commune && grain < Grain::Year && !subject.definition.forecast.communes
}
