//! Why there is no forecast, and what to ask instead, in French or English.

use std::collections::BTreeSet;

use mg_core::{Language, ToolError};
use mg_forecast::Refusal;

use super::{alternative::Alternative, figures::part, wish::Wish};
use crate::{note::few, observed::Observed, phrase::counted, subject::Subject};

/// A forecast that cannot be made.
#[derive(Debug)]
pub(crate) struct Refused<'a> {
    /// Of what.
    pub(super) subject: Subject<'a>,
    /// Why.
    pub(super) why: Why,
}

/// Why a forecast cannot be made.
#[derive(Debug)]
pub(super) enum Why {
    /// The indicator is not forecast at all.
    NotAllowed,
    /// The history cannot carry it.
    History {
        /// What was wished for.
        wish: Wish,
        /// The history.
        observed: Observed,
        /// The names of the territories without which some of its values are not known.
        lacking: BTreeSet<String>,
        /// What it lacks.
        reason: Refusal,
    },
}

impl Refused<'_> {
    /// Whether something else is to be asked instead: a wish that cannot be had says itself what can.
    pub(super) fn asks_for_another(&self) -> bool {
        match &self.why {
            Why::NotAllowed => true,
            Why::History { reason, .. } => matches!(
                reason,
                Refusal::MostlyZero { .. } | Refusal::TooManyGaps { .. } | Refusal::TooShort { .. }
            ),
        }
    }

    /// In words, with what to ask instead.
    pub(super) fn told(&self, other: Option<&Alternative>) -> ToolError {
        let language = self.subject.language();
        let advice = other.map(|other| other.told(language)).unwrap_or_default();
        match &self.why {
            Why::NotAllowed => not_allowed(&self.subject, &advice),
            Why::History {
                wish,
                observed,
                lacking,
                reason,
            } => {
                let lacking = Some(named(lacking, language)).filter(|_| other.is_some());
                let advice = lacking.unwrap_or_default() + &advice;
                refused(&self.subject, wish, observed, *reason, &advice)
            }
        }
    }
}

/// That the indicator is not forecast at all, and what to ask instead.
fn not_allowed(subject: &Subject<'_>, advice: &str) -> ToolError {
    let (definition, language) = (subject.definition, subject.language());
    let reason = definition.forecast.reason.as_ref();
    let reason = reason.map(|reason| reason.told(language).trim_end_matches('.').to_owned());
    let reason = reason.map(|reason| format!(". {reason}"));
    ToolError::Invalid(format!(
        "`{}` {}{}{advice}",
        definition.name,
        language.pick("ne se prévoit pas", "is not forecast"),
        reason.unwrap_or_default(),
    ))
}

/// That the network forecasts months only.
pub(super) fn network_is_monthly(subject: &Subject<'_>) -> ToolError {
    let sentence = subject.language().pick(
        "le réseau (tft) ne prévoit que des indicateurs mensuels ; demandez auto",
        "the network (tft) forecasts monthly indicators only; ask for auto",
    );
    ToolError::Invalid(sentence.to_owned())
}

/// That there is no trained network.
pub(super) fn no_network(subject: &Subject<'_>) -> ToolError {
    let sentence = subject.language().pick(
        "le réseau (tft) n'a pas encore été entraîné : lancez `mg-kpi train tft`, ou demandez auto",
        "the network (tft) has not been trained yet: run `mg-kpi train tft`, or ask for auto",
    );
    ToolError::Invalid(sentence.to_owned())
}

/// Why the history cannot carry the forecast, and `advice`: what to ask instead.
pub(super) fn refused(
    subject: &Subject<'_>,
    wish: &Wish,
    observed: &Observed,
    refusal: Refusal,
    advice: &str,
) -> ToolError {
    let language = subject.language();
    let place = format!(
        "`{}`, {}",
        subject.definition.name, subject.place.territory.name
    );
    let reason = match language {
        Language::French => refusal_in_french(wish, observed, refusal),
        Language::English => refusal_in_english(wish, observed, refusal),
    };
    ToolError::Invalid(format!(
        "{} {place}{}{reason}{advice}",
        language.pick("pas de prévision de", "no forecast of"),
        language.pick(" : ", ": ")
    ))
}

