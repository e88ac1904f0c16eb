//! The French calendar as far as series of months, quarters and years feel it: working days.

use jiff::{ToSpan, civil::Date};

use crate::{refusal::Refusal, request::Start, school};

/// The steps of a series as dates.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Steps {
    first: Date,
    months: i64,
}

impl Steps {
    /// Steps from `start` on, `period` a year.
    ///
    /// # Errors
    /// [`Refusal::Period`] where a step is no whole number of months, [`Refusal::Start`] where there is no such month.
    pub(crate) fn new(start: Start, period: usize) -> Result<Self, Refusal> {
        let months = match period {
            1 => 12,
            2 => 6,
            3 => 4,
            4 => 3,
            6 => 2,
            12 => 1,
            _ => return Err(Refusal::Period { period }),
        };
        let month = i8::try_from(start.month).unwrap_or_default();
        let first = Date::new(start.year, month, 1).map_err(|_| Refusal::Start(start))?;
        Ok(Self { first, months })
    }

    /// The first day of a step; the end of the calendar beyond it.
    pub(crate) fn begin(self, step: usize) -> Date {
        let months = i64::try_from(step)
            .unwrap_or(i64::MAX)
            .saturating_mul(self.months);
        self.first.saturating_add(months.min(12 * 8_000).months())
    }

    /// Midnight of the first day, in seconds since 1970.
    pub(crate) fn seconds(self, step: usize) -> i64 {
        let epoch = Date::constant(1970, 1, 1);
        let days = (self.begin(step) - epoch).get_days();
        i64::from(days) * 86_400
    }

    /// Days of a step that are no weekend, no public holiday and no school holiday.
    pub(crate) fn ordinary_days(self, step: usize) -> usize {
        let ordinary = |day: &Day| day.is_weekday && !day.is_public && !day.is_school;
        self.each_day(step).filter(ordinary).count()
    }

    fn each_day(self, step: usize) -> impl Iterator<Item = Day> {
        let (begin, end) = (self.begin(step), self.begin(step + 1));
        let mut public = (begin.year(), public_holidays(begin.year()));
        let dates = begin.series(1.day()).take_while(move |date| *date < end);
        dates.map(move |date| {
            if date.year() != public.0 {
                public = (date.year(), public_holidays(date.year()));
            }
            Day {
                is_weekday: date.weekday().to_monday_zero_offset() < 5,
                is_public: public.1.contains(&date),
                is_school: school::is_holiday(date),
            }
        })
    }
}

/// What a day is.
struct Day {
    is_weekday: bool,
    is_public: bool,
    is_school: bool,
}

/// What the days of a month, quarter or year are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// All of them.
    pub all: u16,
    /// Weekdays that are no public holiday.
    pub working: u16,
    /// Public holidays on weekdays.
    pub public_holidays: u16,
    /// School holidays of zone C.
    pub school_holidays: u16,
}

/// The days of `count` steps from `start` on, `period` a year.
///
/// # Errors
/// [`Refusal::Period`] where a step is no whole number of months, [`Refusal::Start`] where there is no such month.
pub fn days(start: Start, period: usize, count: usize) -> Result<Vec<Days>, Refusal> {
    let steps = Steps::new(start, period)?;
    Ok((0..count).map(|step| steps.days(step)).collect())
}

impl Steps {
    fn days(self, step: usize) -> Days {
        let mut days = Days {
            all: 0,
            working: 0,
            public_holidays: 0,
            school_holidays: 0,
        };
        for day in self.each_day(step) {
            days.all += 1;
            days.working += u16::from(day.is_weekday && !day.is_public);
            days.public_holidays += u16::from(day.is_weekday && day.is_public);
            days.school_holidays += u16::from(day.is_school);
        }
        days
    }
}

/// The eleven public holidays of France: eight fixed, three that move with Easter.
pub(crate) fn public_holidays(year: i16) -> [Date; 11] {
    let fixed = |month, day| Date::constant(year, month, day);
    let moving = |days: i64| easter(year).saturating_add(days.days());
    [
        fixed(1, 1),
        moving(1),
        fixed(5, 1),
        fixed(5, 8),
        moving(39),
        moving(50),
        fixed(7, 14),
        fixed(8, 15),
        fixed(11, 1),
        fixed(11, 11),
        fixed(12, 25),
    ]
}

/// Easter Sunday of the Gregorian calendar (the algorithm of Meeus, Jones and Butcher).
fn easter(year: i16) -> Date {
    let year_number = i32::from(year);
    let golden = year_number % 19;
    let (century, rest) = (year_number / 100, year_number % 100);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let moon = (19 * golden + century - century / 4 - correction + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (rest / 4) - moon - rest % 4) % 7;
    let late = (golden + 11 * moon + 22 * weekday) / 451;
    let after = moon + weekday - 7 * late;
    Date::constant(year, 3, 22).saturating_add(after.days())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(year: i16, month: u8, period: usize) -> Steps {
        Steps::new(Start { year, month }, period).unwrap()
    }

    #[test]
    fn easter_is_where_the_church_puts_it() {
        for known in [
            "1818-03-22",
            "1943-04-25",
            "2000-04-23",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
        ] {
            let known: Date = known.parse().unwrap();
            assert_eq!(easter(known.year()), known);
        }
    }

    #[test]
    fn three_holidays_move_with_easter() {
        let days = public_holidays(2026);
        for moving in ["2026-04-06", "2026-05-14", "2026-05-25"] {
            assert!(days.contains(&moving.parse().unwrap()), "{moving}");
        }
        assert!(days.is_sorted());
    }

    #[test]
    fn steps_are_months_of_the_calendar() {
        assert_eq!(steps(1999, 12, 12).seconds(1), 946_684_800);
        assert_eq!(steps(2020, 1, 4).begin(5), Date::constant(2021, 4, 1));
        assert_eq!(steps(2020, 1, 1).begin(5), Date::constant(2025, 1, 1));
        assert!(
            Steps::new(
                Start {
                    year: 2020,
                    month: 13
                },
                12
            )
            .is_err()
        );
        assert!(
            Steps::new(
                Start {
                    year: 2020,
                    month: 1
                },
                5
            )
            .is_err()
        );
        assert_eq!(steps(2020, 1, 1).begin(usize::MAX).year(), 9999);
    }

    #[test]
    fn days_are_counted_by_what_they_are() {
        let start = Start {
            year: 2025,
            month: 5,
        };
        let found = days(start, 12, 4).unwrap();
        let may = Days {
            all: 31,
            working: 19,
            public_holidays: 3,
            school_holidays: 0,
        };
        assert_eq!((found[0], found[3].school_holidays), (may, 31));
        assert!(days(start, 5, 1).is_err());
    }

    #[test]
    fn ordinary_days_are_neither_weekend_nor_holiday() {
        // September 2025: 22 weekdays, no holiday. August: all of it school holidays.
        assert_eq!(steps(2025, 9, 12).ordinary_days(0), 22);
        assert_eq!(steps(2025, 8, 12).ordinary_days(0), 0);
        // May 2025: 22 weekdays less the 1st, the 8th and Ascension Day (29th).
        assert_eq!(steps(2025, 5, 12).ordinary_days(0), 19);
    }
}
