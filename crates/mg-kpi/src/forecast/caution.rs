//! Why a model was chosen and what to beware of, in French or English.

use mg_core::{
    Language,
    kpi::{Grain, Number, Period},
};
use mg_forecast::{Forecast, Model, Warning, Why};
use rust_decimal::{Decimal, prelude::FromPrimitive};

use super::is_dominated;
use crate::{observed::Observed, phrase::percent, subject::Subject};

/// A model in words.
pub(super) fn model(model: Model, language: Language) -> &'static str {
    match model {
        Model::Naive => language.pick("méthode naïve (dernière valeur)", "naive (last value)"),
        Model::SeasonalNaive => language.pick(
            "naïve saisonnière (valeur d'un an avant)",
            "seasonal naive (value of a year before)",
        ),
        Model::Drift => language.pick("dérive (tendance moyenne)", "drift (mean trend)"),
        Model::Naive2 => language.pick("naïve désaisonnalisée", "naive, deseasonalised"),
        Model::Ets => language.pick("lissage exponentiel (ETS)", "exponential smoothing (ETS)"),
        Model::Theta => "Theta",
        Model::DynamicTheta => language.pick("Theta dynamique", "dynamic Theta"),
        Model::Ces => language.pick(
            "lissage exponentiel complexe (CES)",
            "complex exponential smoothing (CES)",
        ),
        Model::Arima => "ARIMA",
        Model::Mstl => language.pick("saisons par LOESS (MSTL)", "seasons by LOESS (MSTL)"),
        Model::Prophet => "Prophet",
        Model::Ensemble => {
            language.pick("médiane de plusieurs modèles", "median of several models")
        }
    }
}

/// Why this model.
pub(super) fn why(made: &Forecast, language: Language) -> String {
    let french = language == Language::French;
    let label = model(made.model, language);
    let error = made.backtest.mase.map(|mase| ratio(mase, language));
    match &made.why {
        Why::Asked if french => format!("{label} : modèle demandé"),
        Why::Asked => format!("{label}: the model asked for"),
        Why::Ensemble { members } if french => format!(
            "médiane de {} : aux essais passés, aucune méthode simple ne fait nettement mieux",
            names(members, language)
        ),
        Why::Ensemble { members } => format!(
            "median of {}: at earlier origins no simple method does clearly better",
            names(members, language)
        ),
        Why::Untested { members } if french => format!(
            "médiane de {} : série trop courte pour la mettre à l'épreuve du passé",
            names(members, language)
        ),
        Why::Untested { members } => format!(
            "median of {}: the series is too short to try it on the past",
            names(members, language)
        ),
        Why::YardstickWins { ensemble } => {
            // A series that repeats itself exactly has no scaled error.
            let errors = error.filter(|_| ensemble.is_finite()).map(|own| {
                let other = ratio(*ensemble, language);
                let against = language.pick("contre", "against");
                format!(" (MASE {own} {against} {other})")
            });
            let errors = errors.unwrap_or_default();
            if french {
                format!(
                    "{label} : aux essais passés, cette méthode simple bat nettement la médiane des modèles{errors}"
                )
            } else {
                format!(
                    "{label}: at earlier origins this simple method clearly beats the median of the models{errors}"
                )
            }
        }
        Why::Constant if french => "la série n'a jamais changé : elle est prolongée".into(),
        Why::Constant => "the series never changed: it is continued".into(),
    }
}

/// Everything to beware of, the gravest first.
pub(super) fn warnings(subject: &Subject<'_>, observed: &Observed, made: &Forecast) -> Vec<String> {
    let language = subject.language();
    let grain = observed.first().map_or(Grain::Month, |first| first.grain);
    let dominated = is_dominated(subject, grain).then(|| dominated(subject));
    let unknown = observed.fits_provisional().then(|| {
        language
            .pick(
                "aucune valeur n'est définitive : le modèle est ajusté sur des valeurs provisoires",
                "no value is final: the model is fitted on provisional ones",
            )
            .to_owned()
    });
    let tail = (!observed.tail().is_empty()).then(|| tail(observed, language));
    let of_model = made
        .warnings
        .iter()
        .map(|warning| told(*warning, observed, language));
    dominated
        .into_iter()
        .chain(unknown)
        .chain(of_model)
        .chain(tail)
        .collect()
}

