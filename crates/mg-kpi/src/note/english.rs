//! The caveats in English.

use mg_core::{
    Language,
    kpi::{Period, Polarity, RowsAre},
};

use super::{Note, bounds, few, listed};
use crate::phrase::counted;

impl Note {
    #[expect(clippy::too_many_lines, reason = "a table: one sentence a caveat")]
    pub(super) fn in_english(&self) -> String {
        let label = |period: &Period| period.label(Language::English);
        match self {
            Self::Missing(None) => "missing (not published), which is not zero".into(),
            Self::Missing(Some(last)) => {
                format!(
                    "missing (not published), which is not zero; last covered month: {}",
                    label(last)
                )
            }
            Self::Before(first) => format!(
                "missing (not published), which is not zero; the data begin in {}",
                label(first)
            ),
            Self::ByYear(first, last) => format!(
                "no data by month or quarter; by year only: {} to {}",
                label(first),
                label(last)
            ),
            Self::NoBase(years) => format!(
                "missing, which is not zero: the growth compares two years, of which {} is not known",
                listed(years, Language::English)
            ),
            Self::NoData(name, others) => format!(
                "no data of this indicator for {name}; there are some for: {}",
                few(others)
            ),
            Self::NotLoaded(None) => "no data loaded yet for this indicator".into(),
            Self::NotLoaded(Some(how)) => {
                format!("no data loaded yet for this indicator; load it with `{how}`")
            }
            Self::NotReAggregated => {
                "it cannot be recomputed from the communes, and no value is published for the \
                whole in the period: ask for the communes one by one, or for all with compare_territories"
                    .into()
            }
            Self::Withheld(names) => format!("withheld by the producer for: {}", names.join(", ")),
            Self::CoveredOnly(months) => {
                let months = months
                    .as_ref()
                    .map_or_else(|| "no whole month".into(), label);
                format!(
                    "the period is not wholly covered, so it is not added up; covered: {months}"
                )
            }
            Self::Incomplete => "not wholly covered, so not added up".into(),
            Self::Lacking(names) => format!("data missing for: {}", names.join(", ")),
            Self::Secret(least, RowsAre::Permits | RowsAre::Demolitions) => {
                format!("withheld: fewer than {least} permits in the commune")
            }
            Self::Secret(least, RowsAre::Sales) => {
                format!("withheld: fewer than {least} sales in the commune")
            }
            Self::Undefined => "not defined: nothing to divide by in the period".into(),
            Self::Window(months) => format!("months summed: {}", label(months)),
            Self::ReferenceYear(title, year) => format!("{}: reference year {year}", title.en),
            Self::NoReference(title) => format!(
                "{}: missing (no reference year within three years)",
                title.en
            ),
            Self::Since(month) => format!("counted from {} on, when the data begin", label(month)),
            Self::FollowedUntil(month) => format!(
                "the cohort was followed until {} only: the rate will still change",
                label(month)
            ),
            Self::Informed(percent) => format!(
                "filled in for {}% of the total only: interpret with care",
                Language::English.number(*percent, 1)
            ),
            Self::InformedBetween(least, most) if least == most => {
                Self::Informed(*least).in_english()
            }
            Self::InformedBetween(least, most) => {
                let [least, most] = [least, most].map(|share| Language::English.number(*share, 1));
                format!("filled in for {least}% to {most}% of the total only: interpret with care")
            }
            Self::Margin(lower, upper, digits) => {
                let [lower, upper] =
                    [lower, upper].map(|bound| Language::English.number(*bound, *digits));
                format!("an estimate: between {lower} and {upper} by its producer")
            }
            Self::MarginBetween(least, most) => {
                let [least, most] = [least, most].map(|share| Language::English.number(*share, 0));
                let most = if least == most { String::new() } else { format!(" to {most}") };
                format!("estimates, within ±{least}{most}% by their producer")
            }
            Self::Implausible(range) => {
                format!(
                    "outside the plausible range ({}): check it",
                    bounds(*range, Language::English)
                )
            }
            Self::RevisedValue(vintage, old, new, digits) => {
                let [old, new] = [old, new].map(|value| Language::English.number(*value, *digits));
                format!("revised: {old} in vintage {vintage}, {new} now")
            }
            Self::Plan(months, done, due) => {
                let [done, due] = [done, due].map(|sum| Language::English.number(*sum, 0));
                format!(
                    "{done} authorised for a prorated objective of {due} ({})",
                    label(months)
                )
            }
            Self::NoObjective(known) if known.is_empty() => {
                "no objective is recorded for this territory (table kpi_cible)".into()
            }
            Self::NoObjective(known) => {
                let known: Vec<_> = known.iter().map(label).collect();
                format!(
                    "no objective holds the period; recorded: {}",
                    known.join(", ")
                )
            }
            Self::Synthetic => "SYNTHETIC DATA: for demonstration, not for decisions".into(),
            Self::Caveat(text) => text.en.clone(),
            Self::Remark(dataset, text) => format!("{dataset}: {text}"),
            Self::Stored(vintage) => format!("value kept from vintage {vintage}"),
            Self::Begins(first) => format!("the series begins in {}", label(first)),
            Self::Ends(last) => format!("nothing is published after {}", label(last)),
            Self::Newest(shown, total, before) => format!(
                "{shown} of {total} periods, the newest; for the earlier ones: to = {}",
                before.query()
            ),
            Self::ReferenceYears(title, first, last) => {
                format!("{}: reference years {first} to {last}", title.en)
            }
            Self::Origin(origin) => format!("source of the target: {origin}"),
            Self::NotKept(count, vintage) => {
                let words = ["period has", "periods have"];
                let count = counted(*count, words, Language::English);
                format!("{count} no value kept from vintage {vintage}")
            }
            Self::Revised(revision) => revision.told(Language::English),
            Self::Ranked(polarity) => match polarity {
                Polarity::Up => "rank 1: the largest value (more is better)",
                Polarity::Down => "rank 1: the smallest value (less is better)",
                Polarity::Neutral => "rank 1: the largest value, which is neither better nor worse",
            }
            .into(),
            Self::Overlap => "no total: the territories overlap or are of different levels".into(),
            Self::NotAggregated => {
                "no total: this indicator must not be aggregated over territories".into()
            }
            Self::TotalWithheld => {
                "no total: it would reveal the one value that is withheld".into()
            }
            Self::TooShort(have, need) => {
                let have = counted(*have, ["final value", "final values"], Language::English);
                format!("{have}, {need} are needed to judge what is unusual")
            }
            Self::NotJudged => "too much is missing to judge what is unusual".into(),
            Self::NotAnError => {
                "an unusual value is not a mistake: one large operation suffices".into()
            }
            Self::SyntheticIn(periods) => format!(
                "synthetic values: {}; the others are published",
                listed(periods, Language::English)
            ),
            Self::In(periods, note) => format!(
                "{}: {}",
                listed(periods, Language::English),
                note.in_english()
            ),
        }
    }
}
