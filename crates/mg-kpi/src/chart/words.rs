//! What a picture says, in French or English.

use mg_core::{
    Language,
    kpi::{AnomalyKind, Bound, ForecastStep, LabelledPeriod, Number, Status},
};

use super::plot::{Observed, Plot, bound_of};
use crate::{note::few, phrase};

/// A picture speaking.
pub(super) struct Words<'a>(pub(super) &'a Plot);

impl Words<'_> {
    fn pick(&self, french: &'static str, english: &'static str) -> &'static str {
        self.0.language.pick(french, english)
    }

    fn colon(&self) -> &'static str {
        self.pick("\u{a0}: ", ": ")
    }

    /// The whole of it in a line: indicator and territory.
    pub(super) fn name(&self) -> String {
        format!("{} — {}", self.0.title, self.0.territory)
    }

    /// From the first period to the last.
    pub(super) fn range(&self) -> Option<String> {
        let mut periods = self.0.periods();
        let first = periods.next()?;
        Some(match periods.next_back() {
            None => first.label.clone(),
            Some(last) => format!("{} {} {}", first.label, self.pick("à", "to"), last.label),
        })
    }

    /// What values are counted in, over their axis.
    pub(super) fn unit(&self, large: Option<&str>) -> String {
        match large {
            None => self.0.unit.clone(),
            Some(large) => format!("{} ({large})", self.0.unit),
        }
    }

    pub(super) fn synthetic(&self) -> &'static str {
        self.pick(
            "Contient des données synthétiques, inventées pour la démonstration",
            "Contains synthetic data, invented for demonstration",
        )
    }

    pub(super) fn nothing(&self) -> &'static str {
        self.pick(
            "Aucune valeur connue sur cette période",
            "No value is known in this period",
        )
    }

    /// A number with its unit.
    fn amount(&self, number: Number) -> String {
        phrase::amount(number, &self.0.unit, self.0.language)
    }

    pub(super) fn percent(&self, level: Number) -> String {
        let space = self.pick("\u{a0}", "");
        format!("{}{space}%", level.told(self.0.language))
    }

    /// A period with its value and status, for one mark.
    pub(super) fn mark(&self, observed: &Observed, value: Number) -> String {
        let told = format!(
            "{}{}{}",
            observed.period.label,
            self.colon(),
            self.amount(value)
        );
        match observed.status {
            Status::Final => told,
            other => format!("{told} ({})", status(other, self.0.language)),
        }
    }

    /// Where the numbers come from, and what a reader must know of the drawing.
    pub(super) fn source(&self, has_zero: bool) -> String {
        let Plot {
            source,
            licence,
            vintages,
            model,
            language,
            ..
        } = self.0;
        let mut told = format!("Source{}{source}", self.colon());
        let label = match &vintages[..] {
            [] => None,
            [_] => Some(self.pick("millésime", "vintage")),
            _ => Some(self.pick("millésimes", "vintages")),
        };
        if let Some(label) = label {
            told.extend([", ", label, " ", &vintages.join(self.pick(" et ", " and "))]);
        }
        told.extend([". ", &phrase::licence(licence, *language), "."]);
        if let Some(model) = model {
            let label = self.pick("Prévision\u{a0}: modèle", "Forecast: model");
            told.extend([" ", label, " ", model, "."]);
        }
        if !has_zero {
            told += self.pick(
                " L'axe ne commence pas à zéro.",
                " The axis does not begin at zero.",
            );
        }
        told
    }

    /// The picture for those who do not see it.
    pub(super) fn description(&self) -> String {
        let known = self.known();
        let mut told: Vec<String> = Vec::new();
        told.extend(self.range().map(|range| format!("{range}.")));
        match known.last() {
            None => told.push(format!("{}.", self.nothing())),
            Some(last) => {
                told.push(self.at(self.pick("Dernière valeur", "Last value"), *last));
                told.extend(self.extremes(&known));
            }
        }
        told.extend(self.target());
        told.extend(self.anomalies(AnomalyKind::Outlier));
        told.extend(self.anomalies(AnomalyKind::LevelShift));
        let absent = self.0.observed.len() - known.len();
        if absent > 0 {
            let label = self.pick("Périodes sans valeur", "Periods without a value");
            told.push(format!("{label}{}{absent}.", self.colon()));
        }
        told.extend(self.0.expected.last().map(|step| self.ahead(step)));
        if self.0.synthetic {
            told.push(format!("{}.", self.synthetic()));
        }
        told.join(" ")
    }

    fn known(&self) -> Vec<(&LabelledPeriod, Number)> {
        let observed = self.0.observed.iter();
        observed
            .filter_map(|observed| Some((&observed.period, observed.value?)))
            .collect()
    }

    fn at(&self, label: &str, (period, value): (&LabelledPeriod, Number)) -> String {
        format!(
            "{label}{}{} ({}).",
            self.colon(),
            self.amount(value),
            period.label
        )
    }

    fn extremes(&self, known: &[(&LabelledPeriod, Number)]) -> Vec<String> {
        let least = known.iter().min_by_key(|(_, value)| *value);
        let most = known.iter().max_by_key(|(_, value)| *value);
        [("Minimum", least), ("Maximum", most)]
            .into_iter()
            .filter_map(|(label, at)| Some(self.at(label, *at?)))
            .collect()
    }

    /// The last target.
    fn target(&self) -> Option<String> {
        let mut targets = self.0.observed.iter().rev();
        let last = targets.find_map(|observed| Some((&observed.period, observed.target?)))?;
        Some(self.at(self.pick("Objectif", "Target"), last))
    }

    /// When something of a kind is marked.
    fn anomalies(&self, kind: AnomalyKind) -> Option<String> {
        let marked = self.0.observed.iter();
        let marked = marked.filter(|observed| observed.anomaly == Some(kind));
        let periods: Vec<_> = marked
            .map(|observed| observed.period.label.clone())
            .collect();
        let label = match kind {
            AnomalyKind::LevelShift => self.pick("Changement de niveau", "Level shift"),
            _ => self.pick("Valeur inhabituelle", "Outlier"),
        };
        (!periods.is_empty()).then(|| format!("{label}{}{}.", self.colon(), few(&periods)))
    }

    fn ahead(&self, last: &ForecastStep) -> String {
        let widest = self.0.levels().first().copied();
        let bound = widest.and_then(|level| bound_of(last, level));
        let interval = bound.map(|bound| self.interval(bound)).unwrap_or_default();
        format!(
            "{} ({}){}{}{interval}.",
            self.pick("Prévision", "Forecast"),
            last.period.label,
            self.colon(),
            self.amount(last.value)
        )
    }

    fn interval(&self, bound: &Bound) -> String {
        let [lower, upper] = [bound.lower, bound.upper].map(|end| end.told(self.0.language));
        let level = self.percent(bound.level);
        match self.0.language {
            Language::French => format!(", intervalle à {level} de {lower} à {upper}"),
            Language::English => format!(", {level} interval from {lower} to {upper}"),
        }
    }
}

