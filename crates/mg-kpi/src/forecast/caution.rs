//! What to beware of, in French or English.

use mg_core::{Language, kpi::Period};
use mg_forecast::{Forecast, Warning};

use super::{
    alternative::Alternative,
    figures::{number, part, ratio, signed},
    heard::Heard,
    reason::model,
};
use crate::{observed::Observed, phrase::counted, subject::Subject};

/// What is to be beware of.
#[derive(Debug)]
pub(super) struct Cautions<'a> {
    /// What the model says of its forecast.
    pub(super) made: &'a Forecast,
    /// What the network had to say.
    pub(super) heard: &'a Heard,
    /// Where single operations make the whole series: the indicators to ask for instead.
    pub(super) dominated: Option<Vec<String>>,
}

impl Cautions<'_> {
    /// All of it in words, the gravest first.
    pub(super) fn told(&self, subject: &Subject<'_>, observed: &Observed) -> Vec<String> {
        let language = subject.language();
        let dominated = self
            .dominated
            .as_ref()
            .map(|instead| dominated(subject, instead));
        let unknown = observed.fits_provisional().then(|| {
            language
            .pick(
                "aucune valeur n'est définitive : le modèle est ajusté sur des valeurs provisoires",
                "no value is final: the model is fitted on provisional ones",
            )
            .to_owned()
        });
        let tail = (!observed.tail().is_empty()).then(|| tail(observed, language));
        let unheard = self.heard.unreadable.as_ref().map(|error| {
            let words = language.pick(
                "le réseau n'est pas écouté : ",
                "the network is not heard: ",
            );
            format!("{words}{error}")
        });
        let of_model = self.made.warnings.iter().filter_map(|warning| {
            Some(told(
                of_what_was_asked(*warning, observed)?,
                observed,
                language,
            ))
        });
        dominated
            .into_iter()
            .chain(unknown)
            .chain(of_model)
            .chain(tail)
            .chain(unheard)
            .collect()
    }
}

/// The model counts steps from the last fitted period, the caller from the last covered one.
fn of_what_was_asked(warning: Warning, observed: &Observed) -> Option<Warning> {
    let Warning::HorizonBeyondHistory {
        horizon,
        observations,
    } = warning
    else {
        return Some(warning);
    };
    let horizon = horizon.saturating_sub(observed.tail().len());
    (horizon > observations).then_some(Warning::HorizonBeyondHistory {
        horizon,
        observations,
    })
}

/// That single operations dominate, and what to ask instead.
fn dominated(subject: &Subject<'_>, instead: &[String]) -> String {
    let (language, settings) = (subject.language(), &subject.definition.forecast);
    let default = language.pick(
        "dans une seule commune, quelques opérations font toute la série : une prévision mensuelle n'y est pas crédible",
        "in a single commune a few operations make the whole series: a monthly forecast is not credible there",
    );
    let reason = settings
        .reason
        .as_ref()
        .map_or(default, |reason| reason.told(language));
    let advice = match instead {
        [] => String::new(),
        names => Alternative::Indicators(names.to_vec()).told(language),
    };
    format!("{}{advice}", reason.trim_end_matches('.'))
}

fn tail(observed: &Observed, language: Language) -> String {
    let label = |side: Option<&(Period, _)>| side.map(|(period, _)| period.label(language));
    let (first, last) = (
        label(observed.tail().first()).unwrap_or_default(),
        label(observed.tail().last()).unwrap_or_default(),
    );
    let span = if first == last {
        first
    } else {
        format!("{first} – {last}")
    };
    match language {
        Language::French => {
            format!("valeurs provisoires laissées hors du calcul et réestimées : {span}")
        }
        Language::English => {
            format!("provisional values left out of the fit and estimated anew: {span}")
        }
    }
}

fn told(warning: Warning, observed: &Observed, language: Language) -> String {
    match language {
        Language::French => in_french(warning, observed),
        Language::English => in_english(warning, observed),
    }
}

