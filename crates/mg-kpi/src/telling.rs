//! From measured values to the answer: rounded, with target, source, vintage, inputs and notes.

use std::collections::BTreeSet;

use mg_core::kpi::{
    Aggregation, Definition, IndicatorValue, Input, Number, Observation, Period, Target,
};
use rust_decimal::Decimal;

use crate::{
    case::Case,
    coverage::File,
    evaluate::{Measured, vintage},
    note::Note,
    objective,
    store::Stored,
};

/// The period that was asked for, the one before, and the one a year earlier.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Values<'a> {
    /// Of the period.
    pub(crate) asked: &'a Measured,
    /// Of the one before.
    pub(crate) previous: &'a Measured,
    /// Of the same months a year earlier.
    pub(crate) year_ago: &'a Measured,
}

/// The answer from what is loaded.
pub(crate) fn tell(case: &Case<'_>, period: Period, values: &Values<'_>) -> IndicatorValue {
    let Case {
        definition,
        language,
        ..
    } = *case;
    let asked = values.asked;
    let files = files(case, asked);
    let licence = joined(files.iter().map(|file| file.licence.as_str()));
    IndicatorValue {
        name: definition.name.clone(),
        title: definition.title.told(language).to_owned(),
        unit: definition.unit.told(language).to_owned(),
        period: period.labelled(language),
        territory: case.place.territory.clone(),
        value: rounded(definition, asked.value),
        status: asked.status,
        sample_size: asked.sample_size,
        previous_period: Some(observation(case, period.previous(), values.previous)),
        year_ago: Some(observation(case, period.year_ago(), values.year_ago)),
        target: target(case, period, asked.value),
        source: source(definition, &files),
        licence: licence.unwrap_or_else(|| definition.licence.clone()),
        vintage: vintage(&case.known.coverage, &asked.files),
        inputs: files.iter().map(|file| input(file)).collect(),
        synthetic: files.iter().any(|file| file.synthetic),
        notes: notes(case, asked, &files),
    }
}

/// The answer from a value that was kept of another release; its neighbours were not kept with it.
pub(crate) fn tell_stored(
    case: &Case<'_>,
    period: Period,
    live: IndicatorValue,
    measured: Measured,
    stored: Stored,
) -> IndicatorValue {
    let notes_of = Measured {
        notes: vec![Note::Stored(stored.vintage.clone())],
        ..measured
    };
    IndicatorValue {
        value: rounded(case.definition, stored.value),
        status: stored.status,
        sample_size: stored.sample_size,
        previous_period: None,
        year_ago: None,
        target: target(case, period, stored.value),
        notes: notes(case, &notes_of, &files(case, &notes_of)),
        inputs: vec![Input {
            source: live.source.clone(),
            vintage: Some(stored.vintage.clone()),
        }],
        vintage: Some(stored.vintage),
        ..live
    }
}

fn rounded(definition: &Definition, value: Option<Decimal>) -> Option<Number> {
    value.map(|value| Number::rounded(value, definition.decimals))
}

fn observation(case: &Case<'_>, period: Period, measured: &Measured) -> Observation {
    Observation {
        period: period.labelled(case.language),
        value: rounded(case.definition, measured.value),
        status: measured.status,
    }
}

fn files<'a>(case: &Case<'a>, measured: &Measured) -> Vec<&'a File> {
    let files = &case.known.coverage.files;
    let ids = measured.files.iter().chain(&measured.reference_files);
    ids.filter_map(|id| files.get(id)).collect()
}

fn input(file: &File) -> Input {
    Input {
        source: file.dataset.clone(),
        vintage: file.vintage.clone(),
    }
}

fn target(case: &Case<'_>, period: Period, value: Option<Decimal>) -> Option<Target> {
    let definition = case.definition;
    let window = match (definition.months, definition.aggregation) {
        (Some(months), Aggregation::Rolling) => period.last_months(months),
        _ => period,
    };
    let goal = objective::goal(definition, &case.known.objectives, window)?;
    let reached = value.and_then(|value| objective::reached(value, goal.value));
    Some(Target {
        value: rounded_target(goal.value, definition.decimals),
        reached: reached.map(|percent| Number::rounded(percent, 1)),
        origin: goal.origin,
        period: goal.period.labelled(case.language),
    })
}

/// A prorated target may need one digit more than the values, so that `reached` can be checked from it.
fn rounded_target(value: Decimal, decimals: u32) -> Number {
    let exact = value.normalize().scale() <= decimals;
    Number::rounded(value, if exact { decimals } else { decimals + 1 })
}