/// How far a value can be relied on, in a word.
pub(super) fn status(status: Status, language: Language) -> &'static str {
    match status {
        Status::Final => language.pick("définitif", "final"),
        Status::Provisional => language.pick("provisoire", "provisional"),
        Status::Missing => language.pick("non publié", "not published"),
        Status::Partial => language.pick("partiel", "partial"),
        Status::Secret => language.pick("secret statistique", "confidential"),
    }
}

/// What stands out, in a word.
pub(super) fn anomaly(kind: AnomalyKind, language: Language) -> &'static str {
    match kind {
        AnomalyKind::Outlier => language.pick("valeur inhabituelle", "outlier"),
        AnomalyKind::LevelShift => language.pick("changement de niveau", "level shift"),
        AnomalyKind::Missing => status(Status::Missing, language),
        AnomalyKind::Provisional => status(Status::Provisional, language),
    }
}

#[cfg(test)]
mod tests {
    use mg_core::kpi::Input;

    use super::super::samples;
    use super::*;

    #[test]
    fn a_reader_who_does_not_see_it_learns_what_the_line_does() {
        let plot = samples::yearly(Language::French);
        assert_eq!(
            Words(&plot).description(),
            "2011 à 2024. Dernière valeur\u{a0}: 929\u{a0}logements (2024). Minimum\u{a0}: 518\u{a0}logements (2012). \
             Maximum\u{a0}: 2\u{202f}195\u{a0}logements (2017)."
        );
        let plot = samples::forecast(Language::English);
        let told = Words(&plot).description();
        for part in [
            "Periods without a value: 1.",
            "95% interval from ",
            "Target: 120 dwellings (June 2025).",
            "Outlier: June 2023. Level shift: January 2024.",
        ] {
            assert!(told.contains(part), "{part} in {told}");
        }
    }

    #[test]
    fn the_releases_of_several_files_are_all_named() {
        let mut series = samples::series(
            samples::january(2022),
            &samples::whole(&[1, 2]),
            0,
            Language::French,
        );
        for vintage in ["2026-10", "2026-03"] {
            series.inputs.push(Input {
                source: "Sit@del2".into(),
                vintage: Some(vintage.into()),
            });
        }
        series.vintage = Some("2026-03".into());
        let plot = Plot::of_series(&series, Language::French);
        let told = Words(&plot).source(true);
        assert!(told.contains("millésimes 2026-03 et 2026-10."), "{told}");
    }

    #[test]
    fn the_source_names_release_licence_and_model() {
        let plot = samples::forecast(Language::French);
        let told = Words(&plot).source(false);
        for part in [
            "Source\u{a0}: SDES",
            "millésime 2026-10",
            "Licence Ouverte",
            "modèle auto",
            "pas à zéro",
        ] {
            assert!(told.contains(part), "{part} in {told}");
        }
    }
}
