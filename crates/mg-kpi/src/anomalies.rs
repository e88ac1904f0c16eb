//! What stands out in a series and what is not known of it, from the words of the caller to the words of the answer.

mod telling;
mod words;

use jiff::civil::Date;
use mg_core::{
    Answer, ToolError,
    kpi::{Anomalies, Period},
};
use mg_forecast::anomaly;

use crate::{
    KpiServer,
    evaluate::Measured,
    forecast::overlapping,
    observed::Observed,
    series::periods_a_year,
    span::{Range, Span, span},
    subject::Subject,
};

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The indicator: name, title or synonym.
    pub(crate) name: String,
    /// The territory; the authority where none is named.
    pub(crate) territory: Option<String>,
    /// The first period told; all before it still show what is usual.
    pub(crate) from: Option<String>,
    /// The last period told.
    pub(crate) to: Option<String>,
}

/// What was found.
#[derive(Debug)]
struct Found {
    observed: Observed,
    /// What stands out among the fitted values, or why that cannot be judged.
    unusual: Result<Vec<anomaly::Anomaly>, mg_forecast::Refusal>,
    /// Periods after the last covered one that the newest release should hold.
    overdue: Vec<Period>,
    /// The first and the last period told.
    asked: Span,
}

/// Answers a question.
///
/// # Errors
///
/// A name, territory or date that does not exist, with what would work; a database that is not there.
pub(crate) async fn answer(
    server: &KpiServer,
    question: &Question,
) -> Result<Answer<Anomalies>, ToolError> {
    let subject = Subject::find(server, &question.name, question.territory.as_deref()).await?;
    let whole = span(&subject, &Range::default())?;
    let asked = Range {
        from: question.from.clone(),
        to: question.to.clone(),
        grain: None,
    };
    let asked = span(&subject, &asked)?;
    let periods = whole.periods();
    let values = subject
        .case()
        .measure_all(subject.store(), &periods)
        .await?;
    let all: Vec<_> = periods.into_iter().zip(values).collect();
    let mut overdue = overdue(&subject, &whole, &all);
    if question.to.is_some() {
        overdue.retain(|period| period.end <= asked.last.end);
    }
    let observed = Observed::of(all);
    let values = observed.fitted_values();
    let grain = whole.first.grain;
    let anomalies = match overlapping(subject.definition, grain) {
        Some(_) => anomaly::anomalies_of_sums,
        None => anomaly::anomalies,
    };
    let unusual = anomalies(&values, periods_a_year(grain));
    let found = Found {
        observed,
        unusual,
        overdue,
        asked,
    };
    let told = telling::tell(&subject, &found);
    Ok(Answer::new(words::of(&told, subject.language()), told))
}

/// The periods after the last covered one whose publication lag was over when the newest release came.
fn overdue(subject: &Subject<'_>, span: &Span, all: &[(Period, Measured)]) -> Vec<Period> {
    let files = all.iter().flat_map(|(_, measured)| &measured.files);
    let releases = files.filter_map(|id| subject.known.coverage.files.get(id)?.vintage.as_deref());
    let newest = releases
        .filter_map(|month| format!("{month}-01").parse::<Date>().ok())
        .max();
    let Some(newest) = newest else {
        return Vec::new();
    };
    let lag = i64::from(subject.definition.publication_lag_months);
    std::iter::successors(Some(span.covered_until.next()), |period| {
        Some(period.next())
    })
    .take_while(|period| period.months_until(newest) > lag)
    .collect()
}