/// That the network needs a longer history.
pub(super) fn network_needs_more(language: Language) -> &'static str {
    language.pick(" ; demandez model = auto", "; ask for model = auto")
}

/// Who lacks data, where anybody does.
fn named(lacking: &BTreeSet<String>, language: Language) -> String {
    if lacking.is_empty() {
        return String::new();
    }
    let label = language.pick(" ; données manquantes pour : ", "; data missing for: ");
    let names: Vec<_> = lacking.iter().cloned().collect();
    format!("{label}{}", few(&names))
}

fn refusal_in_french(wish: &Wish, observed: &Observed, refusal: Refusal) -> String {
    match refusal {
        Refusal::TooShort { have, need } => {
            let words = ["observation définitive", "observations définitives"];
            let have = counted(have, words, Language::French);
            format!("{have}, il en faut au moins {need}")
        }
        Refusal::MostlyZero { share } => format!(
            "{} des valeurs sont nulles, la série est faite d'événements isolés",
            part(share, Language::French)
        ),
        Refusal::TooManyGaps { missing, observed } => {
            format!("{missing} valeurs manquent pour {observed} observées, trop pour les combler")
        }
        Refusal::HorizonTooLong { most, .. } => too_long(wish, observed, most, Language::French),
        Refusal::CannotFit { model: failed } => format!(
            "le modèle {} ne s'ajuste pas à cette série ; demandez model = auto",
            failed.name()
        ),
        Refusal::GuestSaysLess { .. } => {
            "le réseau (tft) ne prévoit pas si loin ; demandez un horizon plus court, ou model = auto".into()
        }
        other => format!("{other} ; demandez model = auto"),
    }
}

fn refusal_in_english(wish: &Wish, observed: &Observed, refusal: Refusal) -> String {
    match refusal {
        Refusal::TooShort { have, need } => {
            let words = ["final observation", "final observations"];
            let have = counted(have, words, Language::English);
            format!("{have}, at least {need} are needed")
        }
        Refusal::MostlyZero { share } => format!(
            "{} of the values are zero, the series is made of single events",
            part(share, Language::English)
        ),
        Refusal::TooManyGaps { missing, observed } => {
            format!(
                "{missing} values are missing beside {observed} observed ones, too many to fill"
            )
        }
        Refusal::HorizonTooLong { most, .. } => too_long(wish, observed, most, Language::English),
        Refusal::CannotFit { model: failed } => format!(
            "model {} cannot be fitted to this series; ask for model = auto",
            failed.name()
        ),
        Refusal::GuestSaysLess { .. } => {
            "the network (tft) does not forecast that far; ask for a shorter horizon, or for model = auto".into()
        }
        other => format!("{other}; ask for model = auto"),
    }
}

/// The steps that can be had count from the last covered period, not from the last fitted one.
fn too_long(wish: &Wish, observed: &Observed, most: usize, language: Language) -> String {
    let (horizon, most) = (wish.horizon, most.saturating_sub(observed.tail().len()));
    match language {
        Language::French => {
            format!("horizon {horizon} trop long pour cet historique ; demandez au plus {most}")
        }
        Language::English => {
            format!("horizon {horizon} is too long for this history; ask for at most {most}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_lacks_data_is_named() {
        let lacking = BTreeSet::from(["Lagny-sur-Marne".to_owned()]);
        assert_eq!(
            named(&lacking, Language::French),
            " ; données manquantes pour : Lagny-sur-Marne"
        );
        assert_eq!(named(&BTreeSet::new(), Language::English), "");
    }
}
