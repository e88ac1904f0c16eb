//! Decides where the value of a period is read: which source, which months, which territories.

use std::collections::BTreeSet;

use jiff::civil::Date;
use mg_core::kpi::{Aggregation, Definition, Grain, Period, Source};

use crate::{
    coverage::{Coverage, Extent},
    territory::Place,
};

/// A day before all facts.
const EVER: Date = Date::constant(1900, 1, 1);

/// What to read for one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    /// The period that was asked for.
    pub(crate) period: Period,
    /// The index of the source in the definition.
    pub(crate) source: usize,
    /// The months that must be covered: the period itself, or more before it.
    pub(crate) window: Period,
    /// The months whose facts are read: the window, or all before its end.
    pub(crate) read: Period,
    /// The codes whose facts are summed: the territory itself, or the communes of an authority.
    pub(crate) members: Vec<String>,
    /// How much of it all is covered.
    pub(crate) cover: Cover,
}

/// How much of the window is covered over all members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cover {
    /// Every month of every member.
    Whole,
    /// The same months are missing everywhere; these are covered.
    Months(Option<Period>),
    /// These members lack some or all months.
    Members(BTreeSet<String>),
    /// Nothing.
    Nothing,
}

/// Chooses among the sources in their order: the first that covers the window whole, else the first that covers a part,
/// else the first that could. `None` when no source can answer (an indicator by cumulation without an objective).
pub(crate) fn choose(
    definition: &Definition,
    coverage: &Coverage,
    place: &Place,
    period: Period,
    objective: Option<Period>,
) -> Option<Reading> {
    let candidates: Vec<_> = definition
        .sources
        .iter()
        .enumerate()
        .filter_map(|(index, source)| {
            let window = window(definition, source, period, objective)?;
            let members = members(definition, coverage, source, place);
            let cover = cover(coverage, source, &members, window);
            let read = match definition.aggregation {
                Aggregation::Cumulative => Period::spanning(EVER, window.end),
                _ => window,
            };
            Some(Reading {
                period,
                source: index,
                window,
                read,
                members,
                cover,
            })
        })
        .collect();
    let rank = |reading: &Reading| match reading.cover {
        Cover::Whole => 0,
        Cover::Months(_) | Cover::Members(_) => 1,
        Cover::Nothing => 2,
    };
    // `min_by_key` keeps the first of equals: the order of the file.
    candidates.into_iter().min_by_key(rank)
}

/// The last covered period of the indicator's own grain; of the next coarser one where only that is covered.
pub(crate) fn latest(
    definition: &Definition,
    coverage: &Coverage,
    place: &Place,
) -> Option<Period> {
    let grains = [Grain::Month, Grain::Quarter, Grain::Year];
    grains
        .into_iter()
        .filter(|grain| *grain >= definition.grain)
        .find_map(|grain| latest_of(definition, coverage, place, grain))
}

/// The last covered period of a grain.
pub(crate) fn latest_of(
    definition: &Definition,
    coverage: &Coverage,
    place: &Place,
    grain: Grain,
) -> Option<Period> {
    let last = able(definition, grain).filter_map(|source| {
        let codes = covered_members(definition, coverage, source, place);
        let ends = codes
            .iter()
            .filter_map(|code| coverage.latest(&source.measure, code, grain));
        ends.min_by_key(|period| period.end)
    });
    last.max_by_key(|period| period.end)
}

/// The first period of a grain that some source can tell: covered, and for rolling sums and growth the time before it
/// too.
pub(crate) fn earliest_of(
    definition: &Definition,
    coverage: &Coverage,
    place: &Place,
    grain: Grain,
) -> Option<Period> {
    let first = able(definition, grain).filter_map(|source| {
        let codes = covered_members(definition, coverage, source, place);
        let starts = codes
            .iter()
            .filter_map(|code| coverage.first(&source.measure, code));
        let month = starts.max_by_key(|month| month.start)?;
        Some(first_told(definition, source, month, grain))
    });
    first.min_by_key(|period| period.start)
}

/// The first period of a grain that a source tells when `month` is the first it covers.
fn first_told(definition: &Definition, source: &Source, month: Period, grain: Grain) -> Period {
    let months = definition.months.unwrap_or(12);
    let before = match definition.aggregation {
        Aggregation::Rolling if !source.rolled => months - 1,
        Aggregation::Growth => months,
        _ => 0,
    };
    let month = (0..before).fold(month, |month, _| month.next());
    let period = Period::holding(month.start, grain);
    let at_its_end = definition.is_stock()
        || matches!(
            definition.aggregation,
            Aggregation::Rolling | Aggregation::Cumulative
        );
    if period.start < month.start && !at_its_end {
        period.next()
    } else {
        period
    }
}

