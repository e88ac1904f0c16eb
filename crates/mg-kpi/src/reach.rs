//! From when to when an indicator is told in a place.

use mg_core::kpi::{Aggregation, Definition, Grain, Period, Source};

use crate::{
    coverage::Coverage,
    reading::{communes, members},
    territory::Place,
};

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

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::*;
    use crate::fixture::{self, definition, sitadel};

    fn month(year: i16, month: i8) -> Period {
        Period::month_of(date(year, month, 1))
    }

    #[test]
    fn the_latest_period_is_of_the_own_grain_or_the_next_that_is_covered() {
        let place = fixture::authority();
        assert_eq!(
            latest(&definition("logements_autorises"), &sitadel(), &place),
            Some(month(2026, 10))
        );
        assert_eq!(
            latest(
                &definition("construction_pour_1000_hab"),
                &sitadel(),
                &place
            ),
            Some(Period::year_of(date(2025, 1, 1)))
        );
        let only_annual =
            |end: Date| fixture::coverage([("annual", "log_aut", "D77", date(2011, 1, 1), end)]);
        let department = fixture::place("D77", "Seine-et-Marne");
        let found = latest(
            &definition("logements_autorises"),
            &only_annual(date(2024, 12, 31)),
            &department,
        );
        assert_eq!(found, Some(Period::year_of(date(2024, 1, 1))));
        assert_eq!(
            latest(&definition("logements_autorises"), &sitadel(), &department),
            None
        );
    }

    #[test]
    fn a_rolling_sum_begins_when_its_months_are_known() {
        let place = fixture::authority();
        let first = |name: &str| earliest_of(&definition(name), &sitadel(), &place, Grain::Month);
        assert_eq!(first("permis_autorises"), Some(month(2013, 1)));
        let rolling = first("logements_autorises_cumul12");
        assert_eq!(rolling, Some(month(2013, 12)), "eleven months before it");
    }
}