/// The synthetic label first, then what was decided, then what the loaders remarked.
fn notes(case: &Case<'_>, measured: &Measured, files: &[&File]) -> Vec<String> {
    let synthetic = files
        .iter()
        .any(|file| file.synthetic)
        .then_some(Note::Synthetic);
    let remarks = files.iter().filter_map(|file| {
        let remark = file.remark.as_ref()?;
        Some(Note::Remark(file.dataset.clone(), remark.clone()))
    });
    let all = synthetic
        .into_iter()
        .chain(measured.notes.iter().cloned())
        .chain(remarks);
    all.map(|note| note.told(case.language)).collect()
}

/// The producer and its data sets; synthetic ones are nobody's but ours.
fn source(definition: &Definition, files: &[&File]) -> String {
    match joined(files.iter().map(|file| file.dataset.as_str())) {
        None => definition.source.clone(),
        Some(sets) if files.iter().any(|file| file.synthetic) => sets,
        Some(sets) => format!("{} ({sets})", definition.source),
    }
}

fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> Option<String> {
    let once: BTreeSet<_> = texts.collect();
    (!once.is_empty()).then(|| once.into_iter().collect::<Vec<_>>().join(" + "))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use mg_core::{Language, kpi::Status};

    use super::*;
    use crate::{catalogue::Catalogue, fixture, store::Known};

    fn measured(value: i64, file: &str) -> Measured {
        Measured {
            value: Some(Decimal::new(value, 2)),
            status: Status::Final,
            sample_size: None,
            files: BTreeSet::from([file.to_owned()]),
            reference_files: BTreeSet::new(),
            notes: Vec::new(),
        }
    }

    fn told(name: &str, file: &str) -> IndicatorValue {
        let stretch = (
            "annual",
            "log_aut",
            "77243",
            date(2011, 1, 1),
            date(2024, 12, 31),
        );
        let permits = (
            "permits",
            "date_reelle_autorisation",
            "77243",
            date(2013, 1, 1),
            date(2026, 10, 31),
        );
        let objective = objective::Objective {
            period: Period::year_of(date(2022, 1, 1)),
            value: 200.into(),
            origin: "fictif".into(),
        };
        let known = Known {
            coverage: fixture::coverage([stretch, permits]),
            objectives: vec![objective],
        };
        let (catalogue, place) = (Catalogue::load(None).unwrap(), fixture::authority());
        let definition = catalogue.find(name).unwrap();
        let case = Case {
            definition,
            place: &place,
            known: &known,
            min_cell: 3,
            language: Language::French,
        };
        let (asked, other) = (measured(12_345, file), measured(10_000, file));
        let values = Values {
            asked: &asked,
            previous: &other,
            year_ago: &other,
        };
        tell(&case, Period::quarter_of(date(2022, 1, 1)), &values)
    }

    #[test]
    fn values_are_rounded_to_the_decimals_of_the_indicator() {
        assert_eq!(
            told("logements_autorises", "annual").value,
            Some(Number::rounded(123.into(), 0))
        );
        let share = told("part_collectif", "annual");
        assert_eq!(share.value, Some(Number::rounded(Decimal::new(1235, 1), 1)));
        assert_eq!(share.previous_period.unwrap().period.label, "T4 2021");
    }

    #[test]
    fn the_source_of_published_data_names_producer_and_data_set() {
        let published = told("logements_autorises", "annual");
        assert_eq!(published.source, "SDES, Sit@del2 (data set annual)");
        assert_eq!(
            (published.vintage.as_deref(), published.synthetic),
            (Some("2026-03"), false)
        );
    }

    #[test]
    fn synthetic_data_is_told_as_such_and_has_no_producer() {
        let synthetic = told("logements_autorises", "permits");
        assert_eq!(
            (synthetic.source.as_str(), synthetic.synthetic),
            ("data set permits", true)
        );
        assert!(
            synthetic
                .notes
                .first()
                .is_some_and(|note| note.starts_with("DONNÉES SYNTHÉTIQUES"))
        );
        assert_eq!(synthetic.inputs[0].vintage.as_deref(), Some("2026-10"));
    }

    #[test]
    fn a_target_is_prorated_and_reached_in_percent() {
        let target = told("logements_autorises", "annual").target.unwrap();
        assert_eq!(target.value, Number::rounded(50.into(), 0));
        assert_eq!(
            target.reached,
            Some(Number::rounded(Decimal::new(2469, 1), 1))
        );
        assert_eq!(
            rounded_target(Decimal::new(16_667, 3), 0),
            Number::rounded(Decimal::new(167, 1), 1)
        );
    }
}
