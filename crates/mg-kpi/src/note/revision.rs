//! How two releases of a series differ.

use mg_core::{
    Language,
    kpi::{Number, Period},
};

use crate::phrase::counted;

/// How two releases differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Revision {
    /// The release that is told.
    pub(crate) vintage: String,
    /// The release that it is compared with.
    pub(crate) compared: String,
    /// How many periods both have.
    pub(crate) both: usize,
    /// How many of them differ.
    pub(crate) changed: usize,
    /// The largest difference: the period, the value compared with, the value told.
    pub(crate) largest: Option<(Period, Number, Number)>,
}

impl Revision {
    /// The difference in words.
    pub(super) fn told(&self, language: Language) -> String {
        let Self {
            vintage,
            compared,
            both,
            changed,
            largest,
        } = self;
        let largest = largest.map(|(period, before, after)| {
            let [before, after] = [before, after].map(|value| value.told(language));
            let period = period.label(language);
            match language {
                Language::French => {
                    format!(" ; la plus forte : {period}, de {before} à {after}")
                }
                Language::English => format!("; the largest: {period}, from {before} to {after}"),
            }
        });
        let largest = largest.unwrap_or_default();
        match language {
            Language::French => format!(
                "{} sur {both} entre les millésimes {compared} et {vintage}{largest}",
                counted(*changed, ["valeur révisée", "valeurs révisées"], language)
            ),
            Language::English => format!(
                "{changed} of {both} values revised between vintages {compared} and {vintage}{largest}"
            ),
        }
    }
}
