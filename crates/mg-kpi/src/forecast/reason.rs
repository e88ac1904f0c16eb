//! Why a model was chosen, in French or English.

use mg_core::Language;
use mg_forecast::{Forecast, Model, Why};

use super::figures::ratio;

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
        Model::Tft => language.pick("réseau de neurones (TFT)", "neural network (TFT)"),
        Model::Ensemble => language.pick(
            "moyenne tronquée de plusieurs modèles",
            "trimmed mean of several models",
        ),
    }
}

/// Why this model.
pub(super) fn why(made: &Forecast, language: Language) -> String {
    let french = language == Language::French;
    let label = asked_for(made, language);
    let error = made.backtest.mase.map(|mase| ratio(mase, language));
    match &made.why {
        Why::Asked if french => format!("{label} : modèle demandé"),
        Why::Asked => format!("{label}: the model asked for"),
        Why::Ensemble { members } if french => format!(
            "moyenne tronquée de {} : aux essais passés, aucune méthode simple ne fait assez mieux pour la remplacer",
            names(members, language)
        ),
        Why::Ensemble { members } => format!(
            "trimmed mean of {}: at earlier origins no simple method does so much better that it replaces it",
            names(members, language)
        ),
        Why::Joined {
            members,
            without,
            network,
        } => joined(members, [*without, *network], language),
        Why::Untested { members } if french => format!(
            "moyenne tronquée de {} : série trop courte pour départager les modèles sur le passé",
            names(members, language)
        ),
        Why::Untested { members } => format!(
            "trimmed mean of {}: the series is too short to tell models apart by the past",
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
                    "{label} : aux essais passés, cette méthode simple bat nettement la moyenne tronquée des modèles{errors}"
                )
            } else {
                format!(
                    "{label}: at earlier origins this simple method clearly beats the trimmed mean of the models{errors}"
                )
            }
        }
        Why::Constant if french => "la série n'a jamais changé : elle est prolongée".into(),
        Why::Constant => "the series never changed: it is continued".into(),
    }
}

/// The model, and what it comes to in a series without seasons: the value of a year before is the last one then.
fn asked_for(made: &Forecast, language: Language) -> &'static str {
    let yardsticks = &made.backtest.baselines;
    let is_seasonal = (yardsticks.iter()).any(|score| score.model == Model::SeasonalNaive);
    match made.model {
        Model::SeasonalNaive if !is_seasonal && !yardsticks.is_empty() => language.pick(
            "naïve saisonnière (sans saison ici : dernière valeur)",
            "seasonal naive (no season here: last value)",
        ),
        other => model(other, language),
    }
}

/// Why the network is heard: `members` won without it, with the first of the errors; the second is its own.
fn joined(members: &[Model], errors: [Option<f64>; 2], language: Language) -> String {
    let [without, network] = errors.map(|mase| ratio(mase.unwrap_or_default(), language));
    let french = language == Language::French;
    let partners = match (members, french) {
        ([one], _) => model(*one, language).to_owned(),
        (_, true) => format!("la moyenne tronquée de {}", names(members, language)),
        (_, false) => format!("the trimmed mean of {}", names(members, language)),
    };
    if french {
        format!(
            "moyenne de deux prévisions, celle du réseau (TFT) et {partners} : aux essais passés, le réseau fait nettement mieux (MASE {network} contre {without})"
        )
    } else {
        format!(
            "mean of two forecasts, the network's (TFT) and {partners}: at earlier origins the network does clearly better (MASE {network} against {without})"
        )
    }
}

/// Each once, with its weight where it counts more than once.
fn names(members: &[Model], language: Language) -> String {
    let told = members.iter().enumerate().filter_map(|(place, member)| {
        let is_new = !members[..place].contains(member);
        let name = model(*member, language);
        match members.iter().filter(|other| *other == member).count() {
            _ if !is_new => None,
            1 => Some(name.to_owned()),
            count => Some(format!("{count} × {name}")),
        }
    });
    told.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(model: Model, why: Why) -> Forecast {
        Forecast {
            begin: 0,
            points: Vec::new(),
            intervals: Vec::new(),
            model,
            why,
            backtest: mg_forecast::Backtest {
                origins: 5,
                mase: Some(0.91),
                smape: None,
                baselines: Vec::new(),
                coverage: Vec::new(),
            },
            warnings: Vec::new(),
        }
    }

    #[test]
    fn a_yardstick_that_wins_is_named_with_both_errors() {
        let made = made(Model::SeasonalNaive, Why::YardstickWins { ensemble: 1.204 });
        let sentence = why(&made, Language::French);
        assert!(
            sentence.contains("naïve saisonnière") && sentence.contains("(MASE 0,91 contre 1,20)"),
            "{sentence}"
        );
    }

    #[test]
    fn a_seasonal_naive_without_seasons_is_told_as_the_last_value() {
        let mut made = made(Model::SeasonalNaive, Why::Asked);
        let score = |model| mg_forecast::Score {
            model,
            mase: Some(1.0),
            smape: None,
        };
        made.backtest.baselines = vec![score(Model::Naive), score(Model::Drift)];
        let told = why(&made, Language::French);
        assert!(
            told.contains("dernière valeur") && !told.contains("an avant"),
            "{told}"
        );
        made.backtest.baselines.push(score(Model::SeasonalNaive));
        assert!(why(&made, Language::French).contains("valeur d'un an avant"));
    }

    #[test]
    fn a_series_that_repeats_itself_exactly_has_no_errors_to_tell() {
        let why_exactly = Why::YardstickWins {
            ensemble: f64::INFINITY,
        };
        let made = Forecast {
            backtest: mg_forecast::Backtest {
                mase: None,
                ..made(Model::SeasonalNaive, Why::Asked).backtest
            },
            ..made(Model::SeasonalNaive, why_exactly)
        };
        for language in [Language::French, Language::English] {
            let sentence = why(&made, language);
            assert!(
                !sentence.contains("MASE") && !sentence.contains("inf"),
                "{sentence}"
            );
        }
    }

    #[test]
    fn a_model_that_counts_twice_is_named_once_with_its_weight() {
        let members = [Model::Ets, Model::Theta, Model::Ets];
        let named = names(&members, Language::English);
        assert!(
            named.starts_with("2 × exponential smoothing (ETS), Theta"),
            "{named}"
        );
        assert_eq!(named.matches("ETS").count(), 1, "{named}");
    }

    #[test]
    fn a_network_that_joins_is_told_with_whom_and_both_errors() {
        let told = |members: &[Model]| {
            let joined = Why::Joined {
                members: members.to_vec(),
                without: Some(1.1),
                network: Some(0.8),
            };
            why(&made(Model::Ensemble, joined), Language::French)
        };
        let ensemble = told(&[Model::Theta, Model::Prophet]);
        assert!(
            ensemble.contains("la moyenne tronquée de Theta, Prophet")
                && ensemble.contains("(MASE 0,80 contre 1,10)"),
            "{ensemble}"
        );
        let yardstick = told(&[Model::Drift]);
        assert!(
            yardstick.contains("celle du réseau (TFT) et dérive")
                && !yardstick.contains("tronquée"),
            "{yardstick}"
        );
    }
}
