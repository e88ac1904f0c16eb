//! Caveats of an answer: decided without language, told in French or English.

mod condensed;
mod english;
mod french;
mod revision;

use mg_core::{
    Language,
    kpi::{Bilingual, Number, Period, Polarity, RowsAre, ValidRange},
};
use rust_decimal::Decimal;

pub(crate) use condensed::{condensed, over_periods, runs};
pub(crate) use revision::Revision;

/// A caveat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// Nothing is published of the period; the last covered month, if any.
    Missing(Option<Period>),
    /// Nothing is published of the period: the data begin with this month.
    Before(Period),
    /// Nothing is published by this step, but by year: from the first to the last.
    ByYear(Period, Period),
    /// The growth cannot be told for want of these years.
    NoBase(Vec<Period>),
    /// The territory has no data of this indicator; the codes of those that have.
    NoData(String, Vec<String>),
    /// No territory has; how the data are loaded.
    NotLoaded(Option<String>),
    /// The value of an authority is not made from its communes, and none is published for it.
    NotReAggregated,
    /// The producer withholds the values of these territories.
    Withheld(Vec<String>),
    /// Part of the period is published: these months.
    CoveredOnly(Option<Period>),
    /// Parts of several periods are published.
    Incomplete,
    /// These territories lack data.
    Lacking(Vec<String>),
    /// Too few permits or sales, fewer than this.
    Secret(u32, RowsAre),
    /// Nothing to divide by.
    Undefined,
    /// The months that a value sums up, where they are not the period.
    Window(Period),
    /// The denominator and its reference year.
    ReferenceYear(Bilingual, i16),
    /// The denominator is not known.
    NoReference(Bilingual),
    /// Rows are counted from this month on: earlier ones are not loaded.
    Since(Period),
    /// The facts of a cohort are known up to this month.
    FollowedUntil(Period),
    /// For what percentage of the divisor the numerator was filled in.
    Informed(Decimal),
    /// The same of several periods or territories: from the least to the most.
    InformedBetween(Decimal, Decimal),
    /// Between which values the producer's estimate lies: lower, upper, digits.
    Margin(Decimal, Decimal, u32),
    /// How far from the middle the bounds of several estimates lie, in percent: from the least to the most.
    MarginBetween(Decimal, Decimal),
    /// The value is outside of what is plausible.
    Implausible(ValidRange),
    /// Another release had another value: release, value then, value now, digits.
    RevisedValue(String, Decimal, Decimal, u32),
    /// The plan: from when to when, what was authorised, what was to be by then.
    Plan(Period, Decimal, Decimal),
    /// No objective holds the period; these are known.
    NoObjective(Vec<Period>),
    /// Synthetic rows entered.
    Synthetic,
    /// What the definition says of its source.
    Caveat(Bilingual),
    /// What the loader remarked on a file: its data set and the remark.
    Remark(String, String),
    /// The value is the one kept from an earlier release.
    Stored(String),
    /// A series begins with this period, later than was asked for.
    Begins(Period),
    /// Nothing is published after this period.
    Ends(Period),
    /// So many of all periods are told, the newest; the last one left out.
    Newest(usize, usize, Period),
    /// Several reference years of a denominator, from first to last.
    ReferenceYears(Bilingual, i16, i16),
    /// What an objective's rows say who set it.
    Origin(String),
    /// So many periods have no value kept from a release.
    NotKept(usize, String),
    /// So many values differ between two releases, and the largest difference: period, before, after.
    Revised(Revision),
    /// The periods whose values are synthetic, where others are published.
    SyntheticIn(Vec<Period>),
    /// A caveat of these periods of a series only.
    In(Vec<Period>, Box<Note>),
    /// What the first rank means.
    Ranked(Polarity),
    /// The territories overlap, so that together they would be counted twice.
    Overlap,
    /// The indicator must not be aggregated over territories.
    NotAggregated,
    /// A total would reveal the one value that is withheld.
    TotalWithheld,
    /// So many observations, where so many are needed to tell the usual from the unusual.
    TooShort(usize, usize),
    /// The series cannot be told usual from unusual: too much is missing.
    NotJudged,
    /// What is unusual may be real.
    NotAnError,
}

impl Note {
    /// The caveat in words.
    pub(crate) fn told(&self, language: Language) -> String {
        match language {
            Language::French => self.in_french(),
            Language::English => self.in_english(),
        }
    }
}

/// The first few of many codes.
pub(crate) fn few(codes: &[String]) -> String {
    const SHOWN: usize = 8;
    let more = if codes.len() > SHOWN { ", …" } else { "" };
    codes[..codes.len().min(SHOWN)].join(", ") + more
}

/// The first few of many runs of periods.
fn listed(periods: &[Period], language: Language) -> String {
    const SHOWN: usize = 6;
    let labels = periods.iter().take(SHOWN);
    let labels: Vec<_> = labels.map(|period| period.label(language)).collect();
    let more = if periods.len() > SHOWN { ", …" } else { "" };
    labels.join(", ") + more
}

fn bounds(range: ValidRange, language: Language) -> String {
    let told =
        |bound: Option<Number>| bound.map_or_else(|| "…".into(), |value| value.told(language));
    format!("{} – {}", told(range.min), told(range.max))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn missing_is_never_told_as_zero() {
        let last = Some(Period::month_of(date(2023, 12, 1)));
        assert_eq!(
            Note::Missing(last).told(Language::French),
            "donnée manquante (non publiée), pas zéro ; dernier mois couvert : décembre 2023"
        );
        assert!(
            Note::Missing(None)
                .told(Language::English)
                .contains("not zero")
        );
    }

    #[test]
    fn what_is_covered_and_who_lacks_is_named() {
        let months = Period::spanning(date(2026, 1, 1), date(2026, 10, 1));
        assert!(
            Note::CoveredOnly(Some(months))
                .told(Language::French)
                .ends_with("janv.–oct. 2026")
        );
        assert!(
            Note::CoveredOnly(None)
                .told(Language::English)
                .ends_with("no whole month")
        );
        let lacking = Note::Lacking(vec!["Lagny-sur-Marne".into(), "Montévrain".into()]);
        assert_eq!(
            lacking.told(Language::French),
            "données manquantes pour : Lagny-sur-Marne, Montévrain"
        );
    }

    #[test]
    fn a_plan_tells_both_of_its_numbers() {
        let months = Period::spanning(date(2020, 1, 1), date(2022, 12, 1));
        let told = Note::Plan(months, 3982.into(), 3750.into()).told(Language::French);
        assert_eq!(
            told,
            "3\u{202f}982 autorisés pour un objectif au prorata de 3\u{202f}750 (2020–2022)"
        );
    }
}