fn able(definition: &Definition, grain: Grain) -> impl Iterator<Item = &Source> {
    definition
        .sources
        .iter()
        .filter(move |source| source.grain <= grain)
}

/// The members of a reading; what is told of communes only still says from when to when.
fn covered_members(
    definition: &Definition,
    coverage: &Coverage,
    source: &Source,
    place: &Place,
) -> Vec<String> {
    match members(definition, coverage, source, place) {
        own if !coverage.has(&source.measure, &place.territory.code) => {
            communes(place).unwrap_or(own)
        }
        members => members,
    }
}

/// The months whose facts make the value of a period in a source; `None` when the source cannot tell them.
fn window(
    definition: &Definition,
    source: &Source,
    period: Period,
    objective: Option<Period>,
) -> Option<Period> {
    let last_month = Period::month_of(period.end);
    let window = match definition.aggregation {
        _ if definition.is_stock() && source.grain == Grain::Year => Period::year_of(period.end),
        _ if definition.is_stock() => last_month,
        Aggregation::Cumulative => last_month,
        Aggregation::Growth => {
            Period::year_of(period.end).last_months(definition.months.unwrap_or(12) + 12)
        }
        Aggregation::Rolling if source.rolled => last_month,
        Aggregation::Rolling => period.last_months(definition.months.unwrap_or(12)),
        Aggregation::Progress => Period::spanning(objective?.start, period.end),
        _ => period,
    };
    (source.grain == Grain::Month || window.is_whole_years()).then_some(window)
}

/// The territory itself where the source covers it by its own name, else the communes it is made of.
fn members(
    definition: &Definition,
    coverage: &Coverage,
    source: &Source,
    place: &Place,
) -> Vec<String> {
    let own = &place.territory.code;
    let of_communes =
        communes(place).filter(|_| definition.re_aggregates && !coverage.has(&source.measure, own));
    of_communes.unwrap_or_else(|| vec![own.clone()])
}

fn communes(place: &Place) -> Option<Vec<String>> {
    let codes = place.communes.iter().map(|commune| commune.code.clone());
    (!place.communes.is_empty()).then(|| codes.collect())
}

