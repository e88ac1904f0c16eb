//! Decides where the value of a period is read: which source, which months, which territories.

use std::{collections::BTreeSet, sync::Arc};

use jiff::civil::Date;
use mg_core::kpi::{Aggregation, Definition, Grain, Period, Source};

use crate::{
    coverage::{Coverage, Extent, Stretch, extent},
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
    pub(crate) members: Arc<[String]>,
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

/// The sources of an indicator that may be read in one place.
#[derive(Debug)]
pub(crate) struct Choice<'a> {
    definition: &'a Definition,
    candidates: Vec<Candidate<'a>>,
    /// Whether a source of months covers the place at all.
    by_month: bool,
}

/// A source, whose facts are summed, and what is covered of each.
#[derive(Debug)]
struct Candidate<'a> {
    source: &'a Source,
    members: Arc<[String]>,
    covered: Vec<&'a [Stretch]>,
}

impl<'a> Choice<'a> {
    /// All sources.
    pub(crate) fn of(definition: &'a Definition, coverage: &'a Coverage, place: &Place) -> Self {
        let candidate = |source: &'a Source| {
            let members = members(definition, coverage, source, place);
            let covered = members
                .iter()
                .map(|code| coverage.of(&source.measure, code));
            Candidate {
                source,
                covered: covered.collect(),
                members: members.into(),
            }
        };
        let candidates: Vec<_> = definition.sources.iter().map(candidate).collect();
        Self {
            definition,
            by_month: candidates.iter().any(Candidate::tells_months),
            candidates,
        }
    }

    /// Chooses among the sources in their order: the first that covers the window whole, else the first that covers a
    /// part, else the first that could. `None` when no source can answer (an indicator by cumulation without an objective).
    pub(crate) fn reading(&self, period: Period, objective: Option<Period>) -> Option<Reading> {
        let readings = || {
            let candidates = self.candidates.iter().enumerate();
            let able = candidates.filter(|(_, candidate)| self.may_tell(candidate, period));
            able.filter_map(|(index, candidate)| {
                candidate.reading(self.definition, index, period, objective)
            })
        };
        let is = |rank: u8| move |reading: &Reading| reading.cover.rank() == rank;
        // Most periods are whole in the first source: the others are not looked at then.
        (0..3).find_map(|rank| readings().find(is(rank)))
    }

    /// Months and quarters come from sources of months wherever there are any: the twelve months that end in a December
    /// are a year too, and a yearly figure among sums of permits would be a jump that nobody built.
    fn may_tell(&self, candidate: &Candidate<'_>, period: Period) -> bool {
        let within_years = matches!(period.grain, Grain::Month | Grain::Quarter);
        !(within_years && self.by_month) || candidate.source.grain == Grain::Month
    }
}

impl Candidate<'_> {
    /// Whether it covers any month by itself.
    fn tells_months(&self) -> bool {
        let covers = self.covered.iter().any(|stretches| !stretches.is_empty());
        self.source.grain == Grain::Month && covers
    }

    fn reading(
        &self,
        definition: &Definition,
        index: usize,
        period: Period,
        objective: Option<Period>,
    ) -> Option<Reading> {
        let window = window(definition, self.source, period, objective)?;
        let read = match definition.aggregation {
            Aggregation::Cumulative => Period::spanning(EVER, window.end),
            _ => window,
        };
        Some(Reading {
            period,
            source: index,
            window,
            read,
            members: Arc::clone(&self.members),
            cover: self.cover(definition, window),
        })
    }

    fn cover(&self, definition: &Definition, window: Period) -> Cover {
        let of = |stretches: &&[Stretch]| match definition.aggregation {
            Aggregation::Growth => extent_of_ends(stretches, window),
            _ => extent(stretches, window),
        };
        let extents: Vec<_> = self.covered.iter().map(of).collect();
        let same = extents.windows(2).all(|pair| pair[0] == pair[1]);
        match extents.first() {
            Some(Extent::Part(months)) if same => Cover::Months(*months),
            Some(Extent::Nothing) | None if same => Cover::Nothing,
            Some(Extent::Whole) if same => Cover::Whole,
            _ => Cover::Members(
                self.members
                    .iter()
                    .zip(&extents)
                    .filter(|(_, extent)| **extent != Extent::Whole)
                    .map(|(code, _)| code.clone())
                    .collect(),
            ),
        }
    }
}

