//! The answer of `get_indicator` as people read it: every number of it, in French or English.

use mg_core::{
    Language,
    kpi::{Definition, Grain, IndicatorValue, Number, Observation, RowsAre, Target},
};
use rust_decimal::Decimal;

use crate::phrase::{self, Origin, absence, status};

/// The answer in words: the value with its comparisons, then the source, then one line a note.
pub(crate) fn of(told: &IndicatorValue, definition: &Definition, language: Language) -> String {
    let speaker = Speaker {
        told,
        definition,
        language,
    };
    let facts = [
        Some(speaker.value()),
        speaker.previous(),
        speaker.year_ago(),
        speaker.target(),
        speaker.sample(),
    ];
    let mut lines = vec![
        facts.into_iter().flatten().collect::<Vec<_>>().join(" "),
        speaker.source(),
    ];
    lines.extend(told.notes.iter().map(|note| format!("- {note}")));
    lines.join("\n")
}

struct Speaker<'a> {
    told: &'a IndicatorValue,
    definition: &'a Definition,
    language: Language,
}

impl Speaker<'_> {
    fn value(&self) -> String {
        let Self { told, language, .. } = self;
        let place = format!(
            "{} — {}, {}",
            told.title, told.territory.name, told.period.label
        );
        match told.value {
            Some(value) => format!(
                "{place}{}{} ({}).",
                self.colon(),
                self.amount(value),
                status(told.status, *language)
            ),
            None => format!(
                "{place}{}{}.",
                self.colon(),
                absence(told.status, *language)
            ),
        }
    }

    fn previous(&self) -> Option<String> {
        let label = match self.told.period.grain {
            Grain::Year => self.language.pick("Année précédente", "Year before"),
            Grain::Quarter => self.language.pick("Trimestre précédent", "Quarter before"),
            Grain::Month => self.language.pick("Mois précédent", "Month before"),
            Grain::Interval => self.language.pick("Période précédente", "Period before"),
        };
        self.told
            .previous_period
            .as_ref()
            .map(|observation| self.compared(label, observation))
    }

    /// Not said twice: of twelve months, the period before is the one a year earlier.
    fn year_ago(&self) -> Option<String> {
        let before = self
            .told
            .previous_period
            .as_ref()
            .map(|observation| &observation.period);
        let observation = self
            .told
            .year_ago
            .as_ref()
            .filter(|observation| Some(&observation.period) != before)?;
        Some(self.compared(
            self.language.pick("Un an avant", "A year earlier"),
            observation,
        ))
    }

    fn compared(&self, label: &str, observation: &Observation) -> String {
        let label = format!("{label} ({}){}", observation.period.label, self.colon());
        match observation.value {
            None => format!("{label}{}.", absence(observation.status, self.language)),
            Some(value) => match self.change(value) {
                Some(change) => format!("{label}{} ({change}).", value.told(self.language)),
                None => format!("{label}{}.", value.told(self.language)),
            },
        }
    }

    fn change(&self, from: Number) -> Option<String> {
        phrase::change(self.definition, from, self.told.value?, self.language)
    }

    fn target(&self) -> Option<String> {
        let Target {
            value,
            reached,
            origin,
            period,
        } = self.told.target.as_ref()?;
        let label = self.language.pick("Objectif", "Target");
        let reached = reached.map(|share| {
            let share = phrase::percent(share, self.language);
            match self.language {
                Language::French => format!(" (atteint à {share})"),
                Language::English => format!(" ({share} reached)"),
            }
        });
        let (value, reached) = (self.amount(*value), reached.unwrap_or_default());
        Some(format!(
            "{label}{}{value}{reached}, {origin}, {}.",
            self.colon(),
            period.label
        ))
    }

    fn sample(&self) -> Option<String> {
        let mut sources = self.definition.sources.iter();
        let label = match sources.find_map(|source| source.rows_are)? {
            RowsAre::Permits => self.language.pick("Permis comptés", "Permits counted"),
            RowsAre::Demolitions => self
                .language
                .pick("Permis de démolir comptés", "Permits to demolish counted"),
            RowsAre::Sales => self.language.pick("Ventes comptées", "Sales counted"),
        };
        let count = self
            .language
            .number(Decimal::from(self.told.sample_size?), 0);
        Some(format!("{label}{}{count}.", self.colon()))
    }

    fn source(&self) -> String {
        let IndicatorValue {
            source,
            vintage,
            inputs,
            licence,
            ..
        } = self.told;
        let vintage = vintage.as_deref();
        let origin = Origin {
            source,
            vintage,
            inputs,
            licence,
        };
        phrase::source(origin, self.language)
    }

    fn amount(&self, value: Number) -> String {
        phrase::amount(value, &self.told.unit, self.language)
    }

    fn colon(&self) -> &'static str {
        phrase::colon(self.language)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use mg_core::kpi::{Input, Period, Status, Territory};

    use super::*;
    use crate::fixture::definition;

    fn number(value: i64, decimals: u32) -> Number {
        Number::rounded(Decimal::new(value, decimals), decimals)
    }

    fn told(
        definition: &Definition,
        language: Language,
        value: Option<Number>,
        status: Status,
        before: Number,
    ) -> IndicatorValue {
        let year = Period::year_of(date(2022, 1, 1));
        let before = Observation {
            period: year.previous().labelled(language),
            value: Some(before),
            status: Status::Final,
        };
        IndicatorValue {
            name: definition.name.clone(),
            title: definition.title.told(language).into(),
            unit: definition.unit.told(language).into(),
            period: year.labelled(language),
            territory: Territory {
                code: "247700594".into(),
                name: "CA Marne et Gondoire".into(),
            },
            value,
            status,
            sample_size: None,
            previous_period: Some(before.clone()),
            year_ago: Some(before),
            target: None,
            source: "SDES, Sit@del2".into(),
            licence: "Licence Ouverte 2.0".into(),
            vintage: Some("2026-03".into()),
            inputs: vec![Input {
                source: "Sit@del2".into(),
                vintage: Some("2026-03".into()),
            }],
            synthetic: false,
            notes: Vec::new(),
        }
    }

    #[test]
    fn french_text_has_french_typography_and_every_number() {
        let definition = definition("logements_autorises");
        let mut told = told(
            &definition,
            Language::French,
            Some(number(1564, 0)),
            Status::Final,
            number(1124, 0),
        );
        told.target = Some(Target {
            value: number(1250, 0),
            reached: Some(number(1251, 1)),
            origin: "Objectif fictif".into(),
            period: told.period.clone(),
        });
        assert_eq!(
            of(&told, &definition, Language::French),
            "Logements autorisés — CA Marne et Gondoire, 2022\u{a0}: 1\u{202f}564\u{a0}logements (définitif). \
             Année précédente (2021)\u{a0}: 1\u{202f}124 (+39,1\u{a0}%). \
             Objectif\u{a0}: 1\u{202f}250\u{a0}logements (atteint à 125,1\u{a0}%), Objectif fictif, 2022.\n\
             Source\u{a0}: SDES, Sit@del2, millésime 2026-03. Licence Ouverte 2.0."
        );
    }

    #[test]
    fn english_text_has_english_typography() {
        let definition = definition("part_collectif");
        let told = told(
            &definition,
            Language::English,
            Some(number(893, 1)),
            Status::Provisional,
            number(910, 1),
        );
        assert_eq!(
            of(&told, &definition, Language::English),
            "Share of flats — CA Marne et Gondoire, 2022: 89.3% (provisional). Year before (2021): 91.0 (-1.7 points).\n\
             Source: SDES, Sit@del2, vintage 2026-03. Licence Ouverte 2.0."
        );
    }

    #[test]
    fn what_is_counted_is_called_by_its_name() {
        for (name, words) in [
            ("prix_median_m2", "Ventes comptées\u{a0}: 27."),
            ("permis_autorises", "Permis comptés\u{a0}: 27."),
        ] {
            let definition = definition(name);
            let (value, before) = (Some(number(1, 0)), number(1, 0));
            let mut told = told(&definition, Language::French, value, Status::Final, before);
            told.sample_size = Some(27);
            let text = of(&told, &definition, Language::French);
            assert!(text.contains(words), "{text}");
        }
    }

    #[test]
    fn an_unknown_value_is_told_as_such_and_notes_follow_line_by_line() {
        let definition = definition("logements_commences");
        let mut told = told(
            &definition,
            Language::French,
            None,
            Status::Missing,
            number(1133, 0),
        );
        told.notes = vec!["une remarque".into(), "une autre".into()];
        let text = of(&told, &definition, Language::French);
        assert!(
            text.contains("2022\u{a0}: donnée manquante (non publiée), pas zéro."),
            "{text}"
        );
        assert!(text.contains("(2021)\u{a0}: 1\u{202f}133."), "{text}");
        assert!(text.ends_with("\n- une remarque\n- une autre"), "{text}");
    }

    #[test]
    fn a_change_from_zero_has_no_percentage() {
        let definition = definition("logements_autorises");
        let told = told(
            &definition,
            Language::French,
            Some(number(5, 0)),
            Status::Final,
            number(0, 0),
        );
        assert!(of(&told, &definition, Language::French).contains("(2021)\u{a0}: 0."));
    }
}
