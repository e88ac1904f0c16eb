//! The axis of time: where a period stands, and which periods are named.

use jiff::civil::Date;
use mg_core::{
    Language,
    kpi::{Grain, LabelledPeriod, Period},
};

use super::text;

/// Steps between two labels, in months.
const STEPS: [i32; 11] = [1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200];

/// An axis of time, month by month.
#[derive(Clone, Debug)]
pub(super) struct Time {
    first: i32,
    months: i32,
    grain: Grain,
    left: f64,
    width: f64,
}

impl Time {
    /// The axis from the first of the periods to the last; `None` for none.
    pub(super) fn of<'a>(
        periods: impl Iterator<Item = &'a LabelledPeriod>,
        left: f64,
        width: f64,
    ) -> Option<Self> {
        let mut ends: Option<(i32, i32, Grain)> = None;
        for period in periods {
            let (start, end) = (month(period.start), month(period.end));
            let (first, last, grain) = ends.unwrap_or((start, end, period.grain));
            ends = Some((first.min(start), last.max(end), grain));
        }
        let (first, last, grain) = ends?;
        Some(Self {
            first,
            months: last - first + 1,
            grain,
            left,
            width,
        })
    }

    /// The middle of a period.
    pub(super) fn middle(&self, period: &LabelledPeriod) -> f64 {
        let (from, to) = self.edges(period);
        f64::midpoint(from, to)
    }

    /// Where a period begins and ends.
    pub(super) fn edges(&self, period: &LabelledPeriod) -> (f64, f64) {
        (self.at(month(period.start)), self.at(month(period.end) + 1))
    }

    /// The periods that are named under the axis: as many as there is room for.
    pub(super) fn ticks(&self, size: f64, language: Language) -> Vec<(f64, String)> {
        let own = match self.grain {
            Grain::Month | Grain::Interval => 1,
            Grain::Quarter => 3,
            Grain::Year => 12,
        };
        let fitting = STEPS.iter().filter(|step| **step >= own).find(|step| {
            let room = self.width * f64::from(**step) / f64::from(self.months);
            room >= text::width(self.widest(**step, language), size) + size
        });
        let step = fitting.copied().unwrap_or(own.max(self.months));
        self.named(step, own, language)
    }

    fn widest(&self, step: i32, language: Language) -> &'static str {
        match (self.grain, step) {
            (Grain::Year, _) | (_, 12..) => "2024",
            (Grain::Quarter, _) => "T4 2024",
            _ => language.pick("sept. 2024", "Sep 2024"),
        }
    }

    /// Labels at the months that the step divides, and at the first one where none is.
    fn named(&self, step: i32, own: i32, language: Language) -> Vec<(f64, String)> {
        let range = self.first..self.first + self.months;
        let mut months: Vec<i32> = range.filter(|month| month.rem_euclid(step) == 0).collect();
        if months.is_empty() {
            months.push(self.first);
        }
        let named = |month: i32| {
            let place = f64::midpoint(self.at(month), self.at(month + own));
            let label = self.label(month, step, language)?;
            Some((place, label))
        };
        months.into_iter().filter_map(named).collect()
    }

    fn label(&self, month: i32, step: i32, language: Language) -> Option<String> {
        let day = first_day(month)?;
        let period = match (self.grain, step) {
            (Grain::Month | Grain::Quarter, 12..) if month.rem_euclid(12) == 0 => {
                Period::year_of(day)
            }
            (Grain::Year, _) => Period::year_of(day),
            (Grain::Quarter, _) => Period::quarter_of(day),
            _ => Period::month_of(day),
        };
        Some(period.short_label(language))
    }

    fn at(&self, month: i32) -> f64 {
        self.left + self.width * f64::from(month - self.first) / f64::from(self.months)
    }
}

/// Whether one period begins where the other ends.
pub(super) fn adjacent(before: &LabelledPeriod, after: &LabelledPeriod) -> bool {
    month(before.end) + 1 == month(after.start)
}

fn month(day: Date) -> i32 {
    i32::from(day.year()) * 12 + i32::from(day.month()) - 1
}

fn first_day(month: i32) -> Option<Date> {
    let year = i16::try_from(month.div_euclid(12)).ok()?;
    let of_year = i8::try_from(month.rem_euclid(12)).ok()?;
    Date::new(year, of_year + 1, 1).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn axis(first: Date, count: usize, grain: fn(Date) -> Period) -> Time {
        let periods: Vec<_> =
            std::iter::successors(Some(grain(first)), |period| Some(period.next()))
                .take(count)
                .map(|period| period.labelled(Language::French))
                .collect();
        Time::of(periods.iter(), 0.0, 700.0).unwrap()
    }

    fn labels(axis: &Time) -> Vec<String> {
        let ticks = axis.ticks(12.0, Language::French);
        ticks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn a_few_months_are_all_named() {
        let axis = axis(date(2024, 11, 1), 3, Period::month_of);
        assert_eq!(labels(&axis), ["nov. 2024", "déc. 2024", "janv. 2025"]);
    }

    #[test]
    fn many_months_are_named_by_their_years() {
        let axis = axis(date(2001, 5, 1), 300, Period::month_of);
        let labels = labels(&axis);
        assert_eq!(labels[..2], ["2002", "2004"]);
        assert!(labels.len() < 16, "{labels:?}");
    }

    #[test]
    fn years_and_quarters_are_named_as_such() {
        assert_eq!(
            labels(&axis(date(2022, 1, 1), 2, Period::year_of)),
            ["2022", "2023"]
        );
        assert_eq!(
            labels(&axis(date(2024, 4, 1), 2, Period::quarter_of)),
            ["T2 2024", "T3 2024"]
        );
    }

    #[test]
    fn labels_never_touch() {
        for count in [1, 2, 7, 13, 25, 60, 144, 300, 1200] {
            let ticks =
                axis(date(1999, 2, 1), count, Period::month_of).ticks(12.0, Language::French);
            assert!(!ticks.is_empty(), "{count}");
            for pair in ticks.windows(2) {
                let room = pair[1].0 - pair[0].0;
                assert!(room > text::width(&pair[0].1, 12.0), "{count}: {pair:?}");
            }
        }
    }
}
