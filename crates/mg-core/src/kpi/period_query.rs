//! Reads the dates that people and models write: `2024`, `03/2024`, `mars 2024`, `2024-T1`, `12 derniers mois`.

use std::str::FromStr;

use jiff::civil::Date;

use super::period::{Grain, Period, month_number};
use crate::nearest::excerpt;

/// What a date argument asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateQuery {
    /// The last covered period of the indicator's own grain.
    Latest,
    /// This period.
    Period(Period),
    /// This many months, back from the last covered one.
    LastMonths(u32),
}

/// A date that cannot be read; the sentence lists the accepted forms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot read `{}` as a date; write latest, 2024, 2024-03, 03/2024, mars 2024 (march 2024), \
     2024-T1 (2024-Q1), 2024-03-15 (its month), 2024-01/2024-10, or 12 derniers mois (last 12 months)",
    excerpt(.0)
)]
pub struct DateError(pub String);

impl FromStr for DateQuery {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let plain = deunicode::deunicode(text).to_lowercase();
        read(plain.trim()).ok_or_else(|| DateError(text.trim().to_owned()))
    }
}

fn read(text: &str) -> Option<DateQuery> {
    if matches!(text, "latest" | "last" | "dernier" | "derniere") {
        return Some(DateQuery::Latest);
    }
    if let Some(period) = single(text) {
        return Some(DateQuery::Period(period));
    }
    if let Some((first, last)) = text.split_once('/') {
        let (first, last) = (single(first.trim())?, single(last.trim())?);
        return (first.start <= last.end)
            .then(|| DateQuery::Period(Period::spanning(first.start, last.end)));
    }
    last_months(text).map(DateQuery::LastMonths)
}

/// One period, without an interval's slash.
fn single(text: &str) -> Option<Period> {
    if text.split('/').any(|part| part.trim().is_empty()) {
        return None;
    }
    let words: Vec<&str> = text
        .split([' ', '-', '/'])
        .filter(|word| !word.is_empty())
        .collect();
    match words[..] {
        [year_] => Some(Period::year_of(day(year(year_)?, 1, 1)?)),
        [first, second] => match (year(first), year(second)) {
            (Some(year), None) => part_of_year(year, second),
            (None, Some(year)) => part_of_year(year, first),
            _ => None,
        },
        [first, month, last] => {
            let (year, day_) = year(first)
                .map(|y| (y, last))
                .or(year(last).map(|y| (y, first)))?;
            let month = two_digits(month).or_else(|| month_number(month))?;
            day(year, month, two_digits(day_)?).map(Period::month_of)
        }
        _ => None,
    }
}

fn part_of_year(year: i16, word: &str) -> Option<Period> {
    if let Some(quarter) = word.strip_prefix(['t', 'q']) {
        let quarter = quarter
            .parse::<i8>()
            .ok()
            .filter(|number| (1..=4).contains(number))?;
        return day(year, 3 * quarter, 1).map(Period::quarter_of);
    }
    day(year, two_digits(word).or_else(|| month_number(word))?, 1).map(Period::month_of)
}

/// `12 derniers mois`, `les 6 derniers mois`, `12 mois glissants`, `last 12 months`.
fn last_months(text: &str) -> Option<u32> {
    let words: Vec<&str> = text
        .split_whitespace()
        .filter(|word| *word != "les")
        .collect();
    let ([count, "derniers", "mois"] | [count, "mois", "glissants"] | ["last", count, "months"]) =
        words[..]
    else {
        return None;
    };
    count
        .parse()
        .ok()
        .filter(|months| (1..=1200).contains(months))
}

fn year(word: &str) -> Option<i16> {
    let number = word.parse().ok()?;
    (word.len() == 4 && (1900..=2199).contains(&number)).then_some(number)
}

fn two_digits(word: &str) -> Option<i8> {
    (word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| word.parse().ok())?
}

fn day(year: i16, month: i8, day: i8) -> Option<Date> {
    Date::new(year, month, day).ok()
}

impl Period {
    /// The period as a date argument that reads back to it: `2024`, `2024-T1`, `2024-03`, `2024-01/2024-10`.
    #[must_use]
    pub fn query(self) -> String {
        let month = |day: Date| format!("{:04}-{:02}", day.year(), day.month());
        match self.grain {
            Grain::Year => self.start.year().to_string(),
            Grain::Quarter => format!(
                "{}-T{}",
                self.start.year(),
                (self.start.month() - 1) / 3 + 1
            ),
            Grain::Month => month(self.start),
            Grain::Interval => format!("{}/{}", month(self.start), month(self.end)),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn period(text: &str) -> Period {
        match text.parse() {
            Ok(DateQuery::Period(period)) => period,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn a_month_may_be_written_in_many_ways() {
        let march = Period::month_of(date(2024, 3, 1));
        for text in [
            "2024-03",
            "03/2024",
            "3/2024",
            "2024/03",
            "mars 2024",
            "MARS 2024",
            "march 2024",
            "Mar. 2024",
            "2024-03-15",
            "15/03/2024",
            "15 mars 2024",
            " mars  2024 ",
        ] {
            assert_eq!(period(text), march, "{text}");
        }
        assert_eq!(period("Février 2024"), Period::month_of(date(2024, 2, 1)));
        assert_eq!(period("août 2023"), Period::month_of(date(2023, 8, 1)));
    }

    #[test]
    fn a_quarter_may_be_french_or_english() {
        let first = Period::quarter_of(date(2024, 1, 1));
        for text in [
            "2024-T1", "2024-Q1", "T1 2024", "q1 2024", "t1-2024", "2024 T1",
        ] {
            assert_eq!(period(text), first, "{text}");
        }
    }

    #[test]
    fn an_interval_holds_both_ends_and_takes_the_name_of_what_it_is() {
        assert_eq!(period("2024-01/2024-10").month_count(), 10);
        assert_eq!(
            period("janvier 2024 / octobre 2024"),
            period("2024-01/2024-10")
        );
        assert_eq!(period("2024-01/2024-12"), period("2024"));
        assert_eq!(period("2020/2022").month_count(), 36);
        assert_eq!(period("2024-T1/2024-T2").month_count(), 6);
    }

    #[test]
    fn the_last_months_are_counted() {
        for text in [
            "12 derniers mois",
            "les 12 derniers mois",
            "last 12 months",
            "12 mois glissants",
        ] {
            assert_eq!(text.parse(), Ok(DateQuery::LastMonths(12)), "{text}");
        }
        assert_eq!("latest".parse(), Ok(DateQuery::Latest));
    }

    #[test]
    fn a_text_that_is_no_date_is_answered_with_the_accepted_forms() {
        for text in [
            "",
            "hier",
            "20224",
            "2024-13",
            "2024-T5",
            "2024-02-30",
            "2024-10/2024-01",
            "0 derniers mois",
            "24",
            "2024-03-15-01",
            "1850",
            "mars",
            "/",
            "2024/",
        ] {
            let error = text.parse::<DateQuery>().unwrap_err().to_string();
            assert!(
                error.contains("2024-T1") && error.contains("12 derniers mois"),
                "{text}: {error}"
            );
        }
    }
}
