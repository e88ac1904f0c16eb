//! Which months of which measure are known for which territory, and the files that say so: what tells zero from missing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use mg_core::kpi::{Definition, Grain, Period, Source};

use crate::territory::Place;

/// A loaded file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct File {
    /// The data set, as sources name it.
    pub(crate) dataset: String,
    /// Its licence.
    pub(crate) licence: String,
    /// The publisher's release, `YYYY-MM`.
    pub(crate) vintage: Option<String>,
    /// Whether its rows are invented.
    pub(crate) synthetic: bool,
    /// What the loader remarked on it.
    pub(crate) remark: Option<String>,
}

/// The days for which one file covers a measure in a territory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// The file's id.
    pub(crate) file: String,
    /// First day.
    pub(crate) start: Date,
    /// Last day.
    pub(crate) end: Date,
}

/// How much of a window is covered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Every day.
    Whole,
    /// From the first to the last month that is wholly covered; `None` when no month is.
    Part(Option<Period>),
    /// No day.
    Nothing,
}

/// What is loaded of the measures of one indicator.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage {
    /// Every loaded file by its id.
    pub(crate) files: BTreeMap<String, File>,
    /// What they cover, by measure and territory, in order of start.
    stretches: BTreeMap<String, BTreeMap<String, Vec<Stretch>>>,
    /// The territories that the measures are covered for, read where this place has nothing.
    pub(crate) elsewhere: Vec<String>,
}

impl Coverage {
    /// A file covers a measure in a territory for some days.
    pub(crate) fn add(&mut self, measure: &str, territory: &str, stretch: Stretch) {
        let of_measure = self.stretches.entry(measure.to_owned()).or_default();
        let stretches = of_measure.entry(territory.to_owned()).or_default();
        let at = stretches.partition_point(|other| other.start <= stretch.start);
        stretches.insert(at, stretch);
    }

    /// Whether nothing is covered in this place.
    pub(crate) fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// What is covered of a measure in a territory, in order of start.
    pub(crate) fn of(&self, measure: &str, territory: &str) -> &[Stretch] {
        let of_measure = self.stretches.get(measure);
        of_measure
            .and_then(|of_measure| of_measure.get(territory))
            .map_or(&[], Vec::as_slice)
    }

    /// Whether a territory has coverage of its own.
    pub(crate) fn has(&self, measure: &str, territory: &str) -> bool {
        !self.of(measure, territory).is_empty()
    }

    /// The last period of a grain that ends on or before the last covered day.
    pub(crate) fn latest(&self, measure: &str, territory: &str, grain: Grain) -> Option<Period> {
        let ends = self.of(measure, territory).iter();
        let ends = ends.map(|stretch| stretch.end);
        Some(last_whole(ends.max()?, grain))
    }

    /// The territories that some source of an indicator covers.
    pub(crate) fn others(&self, definition: &Definition) -> Vec<String> {
        let of_source = |source: &Source| self.stretches.get(&source.measure);
        let held = definition.sources.iter().filter_map(of_source);
        let codes: BTreeSet<_> = held
            .flat_map(BTreeMap::keys)
            .chain(&self.elsewhere)
            .collect();
        codes.into_iter().cloned().collect()
    }

    /// Whether anything is known of any part of a place.
    pub(crate) fn covers_any(&self, place: &Place) -> bool {
        let mut codes = place.codes();
        codes.any(|code| {
            let mut measures = self.stretches.values();
            measures.any(|of_measure| of_measure.contains_key(code))
        })
    }

    /// The month that the newest release of any file came out in.
    pub(crate) fn newest_release(&self) -> Option<Date> {
        let releases = self
            .files
            .values()
            .filter_map(|file| file.vintage.as_deref());
        releases
            .filter_map(|month| format!("{month}-01").parse().ok())
            .max()
    }

    /// The first covered month.
    pub(crate) fn first(&self, measure: &str, territory: &str) -> Option<Period> {
        let first = self.of(measure, territory).first()?;
        Some(Period::month_of(first.start))
    }

    /// The ids of the files that cover any day of a window.
    pub(crate) fn files_of(
        &self,
        measure: &str,
        territory: &str,
        window: Period,
    ) -> impl Iterator<Item = &str> {
        let stretches = self.of(measure, territory).iter();
        stretches
            .filter(move |stretch| stretch.touches(window))
            .map(|stretch| stretch.file.as_str())
    }

    /// The ids of the files that cover any day at all.
    pub(crate) fn files_ever(&self, measure: &str, territory: &str) -> impl Iterator<Item = &str> {
        let stretches = self.of(measure, territory).iter();
        stretches.map(|stretch| stretch.file.as_str())
    }
}

impl Stretch {
    /// Whether it holds any day of a window.
    fn touches(&self, window: Period) -> bool {
        self.start <= window.end && self.end >= window.start
    }

    /// Whether it holds every day of a window.
    fn holds(&self, window: Period) -> bool {
        self.start <= window.start && self.end >= window.end
    }
}

