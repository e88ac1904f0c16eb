//! Caveats of an answer: decided without language, told in French or English.

mod condensed;
mod revision;

use mg_core::{
    Language,
    kpi::{Bilingual, Number, Period, Polarity, RowsAre, ValidRange},
};
use rust_decimal::Decimal;

pub(crate) use condensed::condensed;
pub(crate) use revision::Revision;

/// A caveat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// Nothing is published of the period; the last covered month, if any.
    Missing(Option<Period>),
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
    /// The periods whose values are synthetic, where others are not.
    SyntheticFrom(Period, Period),
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

    fn in_french(&self) -> String {
        let label = |period: &Period| period.label(Language::French);
        match self {
            Self::Missing(None) => "donnée manquante (non publiée), pas zéro".into(),
            Self::Missing(Some(last)) => {
                format!(
                    "donnée manquante (non publiée), pas zéro ; dernier mois couvert : {}",
                    label(last)
                )
            }
            Self::NoData(name, others) => format!(
                "aucune donnée de cet indicateur pour {name} ; il y en a pour : {}",
                few(others)
            ),
            Self::NotLoaded(None) => "aucune donnée chargée pour cet indicateur".into(),
            Self::NotLoaded(Some(how)) => {
                format!("aucune donnée chargée pour cet indicateur ; la charger avec `{how}`")
            }
            Self::NotReAggregated => {
                "ne se recalcule pas à partir des communes, et aucune valeur n'est publiée pour \
                l'ensemble : demander les communes une à une, ou toutes avec compare_territories"
                    .into()
            }
            Self::Withheld(names) => {
                format!(
                    "secret statistique du producteur pour : {}",
                    names.join(", ")
                )
            }
            Self::CoveredOnly(months) => {
                let months = months
                    .as_ref()
                    .map_or_else(|| "aucun mois entier".into(), label);
                format!("période incomplète, non additionnée ; mois couverts : {months}")
            }
            Self::Lacking(names) => format!("données manquantes pour : {}", names.join(", ")),
            Self::Secret(least, RowsAre::Permits) => {
                format!("secret statistique : moins de {least} permis dans la commune")
            }
            Self::Secret(least, RowsAre::Sales) => {
                format!("secret statistique : moins de {least} ventes dans la commune")
            }
            Self::Undefined => "rapport non défini : rien à diviser dans la période".into(),
            Self::Window(months) => format!("mois additionnés : {}", label(months)),
            Self::ReferenceYear(title, year) => format!("{} : année de référence {year}", title.fr),
            Self::NoReference(title) => {
                format!(
                    "{} : donnée manquante (aucune année de référence à trois ans près)",
                    title.fr
                )
            }
            Self::Since(month) => format!("compté depuis {}, début des données", label(month)),
            Self::FollowedUntil(month) => format!(
                "cohorte suivie jusqu'à {} seulement : le taux va encore changer",
                label(month)
            ),
            Self::Informed(percent) => format!(
                "variable renseignée pour {}\u{a0}% du total seulement : interpréter avec prudence",
                Language::French.number(*percent, 1)
            ),
            Self::Implausible(range) => {
                format!(
                    "valeur hors des bornes plausibles ({}) : à vérifier",
                    bounds(*range, Language::French)
                )
            }
            Self::RevisedValue(vintage, old, new, digits) => {
                let [old, new] = [old, new].map(|value| Language::French.number(*value, *digits));
                format!("valeur révisée : {old} au millésime {vintage}, {new} maintenant")
            }
            Self::Plan(months, done, due) => {
                let [done, due] = [done, due].map(|sum| Language::French.number(*sum, 0));
                format!(
                    "{done} autorisés pour un objectif au prorata de {due} ({})",
                    label(months)
                )
            }
            Self::NoObjective(known) if known.is_empty() => {
                "aucun objectif enregistré pour ce territoire (table kpi_cible)".into()
            }
            Self::NoObjective(known) => {
                let known: Vec<_> = known.iter().map(label).collect();
                format!(
                    "aucun objectif ne couvre la période ; enregistrés : {}",
                    known.join(", ")
                )
            }
            Self::Synthetic => "DONNÉES SYNTHÉTIQUES : pour démonstration, pas pour décider".into(),
            Self::Caveat(text) => text.fr.clone(),
            Self::Remark(dataset, text) => format!("{dataset} : {text}"),
            Self::Stored(vintage) => format!("valeur conservée du millésime {vintage}"),
            Self::Begins(first) => format!("la série commence en {}", label(first)),
            Self::Ends(last) => format!("rien n'est publié après {}", label(last)),
            Self::Newest(shown, total, before) => format!(
                "{shown} périodes sur {total}, les plus récentes ; pour les précédentes : to = {}",
                before.query()
            ),
            Self::ReferenceYears(title, first, last) => {
                format!("{} : années de référence {first} à {last}", title.fr)
            }
            Self::Origin(origin) => format!("source de l'objectif : {origin}"),
            Self::NotKept(count, vintage) => {
                format!("{count} périodes sans valeur conservée du millésime {vintage}")
            }
            Self::Revised(revision) => revision.told(Language::French),
            Self::Ranked(polarity) => match polarity {
                Polarity::Up => "rang 1 : la valeur la plus forte (plus, c'est mieux)",
                Polarity::Down => "rang 1 : la valeur la plus faible (moins, c'est mieux)",
                Polarity::Neutral => "rang 1 : la valeur la plus forte, sans jugement",
            }
            .into(),
            Self::Overlap => {
                "pas d'ensemble : les territoires se recouvrent ou sont de niveaux différents"
                    .into()
            }
            Self::NotAggregated => {
                "pas d'ensemble : cet indicateur ne s'agrège pas entre territoires".into()
            }
            Self::TotalWithheld => {
                "pas d'ensemble : il révélerait la seule valeur sous secret statistique".into()
            }
            Self::TooShort(have, need) => {
                format!("{have} valeurs définitives, il en faut {need} pour juger de l'inhabituel")
            }
            Self::NotJudged => "trop de valeurs manquent pour juger de l'inhabituel".into(),
            Self::NotAnError => {
                "une valeur inhabituelle n'est pas une erreur : une seule grande opération suffit"
                    .into()
            }
            Self::SyntheticFrom(first, last) => format!(
                "valeurs synthétiques : {} à {} ; les autres sont publiées",
                label(first),
                label(last)
            ),
        }
    }

    fn in_english(&self) -> String {
        let label = |period: &Period| period.label(Language::English);
        match self {
            Self::Missing(None) => "missing (not published), which is not zero".into(),
            Self::Missing(Some(last)) => {
                format!(
                    "missing (not published), which is not zero; last covered month: {}",
                    label(last)
                )
            }
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
                whole: ask for the communes one by one, or for all with compare_territories"
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
            Self::Lacking(names) => format!("data missing for: {}", names.join(", ")),
            Self::Secret(least, RowsAre::Permits) => {
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
                format!("{count} periods have no value kept from vintage {vintage}")
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
                format!("{have} final values, {need} are needed to judge what is unusual")
            }
            Self::NotJudged => "too much is missing to judge what is unusual".into(),
            Self::NotAnError => {
                "an unusual value is not a mistake: one large operation suffices".into()
            }
            Self::SyntheticFrom(first, last) => format!(
                "synthetic values: {} to {}; the others are published",
                label(first),
                label(last)
            ),
        }
    }
}

/// The first few of many codes.
pub(crate) fn few(codes: &[String]) -> String {
    const SHOWN: usize = 8;
    let more = if codes.len() > SHOWN { ", …" } else { "" };
    codes[..codes.len().min(SHOWN)].join(", ") + more
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