impl Cover {
    /// The lower, the better.
    fn rank(&self) -> u8 {
        match self {
            Self::Whole => 0,
            Self::Months(_) | Self::Members(_) => 1,
            Self::Nothing => 2,
        }
    }
}

/// The two years whose stocks a growth compares: what lies between them does not matter.
pub(crate) fn growth_ends(window: Period) -> [Period; 2] {
    [window.start, window.end].map(Period::year_of)
}

/// All or nothing: a growth from a year that is not known is no part of one.
fn extent_of_ends(stretches: &[Stretch], window: Period) -> Extent {
    let known = |year| extent(stretches, year) == Extent::Whole;
    if growth_ends(window).into_iter().all(known) {
        Extent::Whole
    } else {
        Extent::Nothing
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
pub(crate) fn members(
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

pub(crate) fn communes(place: &Place) -> Option<Vec<String>> {
    let codes = place.communes.iter().map(|commune| commune.code.clone());
    (!place.communes.is_empty()).then(|| codes.collect())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::fixture::{self, definition, sitadel};

    fn choose(
        definition: &Definition,
        coverage: &Coverage,
        place: &Place,
        period: Period,
        objective: Option<Period>,
    ) -> Option<Reading> {
        Choice::of(definition, coverage, place).reading(period, objective)
    }

    fn chosen(name: &str, period: Period) -> (usize, Period, Cover) {
        let reading = choose(
            &definition(name),
            &sitadel(),
            &fixture::authority(),
            period,
            None,
        );
        let reading = reading.unwrap();
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
    fn a_rolling_sum_of_a_month_reads_the_months_before_also_in_december() {
        let window = Period::spanning(date(2021, 11, 1), date(2022, 10, 1));
        assert_eq!(
            chosen("logements_autorises_cumul12", month(2022, 10)),
            (2, window, Cover::Whole)
        );
        // A December from the annual table would be spliced into a series of sums of permits.
        for whole in [month(2022, 12), Period::quarter_of(date(2022, 12, 1))] {
            assert_eq!(
                chosen("logements_autorises_cumul12", whole),
                (2, year(2022), Cover::Whole)
            );
        }
        assert_eq!(
            chosen("logements_autorises_cumul12", year(2022)),
            (1, year(2022), Cover::Whole)
        );
    }

    #[test]
    fn where_only_years_are_known_a_december_is_the_year() {
        let known = (
            "annual",
            "log_aut",
            "D77",
            date(2011, 1, 1),
            date(2024, 12, 31),
        );
        let (coverage, place) = (
            fixture::coverage([known]),
            fixture::place("D77", "Seine-et-Marne"),
        );
        let definition = definition("logements_autorises_cumul12");
        let reading = choose(&definition, &coverage, &place, month(2022, 12), None).unwrap();
        assert_eq!((reading.source, reading.cover), (1, Cover::Whole));
    }

    #[test]
    fn progress_by_month_rests_on_months_also_in_december() {
        let objective = Period::spanning(date(2020, 1, 1), date(2025, 12, 31));
        let (plan, place) = (definition("avancement_plh"), fixture::authority());
        let december = choose(&plan, &sitadel(), &place, month(2022, 12), Some(objective));
        assert_eq!(december.unwrap().source, 1);
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
    }

    #[test]
    fn progress_reads_from_the_start_of_the_objective() {
        let objective = Period::spanning(date(2020, 1, 1), date(2025, 12, 31));
        let (plan, place) = (definition("avancement_plh"), fixture::authority());
        let at = |period| choose(&plan, &sitadel(), &place, period, Some(objective)).unwrap();
        assert_eq!(
            at(year(2022)).window,
            Period::spanning(date(2020, 1, 1), date(2022, 12, 31))
        );
        assert_eq!((at(year(2022)).source, at(month(2022, 5)).source), (0, 1));
        assert_eq!(choose(&plan, &sitadel(), &place, year(2022), None), None);
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
        assert_eq!(*reading.unwrap().members, [fixture::AUTHORITY]);
    }

    #[test]
    fn what_nobody_covers_is_nothing() {
        let (source, _, cover) = chosen("logements_commences", year(2024));
        assert_eq!((source, cover), (0, Cover::Nothing));
    }
}
