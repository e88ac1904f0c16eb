//! From measured values to the answer: rounded, with target, source, vintage, inputs and notes.

use mg_core::kpi::{
    Aggregation, Definition, IndicatorValue, Input, Number, Observation, Period, Target,
};
use rust_decimal::Decimal;

use crate::{
    case::Case,
    evaluate::Measured,
    note::Note,
    objective::{self, Goal},
    provenance::Provenance,
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
    let provenance = provenance(case, asked);
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
        notes: provenance.notes(&asked.notes, language),
        source: provenance.source,
        licence: provenance.licence,
        vintage: provenance.vintage,
        inputs: provenance.inputs,
        synthetic: provenance.synthetic,
    }
}

/// The answer from a value that was kept of another release, without its neighbours.
pub(crate) fn tell_stored(
    case: &Case<'_>,
    period: Period,
    live: IndicatorValue,
    measured: &Measured,
    stored: Stored,
) -> IndicatorValue {
    let note = Note::Stored(stored.vintage.clone());
    IndicatorValue {
        value: rounded(case.definition, stored.value),
        status: stored.status,
        sample_size: stored.sample_size,
        previous_period: None,
        year_ago: None,
        target: target(case, period, stored.value),
        notes: provenance(case, measured).notes(&[note], case.language),
        inputs: vec![Input {
            source: live.source.clone(),
            vintage: Some(stored.vintage.clone()),
        }],
        vintage: Some(stored.vintage),
        ..live
    }
}

fn provenance(case: &Case<'_>, measured: &Measured) -> Provenance {
    Provenance::of(case.definition, &case.known.coverage, [measured])
}

/// A value with the decimals of its indicator.
pub(crate) fn rounded(definition: &Definition, value: Option<Decimal>) -> Option<Number> {
    value.map(|value| Number::rounded(value, definition.decimals))
}

fn observation(case: &Case<'_>, period: Period, measured: &Measured) -> Observation {
    Observation {
        period: period.labelled(case.language),
        value: rounded(case.definition, measured.value),
        status: measured.status,
    }
}

/// A neighbour that was kept of another release.
pub(crate) fn kept_observation(case: &Case<'_>, period: Period, stored: &Stored) -> Observation {
    Observation {
        period: period.labelled(case.language),
        value: rounded(case.definition, stored.value),
        status: stored.status,
    }
}

/// What is to be reached in a period, and how far it was: the share is that of the exact numbers.
pub(crate) fn target(case: &Case<'_>, period: Period, value: Option<Decimal>) -> Option<Target> {
    let goal = goal(case, period)?;
    let reached = value.and_then(|value| objective::reached(value, goal.value));
    Some(Target {
        value: rounded_target(goal.value, case.definition.decimals),
        reached: reached.map(|percent| Number::rounded(percent, 1)),
        origin: goal.origin,
        period: goal.period.labelled(case.language),
    })
}

/// What is to be reached in a period.
pub(crate) fn goal(case: &Case<'_>, period: Period) -> Option<Goal> {
    let definition = case.definition;
    let window = match (definition.months, definition.aggregation) {
        (Some(months), Aggregation::Rolling) => period.last_months(months),
        _ => period,
    };
    objective::goal(definition, &case.known.objectives, window)
}

/// A prorated target may need one digit more than the values, so that `reached` can be checked from it.
fn rounded_target(value: Decimal, decimals: u32) -> Number {
    let exact = value.normalize().scale() <= decimals;
    Number::rounded(value, if exact { decimals } else { decimals + 1 })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

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
