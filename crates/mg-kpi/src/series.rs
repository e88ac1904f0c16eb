//! The series of one indicator, from the words of the caller to the words of the answer.

mod release;
mod telling;
mod words;

use mg_core::{
    Answer, ToolError,
    kpi::{Grain, Period, Series},
};

use crate::{
    KpiServer,
    evaluate::Measured,
    note::Note,
    span::{Range, span},
    subject::Subject,
};
use release::Releases;
pub(crate) use words::step;

/// How many periods are told where no beginning is named: five years of months.
const DEFAULT_PERIODS: usize = 60;

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The indicator: name, title or synonym.
    pub(crate) name: String,
    /// The territory; the authority where none is named.
    pub(crate) territory: Option<String>,
    /// From when to when, and by which step.
    pub(crate) range: Range,
    /// The release; the newest where none is named.
    pub(crate) vintage: Option<String>,
    /// A release to compare with.
    pub(crate) compare_vintage: Option<String>,
}

/// The values of a run of periods, and of the same months a year earlier.
#[derive(Debug)]
pub(crate) struct Run {
    /// The year before the first period, then the periods that are told.
    all: Vec<(Period, Measured)>,
    /// How many periods a year has.
    year: usize,
}

impl Run {
    /// Reads the values, one statement a source.
    ///
    /// # Errors
    ///
    /// When the database cannot be read, or a query of the definition fails.
    pub(crate) async fn read(subject: &Subject<'_>, periods: &[Period]) -> Result<Self, ToolError> {
        let (Some(first), Some(last)) = (periods.first(), periods.last()) else {
            return Ok(Self {
                all: Vec::new(),
                year: 0,
            });
        };
        let all: Vec<_> = first.year_ago().until(*last).collect();
        let values = subject.case().measure_all(subject.store(), &all).await?;
        Ok(Self {
            all: all.into_iter().zip(values).collect(),
            year: periods_a_year(first.grain),
        })
    }

    /// The periods that are told, with their values.
    pub(crate) fn told(&self) -> &[(Period, Measured)] {
        self.all.get(self.year..).unwrap_or_default()
    }

    /// The values a year earlier, one for each of [`Self::told`].
    fn year_ago(&self) -> &[(Period, Measured)] {
        self.all
            .get(..self.all.len().saturating_sub(self.year))
            .unwrap_or_default()
    }
}

/// How many periods of a grain a year has.
pub(crate) fn periods_a_year(grain: Grain) -> usize {
    match grain {
        Grain::Month | Grain::Interval => 12,
        Grain::Quarter => 4,
        Grain::Year => 1,
    }
}

/// Answers a question.
///
/// # Errors
///
/// A name, territory, date, grain or release that does not exist, with what would work; a database that is not there.
pub(crate) async fn answer(
    server: &KpiServer,
    question: &Question,
) -> Result<Answer<Series>, ToolError> {
    let subject = Subject::find(server, &question.name, question.territory.as_deref()).await?;
    let mut span = span(&subject, &question.range)?;
    let mut periods = span.periods();
    let total = periods.len();
    if question.range.from.is_none() {
        periods = periods.split_off(total.saturating_sub(DEFAULT_PERIODS));
    }
    let run = Run::read(&subject, &periods).await?;
    let releases = Releases::read(&subject, &run, question).await?;
    span.notes.extend(releases.notes());
    let mut told = telling::tell(&subject, &run, &releases, span.notes);
    told.total = total;
    let text = words::fit(&subject, &mut told);
    Ok(Answer::new(text, told))
}

/// The note that says how many periods were left out before the first that is told.
fn newest(shown: usize, total: usize, first: Period) -> Option<Note> {
    (shown < total).then(|| Note::Newest(shown, total, first.previous()))
}