fn in_french(warning: Warning, observed: &Observed) -> String {
    let language = Language::French;
    let at = |index| period(observed, index, language);
    match warning {
        Warning::FewerThanTwoSeasons {
            observations,
            period,
        } => format!(
            "moins de deux années d'observations ({observations} pour {period} par an) : aucune saison n'est prévue"
        ),
        Warning::LevelShift { index, size } => format!(
            "changement de niveau récent ({}) en {} : le nouveau niveau est mal connu",
            signed(size, language),
            at(index)
        ),
        Warning::LastValueUnusual { value, expected } => format!(
            "dernière valeur inhabituelle : {} pour {} attendus ; erreur ou nouveauté, à vérifier",
            number(value, language),
            number(expected, language)
        ),
        Warning::HorizonBeyondHistory {
            horizon,
            observations,
        } => format!(
            "horizon de {horizon} pas, plus long que l'historique ({observations} observations)"
        ),
        Warning::Gaps { count } => {
            let words = [
                "valeur manquante dans l'historique, comblée",
                "valeurs manquantes dans l'historique, comblées",
            ];
            format!("{} par interpolation", counted(count, words, language))
        }
        Warning::CutAtGap { index } => format!(
            "historique retenu à partir de {} : une lacune de plus d'un an le précède",
            at(index)
        ),
        Warning::FewOrigins { origins: 0 } => {
            "aucun essai passé : l'erreur n'est pas mesurée".into()
        }
        Warning::FewOrigins { origins: 1 } => {
            "un seul essai passé : l'erreur mesurée dit peu".into()
        }
        Warning::FewOrigins { origins } => {
            let origins = counted(origins, ["essai passé", "essais passés"], language);
            format!("{origins} seulement : les erreurs mesurées disent peu")
        }
        Warning::WorseThanYardstick {
            model: best,
            mase,
            own,
        } => format!(
            "une méthode simple faisait mieux aux essais passés : {} (MASE {} contre {})",
            model(best, language),
            ratio(mase, language),
            ratio(own, language)
        ),
        Warning::NarrowIntervals { level, measured } => format!(
            "intervalles trop étroits par le passé : celui à {} n'a contenu la réalité que {} du temps",
            part(level, language),
            part(measured, language)
        ),
        Warning::Constant => {
            "la série n'a jamais changé : ses intervalles, sans largeur, ne disent rien".into()
        }
        Warning::ManyZeros { share } => format!(
            "{} des valeurs sont nulles : quelques opérations isolées dominent",
            part(share, language)
        ),
        Warning::Overlapping { window } => format!(
            "chaque valeur est une somme sur {window} pas qui recouvre ses voisines : bien moins d'observations indépendantes qu'il n'y paraît"
        ),
    }
}

fn in_english(warning: Warning, observed: &Observed) -> String {
    let language = Language::English;
    let at = |index| period(observed, index, language);
    match warning {
        Warning::FewerThanTwoSeasons {
            observations,
            period,
        } => format!(
            "fewer than two years of observations ({observations} at {period} a year): no season is forecast"
        ),
        Warning::LevelShift { index, size } => format!(
            "recent level shift ({}) in {}: little is known of the new level",
            signed(size, language),
            at(index)
        ),
        Warning::LastValueUnusual { value, expected } => format!(
            "unusual last value: {} where {} was expected; a mistake or something new, to be checked",
            number(value, language),
            number(expected, language)
        ),
        Warning::HorizonBeyondHistory {
            horizon,
            observations,
        } => format!(
            "a horizon of {horizon} steps, longer than the history ({observations} observations)"
        ),
        Warning::Gaps { count } => {
            let count = counted(count, ["missing value", "missing values"], language);
            format!("{count} in the history, filled by interpolation")
        }
        Warning::CutAtGap { index } => format!(
            "history used from {} on: a gap of more than a year precedes it",
            at(index)
        ),
        Warning::FewOrigins { origins: 0 } => "no earlier origin: the error is not measured".into(),
        Warning::FewOrigins { origins: 1 } => {
            "a single earlier origin: the measured error says little".into()
        }
        Warning::FewOrigins { origins } => {
            let origins = counted(origins, ["earlier origin", "earlier origins"], language);
            format!("only {origins}: the measured errors say little")
        }
        Warning::WorseThanYardstick {
            model: best,
            mase,
            own,
        } => format!(
            "a simple method did better at earlier origins: {} (MASE {} against {})",
            model(best, language),
            ratio(mase, language),
            ratio(own, language)
        ),
        Warning::NarrowIntervals { level, measured } => format!(
            "intervals were too narrow on the past: the {} one held what came only {} of the time",
            part(level, language),
            part(measured, language)
        ),
        Warning::Constant => {
            "the series never changed: its intervals have no width and say nothing".into()
        }
        Warning::ManyZeros { share } => format!(
            "{} of the values are zero: a few single operations dominate",
            part(share, language)
        ),
        Warning::Overlapping { window } => format!(
            "each value is a sum over {window} steps that overlaps its neighbours: far fewer independent observations than it seems"
        ),
    }
}

