//! The caveats in French.

use mg_core::{
    Language,
    kpi::{Period, Polarity, RowsAre},
};

use super::{Note, bounds, few, listed};
use crate::phrase::counted;

impl Note {
    #[expect(clippy::too_many_lines, reason = "a table: one sentence a caveat")]
    pub(super) fn in_french(&self) -> String {
        let label = |period: &Period| period.label(Language::French);
        match self {
            Self::Missing(None) => "donnée manquante (non publiée), pas zéro".into(),
            Self::Missing(Some(last)) => {
                format!(
                    "donnée manquante (non publiée), pas zéro ; dernier mois couvert : {}",
                    label(last)
                )
            }
            Self::Before(first) => format!(
                "donnée manquante (non publiée), pas zéro ; les données commencent en {}",
                label(first)
            ),
            Self::ByYear(first, last) => format!(
                "aucune donnée par mois ni par trimestre ; par année seulement : {} à {}",
                label(first),
                label(last)
            ),
            Self::NoBase(years) => format!(
                "donnée manquante, pas zéro : il manque {}, une des deux années que la croissance compare",
                listed(years, Language::French)
            ),
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
                l'ensemble dans la période : demander les communes une à une, ou toutes avec compare_territories"
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
            Self::Incomplete => "périodes incomplètes, non additionnées".into(),
            Self::Lacking(names) => format!("données manquantes pour : {}", names.join(", ")),
            Self::Secret(least, RowsAre::Permits | RowsAre::Demolitions) => {
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
            Self::InformedBetween(least, most) if least == most => {
                Self::Informed(*least).in_french()
            }
            Self::InformedBetween(least, most) => {
                let [least, most] = [least, most].map(|share| Language::French.number(*share, 1));
                format!(
                    "variable renseignée pour {least} à {most}\u{a0}% du total seulement : interpréter avec prudence"
                )
            }
            Self::Margin(lower, upper, digits) => {
                let [lower, upper] =
                    [lower, upper].map(|bound| Language::French.number(*bound, *digits));
                format!("estimation : entre {lower} et {upper} selon son producteur")
            }
            Self::MarginBetween(least, most) => {
                let [least, most] = [least, most].map(|share| Language::French.number(*share, 0));
                let most = if least == most { String::new() } else { format!(" à {most}") };
                format!("estimations, à ±\u{202f}{least}{most}\u{a0}% près selon leur producteur")
            }
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
                "{} sur {total}, les plus récentes ; pour les précédentes : to = {}",
                counted(*shown, ["période", "périodes"], Language::French),
                before.query()
            ),
            Self::ReferenceYears(title, first, last) => {
                format!("{} : années de référence {first} à {last}", title.fr)
            }
            Self::Origin(origin) => format!("source de l'objectif : {origin}"),
            Self::NotKept(count, vintage) => {
                let count = counted(*count, ["période", "périodes"], Language::French);
                format!("{count} sans valeur conservée du millésime {vintage}")
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
                let words = ["valeur définitive", "valeurs définitives"];
                let have = counted(*have, words, Language::French);
                format!("{have}, il en faut {need} pour juger de l'inhabituel")
            }
            Self::NotJudged => "trop de valeurs manquent pour juger de l'inhabituel".into(),
            Self::NotAnError => {
                "une valeur inhabituelle n'est pas une erreur : une seule grande opération suffit"
                    .into()
            }
            Self::SyntheticIn(periods) => format!(
                "valeurs synthétiques : {} ; les autres sont publiées",
                listed(periods, Language::French)
            ),
            Self::In(periods, note) => format!(
                "{} : {}",
                listed(periods, Language::French),
                note.in_french()
            ),
        }
    }
}
