//! From facts to a value with its status: pure, exact, the same on every engine.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use mg_core::kpi::{Aggregation, Definition, Grain, Level, Period, Source, Status};
use rust_decimal::Decimal;

use crate::{
    absence::absent,
    coverage::Coverage,
    facts::{Fact, Timeline},
    note::Note,
    objective::{Objective, of_plan},
    reading::Reading,
    reference_year::reference,
    sums::{Sums, median, sums, yearly_change},
    territory::Place,
};

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
    informed
        .into_iter()
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

fn conclude(evidence: &Evidence<'_>, reading: &Reading, sums: &Sums, measured: &mut Measured) {
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{
        fixture::{self, definition, sitadel},
        reading::Choice,
    };

    const LAGNY: &str = "77243";
    const MONTEVRAIN: &str = "77307";

    fn fact(territory: &str, span: Period, value: i64, divisor: i64, rows: u64) -> Fact {
        let file = if span.grain == mg_core::kpi::Grain::Year {
            "annual"
        } else {
            "permits"
        };
        let (value, divisor) = (Some(value.into()), Some(divisor.into()));
        Fact {
            territory: territory.into(),
            span,
            file: file.into(),
            value,
            divisor,
            rows,
            informed: None,
            withheld: false,
        }
    }

    fn year(year: i16) -> Period {
        Period::year_of(date(year, 1, 1))
    }

    fn month(year: i16, month: i8) -> Period {
        Period::month_of(date(year, month, 1))
    }

    /// The value of `period` where every source has the same facts.
    fn measured(
        definition: &Definition,
        place: &Place,
        period: Period,
        facts: &[Fact],
    ) -> Measured {
        let (coverage, objectives) = (sitadel(), []);
        let choice = Choice::of(definition, &coverage, place);
        let reading = choice.reading(period, None).unwrap();
        let evidence = Evidence {
            definition,
            place,
            coverage: &coverage,
            facts: (0..definition.sources.len())
                .map(|index| (index, facts.iter().cloned().collect()))
                .collect(),
            denominator: vec![
                fact(LAGNY, year(2022), 20_000, 0, 1),
                fact(MONTEVRAIN, year(2022), 10_000, 0, 1),
            ],
            objectives: &objectives,
            min_cell: 3,
        };
        evaluate(&evidence, &reading)
    }

    fn lagny() -> Place {
        fixture::place(LAGNY, "Lagny-sur-Marne")
    }

    #[test]
    fn an_authority_is_the_sum_of_its_communes() {
        let facts = [
            fact(LAGNY, year(2022), 100, 0, 1),
            fact(MONTEVRAIN, year(2022), 64, 0, 1),
        ];
        let sum = measured(
            &definition("logements_autorises"),
            &fixture::authority(),
            year(2022),
            &facts,
        );
        assert_eq!((sum.value, sum.status), (Some(164.into()), Status::Final));
        assert_eq!(
            (sum.files, sum.sample_size),
            (BTreeSet::from(["annual".to_owned()]), None)
        );
    }

    #[test]
    fn a_covered_period_without_rows_is_zero_and_names_the_file_that_says_so() {
        let zero = measured(
            &definition("logements_autorises"),
            &lagny(),
            month(2022, 3),
            &[],
        );
        assert_eq!(
            (zero.value, zero.sample_size),
            (Some(Decimal::ZERO), Some(0))
        );
        assert_eq!(zero.files, BTreeSet::from(["permits".to_owned()]));
    }

    #[test]
    fn facts_outside_the_window_or_of_others_do_not_enter() {
        let facts = [
            fact(LAGNY, month(2022, 3), 5, 0, 2),
            fact(LAGNY, month(2022, 4), 7, 0, 1),
            fact("77001", month(2022, 3), 9, 0, 1),
        ];
        let march = measured(
            &definition("logements_autorises"),
            &lagny(),
            month(2022, 3),
            &facts,
        );
        assert_eq!((march.value, march.sample_size), (Some(5.into()), Some(2)));
    }

    #[test]
    fn recent_periods_are_provisional_until_the_release_is_late_enough() {
        let status =
            |period| measured(&definition("logements_autorises"), &lagny(), period, &[]).status;
        assert_eq!(status(month(2026, 4)), Status::Final);
        assert_eq!(status(month(2026, 5)), Status::Provisional);
        assert_eq!(status(month(2026, 10)), Status::Provisional);
        assert_eq!(
            super::status(
                &definition("logements_commences"),
                year(2023),
                Some("2026-03")
            ),
            Status::Final
        );
        assert_eq!(
            super::status(
                &definition("logements_commences"),
                year(2024),
                Some("2026-03")
            ),
            Status::Provisional
        );
        assert_eq!(
            super::status(&definition("logements_commences"), year(2011), None),
            Status::Provisional
        );
    }

    #[test]
    fn a_ratio_is_the_ratio_of_sums() {
        let facts = [
            fact(LAGNY, year(2022), 10, 40, 1),
            fact(MONTEVRAIN, year(2022), 50, 60, 1),
        ];
        let share = measured(
            &definition("part_collectif"),
            &fixture::authority(),
            year(2022),
            &facts,
        );
        assert_eq!(share.value, Some(60.into()));
    }

    #[test]
    fn a_ratio_over_one_or_two_permits_of_a_commune_is_secret() {
        let of = |rows| {
            measured(
                &definition("part_collectif"),
                &lagny(),
                month(2022, 3),
                &[fact(LAGNY, month(2022, 3), 1, 4, rows)],
            )
        };
        assert_eq!((of(2).value, of(2).status), (None, Status::Secret));
        assert_eq!(
            (of(3).value, of(3).status),
            (Some(25.into()), Status::Final)
        );
        let authority = measured(
            &definition("part_collectif"),
            &fixture::authority(),
            month(2022, 3),
            &[fact(LAGNY, month(2022, 3), 1, 4, 1)],
        );
        assert_eq!(authority.value, Some(25.into()));
        let count = measured(
            &definition("logements_autorises"),
            &lagny(),
            month(2022, 3),
            &[fact(LAGNY, month(2022, 3), 1, 4, 1)],
        );
        assert_eq!(count.value, Some(1.into()));
    }

    #[test]
    fn a_ratio_over_nothing_is_not_defined() {
        let none = measured(&definition("part_collectif"), &lagny(), month(2022, 3), &[]);
        assert_eq!(
            (none.value, none.status, none.notes),
            (None, Status::Final, vec![Note::Undefined])
        );
    }

    #[test]
    fn a_rate_is_divided_by_the_population_of_its_reference_year() {
        let facts = [
            fact(LAGNY, year(2023), 300, 0, 1),
            fact(MONTEVRAIN, year(2023), 126, 0, 1),
        ];
        let rate = measured(
            &definition("construction_pour_1000_hab"),
            &fixture::authority(),
            year(2023),
            &facts,
        );
        assert_eq!(rate.value, Some(Decimal::new(142, 1)));
        assert!(
            matches!(rate.notes[..], [Note::ReferenceYear(_, 2022)]),
            "{:?}",
            rate.notes
        );
        let early = measured(
            &definition("construction_pour_1000_hab"),
            &fixture::authority(),
            year(2014),
            &facts,
        );
        assert_eq!((early.value, early.status), (None, Status::Missing));
    }

    #[test]
    fn a_stock_is_the_last_value_of_each_member() {
        let mut stock = definition("logements_autorises");
        stock.aggregation = Aggregation::Last;
        let facts = [
            fact(LAGNY, month(2022, 1), 5, 0, 1),
            fact(LAGNY, month(2022, 2), 7, 0, 1),
            fact(MONTEVRAIN, month(2022, 2), 1, 0, 1),
        ];
        let facts: Vec<&Fact> = facts.iter().collect();
        let year = Period::year_of(date(2022, 1, 1));
        assert_eq!(sums(&stock, year, &facts).value, 8.into());
    }

    #[test]
    fn an_average_is_over_the_rows() {
        let mut average = definition("logements_autorises");
        average.aggregation = Aggregation::Average;
        let of = |rows| {
            measured(
                &average,
                &lagny(),
                month(2022, 3),
                &[fact(LAGNY, month(2022, 3), 10, 0, rows)],
            )
        };
        assert_eq!(
            (of(4).value, of(2).status),
            (Some(Decimal::new(25, 1)), Status::Secret)
        );
    }
}
