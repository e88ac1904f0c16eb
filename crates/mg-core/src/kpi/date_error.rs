//! What is wrong with a date that cannot be read.

use super::{
    period::{Period, month_number},
    period_query::{ends, numbered, two_digits, words, year, year_and_other},
};
use crate::nearest::excerpt;

/// A date that cannot be read; the sentence says why, where that can be told, and lists the accepted forms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot read `{}` as a date{}; write latest, 2024, 2024-03, 03/2024, mars 2024 (march 2024), \
     2024-T1 (2024-Q1), 2024-S1 (its half year), 2024-03-15 (its month), 2024-01/2024-10, depuis 2024-01 (since 2024-01), \
     or 12 derniers mois (last 12 months)",
    excerpt(.text), .reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default()
)]
pub struct DateError {
    /// What was given.
    pub text: String,
    /// What is wrong with it, and what may have been meant.
    pub reason: Option<String>,
}

/// What is wrong with a text that is no date.
pub(super) fn reason(text: &str) -> Option<String> {
    const RELATIVE: [&str; 10] = [
        "an dernier",
        "annee",
        "an passe",
        "mois dernier",
        "last year",
        "this year",
        "last month",
        "this month",
        "hier",
        "yesterday",
    ];
    if let Some((first, last)) = ends(text) {
        let meant = Period::spanning(last.start, first.end).query();
        return Some(format!("it ends before it begins; {meant} would be read"));
    }
    if RELATIVE.iter().any(|words| text.contains(words)) {
        return Some("which one that is depends on the day; name the year or the month".into());
    }
    if month_number(text).is_some() {
        return Some(format!("which year? e.g. {text} 2024"));
    }
    let sentence = match words(text)[..] {
        [first, second] => {
            let (_, part) = year_and_other(first, second)?;
            match (
                numbered(part, ['t', 'q']),
                numbered(part, ['s', 'h']),
                two_digits(part),
            ) {
                (Some(_), ..) => "a year has the quarters T1 to T4",
                (_, Some(_), _) => "a year has the halves S1 and S2",
                (.., Some(_)) => "a year has the months 01 to 12",
                _ => return None,
            }
        }
        [first, second, third] => {
            let parts = [first, second, third];
            let (years, days): (Vec<&str>, Vec<&str>) =
                parts.iter().partition(|part| year(part).is_some());
            let is_day = years.len() == 1 && days.iter().all(|part| two_digits(part).is_some());
            return is_day.then(|| "there is no such day".into());
        }
        [number] if number.len() == 4 && number.parse::<i16>().is_ok() => "years are 1900 to 2199",
        _ => return None,
    };
    Some(sentence.to_owned())
}
