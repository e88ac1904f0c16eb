//! Dates as pages and files write them: `12 mars 2026`, `1er avril`, `12/03/2026`, `2026-03-12T09:30:00+01:00`.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};
use mg_core::fold;

/// The clock of metropolitan France, which times without an offset follow.
const FRANCE: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

/// A day. `format` is `fr` (French alone) or one of strftime's; ISO and French without it.
pub(crate) fn date(text: &str, format: Option<&str>) -> Result<Date, String> {
    let text = text.trim();
    let found = match format {
        None => iso(text).or_else(|| french(text)),
        Some("fr") => french(text),
        // A year or a month is its first day.
        Some(format) => Date::strptime(format, text)
            .or_else(|_| Date::strptime(format!("%m-%d {format}"), format!("01-01 {text}")))
            .ok(),
    };
    found.ok_or_else(|| match format {
        None | Some("fr") => {
            format!("`{text}` is not a date; written are 2026-03-12, 12/03/2026 or 12 mars 2026")
        }
        Some(format) => format!("`{text}` is not a date written as `{format}`"),
    })
}

/// A month as `YYYY-MM`: `2026-03`, `202603`, `03/2026`, `mars 2026`, or a day in it.
pub(crate) fn month(text: &str, format: Option<&str>) -> Result<String, String> {
    let text = text.trim();
    let day = match format {
        Some(format) if format != "fr" => {
            // strptime wants a day, which a format of months lacks.
            Date::strptime(format, text)
                .or_else(|_| Date::strptime(format!("%d {format}"), format!("01 {text}")))
                .ok()
        }
        _ => bare_month(text).or_else(|| date(text, format).ok()),
    };
    day.map(|day| format!("{:04}-{:02}", day.year(), day.month()))
        .ok_or_else(|| {
            format!("`{text}` is not a month; written are 2026-03, 03/2026 or mars 2026")
        })
}

/// An instant in UTC. A time without an offset is French, a day alone begins at midnight.
pub(crate) fn timestamp(text: &str, format: Option<&str>) -> Result<String, String> {
    let text = text.trim();
    let found = match format {
        Some(format) if format != "fr" => Timestamp::strptime(format, text)
            .ok()
            .or_else(|| DateTime::strptime(format, text).ok().and_then(in_france)),
        _ => text
            .parse::<Timestamp>()
            .ok()
            .or_else(|| civil(text).and_then(in_france)),
    };
    found
        .map(|instant| instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
        .ok_or_else(|| {
            format!(
                "`{text}` is not a time; written are 2026-03-12T09:30:00+01:00 or 12/03/2026 09:30"
            )
        })
}

fn in_france(time: DateTime) -> Option<Timestamp> {
    let zone = TimeZone::posix(FRANCE).ok()?;
    time.to_zoned(zone).ok().map(|zoned| zoned.timestamp())
}

fn iso(text: &str) -> Option<Date> {
    // The day of a time is meant as it stands there.
    let day = text.get(..10).filter(|_| {
        text.get(10..)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['T', ' ']))
    })?;
    let hyphens = day
        .bytes()
        .enumerate()
        .all(|(place, byte)| (byte == b'-') == matches!(place, 4 | 7));
    if hyphens { day.parse().ok() } else { None }
}

/// The date in a French text: numbers by `/`, `.`, `-`, or a month's name with its day before and its year behind.
fn french(text: &str) -> Option<Date> {
    numeric(text).or_else(|| named(text))
}

