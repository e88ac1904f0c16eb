//! Dates as arguments: what is written reads back.

use mg_core::{
    Language,
    kpi::{DateQuery, Period},
};
use proptest::prelude::*;

fn day(year: i16, month: i8) -> jiff::civil::Date {
    jiff::civil::Date::new(year, month, 1).unwrap()
}

fn read(text: &str) -> Option<Period> {
    match text.parse() {
        Ok(DateQuery::Period(period)) => Some(period),
        _ => None,
    }
}

proptest! {
    #[test]
    fn every_period_reads_back_from_its_query(year in 1900i16..2190, month in 1i8..=12, months in 1u32..100) {
        let last = Period::month_of(day(year, month));
        for period in [last, Period::quarter_of(last.start), Period::year_of(last.start), last.last_months(months.min(12))] {
            if period.start.year() >= 1900 {
                prop_assert_eq!(read(&period.query()), Some(period));
            }
        }
    }

    #[test]
    fn months_quarters_and_years_read_back_from_their_names(year in 1900i16..2190, month in 1i8..=12) {
        let start = day(year, month);
        for period in [Period::month_of(start), Period::quarter_of(start), Period::year_of(start)] {
            for language in [Language::French, Language::English] {
                prop_assert_eq!(read(&period.label(language)), Some(period));
            }
        }
    }

    #[test]
    fn the_next_of_the_previous_is_the_period_itself(year in 1900i16..2190, month in 1i8..=12, months in 1u32..60) {
        let period = Period::month_of(day(year, month)).last_months(months);
        prop_assert_eq!(period.previous().next(), period);
        prop_assert_eq!(period.previous().month_count(), period.month_count());
        prop_assert_eq!(period.months().count(), period.month_count() as usize);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,40}") {
        let _ = text.parse::<DateQuery>();
    }
}
