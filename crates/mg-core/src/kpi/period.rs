//! Periods: whole months, quarters, years, and intervals of months.

use jiff::{Span, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Language;

const MONTHS_FR: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const SHORT_FR: [&str; 12] = [
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
    "déc.",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const SHORT_EN: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The step of a period.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Grain {
    /// A calendar month.
    Month,
    /// A calendar quarter.
    Quarter,
    /// A calendar year.
    Year,
    /// Any other run of whole months.
    Interval,
}

impl Grain {
    /// The grain as files, answers and tables write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
            Self::Interval => "interval",
        }
    }
}

/// A run of whole months, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    /// The first day of the first month.
    pub start: Date,
    /// The last day of the last month.
    pub end: Date,
    /// What the run is.
    pub grain: Grain,
}

/// A period with its name, as answers carry it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LabelledPeriod {
    /// Its name for people: `2022`, `mars 2024`, `T1 2024`, `janv.–oct. 2024`
    pub label: String,
    /// First day, ISO 8601
    #[schemars(with = "String")]
    pub start: Date,
    /// Last day, ISO 8601
    #[schemars(with = "String")]
    pub end: Date,
    /// month, quarter, year or interval
    pub grain: Grain,
}

impl Period {
    /// The month that holds a day.
    #[must_use]
    pub fn month_of(day: Date) -> Self {
        Self {
            start: day.first_of_month(),
            end: day.last_of_month(),
            grain: Grain::Month,
        }
    }

    /// The quarter that holds a day.
    #[must_use]
    pub fn quarter_of(day: Date) -> Self {
        let start = add_months(day.first_of_month(), -i64::from((day.month() - 1) % 3));
        Self {
            start,
            end: add_months(start, 2).last_of_month(),
            grain: Grain::Quarter,
        }
    }

    /// The year that holds a day.
    #[must_use]
    pub fn year_of(day: Date) -> Self {
        Self {
            start: day.first_of_year(),
            end: day.last_of_year(),
            grain: Grain::Year,
        }
    }

    /// The period of a grain that holds a day; of an interval, its month.
    #[must_use]
    pub fn holding(day: Date, grain: Grain) -> Self {
        match grain {
            Grain::Year => Self::year_of(day),
            Grain::Quarter => Self::quarter_of(day),
            Grain::Month | Grain::Interval => Self::month_of(day),
        }
    }

