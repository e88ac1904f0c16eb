//! School holidays of zone C, from a table of theirs.

use std::sync::LazyLock;

use jiff::{ToSpan, civil::Date};

/// First days and the days after the last, ascending.
static HOLIDAYS: LazyLock<Vec<(Date, Date)>> = LazyLock::new(|| {
    include_str!("school/zone_c.txt")
        .lines()
        .flat_map(year)
        .collect()
});

/// The calendar years that the table knows from their first day to their last.
const KNOWN: (i16, i16) = (1991, 2027);

/// Whether a day is within school holidays; in years that the table does not know, as on the same day of the
/// nearest year that it knows.
pub(crate) fn is_holiday(date: Date) -> bool {
    let year = date.year().clamp(KNOWN.0, KNOWN.1);
    let known = if year == date.year() {
        date
    } else {
        date.with().year(year).build().unwrap_or(date)
    };
    let next = HOLIDAYS.partition_point(|(begin, _)| *begin <= known);
    let latest = next.checked_sub(1).and_then(|index| HOLIDAYS.get(index));
    latest.is_some_and(|(_, end)| known < *end)
}

/// A line of the table: `1992 02-29+16 …`, or a comment.
fn year(line: &str) -> Vec<(Date, Date)> {
    let mut words = line.split(' ');
    let year = words.next().unwrap_or_default();
    words.filter_map(|word| run(year, word)).collect()
}

fn run(year: &str, word: &str) -> Option<(Date, Date)> {
    let (day, count) = word.split_once('+')?;
    let begin: Date = format!("{year}-{day}").parse().ok()?;
    let count: i64 = count.parse().ok()?;
    Some((begin, begin.saturating_add(count.days())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> bool {
        is_holiday(text.parse().unwrap())
    }

    #[test]
    fn the_whole_table_is_read() {
        assert_eq!(HOLIDAYS.len(), 196);
        assert!(HOLIDAYS.is_sorted());
    }

    #[test]
    fn holidays_begin_and_end_when_the_ministry_says() {
        // Autumn 2026: from Saturday 17 October, back at school on Monday 2 November.
        assert!(!on("2026-10-16") && on("2026-10-17") && on("2026-11-01") && !on("2026-11-02"));
        assert!(on("2027-01-02"), "Christmas goes over the turn of the year");
        assert!(on("2025-07-14") && !on("2025-06-14"));
    }

    #[test]
    fn unknown_years_are_like_the_nearest_known_one() {
        assert!(on("2035-08-01") && !on("2035-09-20") && on("1970-08-01"));
        assert!(!on("1960-02-29"), "a day that 1991 does not have");
    }
}
