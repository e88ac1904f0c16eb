//! One question about one indicator, from the words of the caller to the words of the answer.

use mg_core::{
    Answer, ToolError,
    kpi::{DateQuery, IndicatorValue, Number, Period},
};
use rust_decimal::Decimal;

use crate::{
    KpiServer, asked,
    case::Case,
    evaluate::{Measured, vintage},
    note::Note,
    sentence,
    store::Stored,
    subject::Subject,
    telling::{Values, kept_observation, tell, tell_stored},
};

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The indicator: name, title or synonym.
    pub(crate) name: String,
    /// The period, in any of the forms of [`DateQuery`].
    pub(crate) date: String,
    /// The territory; the authority where none is named.
    pub(crate) territory: Option<String>,
    /// The release; the newest where none is named.
    pub(crate) vintage: Option<String>,
}

/// Answers a question.
///
/// # Errors
///
/// A name, date, territory or release that does not exist, with what would work; a database that is not there.
pub(crate) async fn answer(
    server: &KpiServer,
    question: &Question,
) -> Result<Answer<IndicatorValue>, ToolError> {
    let date: DateQuery =
        (question.date.parse()).map_err(|error| ToolError::Invalid(format!("{error}")))?;
    let subject = Subject::find(server, &question.name, question.territory.as_deref()).await?;
    let case = subject.case();
    let period = asked::period(case.definition, case.known, case.place, date)?;
    let periods = [period, period.previous(), period.year_ago()];
    let [mut asked, previous, year_ago] = case.measure(&server.store, periods).await?;
    let name = &case.definition.name;
    let kept = server.store.stored(name, case.place, period).await?;
    asked.notes.extend(revision(&case, &asked, &kept));
    let told = tell(
        &case,
        period,
        &Values {
            asked: &asked,
            previous: &previous,
            year_ago: &year_ago,
        },
    );
    let told = match &question.vintage {
        Some(vintage) if told.vintage.as_ref() != Some(vintage) => {
            let told = stored(&case, period, told, &asked, &kept, vintage)?;
            with_neighbours(server, &case, period, told, vintage).await?
        }
        _ => told,
    };
    Ok(Answer::new(
        sentence::of(&told, case.definition, case.language),
        told,
    ))
}

/// The value that was kept from another release than the one loaded.
fn stored(
    case: &Case<'_>,
    period: Period,
    told: IndicatorValue,
    asked: &Measured,
    kept: &[Stored],
    vintage: &str,
) -> Result<IndicatorValue, ToolError> {
    if let Some(stored) = kept.iter().find(|stored| stored.vintage == vintage) {
        return Ok(tell_stored(case, period, told, asked, stored.clone()));
    }
    let known = kept.iter().map(|stored| stored.vintage.as_str());
    Err(ToolError::unknown(
        "vintage of this value",
        vintage,
        known.chain(told.vintage.as_deref()),
    ))
}

/// With the period before and the one a year earlier, where they were kept from the same release.
async fn with_neighbours(
    server: &KpiServer,
    case: &Case<'_>,
    period: Period,
    told: IndicatorValue,
    vintage: &str,
) -> Result<IndicatorValue, ToolError> {
    let name = &case.definition.name;
    let of = async |period: Period| {
        let kept = server.store.stored(name, case.place, period).await?;
        let same = kept.into_iter().find(|stored| stored.vintage == vintage);
        Ok::<_, ToolError>(same.map(|stored| kept_observation(case, period, &stored)))
    };
    Ok(IndicatorValue {
        previous_period: of(period.previous()).await?,
        year_ago: of(period.year_ago()).await?,
        ..told
    })
}

/// That the last release before this one had another value, where one was kept.
fn revision(case: &Case<'_>, asked: &Measured, kept: &[Stored]) -> Option<Note> {
    let decimals = case.definition.decimals;
    let released = vintage(&case.known.coverage, &asked.files)?;
    let before = kept.iter().rfind(|stored| stored.vintage < released)?;
    let rounded = |value: Decimal| Number::rounded(value, decimals).decimal();
    let (old, new) = (rounded(before.value?), rounded(asked.value?));
    (old != new).then(|| Note::RevisedValue(before.vintage.clone(), old, new, decimals))
}