/// How much of a window stretches cover that are in order of start.
pub(crate) fn extent(stretches: &[Stretch], window: Period) -> Extent {
    if stretches.iter().any(|stretch| stretch.holds(window)) {
        return Extent::Whole;
    }
    let known = |month: &Period| covers(stretches, *month);
    let months: Vec<_> = window.months().filter(known).collect();
    match (months.first(), months.last()) {
        (Some(first), Some(last)) if months.len() == window.month_count() as usize => {
            debug_assert!(first.start == window.start && last.end == window.end);
            Extent::Whole
        }
        (Some(first), Some(last)) => Extent::Part(Some(Period::spanning(first.start, last.end))),
        _ if stretches.iter().any(|stretch| stretch.touches(window)) => Extent::Part(None),
        _ => Extent::Nothing,
    }
}

/// The last period of a grain that ends on or before a day.
pub(crate) fn last_whole(end: Date, grain: Grain) -> Period {
    let period = match grain {
        Grain::Year => Period::year_of(end),
        Grain::Quarter => Period::quarter_of(end),
        Grain::Month | Grain::Interval => Period::month_of(end),
    };
    if period.end > end {
        period.previous()
    } else {
        period
    }
}

/// Whether stretches in order of start, taken together, hold every day of a month.
fn covers(stretches: &[Stretch], month: Period) -> bool {
    let mut next = month.start;
    for stretch in stretches {
        if stretch.start <= next && stretch.end >= next {
            next = stretch.end.tomorrow().unwrap_or(Date::MAX);
        }
    }
    next > month.end
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn coverage(stretches: &[(Date, Date)]) -> Coverage {
        let mut coverage = Coverage::default();
        for (index, (start, end)) in stretches.iter().enumerate() {
            let stretch = Stretch {
                file: format!("file{index}"),
                start: *start,
                end: *end,
            };
            coverage.add("log_aut", "77243", stretch);
        }
        coverage
    }

    fn extent(stretches: &[(Date, Date)], window: Period) -> Extent {
        super::extent(coverage(stretches).of("log_aut", "77243"), window)
    }

    #[test]
    fn a_window_inside_a_stretch_is_whole() {
        let year = Period::year_of(date(2022, 1, 1));
        assert_eq!(
            extent(&[(date(2011, 1, 1), date(2024, 12, 31))], year),
            Extent::Whole
        );
    }

    #[test]
    fn neighbouring_and_overlapping_stretches_join() {
        let year = Period::year_of(date(2022, 1, 1));
        let (june, july) = (date(2022, 6, 30), date(2022, 7, 1));
        assert_eq!(
            extent(
                &[(july, date(2022, 12, 31)), (date(2021, 5, 1), june)],
                year
            ),
            Extent::Whole
        );
        assert_eq!(
            extent(
                &[
                    (date(2022, 1, 1), date(2022, 8, 9)),
                    (june, date(2023, 1, 1))
                ],
                year
            ),
            Extent::Whole
        );
    }

    #[test]
    fn a_window_that_reaches_beyond_is_covered_in_part() {
        let year = Period::year_of(date(2026, 1, 1));
        let covered = Period::spanning(date(2026, 1, 1), date(2026, 10, 31));
        assert_eq!(
            extent(&[(date(2013, 1, 1), date(2026, 10, 31))], year),
            Extent::Part(Some(covered))
        );
        assert_eq!(
            extent(&[(date(2013, 1, 1), date(2026, 1, 15))], year),
            Extent::Part(None)
        );
    }

    #[test]
    fn a_window_outside_or_of_another_territory_has_nothing() {
        let year = Period::year_of(date(2024, 1, 1));
        let stretches = [(date(2011, 1, 1), date(2023, 12, 31))];
        assert_eq!(extent(&stretches, year), Extent::Nothing);
        let coverage = coverage(&stretches);
        assert!(coverage.has("log_aut", "77243"));
        assert!(!coverage.has("log_com", "77243") && !coverage.has("log_aut", "77307"));
    }

    #[test]
    fn the_latest_period_is_whole() {
        let coverage = coverage(&[(date(2013, 1, 1), date(2026, 10, 31))]);
        let latest = |grain| {
            coverage
                .latest("log_aut", "77243", grain)
                .map(Period::query)
        };
        assert_eq!(latest(Grain::Month).as_deref(), Some("2026-10"));
        assert_eq!(latest(Grain::Quarter).as_deref(), Some("2026-T3"));
        assert_eq!(latest(Grain::Year).as_deref(), Some("2025"));
        assert_eq!(coverage.latest("log_aut", "77307", Grain::Year), None);
    }

    #[test]
    fn the_files_of_a_window_are_those_that_cover_a_day_of_it() {
        let coverage = coverage(&[
            (date(2011, 1, 1), date(2020, 12, 31)),
            (date(2021, 1, 1), date(2024, 12, 31)),
        ]);
        let files = coverage.files_of("log_aut", "77243", Period::year_of(date(2022, 1, 1)));
        assert_eq!(files.collect::<Vec<_>>(), ["file1"]);
        assert_eq!(coverage.files_ever("log_aut", "77243").count(), 2);
    }
}