    /// The periods of the same length from this one to the one that ends with or after another; none when that is
    /// earlier.
    pub fn until(self, last: Self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self), |period| Some(period.next()))
            .take_while(move |period| period.start <= last.end)
    }

    /// The run of months from one day's month to another's, named a month, quarter or year where it is one.
    #[must_use]
    pub fn spanning(first: Date, last: Date) -> Self {
        let (start, end) = (first.first_of_month(), last.max(first).last_of_month());
        [
            Self::month_of(start),
            Self::quarter_of(start),
            Self::year_of(start),
        ]
        .into_iter()
        .find(|whole| whole.start == start && whole.end == end)
        .unwrap_or(Self {
            start,
            end,
            grain: Grain::Interval,
        })
    }

    /// The last `count` months that end with this period, at least one.
    #[must_use]
    pub fn last_months(self, count: u32) -> Self {
        Self::spanning(
            add_months(self.end.first_of_month(), 1 - i64::from(count.max(1))),
            self.end,
        )
    }

    /// How many months it has.
    #[must_use]
    pub fn month_count(self) -> u32 {
        u32::try_from(month_index(self.end) - month_index(self.start) + 1).unwrap_or(0)
    }

    /// Its months, in order.
    pub fn months(self) -> impl Iterator<Item = Self> {
        (0..i64::from(self.month_count()))
            .map(move |step| Self::month_of(add_months(self.start, step)))
    }

    /// The period of the same length right after it.
    #[must_use]
    pub fn next(self) -> Self {
        self.shifted(i64::from(self.month_count()))
    }

    /// The period of the same length right before it.
    #[must_use]
    pub fn previous(self) -> Self {
        self.shifted(-i64::from(self.month_count()))
    }

    /// The same months one year earlier.
    #[must_use]
    pub fn year_ago(self) -> Self {
        self.shifted(-12)
    }

    /// Whether it is made of whole calendar years.
    #[must_use]
    pub fn is_whole_years(self) -> bool {
        self.start == self.start.first_of_year() && self.end == self.end.last_of_year()
    }

    /// Whether it holds every day of another.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The months from its last month to the month of a later day; negative when that day is earlier.
    #[must_use]
    pub fn months_until(self, day: Date) -> i64 {
        month_index(day) - month_index(self.end)
    }

    /// Its name for people.
    #[must_use]
    pub fn label(self, language: Language) -> String {
        let (names, short, quarter) = match language {
            Language::French => (MONTHS_FR, SHORT_FR, 'T'),
            Language::English => (MONTHS_EN, SHORT_EN, 'Q'),
        };
        let name = |names: [&'static str; 12], day: Date| {
            names.get(month_of_year(day)).copied().unwrap_or_default()
        };
        let (first, last) = (self.start.year(), self.end.year());
        match self.grain {
            Grain::Year => first.to_string(),
            Grain::Quarter => format!("{quarter}{} {first}", month_of_year(self.start) / 3 + 1),
            Grain::Month => format!("{} {first}", name(names, self.start)),
            Grain::Interval if self.is_whole_years() => format!("{first}–{last}"),
            Grain::Interval if first == last => format!(
                "{}–{} {first}",
                name(short, self.start),
                name(short, self.end)
            ),
            Grain::Interval => format!(
                "{} {first}–{} {last}",
                name(short, self.start),
                name(short, self.end)
            ),
        }
    }

    /// Its name where room is scarce: months abbreviated, all else as [`Self::label`].
    #[must_use]
    pub fn short_label(self, language: Language) -> String {
        let names = language.pick(SHORT_FR, SHORT_EN);
        match (self.grain, names.get(month_of_year(self.start))) {
            (Grain::Month, Some(name)) => format!("{name} {}", self.start.year()),
            _ => self.label(language),
        }
    }

    /// The period with its name.
    #[must_use]
    pub fn labelled(self, language: Language) -> LabelledPeriod {
        LabelledPeriod {
            label: self.label(language),
            start: self.start,
            end: self.end,
            grain: self.grain,
        }
    }

    fn shifted(self, months: i64) -> Self {
        Self {
            start: add_months(self.start, months),
            end: add_months(self.end.first_of_month(), months).last_of_month(),
            grain: self.grain,
        }
    }
}

fn add_months(first_of_month: Date, months: i64) -> Date {
    // Saturates at the ends of the calendar, years -9999 and 9999.
    first_of_month.saturating_add(Span::new().months(months))
}

fn month_index(day: Date) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month()) - 1
}

fn month_of_year(day: Date) -> usize {
    usize::try_from(day.month() - 1).unwrap_or(0)
}

