//! The answer of `forecast_kpi` as people read it: what is to be expected, what to beware of, how good it is.

use mg_core::{
    Language,
    kpi::{Backtest, Bound, Forecast, ForecastStep, Grain, HistoryPoint, Number},
};
use mg_forecast::Model;

use super::reason::model;
use crate::{
    phrase::{self, Origin, amount, colon, percent},
    series::step,
    table::table,
};

/// The answer in words.
pub(super) fn of(told: &Forecast, language: Language) -> String {
    let origin = Origin {
        source: &told.source,
        vintage: told.vintage.as_deref(),
        inputs: &told.inputs,
        licence: &told.licence,
    };
    let parts = [
        summary(told, language),
        beware(told, language),
        steps(told, language),
        reliability(told, language),
        history(told, language),
        phrase::source(origin, language) + &phrase::list(&told.notes),
    ];
    let told: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    told.join("\n\n")
}

/// Title, horizon, and the last step with its widest interval.
fn summary(told: &Forecast, language: Language) -> String {
    let (title, place) = (&told.title, &told.territory.name);
    let (length, observed) = (length(told, language), &told.last_observed.label);
    let heading = match language {
        Language::French => {
            format!("{title} — {place} : prévision sur {length} après {observed}.")
        }
        Language::English => {
            format!("{title} — {place}: forecast over {length} after {observed}.")
        }
    };
    let last = told.forecast.last().map(|last| at(told, last, language));
    let sum = told.sum.map(|sum| total(told, sum, language));
    [Some(heading), last, sum]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The horizon in words: `12 mois`, `3 ans`.
fn length(told: &Forecast, language: Language) -> String {
    let count = told.forecast.len();
    let [one, several] = match told.grain {
        Grain::Month | Grain::Interval => language.pick(["mois"; 2], ["month", "months"]),
        Grain::Quarter => language.pick(["trimestre", "trimestres"], ["quarter", "quarters"]),
        Grain::Year => language.pick(["an", "ans"], ["year", "years"]),
    };
    format!("{count} {}", if count == 1 { one } else { several })
}

fn at(told: &Forecast, step: &ForecastStep, language: Language) -> String {
    let value = amount(step.value, &told.unit, language);
    let range = step.bounds.last().map(|bound| {
        let level = percent(bound.level, language);
        let (lower, upper) = (bound.lower.told(language), bound.upper.told(language));
        match language {
            Language::French => format!(", entre {lower} et {upper} à {level}"),
            Language::English => format!(", between {lower} and {upper} at {level}"),
        }
    });
    let label = &step.period.label;
    format!(
        "{label}{}{value}{}.",
        colon(language),
        range.unwrap_or_default()
    )
}

fn total(told: &Forecast, sum: Number, language: Language) -> String {
    let (sum, length) = (amount(sum, &told.unit, language), length(told, language));
    match language {
        Language::French => {
            format!("Somme sur {length} : {sum} (les bornes, elles, ne s'additionnent pas).")
        }
        Language::English => format!("Sum over {length}: {sum} (bounds do not add up)."),
    }
}

fn beware(told: &Forecast, language: Language) -> String {
    if told.warnings.is_empty() {
        return String::new();
    }
    let label = language.pick("À savoir avant usage", "Before use");
    format!(
        "{label}{}{}",
        colon(language).trim_end(),
        phrase::list(&told.warnings)
    )
}

fn steps(told: &Forecast, language: Language) -> String {
    let levels = told.forecast.first().map_or(0, |step| step.bounds.len());
    let headings: Vec<String> = (0..levels)
        .filter_map(|index| Some(told.forecast.first()?.bounds.get(index)?.level))
        .map(|level| match language {
            Language::French => format!("intervalle à {}", percent(level, language)),
            Language::English => format!("{} interval", percent(level, language)),
        })
        .collect();
    let range = |bound: &Bound| {
        let to = language.pick("à", "to");
        format!(
            "{} {to} {}",
            bound.lower.told(language),
            bound.upper.told(language)
        )
    };
    let column = |cell: &dyn Fn(&ForecastStep) -> String| told.forecast.iter().map(cell).collect();
    let mut columns: Vec<(&str, Vec<String>)> = vec![
        (
            step(told.grain, language),
            column(&|step| step.period.label.clone()),
        ),
        (
            language.pick("prévision", "forecast"),
            column(&|step| step.value.told(language)),
        ),
    ];
    for (index, heading) in headings.iter().enumerate() {
        let bound = |step: &ForecastStep| step.bounds.get(index).map(range).unwrap_or_default();
        columns.push((heading, column(&bound)));
    }
    table(columns).trim_end().to_owned()
}

/// Which model, why, and how it did on the past beside the yardsticks.
fn reliability(told: &Forecast, language: Language) -> String {
    let fitted = &told.fitted_until.label;
    let (name, why) = (&told.model, &told.why);
    let chosen = match language {
        Language::French => {
            format!("Modèle {name}, ajusté jusqu'à {fitted} — {why}.")
        }
        Language::English => format!("Model {name}, fitted until {fitted} — {why}."),
    };
    let measured = match language {
        Language::French => tried_in_french(&told.backtest),
        Language::English => tried_in_english(&told.backtest),
    };
    format!("{chosen} {measured}")
}

fn tried_in_french(backtest: &Backtest) -> String {
    let language = Language::French;
    if backtest.origins == 0 {
        return "Aucun essai passé : précision non mesurée.".into();
    }
    let others = baselines(backtest, language);
    let coverage = coverage(
        backtest,
        |level, share| format!("l'intervalle à {level} a contenu la réalité {share} du temps"),
        language,
    );
    let tried = match backtest.origins {
        1 => "Sur un essai passé".to_owned(),
        origins => format!("Sur {origins} essais passés"),
    };
    format!(
        "{tried} : {}{others}{coverage}.",
        errors(backtest.mase, backtest.smape, language),
    )
}

fn tried_in_english(backtest: &Backtest) -> String {
    let language = Language::English;
    if backtest.origins == 0 {
        return "No earlier origin to try: accuracy not measured.".into();
    }
    let others = baselines(backtest, language);
    let coverage = coverage(
        backtest,
        |level, share| format!("the {level} interval held what came {share} of the time"),
        language,
    );
    let tried = match backtest.origins {
        1 => "At one earlier origin".to_owned(),
        origins => format!("At {origins} earlier origins"),
    };
    format!(
        "{tried}: {}{others}{coverage}.",
        errors(backtest.mase, backtest.smape, language),
    )
}

fn errors(mase: Option<Number>, smape: Option<Number>, language: Language) -> String {
    let unknown = || language.pick("non mesuré", "not measured").to_owned();
    let mase = mase.map_or_else(unknown, |mase| mase.told(language));
    let smape = smape.map_or_else(unknown, |smape| percent(smape, language));
    format!("MASE {mase}, sMAPE {smape}")
}

/// The simple methods on the same origins, to compare with.
fn baselines(backtest: &Backtest, language: Language) -> String {
    let told = backtest.baselines.iter().map(|baseline| {
        let name = Model::parse(&baseline.model).map_or(&*baseline.model, |of| model(of, language));
        let errors = errors(baseline.mase, baseline.smape, language);
        match language {
            Language::French => format!(" ; à comparer à {name} : {errors}"),
            Language::English => format!("; to compare with {name}: {errors}"),
        }
    });
    told.collect()
}

fn coverage(
    backtest: &Backtest,
    sentence: impl Fn(String, String) -> String,
    language: Language,
) -> String {
    let told = backtest.coverage.iter().filter_map(|coverage| {
        let (level, share) = (coverage.level, coverage.measured?);
        let separator = language.pick(" ; ", "; ");
        let sentence = sentence(percent(level, language), percent(share, language));
        Some(format!("{separator}{sentence}"))
    });
    told.collect()
}

fn history(told: &Forecast, language: Language) -> String {
    let points = &told.history;
    let column = |cell: &dyn Fn(&HistoryPoint) -> String| points.iter().map(cell).collect();
    let estimate = |point: &HistoryPoint| {
        let estimate = point.estimate.map(|estimate| estimate.told(language));
        estimate.unwrap_or_default()
    };
    let told = table(vec![
        (
            step(told.grain, language),
            column(&|point| point.period.label.clone()),
        ),
        (
            language.pick("observé", "observed"),
            column(&|point| phrase::cell(point.value, point.status, language)),
        ),
        (language.pick("estimation", "estimate"), column(&estimate)),
        (
            language.pick("statut", "status"),
            column(&|point| phrase::short_status(point.status, language).to_owned()),
        ),
    ]);
    let label = language.pick("Dernières observations", "Last observations");
    format!("{label}{}\n\n{told}", colon(language).trim_end())
        .trim_end()
        .to_owned()
}
