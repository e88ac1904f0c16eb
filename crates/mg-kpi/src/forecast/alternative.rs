//! What to ask instead of a forecast that cannot be made: only what would be answered.

use mg_core::Language;
use mg_forecast::{Choice, Model, Request};

use super::start;
use crate::{
    KpiServer,
    observed::Observed,
    series::periods_a_year,
    span::{Range, span},
    subject::Subject,
};

/// What may be asked instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Alternative {
    /// These indicators of the same place.
    Indicators(Vec<String>),
    /// The same indicator of the authority.
    Authority(String),
    /// Its past.
    Series,
}

impl Alternative {
    /// The first that is answered: what the indicator names itself, the authority, the past.
    pub(super) async fn find(server: &KpiServer, subject: &Subject<'_>) -> Self {
        let names = indicators(server, subject).await;
        if !names.is_empty() {
            return Self::Indicators(names);
        }
        let place = &subject.place.territory.code;
        let home = &server.settings.file.territory.default;
        let name = &subject.definition.name;
        match forecast_of(server, name, home).await {
            Some(authority) if home != place => Self::Authority(authority),
            _ => Self::Series,
        }
    }

    /// The end of a sentence.
    pub(super) fn told(&self, language: Language) -> String {
        let [rather, series] = language.pick(
            [" ; demandez plutôt : ", " ; get_series donne l'historique"],
            ["; ask rather for: ", "; get_series tells its past"],
        );
        match self {
            Self::Indicators(names) => format!("{rather}{}", names.join(", ")),
            Self::Authority(name) => format!("{rather}{name}"),
            Self::Series => series.to_owned(),
        }
    }
}

/// Those that the indicator names to be asked instead, and that are forecast for the same place.
pub(super) async fn indicators(server: &KpiServer, subject: &Subject<'_>) -> Vec<String> {
    let place = &subject.place.territory.code;
    let mut names = Vec::new();
    for name in &subject.definition.forecast.instead {
        if forecast_of(server, name, place).await.is_some() {
            names.push(name.clone());
        }
    }
    names
}

/// The name of a place where an indicator is forecast; `None` where that is refused. The simplest model tells, since
/// what is refused is the history.
async fn forecast_of(server: &KpiServer, name: &str, place: &str) -> Option<String> {
    let subject = Subject::find(server, name, Some(place)).await.ok()?;
    let span = span(&subject, &Range::default()).ok()?;
    let periods = span.periods();
    let values = subject.case().measure_all(subject.store(), &periods).await;
    let observed = Observed::of(periods.into_iter().zip(values.ok()?).collect());
    let settings = &subject.definition.forecast;
    let request = Request {
        values: &observed.fitted_values(),
        period: periods_a_year(span.first.grain),
        start: observed.first().map(|first| start(first.start)),
        horizon: 1 + observed.tail().len(),
        levels: &[0.8],
        choice: Choice::Only(Model::Naive),
        non_negative: settings.non_negative && observed.is_non_negative(),
        overlapping: None,
        guest: None,
    };
    let carries = settings.allowed && mg_forecast::forecast(&request).is_ok();
    carries.then(|| subject.place.territory.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_told_in_both_languages() {
        let names = Alternative::Indicators(vec!["permis_autorises".into(), "population".into()]);
        assert_eq!(
            names.told(Language::French),
            " ; demandez plutôt : permis_autorises, population"
        );
        let authority = Alternative::Authority("CA Marne et Gondoire".into());
        assert_eq!(
            authority.told(Language::English),
            "; ask rather for: CA Marne et Gondoire"
        );
        assert!(
            Alternative::Series
                .told(Language::French)
                .contains("get_series")
        );
    }
}
