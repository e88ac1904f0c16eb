//! The calendar 2011 to 2030 with France's public holidays and working days.

use jiff::civil::{Date, Weekday, date};
use jiff::{Span, ToSpan};

use super::TableRows;

const FIRST_DAY: Date = Date::constant(2011, 1, 1);
const LAST_DAY: Date = Date::constant(2030, 12, 31);

/// `dim_date`: a row a day; `jour_semaine` is 1 (Monday) to 7, `est_ouvre` means Monday to Friday and no holiday.
pub(super) fn dates() -> TableRows {
    let days = FIRST_DAY
        .series(Span::new().days(1))
        .take_while(|day| *day <= LAST_DAY);
    let mut holidays = holidays(FIRST_DAY.year());
    let rows = days.map(|day| {
        if day.day_of_year() == 1 {
            holidays = self::holidays(day.year());
        }
        let holiday = holidays
            .iter()
            .find(|(date, _)| *date == day)
            .map(|(_, name)| *name);
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        vec![
            day.to_string().into(),
            day.year().into(),
            ((day.month() + 2) / 3).into(),
            day.month().into(),
            month_of(day).into(),
            day.day().into(),
            day.weekday().to_monday_one_offset().into(),
            holiday.is_some().into(),
            holiday.into(),
            (holiday.is_none() && !weekend).into(),
        ]
    });
    TableRows {
        table: "dim_date",
        columns: &[
            "date_id",
            "annee",
            "trimestre",
            "mois",
            "mois_iso",
            "jour",
            "jour_semaine",
            "est_ferie",
            "nom_ferie",
            "est_ouvre",
        ],
        rows: rows.collect(),
    }
}

/// The month of a day as `YYYY-MM`.
pub(super) fn month_of(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}

/// The eleven public holidays of France outside Alsace and Moselle (Code du travail, L3133-1).
fn holidays(year: i16) -> [(Date, &'static str); 11] {
    let easter = easter_sunday(year);
    let after_easter = |days: i32| easter.saturating_add(days.days());
    [
        (date(year, 1, 1), "Jour de l'an"),
        (after_easter(1), "Lundi de Pâques"),
        (date(year, 5, 1), "Fête du Travail"),
        (date(year, 5, 8), "Victoire 1945"),
        (after_easter(39), "Ascension"),
        (after_easter(50), "Lundi de Pentecôte"),
        (date(year, 7, 14), "Fête nationale"),
        (date(year, 8, 15), "Assomption"),
        (date(year, 11, 1), "Toussaint"),
        (date(year, 11, 11), "Armistice 1918"),
        (date(year, 12, 25), "Noël"),
    ]
}

/// Easter Sunday of the Gregorian calendar (Meeus, *Astronomical Algorithms*, chapter 8).
fn easter_sunday(year: i16) -> Date {
    let march_22 = date(year, 3, 22);
    let year = i32::from(year);
    let (golden, century, in_century) = (year % 19, year / 100, year % 100);
    let moon_correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - moon_correction + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (in_century / 4) - epact - in_century % 4) % 7;
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    march_22.saturating_add((epact + weekday - 7 * late).days())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::value::Value;

    #[test]
    fn easter_falls_on_the_known_days() {
        let known = [
            (1954, 4, 18),
            (1981, 4, 19),
            (2000, 4, 23),
            (2008, 3, 23),
            (2011, 4, 24),
            (2016, 3, 27),
            (2019, 4, 21),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2030, 4, 21),
            (2038, 4, 25),
        ];
        for (year, month, day) in known {
            assert_eq!(easter_sunday(year), date(year, month, day));
        }
    }

    proptest! {
        #[test]
        fn easter_is_a_sunday_between_22_march_and_25_april(year in 1583_i16..=4099) {
            let easter = easter_sunday(year);
            prop_assert_eq!(easter.weekday(), Weekday::Sunday);
            prop_assert!(date(year, 3, 22) <= easter && easter <= date(year, 4, 25));
        }
    }

    #[test]
    fn the_calendar_has_every_day_of_twenty_years_once() {
        let rows = dates().rows;
        assert_eq!(rows.len(), 20 * 365 + 5);
        assert_eq!(rows[0][0], Value::from("2011-01-01"));
        assert_eq!(rows[rows.len() - 1][0], Value::from("2030-12-31"));
        assert!(
            rows.windows(2)
                .all(|pair| format!("{:?}", pair[0][0]) < format!("{:?}", pair[1][0]))
        );
    }

    #[test]
    fn whit_monday_2024_is_a_holiday_and_the_day_after_a_working_day() {
        let rows = dates().rows;
        let of = |day: &str| {
            rows.iter()
                .find(|row| row[0] == Value::from(day))
                .cloned()
                .unwrap()
        };
        let monday = of("2024-05-20");
        assert_eq!(
            monday[1..],
            [2024, 2, 5]
                .map(Value::from)
                .into_iter()
                .chain([
                    "2024-05".into(),
                    20.into(),
                    1.into(),
                    1.into(),
                    "Lundi de Pentecôte".into(),
                    0.into()
                ])
                .collect::<Vec<_>>()[..]
        );
        let tuesday = of("2024-05-21");
        assert_eq!(tuesday[7..], [0.into(), Value::Null, 1.into()]);
        let saturday = of("2024-05-25");
        assert_eq!(saturday[7..], [0.into(), Value::Null, 0.into()]);
    }

    #[test]
    fn every_year_has_eleven_holidays() {
        let rows = dates().rows;
        for year in 2011_i64..=2030 {
            let holidays = rows
                .iter()
                .filter(|row| row[1] == year.into() && row[7] == 1.into())
                .count();
            assert_eq!(holidays, 11, "{year}");
        }
    }
}
