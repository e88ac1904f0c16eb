//! Reads the dates that people and models write: `2024`, `03/2024`, `mars 2024`, `2024-T1`, `12 derniers mois`.

use std::str::FromStr;

use jiff::civil::Date;

use super::{
    date_error::{DateError, reason},
    period::{Grain, Period, month_number},
};

/// What a date argument asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateQuery {
    /// The last covered period of the indicator's own grain.
    Latest,
    /// This period.
    Period(Period),
    /// This many months, back from the last covered one.
    LastMonths(u32),
    /// From this day on, up to the last covered one.
    Since(Date),
}

impl FromStr for DateQuery {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let plain = deunicode::deunicode(text).to_lowercase();
        let plain = plain.trim();
        read(plain).ok_or_else(|| DateError {
            text: text.trim().to_owned(),
            reason: reason(plain),
        })
    }
}

fn read(text: &str) -> Option<DateQuery> {
    if matches!(text, "latest" | "last" | "dernier" | "derniere") {
        return Some(DateQuery::Latest);
    }
    if let Some(period) = single(text) {
        return Some(DateQuery::Period(period));
    }
    if let Some((first, last)) = ends(text) {
        return (first.start <= last.end)
            .then(|| DateQuery::Period(Period::spanning(first.start, last.end)));
    }
    if let Some(first) = since(text) {
        return Some(DateQuery::Since(first.start));
    }
    last_months(text).map(DateQuery::LastMonths)
}

/// Both periods of an interval: `2024-01/2024-10`, `2022-2024`, `de mars 2023 à mai 2024`, `between 2022 and 2024`.
pub(super) fn ends(text: &str) -> Option<(Period, Period)> {
    const FROM: [&str; 6] = ["de ", "du ", "d'", "from ", "entre ", "between "];
    const TO: [&str; 9] = [
        "/", "..", " a ", " au ", " to ", " et ", " and ", " - ", "-",
    ];
    let text = after(text, &FROM).unwrap_or(text);
    TO.iter().find_map(|between| {
        let (first, last) = text.split_once(between)?;
        Some((single(first.trim())?, single(last.trim())?))
    })
}

/// `depuis janvier 2024`, `since 2024`.
fn since(text: &str) -> Option<Period> {
    const SINCE: [&str; 5] = ["depuis ", "a partir de ", "a partir du ", "since ", "from "];
    single(after(text, &SINCE)?)
}

fn after<'a>(text: &'a str, words: &[&str]) -> Option<&'a str> {
    words.iter().find_map(|word| text.strip_prefix(word))
}

/// One period, without an interval's slash.
fn single(text: &str) -> Option<Period> {
    if text.split('/').any(|part| part.trim().is_empty()) {
        return None;
    }
    match words(text)[..] {
        [word] => match year(word) {
            Some(year) => Some(Period::year_of(day(year, 1, 1)?)),
            None => glued(word),
        },
        [first, second] => {
            let (year, part) = year_and_other(first, second)?;
            part_of_year(year, part)
        }
        [first, second, third] => {
            spelled([first, second, third]).or_else(|| dated(first, second, third))
        }
        _ => None,
    }
}

pub(super) fn words(text: &str) -> Vec<&str> {
    let words = text.split([' ', '-', '/']);
    words.filter(|word| !word.is_empty()).collect()
}

pub(super) fn year_and_other<'a>(first: &'a str, second: &'a str) -> Option<(i16, &'a str)> {
    match (year(first), year(second)) {
        (Some(year), None) => Some((year, second)),
        (None, Some(year)) => Some((year, first)),
        _ => None,
    }
}

/// `2024t3`, `2024q3`, `2024s1`.
fn glued(word: &str) -> Option<Period> {
    let (first, part) = word.split_at_checked(4)?;
    let part = Some(part).filter(|part| part.starts_with(['t', 'q', 's', 'h']))?;
    part_of_year(year(first)?, part)
}

/// `3e trimestre 2024`, `first quarter 2024`, `1er semestre 2024`.
fn spelled(words: [&str; 3]) -> Option<Period> {
    let year = words.iter().find_map(|word| year(word))?;
    let unit = words.iter().find_map(|word| match *word {
        "trimestre" | "quarter" => Some('t'),
        "semestre" | "half" => Some('s'),
        _ => None,
    })?;
    let number = words.iter().find_map(|word| ordinal(word))?;
    part_of_year(year, &format!("{unit}{number}"))
}

