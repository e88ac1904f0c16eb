//! Ranks and shares.

use mg_core::kpi::{Aggregation, ComparedRow, Definition, Number, Polarity};
use rust_decimal::Decimal;

use crate::{evaluate::Measured, telling::rounded, territory::Place};

/// The rows in order of rank, those without a value last, in order of name; equal values share a rank.
pub(super) fn ranked(
    definition: &Definition,
    places: &[Place],
    values: &[Measured],
    total: Option<Number>,
) -> Vec<ComparedRow> {
    let mut rows: Vec<ComparedRow> = places
        .iter()
        .zip(values)
        .map(|(place, measured)| {
            let value = rounded(definition, measured.value);
            ComparedRow {
                territory: place.territory.clone(),
                value,
                status: measured.status,
                rank: None,
                share: share(definition, value, total),
            }
        })
        .collect();
    rows.sort_by(|one, other| {
        let order = match (one.value, other.value) {
            (Some(one), Some(other)) if definition.polarity == Polarity::Down => one.cmp(&other),
            (one, other) => other.cmp(&one),
        };
        order.then_with(|| one.territory.name.cmp(&other.territory.name))
    });
    let values: Vec<_> = rows.iter().map(|row| row.value).collect();
    for row in &mut rows {
        let first = values.iter().position(|value| *value == row.value);
        row.rank = row.value.and(first).map(|index| index + 1);
    }
    rows
}

/// The part of a total in percent, of sums only.
fn share(definition: &Definition, value: Option<Number>, total: Option<Number>) -> Option<Number> {
    // A value that is only published for the whole, such as a median, is no sum of those of its parts.
    let adds_up = definition.re_aggregates
        && matches!(
            definition.aggregation,
            Aggregation::Sum | Aggregation::Rolling | Aggregation::Last
        );
    let (value, total) = (value.filter(|_| adds_up)?.decimal(), total?.decimal());
    let share = (value * Decimal::ONE_HUNDRED).checked_div(total)?;
    Some(Number::rounded(share, 1))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use mg_core::kpi::Status;

    use super::*;
    use crate::{catalogue::Catalogue, fixture, note::Note};

    fn rows(polarity: Polarity, name: &str, values: &[Option<i64>]) -> Vec<ComparedRow> {
        let mut definition = Catalogue::load(None).unwrap().find(name).unwrap().clone();
        definition.polarity = polarity;
        let places: Vec<_> = ["A", "B", "C", "D"]
            .map(|name| fixture::place(name, name))
            .to_vec();
        let measured: Vec<_> = values
            .iter()
            .map(|value| {
                let mut measured =
                    Measured::without_value(Status::Missing, BTreeSet::new(), Note::Missing(None));
                measured.value = value.map(Into::into);
                measured
            })
            .collect();
        ranked(&definition, &places, &measured, Some(Number::from(200)))
    }

    fn told(rows: &[ComparedRow]) -> Vec<(&str, Option<usize>)> {
        rows.iter()
            .map(|row| (row.territory.code.as_str(), row.rank))
            .collect()
    }

    #[test]
    fn the_largest_is_first_where_more_is_better_and_equals_share_a_rank() {
        let rows = rows(
            Polarity::Up,
            "logements_autorises",
            &[Some(5), Some(9), Some(5), Some(1)],
        );
        assert_eq!(
            told(&rows),
            [
                ("B", Some(1)),
                ("A", Some(2)),
                ("C", Some(2)),
                ("D", Some(4))
            ]
        );
    }

    #[test]
    fn the_smallest_is_first_where_less_is_better_and_the_missing_are_last() {
        let rows = rows(
            Polarity::Down,
            "logements_autorises",
            &[Some(5), None, Some(0), Some(9)],
        );
        assert_eq!(
            told(&rows),
            [("C", Some(1)), ("A", Some(2)), ("D", Some(3)), ("B", None)]
        );
    }

    #[test]
    fn shares_are_of_sums_only() {
        let of_sums = rows(
            Polarity::Up,
            "logements_autorises",
            &[Some(25), None, None, None],
        );
        assert_eq!(
            of_sums[0].share,
            Some(Number::rounded(Decimal::new(125, 1), 1))
        );
        assert_eq!(of_sums[1].share, None);
        let of_ratios = rows(
            Polarity::Up,
            "part_collectif",
            &[Some(25), None, None, None],
        );
        assert_eq!(of_ratios[0].share, None);
        let of_medians = rows(Polarity::Up, "revenu_median", &[Some(25), None, None, None]);
        assert_eq!(of_medians[0].share, None);
    }
}
