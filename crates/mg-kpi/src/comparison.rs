//! One indicator in one period, territory by territory, from the words of the caller to the words of the answer.

mod places;
mod ranking;
mod words;

use std::cmp::Reverse;

use mg_core::{
    Answer, Language, ToolError,
    kpi::{Comparison, DateQuery, Definition, Period},
};

use crate::{
    KpiServer, asked,
    case::{Case, measure_places},
    coverage::Coverage,
    evaluate::Measured,
    note::{Note, condensed},
    provenance::Provenance,
    reach::latest,
    store::Known,
    telling::rounded,
};
use places::Compared;
use ranking::ranked;

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The indicator: name, title or synonym.
    pub(crate) name: String,
    /// The period, in any of the forms of [`DateQuery`].
    pub(crate) date: String,
    /// The territories; the communes of the authority where none is named.
    pub(crate) territories: Vec<String>,
}

/// Answers a question.
///
/// # Errors
///
/// A name, date or territory that does not exist, with what would work; a database that is not there.
pub(crate) async fn answer(
    server: &KpiServer,
    question: &Question,
) -> Result<Answer<Comparison>, ToolError> {
    let definition = server.catalogue.find(&question.name)?;
    let date: DateQuery =
        (question.date.parse()).map_err(|error| ToolError::Invalid(format!("{error}")))?;
    let home = &server.settings.file.territory.default;
    let territories = server.store.territories().await?;
    let compared = Compared::of(&territories, &question.territories, home)?;
    let known = server.store.known_of(definition, &compared.all()).await?;
    let cases: Vec<Case<'_>> = compared
        .all()
        .into_iter()
        .zip(&known)
        .map(|(place, known)| Case::of(server, definition, place, known))
        .collect();
    let period = period(definition, cases.split_at(compared.places.len()).0, date)?;
    let values = measure_places(&server.store, &cases, period).await?;
    let language = server.settings.language;
    let told = tell(definition, language, &compared, &known, period, &values);
    let text = words::of(&told, language);
    Ok(Answer::new(text, told))
}

/// The period that is meant; the newest is the one that every territory with data has.
fn period(
    definition: &Definition,
    cases: &[Case<'_>],
    date: DateQuery,
) -> Result<Period, ToolError> {
    let newest = |case: &&Case<'_>| latest(definition, &case.known.coverage, case.place);
    let slowest = cases
        .iter()
        .filter(|case| newest(case).is_some())
        .min_by_key(|case| newest(case).map(|period| (Reverse(period.grain), period.end)));
    match slowest.or(cases.first()) {
        Some(case) => asked::period(definition, case.known, case.place, date),
        None => Err(ToolError::Invalid("no territory to compare".into())),
    }
}

fn tell(
    definition: &Definition,
    language: Language,
    compared: &Compared,
    known: &[Known],
    period: Period,
    values: &[Measured],
) -> Comparison {
    let (rows, whole) = values.split_at(compared.places.len().min(values.len()));
    let nothing = Coverage::default();
    let coverage = known.first().map_or(&nothing, |known| &known.coverage);
    let provenance = Provenance::of(definition, coverage, rows);
    let total = compared.total(definition, rows, whole.first());
    let sum = rounded(definition, total.value);
    let ranks = rows.iter().any(|row| row.value.is_some());
    let mut decided: Vec<Note> = ranks
        .then_some(Note::Ranked(definition.polarity))
        .into_iter()
        .collect();
    decided.extend(total.notes);
    decided.extend(compared.lacking(rows));
    decided.extend(condensed(rows.iter().flat_map(|row| &row.notes)));
    Comparison {
        name: definition.name.clone(),
        title: definition.title.told(language).to_owned(),
        unit: definition.unit.told(language).to_owned(),
        period: period.labelled(language),
        rows: ranked(definition, &compared.places, rows, sum),
        total: sum,
        notes: provenance.notes(&decided, language),
        vintage: provenance.vintage,
        inputs: provenance.inputs,
        source: provenance.source,
        licence: provenance.licence,
        synthetic: provenance.synthetic,
    }
}
