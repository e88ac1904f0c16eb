//! From facts to a value with its status: pure, exact, the same on every engine.

mod conclude;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use mg_core::kpi::{Aggregation, Definition, Grain, Level, Period, Source, Status};
use rust_decimal::Decimal;

use crate::{
    absence::absent,
    coverage::Coverage,
    facts::{Fact, Timeline},
    note::Note,
    objective::Objective,
    reading::Reading,
    sums::{Sums, median, sums},
    territory::Place,
};
use conclude::conclude;

/// Everything that is known for one indicator and one place.
#[derive(Clone, Debug)]
pub(crate) struct Evidence<'a> {
    /// The indicator.
    pub(crate) definition: &'a Definition,
    /// The place.
    pub(crate) place: &'a Place,
    /// What is loaded.
    pub(crate) coverage: &'a Coverage,
    /// The facts of each source, by its index.
    pub(crate) facts: BTreeMap<usize, Timeline>,
    /// The facts of the denominator.
    pub(crate) denominator: Vec<Fact>,
    /// The objectives of the place, by start.
    pub(crate) objectives: &'a [Objective],
    /// Below how many permits a ratio in one commune is withheld.
    pub(crate) min_cell: u32,
}

/// The value of one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Measured {
    /// Not rounded; `None` when unknown, withheld or not defined.
    pub(crate) value: Option<Decimal>,
    /// How far it can be relied on.
    pub(crate) status: Status,
    /// How many permits entered.
    pub(crate) sample_size: Option<u64>,
    /// The files of the facts; of those that were looked into, when nothing is known.
    pub(crate) files: BTreeSet<String>,
    /// The files of the denominator.
    pub(crate) reference_files: BTreeSet<String>,
    /// Caveats.
    pub(crate) notes: Vec<Note>,
}

impl Measured {
    /// No value, for this reason.
    pub(crate) fn without_value(status: Status, files: BTreeSet<String>, note: Note) -> Self {
        Self {
            value: None,
            status,
            sample_size: None,
            files,
            reference_files: BTreeSet::new(),
            notes: vec![note],
        }
    }
}

/// The value of a period.
pub(crate) fn evaluate(evidence: &Evidence<'_>, reading: &Reading) -> Measured {
    let facts = facts_of(evidence, reading);
    let files = files_of(evidence, reading, &facts);
    let caveats = caveats(evidence, reading, &files);
    let absent = absent(evidence, reading, &facts, &files);
    let mut measured = absent.unwrap_or_else(|| known(evidence, reading, &facts, files));
    measured.notes.extend(caveats);
    measured
}

/// The value of a period that is known whole.
fn known(
    evidence: &Evidence<'_>,
    reading: &Reading,
    facts: &[&Fact],
    files: BTreeSet<String>,
) -> Measured {
    let definition = evidence.definition;
    let sums = sums(definition, reading.window, facts);
    let rows_are = source(evidence, reading).and_then(|source| source.rows_are);
    if let Some(rows_are) = rows_are.filter(|_| is_secret(evidence, sums.rows)) {
        let note = Note::Secret(evidence.min_cell, rows_are);
        return Measured::without_value(Status::Secret, files, note);
    }
    let vintage = vintage(evidence.coverage, &files);
    let followed = followed_until(evidence, reading);
    let mut measured = Measured {
        value: None,
        status: match followed {
            Some(_) => Status::Provisional,
            None => status(definition, reading.period, vintage.as_deref()),
        },
        sample_size: rows_are.map(|_| sums.rows),
        files,
        reference_files: BTreeSet::new(),
        notes: followed.map(Note::FollowedUntil).into_iter().collect(),
    };
    match definition.aggregation {
        Aggregation::Median => measured.value = median(facts),
        _ => conclude(evidence, reading, &sums, &mut measured),
    }
    measured.value = measured
        .value
        .map(|value| value * definition.scale.decimal());
    let remarks = remarks(evidence, reading, &sums, measured.value);
    measured.notes.extend(remarks);
    measured
}

/// The source that a reading is of.
pub(crate) fn source<'a>(evidence: &Evidence<'a>, reading: &Reading) -> Option<&'a Source> {
    evidence.definition.sources.get(reading.source)
}

/// The month up to which the facts of a cohort are known, when it was not followed long enough. What is published by
/// year is not followed.
fn followed_until(evidence: &Evidence<'_>, reading: &Reading) -> Option<Period> {
    let source = source(evidence, reading).filter(|source| source.grain == Grain::Month)?;
    let needed = evidence.definition.follow_up_months;
    if needed == 0 {
        return None;
    }
    let coverage = evidence.coverage;
    let last = reading
        .members
        .iter()
        .filter_map(|code| coverage.latest(&source.measure, code, Grain::Month))
        .min_by_key(|month| month.end)?;
    (reading.period.months_until(last.start) < i64::from(needed)).then_some(last)
}