/// That single operations dominate, and what to ask instead.
fn dominated(subject: &Subject<'_>) -> String {
    let (language, settings) = (subject.language(), &subject.definition.forecast);
    let default = language.pick(
        "dans une seule commune, quelques opérations font toute la série : une prévision mensuelle n'y est pas crédible",
        "in a single commune a few operations make the whole series: a monthly forecast is not credible there",
    );
    let reason = settings
        .reason
        .as_ref()
        .map_or(default, |reason| reason.told(language));
    format!("{}{}", reason.trim_end_matches('.'), instead(subject))
}

/// What to ask instead of a series that single events make or that is too short.
pub(super) fn instead_or_larger(subject: &Subject<'_>) -> String {
    let instead = instead(subject);
    if !instead.is_empty() {
        return instead;
    }
    let larger = subject.language().pick(
        " ; demandez un territoire plus grand, ou get_series",
        "; ask for a larger territory, or for get_series",
    );
    larger.to_owned()
}

/// What to ask instead, where the indicator says so.
pub(super) fn instead(subject: &Subject<'_>) -> String {
    match &subject.definition.forecast.instead[..] {
        [] => String::new(),
        names => {
            let names = names.join(", ");
            match subject.language() {
                Language::French => format!(" ; demandez plutôt : {names}"),
                Language::English => format!("; ask rather for: {names}"),
            }
        }
    }
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
            format!("{count} valeurs manquantes dans l'historique, comblées par interpolation")
        }
        Warning::CutAtGap { index } => format!(
            "historique retenu à partir de {} : une lacune de plus d'un an le précède",
            at(index)
        ),
        Warning::FewOrigins { origins } => {
            format!("{origins} essais passés seulement : les erreurs mesurées disent peu")
        }
        Warning::WorseThanYardstick { model: best, mase } => format!(
            "une méthode simple faisait mieux aux essais passés : {} (MASE {})",
            model(best, language),
            ratio(mase, language)
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
            format!("{count} missing values in the history, filled by interpolation")
        }
        Warning::CutAtGap { index } => format!(
            "history used from {} on: a gap of more than a year precedes it",
            at(index)
        ),
        Warning::FewOrigins { origins } => {
            format!("only {origins} earlier origins: the measured errors say little")
        }
        Warning::WorseThanYardstick { model: best, mase } => format!(
            "a simple method did better at earlier origins: {} (MASE {})",
            model(best, language),
            ratio(mase, language)
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

fn names(members: &[Model], language: Language) -> String {
    let names: Vec<_> = members
        .iter()
        .map(|member| model(*member, language))
        .collect();
    names.join(", ")
}

fn period(observed: &Observed, index: usize, language: Language) -> String {
    observed
        .fitted()
        .get(index)
        .map(|(period, _)| period.label(language))
        .unwrap_or_default()
}

fn ratio(value: f64, language: Language) -> String {
    told_with(value, 2, language)
}

fn number(value: f64, language: Language) -> String {
    told_with(value, u32::from(value.abs() < 100.0), language)
}

fn signed(value: f64, language: Language) -> String {
    let sign = if value > 0.0 { "+" } else { "" };
    format!("{sign}{}", number(value, language))
}

pub(super) fn part(share: f64, language: Language) -> String {
    let share = Decimal::from_f64(share * 100.0).unwrap_or_default();
    percent(Number::rounded(share, 0), language)
}

fn told_with(value: f64, decimals: u32, language: Language) -> String {
    language.number(Decimal::from_f64(value).unwrap_or_default(), decimals)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;
    use mg_core::kpi::Status;

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

    /// A forecast by the seasonal naive, with its error and the models'.
    fn won(mase: Option<f64>, ensemble: f64) -> Forecast {
        Forecast {
            points: Vec::new(),
            intervals: Vec::new(),
            model: Model::SeasonalNaive,
            why: Why::YardstickWins { ensemble },
            backtest: mg_forecast::Backtest {
                origins: 5,
                mase,
                smape: None,
                baselines: Vec::new(),
                coverage: Vec::new(),
            },
            warnings: Vec::new(),
        }
    }

    #[test]
    fn a_series_that_repeats_itself_exactly_has_no_errors_to_tell() {
        for language in [Language::French, Language::English] {
            let sentence = why(&won(None, f64::INFINITY), language);
            assert!(
                !sentence.contains("MASE") && !sentence.contains("inf"),
                "{sentence}"
            );
        }
    }

    #[test]
    fn a_yardstick_that_wins_is_named_with_both_errors() {
        let sentence = why(&won(Some(0.91), 1.204), Language::French);
        assert!(
            sentence.contains("naïve saisonnière") && sentence.contains("(MASE 0,91 contre 1,20)"),
            "{sentence}"
        );
    }
}
