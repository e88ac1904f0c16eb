//! From the sums of a period to its value: what they are divided by, and what is said of that.

use mg_core::kpi::{Aggregation, Definition, Period, Status};
use rust_decimal::Decimal;

use super::{Evidence, Measured, source};
use crate::{
    note::Note,
    objective::of_plan,
    reading::Reading,
    reference_year::reference,
    sums::{Sums, yearly_change},
};

/// Puts the value into what is measured, with its notes; none where it is not defined or its divisor is not known.
pub(super) fn conclude(
    evidence: &Evidence<'_>,
    reading: &Reading,
    sums: &Sums,
    measured: &mut Measured,
) {
    let definition = evidence.definition;
    if let Aggregation::Sum | Aggregation::Last | Aggregation::Rolling = definition.aggregation {
        measured
            .notes
            .extend(summed_months(definition, reading.period));
        measured.value = Some(sums.value);
        return;
    }
    if definition.aggregation == Aggregation::Growth {
        let months = definition.months.unwrap_or(12);
        measured.value = yearly_change(sums.before, sums.value, months);
        return;
    }
    let Some(divisor) = divisor(evidence, reading, sums, measured) else {
        return;
    };
    if definition.aggregation == Aggregation::Cumulative {
        measured.notes.extend(counted_since(evidence, reading));
    }
    measured.value = sums.value.checked_div(divisor);
    if measured.value.is_none() {
        measured.notes.push(Note::Undefined);
    }
}

/// The month that the facts of every member begin in.
fn counted_since(evidence: &Evidence<'_>, reading: &Reading) -> Option<Note> {
    let measure = &source(evidence, reading)?.measure;
    let firsts = reading
        .members
        .iter()
        .filter_map(|code| evidence.coverage.first(measure, code));
    firsts.max_by_key(|month| month.start).map(Note::Since)
}

/// The months of a rolling sum, where they are not the period itself.
fn summed_months(definition: &Definition, period: Period) -> Option<Note> {
    let months = period.last_months(definition.months?);
    (months != period).then_some(Note::Window(months))
}

/// What the sum is divided by, with its note; `None` when the population of the time is not known.
fn divisor(
    evidence: &Evidence<'_>,
    reading: &Reading,
    sums: &Sums,
    measured: &mut Measured,
) -> Option<Decimal> {
    let definition = evidence.definition;
    match (definition.aggregation, &definition.denominator) {
        (Aggregation::Progress, _) => {
            let plan = of_plan(evidence.objectives, reading.period);
            let due = plan.map(|plan| plan.part_for(reading.window))?;
            let note = Note::Plan(reading.window, sums.value, due);
            measured.notes.push(note);
            Some(due)
        }
        (Aggregation::Average, _) => Some(Decimal::from(sums.rows)),
        (_, None) => Some(sums.divisor),
        (_, Some(denominator)) => {
            let (title, year) = (denominator.title.clone(), reading.period.end.year());
            let Some(reference) = reference(&evidence.denominator, evidence.place, year) else {
                measured.status = Status::Missing;
                measured.notes.push(Note::NoReference(title));
                return None;
            };
            let note = Note::ReferenceYear(title, reference.year);
            measured.notes.push(note);
            measured.reference_files = reference.files;
            Some(reference.value)
        }
    }
}