fn period(observed: &Observed, index: usize, language: Language) -> String {
    observed
        .fitted()
        .get(index)
        .map(|(period, _)| period.label(language))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;
    use mg_core::kpi::Status;
    use mg_forecast::Model;
    use rust_decimal::Decimal;

    use super::*;
    use crate::{evaluate::Measured, note::Note};

    fn observed() -> Observed {
        let months = Period::month_of(date(2024, 1, 1)).until(Period::month_of(date(2024, 12, 1)));
        let known = |month| {
            let mut measured =
                Measured::without_value(Status::Final, BTreeSet::new(), Note::Missing(None));
            measured.value = Some(Decimal::ONE);
            (month, measured)
        };
        Observed::of(months.map(known).collect())
    }

    fn both(warning: Warning) -> [String; 2] {
        [Language::French, Language::English].map(|language| told(warning, &observed(), language))
    }

    #[test]
    fn a_level_shift_names_its_month_and_size() {
        let shift = Warning::LevelShift {
            index: 2,
            size: -40.25,
        };
        assert_eq!(
            both(shift),
            [
                "changement de niveau récent (\u{2212}40,3) en mars 2024 : le nouveau niveau est mal connu",
                "recent level shift (-40.3) in March 2024: little is known of the new level"
            ]
        );
    }

    #[test]
    fn a_simple_method_that_did_better_is_told_with_both_errors() {
        let worse = Warning::WorseThanYardstick {
            model: Model::Naive,
            mase: 7.904,
            own: 9.012,
        };
        let [french, english] = both(worse);
        assert!(french.ends_with("(MASE 7,90 contre 9,01)"), "{french}");
        assert!(english.ends_with("(MASE 7.90 against 9.01)"), "{english}");
    }

    #[test]
    fn a_horizon_is_told_as_it_was_asked_for_and_only_where_it_is_longer_than_the_history() {
        let months = Period::month_of(date(2024, 1, 1)).until(Period::month_of(date(2025, 8, 1)));
        let known = |(index, month)| {
            let status = if index < 14 {
                Status::Final
            } else {
                Status::Provisional
            };
            let mut measured =
                Measured::without_value(status, BTreeSet::new(), Note::Missing(None));
            measured.value = Some(Decimal::ONE);
            (month, measured)
        };
        let observed = Observed::of(months.enumerate().map(known).collect());
        let asked = |horizon: usize| {
            let horizon = horizon + observed.tail().len();
            let warning = Warning::HorizonBeyondHistory {
                horizon,
                observations: 14,
            };
            of_what_was_asked(warning, &observed)
        };
        assert_eq!((observed.tail().len(), asked(12)), (6, None));
        let told = Warning::HorizonBeyondHistory {
            horizon: 15,
            observations: 14,
        };
        assert_eq!(asked(15), Some(told));
    }

    #[test]
    fn gaps_are_told_as_filled() {
        let told = |count| both(Warning::Gaps { count })[0].clone();
        assert_eq!(
            told(1),
            "1 valeur manquante dans l'historique, comblée par interpolation"
        );
        assert_eq!(
            told(2),
            "2 valeurs manquantes dans l'historique, comblées par interpolation"
        );
    }

    #[test]
    fn one_origin_is_told_as_one() {
        for origins in [0, 1] {
            for sentence in both(Warning::FewOrigins { origins }) {
                assert!(
                    !sentence.contains("essais") && !sentence.contains("origins"),
                    "{sentence}"
                );
            }
        }
    }

    #[test]
    fn every_number_of_a_warning_is_told_in_both_languages() {
        for (warning, parts) in [
            (
                Warning::FewerThanTwoSeasons {
                    observations: 17,
                    period: 12,
                },
                ["17", "12"],
            ),
            (
                Warning::HorizonBeyondHistory {
                    horizon: 24,
                    observations: 19,
                },
                ["24", "19"],
            ),
            (Warning::Gaps { count: 3 }, ["3", "3"]),
            (Warning::FewOrigins { origins: 2 }, ["2", "2"]),
            (Warning::ManyZeros { share: 0.31 }, ["31", "%"]),
            (Warning::Overlapping { window: 12 }, ["12", "12"]),
            (
                Warning::NarrowIntervals {
                    level: 0.95,
                    measured: 0.759,
                },
                ["95", "76"],
            ),
            (Warning::CutAtGap { index: 1 }, ["2024", "2024"]),
        ] {
            for sentence in both(warning) {
                assert!(
                    parts.iter().all(|part| sentence.contains(part)),
                    "{sentence}"
                );
            }
        }
    }
}