/// The number, 1 to 12, of a month written in French or English, whole or abbreviated, without accents and in lower case.
pub(super) fn month_number(word: &str) -> Option<i8> {
    let word = word.trim_end_matches('.');
    let written = |names: &[&str; 12]| {
        names.iter().position(|name| {
            let plain = deunicode::deunicode(name).to_lowercase();
            word.len() >= 3
                && (plain == word || (word.len() < plain.len() && plain.starts_with(word)))
        })
    };
    // "jui" fits two French months: four letters are needed there.
    let position = if word == "jui" {
        None
    } else {
        written(&MONTHS_FR).or_else(|| written(&MONTHS_EN))
    };
    position.and_then(|index| i8::try_from(index + 1).ok())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_run_of_months_is_named_by_what_it_is() {
        assert_eq!(
            Period::spanning(date(2024, 1, 1), date(2024, 12, 1)).grain,
            Grain::Year
        );
        assert_eq!(
            Period::spanning(date(2024, 4, 9), date(2024, 6, 2)).grain,
            Grain::Quarter
        );
        assert_eq!(
            Period::spanning(date(2024, 3, 15), date(2024, 3, 15)).grain,
            Grain::Month
        );
        assert_eq!(
            Period::spanning(date(2024, 2, 1), date(2024, 4, 1)).grain,
            Grain::Interval
        );
    }

    #[test]
    fn labels_follow_the_language() {
        let interval = Period::spanning(date(2024, 1, 1), date(2024, 10, 31));
        let across = Period::month_of(date(2024, 10, 1)).last_months(12);
        assert_eq!(
            Period::year_of(date(2022, 5, 1)).label(Language::French),
            "2022"
        );
        assert_eq!(
            Period::month_of(date(2024, 3, 15)).label(Language::French),
            "mars 2024"
        );
        assert_eq!(
            Period::month_of(date(2024, 3, 15)).label(Language::English),
            "March 2024"
        );
        assert_eq!(
            Period::quarter_of(date(2024, 3, 15)).label(Language::French),
            "T1 2024"
        );
        assert_eq!(
            Period::quarter_of(date(2024, 12, 15)).label(Language::English),
            "Q4 2024"
        );
        assert_eq!(
            Period::month_of(date(2024, 2, 15)).short_label(Language::French),
            "févr. 2024"
        );
        assert_eq!(interval.label(Language::French), "janv.–oct. 2024");
        assert_eq!(across.label(Language::French), "nov. 2023–oct. 2024");
        assert_eq!(across.label(Language::English), "Nov 2023–Oct 2024");
    }

    #[test]
    fn neighbours_have_the_same_length() {
        let february = Period::month_of(date(2024, 2, 10));
        assert_eq!(february.previous(), Period::month_of(date(2024, 1, 1)));
        assert_eq!(february.next(), Period::month_of(date(2024, 3, 1)));
        assert_eq!(february.year_ago().end, date(2023, 2, 28));
        let quarter = Period::quarter_of(date(2024, 1, 1));
        assert_eq!(quarter.previous(), Period::quarter_of(date(2023, 12, 1)));
        let year = Period::year_of(date(2024, 1, 1));
        assert_eq!(
            (year.previous(), year.year_ago()),
            (Period::year_of(date(2023, 1, 1)), year.previous())
        );
    }

    #[test]
    fn periods_of_a_grain_follow_one_another_until_the_last() {
        let march = date(2024, 3, 15);
        for (grain, count) in [(Grain::Month, 10), (Grain::Quarter, 4), (Grain::Year, 1)] {
            let first = Period::holding(march, grain);
            let last = Period::holding(date(2024, 12, 1), grain);
            let all: Vec<_> = first.until(last).collect();
            assert_eq!((all.len(), all.last()), (count, Some(&last)));
            assert_eq!(last.next().until(first).count(), 0);
        }
    }

    #[test]
    fn a_year_has_twelve_months() {
        let months: Vec<_> = Period::year_of(date(2024, 7, 1)).months().collect();
        assert_eq!(months.len(), 12);
        assert_eq!(months.first().map(|m| m.start), Some(date(2024, 1, 1)));
        assert_eq!(months.last().map(|m| m.end), Some(date(2024, 12, 31)));
    }

    #[test]
    fn months_until_counts_from_the_last_month() {
        assert_eq!(
            Period::year_of(date(2023, 1, 1)).months_until(date(2026, 3, 1)),
            27
        );
        assert_eq!(
            Period::month_of(date(2026, 10, 1)).months_until(date(2026, 10, 1)),
            0
        );
    }

    #[test]
    fn month_names_are_read_in_both_languages() {
        assert_eq!(month_number("mars"), Some(3));
        assert_eq!(month_number("fevr."), Some(2));
        assert_eq!(month_number("aout"), Some(8));
        assert_eq!(month_number("dec"), Some(12));
        assert_eq!(month_number("july"), Some(7));
        assert_eq!(month_number("juil"), Some(7));
        assert_eq!(month_number("jui"), None);
        assert_eq!(month_number("ma"), None);
    }
}