fn cover(coverage: &Coverage, source: &Source, members: &[String], window: Period) -> Cover {
    let extents: Vec<_> = members
        .iter()
        .map(|code| coverage.extent(&source.measure, code, window))
        .collect();
    let same = extents
        .windows(2)
        .all(|pair| matches!(pair, [one, other] if one == other));
    match extents.first() {
        Some(Extent::Part(months)) if same => Cover::Months(*months),
        Some(Extent::Nothing) | None if same => Cover::Nothing,
        Some(Extent::Whole) if same => Cover::Whole,
        _ => Cover::Members(
            members
                .iter()
                .zip(&extents)
                .filter(|(_, extent)| **extent != Extent::Whole)
                .map(|(code, _)| code.clone())
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::{catalogue::Catalogue, fixture};

    fn definition(name: &str) -> Definition {
        Catalogue::load(None).unwrap().find(name).unwrap().clone()
    }

    /// Annual figures of both communes 2011-2024, permits of both 2013-2026-10.
    fn coverage() -> Coverage {
        let communes = ["77243", "77307"];
        fixture::coverage(communes.iter().flat_map(|code| {
            [
                (
                    "annual",
                    "log_aut",
                    *code,
                    date(2011, 1, 1),
                    date(2024, 12, 31),
                ),
                (
                    "permits",
                    "date_reelle_autorisation",
                    *code,
                    date(2013, 1, 1),
                    date(2026, 10, 31),
                ),
            ]
        }))
    }

    fn chosen(name: &str, period: Period) -> (usize, Period, Cover) {
        let reading = choose(
            &definition(name),
            &coverage(),
            &fixture::authority(),
            period,
            None,
        )
        .unwrap();
        (reading.source, reading.window, reading.cover)
    }

    fn month(year: i16, month: i8) -> Period {
        Period::month_of(date(year, month, 1))
    }

    fn year(year: i16) -> Period {
        Period::year_of(date(year, 1, 1))
    }

    #[test]
    fn years_are_read_from_the_annual_table_and_months_from_permits() {
        assert_eq!(
            chosen("logements_autorises", year(2022)),
            (0, year(2022), Cover::Whole)
        );
        assert_eq!(
            chosen("logements_autorises", month(2022, 3)),
            (1, month(2022, 3), Cover::Whole)
        );
        assert_eq!(chosen("logements_autorises", year(2012)).0, 0);
    }

    #[test]
    fn a_year_beyond_the_annual_table_is_summed_from_months() {
        assert_eq!(
            chosen("logements_autorises", year(2025)),
            (1, year(2025), Cover::Whole)
        );
        let covered = Period::spanning(date(2026, 1, 1), date(2026, 10, 1));
        assert_eq!(
            chosen("logements_autorises", year(2026)),
            (1, year(2026), Cover::Months(Some(covered)))
        );
    }

    #[test]
    fn a_rolling_sum_reads_the_months_before_and_whole_years_from_the_annual_table() {
        let window = Period::spanning(date(2021, 11, 1), date(2022, 10, 1));
        assert_eq!(
            chosen("logements_autorises_cumul12", month(2022, 10)),
            (2, window, Cover::Whole)
        );
        assert_eq!(
            chosen("logements_autorises_cumul12", month(2022, 12)),
            (1, year(2022), Cover::Whole)
        );
        assert_eq!(
            chosen("logements_autorises_cumul12", year(2022)),
            (1, year(2022), Cover::Whole)
        );
    }

    #[test]
    fn a_published_rolling_sum_is_read_at_its_last_month() {
        let coverage = fixture::coverage([(
            "series",
            "logements_autorises_cumul12",
            "FR",
            date(2000, 12, 1),
            date(2026, 7, 31),
        )]);
        let place = fixture::place("FR", "France");
        let definition = definition("logements_autorises_cumul12");
        let reading = choose(&definition, &coverage, &place, year(2022), None).unwrap();
        assert_eq!((reading.source, reading.window), (0, month(2022, 12)));
        assert_eq!(latest(&definition, &coverage, &place), Some(month(2026, 7)));
    }

    #[test]
    fn progress_reads_from_the_start_of_the_objective() {
        let objective = Period::spanning(date(2020, 1, 1), date(2025, 12, 31));
        let (plan, place) = (definition("avancement_plh"), fixture::authority());
        let at = |period| choose(&plan, &coverage(), &place, period, Some(objective)).unwrap();
        assert_eq!(
            at(year(2022)).window,
            Period::spanning(date(2020, 1, 1), date(2022, 12, 31))
        );
        assert_eq!((at(year(2022)).source, at(month(2022, 5)).source), (0, 1));
        assert_eq!(choose(&plan, &coverage(), &place, year(2022), None), None);
    }

    #[test]
    fn a_member_that_lacks_months_is_named() {
        let cut = fixture::coverage([
            (
                "annual",
                "log_aut",
                "77243",
                date(2011, 1, 1),
                date(2024, 12, 31),
            ),
            (
                "annual",
                "log_aut",
                "77307",
                date(2011, 1, 1),
                date(2021, 12, 31),
            ),
        ]);
        let place = fixture::authority();
        let reading = choose(
            &definition("logements_autorises"),
            &cut,
            &place,
            year(2022),
            None,
        )
        .unwrap();
        assert_eq!(
            reading.cover,
            Cover::Members(BTreeSet::from(["77307".to_owned()]))
        );
    }

    #[test]
    fn an_authority_with_coverage_of_its_own_is_read_by_its_own_name() {
        let own = fixture::coverage([(
            "annual",
            "log_aut",
            fixture::AUTHORITY,
            date(2011, 1, 1),
            date(2024, 12, 31),
        )]);
        let reading = choose(
            &definition("logements_autorises"),
            &own,
            &fixture::authority(),
            year(2022),
            None,
        );
        assert_eq!(reading.unwrap().members, [fixture::AUTHORITY]);
    }

    #[test]
    fn what_nobody_covers_is_nothing() {
        let (source, _, cover) = chosen("logements_commences", year(2024));
        assert_eq!((source, cover), (0, Cover::Nothing));
    }

    #[test]
    fn the_latest_period_is_of_the_own_grain_or_the_next_that_is_covered() {
        let place = fixture::authority();
        assert_eq!(
            latest(&definition("logements_autorises"), &coverage(), &place),
            Some(month(2026, 10))
        );
        assert_eq!(
            latest(
                &definition("construction_pour_1000_hab"),
                &coverage(),
                &place
            ),
            Some(year(2025))
        );
        let only_annual =
            |end: Date| fixture::coverage([("annual", "log_aut", "D77", date(2011, 1, 1), end)]);
        let department = fixture::place("D77", "Seine-et-Marne");
        let found = latest(
            &definition("logements_autorises"),
            &only_annual(date(2024, 12, 31)),
            &department,
        );
        assert_eq!(found, Some(year(2024)));
        assert_eq!(
            latest(&definition("logements_autorises"), &coverage(), &department),
            None
        );
    }
}
