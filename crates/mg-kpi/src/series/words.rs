//! The answer of `get_series` as people read it: the newest value, a table with every number, the source, the notes.

use mg_core::{
    Language,
    kpi::{Definition, Grain, Number, Point, Series, Status},
};

use super::{newest, telling::sum};
use crate::{
    phrase::{self, Origin, amount, colon, percent},
    span::by,
    subject::Subject,
    table::table,
};

/// Characters kept for all but the points and the notes: heading, source, inputs.
const OVERHEAD: usize = 4_000;

/// The text; points that would not fit the budget of an answer are left out, the earliest first, and told.
pub(super) fn fit(subject: &Subject<'_>, series: &mut Series) -> String {
    let (definition, language) = (subject.definition, subject.language());
    // Notes stand in the text and in the data.
    let of_notes = series.notes.iter().map(|note| note.chars().count());
    let overhead = OVERHEAD + 2 * of_notes.sum::<usize>();
    let budget = subject.answer_characters().saturating_sub(overhead);
    let kept = fitting(&series.points, budget).max(1);
    let left_out = series.points.len().saturating_sub(kept);
    series.points.drain(..left_out);
    if let Some(first) = series.points.first() {
        let first = mg_core::kpi::Period::holding(first.period.start, series.grain);
        let note = newest(series.points.len(), series.total, first);
        series.truncated = note.is_some();
        series.notes.extend(note.map(|note| note.told(language)));
    }
    series.sum = sum(definition, &series.points);
    of(series, definition, language)
}

/// How many of the last points fit: in the data and, with about half as much, in the table.
fn fitting(points: &[Point], budget: usize) -> usize {
    let mut used = 0;
    let size =
        |point: &Point| serde_json::to_string(point).map_or(0, |json| json.chars().count()) + 80;
    points
        .iter()
        .rev()
        .take_while(|point| {
            used += size(point);
            used <= budget
        })
        .count()
}

/// The answer in words.
fn of(series: &Series, definition: &Definition, language: Language) -> String {
    let origin = Origin {
        source: &series.source,
        vintage: series.vintage.as_deref(),
        inputs: &series.inputs,
        licence: &series.licence,
    };
    let mut lines = vec![heading(series, language)];
    lines.extend(newest_value(series, definition, language));
    lines.extend(series.sum.map(|sum| {
        let label = language.pick("Somme", "Sum");
        let sum = amount(sum, &series.unit, language);
        format!("{label}{}{sum}.", colon(language))
    }));
    let summary = lines.join(" ");
    let table = points(series, definition, language);
    let source = phrase::source(origin, language);
    let notes = phrase::list(&series.notes);
    format!("{summary}\n\n{table}\n{source}{notes}")
}

fn heading(series: &Series, language: Language) -> String {
    let label = |point: Option<&Point>| point.map_or("", |point| &*point.period.label).to_owned();
    let (first, last) = (label(series.points.first()), label(series.points.last()));
    let (title, place) = (&series.title, &series.territory.name);
    let by = by(series.grain, language);
    let to = language.pick("à", "to");
    format!(
        "{title} — {place}, {by}, {first} {to} {last} ({}).",
        series.unit
    )
}

/// The newest known value, with its change over a year.
fn newest_value(series: &Series, definition: &Definition, language: Language) -> Option<String> {
    let point = series.points.iter().rfind(|point| point.value.is_some())?;
    let value = point.value?;
    let change = point
        .year_ago
        .and_then(|before| phrase::change(definition, before, value, language));
    let change = change.map(|change| {
        let over = language.pick("sur un an", "over a year");
        format!(", {change} {over}")
    });
    Some(format!(
        "{}{}{}, {} ({}){}.",
        language.pick("Dernière valeur", "Latest value"),
        colon(language),
        point.period.label,
        amount(value, &series.unit, language),
        phrase::status(point.status, language),
        change.unwrap_or_default(),
    ))
}

fn points(series: &Series, definition: &Definition, language: Language) -> String {
    let points = &series.points;
    let column = |cell: &dyn Fn(&Point) -> Option<String>| -> Vec<String> {
        points
            .iter()
            .map(|point| cell(point).unwrap_or_default())
            .collect()
    };
    let told = |value: Option<Number>| value.map(|value| value.told(language));
    let mixed = series.synthetic && points.iter().any(|point| !point.synthetic);
    let synthetic =
        |point: &Point| (mixed && point.synthetic).then(|| language.pick("oui", "yes").to_owned());
    let change =
        |point: &Point| phrase::change(definition, point.year_ago?, point.value?, language);
    let reached = |point: &Point| Some(percent(point.reached?, language));
    table(vec![
        (
            step(series.grain, language),
            column(&|point| Some(point.period.label.clone())),
        ),
        (
            language.pick("valeur", "value"),
            column(&|point| Some(phrase::cell(point.value, point.status, language))),
        ),
        (
            language.pick("un an avant", "year earlier"),
            column(&|point| told(point.year_ago)),
        ),
        (language.pick("évolution", "change"), column(&change)),
        (
            language.pick("objectif", "target"),
            column(&|point| told(point.target)),
        ),
        (language.pick("atteint", "reached"), column(&reached)),
        (
            language.pick("autre millésime", "other vintage"),
            column(&|point| told(point.compared)),
        ),
        (
            language.pick("statut", "status"),
            column(&|point| Some(short(point.status, language))),
        ),
        (
            language.pick("synthétique", "synthetic"),
            column(&synthetic),
        ),
    ])
}

fn short(status: Status, language: Language) -> String {
    phrase::short_status(status, language).to_owned()
}

/// The heading of the periods.
pub(crate) fn step(grain: Grain, language: Language) -> &'static str {
    match grain {
        Grain::Month | Grain::Interval => language.pick("mois", "month"),
        Grain::Quarter => language.pick("trimestre", "quarter"),
        Grain::Year => language.pick("année", "year"),
    }
}