fn numeric(text: &str) -> Option<Date> {
    let first = text.split_whitespace().next()?;
    let mut numbers = first.split(['/', '.', '-']);
    let (day, month, year) = (numbers.next()?, numbers.next()?, numbers.next()?);
    let short = |text: &str| (1..=2).contains(&text.len());
    if numbers.next().is_some() || !short(day) || !short(month) || !matches!(year.len(), 2 | 4) {
        return None;
    }
    Date::new(century(year)?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// A year in four digits, or in two: 69 and below are of this century.
fn century(text: &str) -> Option<i16> {
    let number: i16 = text.parse().ok()?;
    match text.len() {
        4 => Some(number),
        2 if number <= 69 => Some(2000 + number),
        2 => Some(1900 + number),
        _ => None,
    }
}

fn named(text: &str) -> Option<Date> {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').collect();
    let place = words.iter().position(|word| month_number(word).is_some())?;
    let month = month_number(words.get(place)?)?;
    let day = words.get(place.checked_sub(1)?)?;
    let day = day.strip_suffix("er").unwrap_or(day);
    let year = words.get(place + 1).filter(|year| year.len() == 4)?;
    Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()
}

fn month_number(word: &str) -> Option<i8> {
    Some(match word {
        "janvier" | "janv" | "jan" => 1,
        "fevrier" | "fevr" | "fev" => 2,
        "mars" | "mar" => 3,
        "avril" | "avr" => 4,
        "mai" => 5,
        "juin" => 6,
        "juillet" | "juil" => 7,
        "aout" => 8,
        "septembre" | "sept" | "sep" => 9,
        "octobre" | "oct" => 10,
        "novembre" | "nov" => 11,
        "decembre" | "dec" => 12,
        _ => return None,
    })
}

fn bare_month(text: &str) -> Option<Date> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (year, month) = match text.split_once(['-', '/', ' ']) {
        None if text.len() == 6 && digits(text) => text.split_at_checked(4)?,
        None => return None,
        Some((year, month)) if year.len() == 4 && digits(year) => (year, month),
        Some((month, year)) => (year, month),
    };
    let month =
        month_number(&fold(month)).or_else(|| month.parse().ok().filter(|_| digits(month)))?;
    Date::new(
        year.parse()
            .ok()
            .filter(|_| digits(year) && year.len() == 4)?,
        month,
        1,
    )
    .ok()
}

/// A day with its time of day: `12/03/2026 09:30`, `12 mars 2026 à 9h30`, `2026-03-12T09:30`.
fn civil(text: &str) -> Option<DateTime> {
    if let Ok(time) = text.parse::<DateTime>() {
        return Some(time);
    }
    let day = date(text, None).ok()?;
    Some(day.to_datetime(time_of_day(text).unwrap_or(Time::midnight())))
}

fn time_of_day(text: &str) -> Option<Time> {
    let lower = text.to_lowercase();
    let place = lower.char_indices().find(|(place, mark)| {
        let before = lower.get(..*place).unwrap_or_default().trim_end();
        matches!(mark, 'h' | ':') && before.ends_with(|letter: char| letter.is_ascii_digit())
    })?;
    let (before, behind) = lower.split_at_checked(place.0)?;
    let before = before.trim_end();
    let start = before
        .rfind(|letter: char| !letter.is_ascii_digit())
        .map_or(0, |place| place + 1);
    let hour: i8 = before.get(start..)?.parse().ok()?;
    let mut rest = behind
        .get(1..)?
        .trim_start()
        .split(|letter: char| !letter.is_ascii_digit());
    let minute: i8 = rest
        .next()
        .filter(|text| !text.is_empty())
        .map_or(Some(0), |text| text.parse().ok())?;
    let second: i8 = rest
        .next()
        .filter(|text| text.len() == 2)
        .map_or(Some(0), |text| text.parse().ok())?;
    Time::new(hour, minute, second, 0).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn french_and_iso_dates_are_read() {
        for text in [
            "2026-03-12",
            "2026-03-12T09:30:00Z",
            "12/03/2026",
            "12-03-2026",
            "12.03.2026",
            "12/3/26",
            "12 mars 2026",
            "Jeudi 12 mars 2026",
            "le 12 MARS 2026 à 14h30",
            "Publié le : 12 mars 2026",
            "12 mars 2026",
        ] {
            assert_eq!(
                date(text, None).unwrap(),
                Date::constant(2026, 3, 12),
                "{text}"
            );
        }
        for (text, month) in [
            ("1er avril 2026", 4),
            ("1er févr. 2026", 2),
            ("1er août 2026", 8),
            ("01 déc. 2026", 12),
            ("1 juil. 2026", 7),
        ] {
            assert_eq!(
                date(text, Some("fr")).unwrap(),
                Date::constant(2026, month, 1),
                "{text}"
            );
        }
    }

    #[test]
    fn a_format_reads_its_own_writing_alone() {
        assert_eq!(
            date("03/12/2026", Some("%m/%d/%Y")).unwrap(),
            Date::constant(2026, 3, 12)
        );
        assert!(
            date("2026-03-12", Some("%d/%m/%Y"))
                .unwrap_err()
                .contains("%d/%m/%Y")
        );
        assert_eq!(
            date("20260312", Some("%Y%m%d")).unwrap(),
            Date::constant(2026, 3, 12)
        );
        assert_eq!(
            date("2021", Some("%Y")).unwrap(),
            Date::constant(2021, 1, 1)
        );
        assert_eq!(
            date("03/2026", Some("%m/%Y")).unwrap(),
            Date::constant(2026, 3, 1)
        );
        assert!(date("12", Some("%Y-%m")).is_err());
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "31/02/2026",
            "32 mars 2026",
            "mars 2026",
            "12 mars",
            "2026",
            "demain",
            "12/03",
            "1/2/3/4",
            "99/99/9999",
        ] {
            assert!(date(text, None).is_err(), "{text}");
        }
    }

    #[test]
    fn months_are_read_in_every_writing() {
        for text in [
            "2026-03",
            "202603",
            "03/2026",
            "3/2026",
            "mars 2026",
            "Mars 2026",
            "2026/03",
            "12/03/2026",
        ] {
            assert_eq!(month(text, None).unwrap(), "2026-03", "{text}");
        }
        assert_eq!(month("03-2026", Some("%m-%Y")).unwrap(), "2026-03");
        assert!(month("2026-13", None).is_err() && month("2026", None).is_err());
    }

    #[test]
    fn times_become_utc_by_their_offset_or_by_the_french_clock() {
        for (text, utc) in [
            ("2026-03-12T09:30:00+01:00", "2026-03-12T08:30:00Z"),
            ("2026-07-01T12:00:00Z", "2026-07-01T12:00:00Z"),
            ("2026-01-15T12:00:00", "2026-01-15T11:00:00Z"),
            ("15/07/2026 14:05", "2026-07-15T12:05:00Z"),
            ("le 15 juillet 2026 à 14 h 05", "2026-07-15T12:05:00Z"),
            ("15 juillet 2026 à 9h", "2026-07-15T07:00:00Z"),
            ("2026-07-15", "2026-07-14T22:00:00Z"),
            ("15/07/2026 14:05:59", "2026-07-15T12:05:59Z"),
        ] {
            assert_eq!(timestamp(text, None).unwrap(), utc, "{text}");
        }
        assert!(timestamp("bientôt", None).is_err());
    }

    proptest! {
        #[test]
        fn every_day_is_read_in_its_three_writings(days in 0_i32..70_000) {
            let day = Date::constant(1900, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            prop_assert_eq!(date(&day.to_string(), None).unwrap(), day);
            prop_assert_eq!(date(&day.strftime("%d/%m/%Y").to_string(), None).unwrap(), day);
        }

        #[test]
        fn no_text_is_a_panic(text in "\\PC{0,40}") {
            drop((date(&text, None), month(&text, None), timestamp(&text, None), time_of_day(&text)));
        }
    }
}