/// What is to be said of a value beside how it was made.
fn remarks(
    evidence: &Evidence<'_>,
    reading: &Reading,
    sums: &Sums,
    value: Option<Decimal>,
) -> Vec<Note> {
    let source = source(evidence, reading);
    let informed = source.filter(|source| source.informed).and_then(|_| {
        let percent = (sums.informed * Decimal::ONE_HUNDRED).checked_div(sums.divisor)?;
        (percent < Decimal::ONE_HUNDRED).then_some(Note::Informed(percent))
    });
    let implausible = evidence.definition.valid_range.filter(|range| {
        let below = |value: Decimal| range.min.is_some_and(|least| value < least.decimal());
        let above = |value: Decimal| range.max.is_some_and(|most| value > most.decimal());
        value.is_some_and(|value| below(value) || above(value))
    });
    let margin = sums.margin.map(|bounds| {
        let [lower, upper] = bounds.map(|bound| bound * evidence.definition.scale.decimal());
        Note::Margin(lower, upper, evidence.definition.decimals)
    });
    informed
        .into_iter()
        .chain(margin)
        .chain(implausible.map(Note::Implausible))
        .collect()
}

fn caveats(evidence: &Evidence<'_>, reading: &Reading, files: &BTreeSet<String>) -> Vec<Note> {
    let Some(source) = source(evidence, reading) else {
        return Vec::new();
    };
    let synthetic = |id: &String| {
        evidence
            .coverage
            .files
            .get(id)
            .is_some_and(|file| file.synthetic)
    };
    let of_synthetic = source
        .synthetic_caveat
        .iter()
        .filter(|_| files.iter().any(synthetic));
    let caveats = source.caveat.iter().chain(of_synthetic);
    caveats.cloned().map(Note::Caveat).collect()
}

/// The oldest release among files.
pub(crate) fn vintage(coverage: &Coverage, files: &BTreeSet<String>) -> Option<String> {
    files
        .iter()
        .filter_map(|id| coverage.files.get(id)?.vintage.clone())
        .min()
}

/// Provisional until the releases went past the publication lag and the months of revision; an unknown release is not
/// final.
fn status(definition: &Definition, period: Period, vintage: Option<&str>) -> Status {
    let released = vintage.and_then(|month| format!("{month}-01").parse::<Date>().ok());
    let settled =
        i64::from(definition.publication_lag_months) + i64::from(definition.provisional_months);
    // A stock is that of the first day.
    let known_in = if definition.is_stock() || definition.aggregation == Aggregation::Growth {
        Period::month_of(period.start)
    } else {
        period
    };
    match released {
        Some(released) if known_in.months_until(released) >= settled => Status::Final,
        _ => Status::Provisional,
    }
}

fn facts_of<'a>(evidence: &'a Evidence<'_>, reading: &Reading) -> Vec<&'a Fact> {
    let facts = evidence.facts.get(&reading.source).into_iter();
    facts
        .flat_map(|facts| facts.within(reading.read))
        .filter(|fact| reading.members.contains(&fact.territory))
        .collect()
}

/// The files that cover the window or have rows in it; else those that cover any time.
fn files_of(evidence: &Evidence<'_>, reading: &Reading, facts: &[&Fact]) -> BTreeSet<String> {
    let Some(source) = source(evidence, reading) else {
        return BTreeSet::new();
    };
    let coverage = evidence.coverage;
    let members = reading.members.iter();
    let covering = members
        .clone()
        .flat_map(|code| coverage.files_of(&source.measure, code, reading.window));
    let mut files: BTreeSet<&str> = covering
        .chain(facts.iter().map(|fact| fact.file.as_str()))
        .collect();
    if files.is_empty() {
        let ever = members.flat_map(|code| coverage.files_ever(&source.measure, code));
        files = ever.collect();
    }
    files.into_iter().map(str::to_owned).collect()
}

/// A ratio, an average or a median over one or two permits or sales of a commune would tell about a person's; none at
/// all tells about nobody.
fn is_secret(evidence: &Evidence<'_>, rows: u64) -> bool {
    let definition = evidence.definition;
    let of_rows = matches!(
        definition.aggregation,
        Aggregation::Average | Aggregation::Median
    ) || definition.needs_divisor();
    let in_commune = Level::of(&evidence.place.territory.code) == Some(Level::Commune);
    of_rows && in_commune && (1..u64::from(evidence.min_cell)).contains(&rows)
}

#[cfg(test)]
mod tests;
