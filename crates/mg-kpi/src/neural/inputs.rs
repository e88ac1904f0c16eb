//! One indicator in one place as the network reads it.

use mg_core::{Language, kpi::Definition};
use mg_forecast::{Days, Start, days};
use mg_tft::{Series, Shape, Variable};

use super::{HORIZON, PAST};
use crate::{forecast::start, observed::Observed, territory::Place};

/// Names of the numbers known ahead.
const NUMBERS: [&str; 3] = ["working_days", "public_holidays", "school_holidays"];

/// The form of the network for a panel of these places, indicators and units.
pub(super) fn shape(statics: [Vec<String>; 3]) -> Shape {
    let names = ["territory", "indicator", "unit"];
    let variables = names.into_iter().zip(statics);
    Shape {
        past: PAST,
        horizon: HORIZON,
        period: 12,
        width: 24,
        heads: 4,
        quantiles: vec![0.1, 0.25, 0.5, 0.75, 0.9],
        statics: variables
            .map(|(name, labels)| Variable {
                name: name.into(),
                labels,
            })
            .collect(),
        numbers: NUMBERS.map(str::to_owned).to_vec(),
        kinds: vec![Variable {
            name: "month".into(),
            labels: (1..=12).map(|month: u8| month.to_string()).collect(),
        }],
    }
}

/// What a series is of: territory, indicator, unit.
pub(super) fn labels(definition: &Definition, place: &Place) -> [String; 3] {
    [
        place.territory.code.clone(),
        definition.name.clone(),
        definition.unit.told(Language::French).to_owned(),
    ]
}

/// The months that may be learnt from, with all that is known of them; none without a month.
pub(super) fn series(labels: &[String; 3], observed: &Observed) -> Option<Series> {
    let first = start(observed.first()?.start);
    let values = observed.fitted_values();
    let days = days(first, 12, values.len() + HORIZON).ok()?;
    let months = (0..days.len()).map(|step| (usize::from(first.month) + step - 1) % 12 + 1);
    Some(Series {
        name: labels.join(" "),
        statics: Vec::new(),
        numbers: numbers(&days),
        kinds: vec![months.collect()],
        values,
    })
}

/// Of a size about one.
fn numbers(days: &[Days]) -> Vec<Vec<f32>> {
    let row = |number: fn(&Days) -> f32| days.iter().map(number).collect();
    vec![
        row(|days| (f32::from(days.working) - 21.0) / 2.0),
        row(|days| f32::from(days.public_holidays) - 0.8),
        row(|days| f32::from(days.school_holidays) / 10.0 - 1.0),
    ]
}

/// The month so many steps after the first.
pub(super) fn month_after(first: Start, steps: usize) -> (i16, u8) {
    let months = usize::from(first.month) - 1 + steps;
    let years = i16::try_from(months / 12).unwrap_or(i16::MAX);
    let month = u8::try_from(months % 12 + 1).unwrap_or(1);
    (first.year.saturating_add(years), month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_counted_over_the_turn_of_the_year() {
        let first = Start {
            year: 2019,
            month: 11,
        };
        let after = |steps| month_after(first, steps);
        assert_eq!(
            [after(0), after(1), after(2)],
            [(2019, 11), (2019, 12), (2020, 1)]
        );
    }
}