fn ordinal(word: &str) -> Option<char> {
    let suffix = word.trim_start_matches(|letter: char| letter.is_ascii_digit());
    match (word, suffix) {
        ("premier" | "first", _) => Some('1'),
        ("deuxieme" | "second", _) => Some('2'),
        ("troisieme" | "third", _) => Some('3'),
        ("quatrieme" | "fourth", _) => Some('4'),
        (_, "" | "e" | "er" | "eme" | "st" | "nd" | "rd" | "th") => {
            let mut digits = word.strip_suffix(suffix)?.chars();
            digits.next().filter(|_| digits.next().is_none())
        }
        _ => None,
    }
}

/// A day, which stands for its month.
fn dated(first: &str, month: &str, last: &str) -> Option<Period> {
    let (year, day_) = year(first)
        .map(|year| (year, last))
        .or(year(last).map(|year| (year, first)))?;
    let month = two_digits(month).or_else(|| month_number(month))?;
    day(year, month, two_digits(day_)?).map(Period::month_of)
}

/// A month, a quarter, or a half year, which is an interval.
fn part_of_year(year: i16, word: &str) -> Option<Period> {
    if let Some(quarter) = numbered(word, ['t', 'q']) {
        let quarter = Some(quarter).filter(|number| (1..=4).contains(number))?;
        return day(year, 3 * quarter, 1).map(Period::quarter_of);
    }
    if let Some(half) = numbered(word, ['s', 'h']) {
        let half = Some(half).filter(|number| (1..=2).contains(number))?;
        let (first, last) = (day(year, 6 * half - 5, 1)?, day(year, 6 * half, 1)?);
        return Some(Period::spanning(first, last));
    }
    day(year, two_digits(word).or_else(|| month_number(word))?, 1).map(Period::month_of)
}

/// The number behind one of these letters.
pub(super) fn numbered(word: &str, letters: [char; 2]) -> Option<i8> {
    two_digits(word.strip_prefix(letters)?)
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

pub(super) fn year(word: &str) -> Option<i16> {
    let number = word.parse().ok()?;
    (word.len() == 4 && (1900..=2199).contains(&number)).then_some(number)
}

pub(super) fn two_digits(word: &str) -> Option<i8> {
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
    fn a_quarter_may_be_spelled_out_or_written_in_one_word() {
        let third = Period::quarter_of(date(2024, 7, 1));
        for text in [
            "3e trimestre 2024",
            "3ème trimestre 2024",
            "troisième trimestre 2024",
            "Trimestre 3 2024",
            "2024Q3",
            "2024t3",
            "3rd quarter 2024",
            "third quarter 2024",
            "Q3/2024",
        ] {
            assert_eq!(period(text), third, "{text}");
        }
        assert_eq!(period("1er trimestre 2024"), period("2024-T1"));
        assert_eq!(period("septembre 2024"), period("2024-09"));
    }

    #[test]
    fn a_half_year_is_an_interval() {
        for text in [
            "S1 2024",
            "2024-S1",
            "2024H1",
            "1er semestre 2024",
            "first half 2024",
        ] {
            assert_eq!(period(text), period("2024-01/2024-06"), "{text}");
        }
        assert_eq!(period("2024-S2"), period("2024-07/2024-12"));
    }

    #[test]
    fn an_interval_may_be_told_in_words() {
        for text in [
            "2022-2024",
            "2022 - 2024",
            "2022–2024",
            "de 2022 à 2024",
            "from 2022 to 2024",
            "entre 2022 et 2024",
            "between 2022 and 2024",
            "2022..2024",
            "2022 au 2024",
            "janvier 2022 à décembre 2024",
        ] {
            assert_eq!(period(text), period("2022/2024"), "{text}");
        }
    }

    #[test]
    fn what_began_is_told_up_to_what_is_covered() {
        for text in [
            "depuis janvier 2024",
            "since 2024",
            "à partir de 2024-01",
            "from january 2024",
        ] {
            assert_eq!(
                text.parse(),
                Ok(DateQuery::Since(date(2024, 1, 1))),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_wrong_with_a_date_is_said() {
        for (text, part) in [
            ("2024-13", "months 01 to 12"),
            ("2024-T5", "quarters T1 to T4"),
            ("S3 2024", "halves S1 and S2"),
            ("2024-02-30", "no such day"),
            ("2024-10/2024-01", "2024-01/2024-10 would be read"),
            ("2024-2022", "2022-01/2024-12 would be read"),
            ("l'an dernier", "depends on the day"),
            ("last year", "depends on the day"),
            ("mars", "which year? e.g. mars 2024"),
            ("1850", "1900 to 2199"),
        ] {
            let error = text.parse::<DateQuery>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
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
