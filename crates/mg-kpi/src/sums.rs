//! What the facts of a reading come to: sums over its members, last values of stocks, medians, yearly changes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use mg_core::kpi::{Aggregation, Definition, Period};
use rust_decimal::Decimal;

use crate::facts::Fact;

/// How close a root is computed: far below the digits of any indicator.
const ROOT_ERROR: Decimal = Decimal::from_parts(1, 0, 0, false, 20);

/// The sums over the members of a reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sums {
    /// Σ value; of stocks, of the last of each member.
    pub(crate) value: Decimal,
    /// Σ divisor, likewise.
    pub(crate) divisor: Decimal,
    /// How many rows entered.
    pub(crate) rows: u64,
    /// The part of the divisor whose rows say anything.
    pub(crate) informed: Decimal,
    /// Between which values the estimate lies, where it is one and its producer tells.
    pub(crate) margin: Option<[Decimal; 2]>,
    /// For `growth`: the stock that it grew from.
    pub(crate) before: Decimal,
}

/// The sums of facts.
pub(crate) fn sums(definition: &Definition, window: Period, facts: &[&Fact]) -> Sums {
    let kept = match definition.aggregation {
        Aggregation::Growth => ending(facts, Period::year_of(window.end)),
        _ if definition.is_stock() => last(facts),
        _ => facts.to_vec(),
    };
    let before = ending(facts, Period::year_of(window.start));
    Sums {
        value: kept.iter().filter_map(|fact| fact.value).sum(),
        divisor: kept.iter().filter_map(|fact| fact.divisor).sum(),
        rows: kept.iter().map(|fact| fact.rows).sum(),
        informed: kept.iter().filter_map(|fact| fact.informed).sum(),
        margin: match &kept[..] {
            [one] => one.margin,
            _ => None,
        },
        before: before.iter().filter_map(|fact| fact.value).sum(),
    }
}

/// The facts that end in a year.
pub(crate) fn ending<'a>(facts: &[&'a Fact], year: Period) -> Vec<&'a Fact> {
    let inside = |fact: &&&Fact| year.contains(fact.span);
    facts.iter().filter(inside).copied().collect()
}

/// The last facts of each territory.
fn last<'a>(facts: &[&'a Fact]) -> Vec<&'a Fact> {
    let mut ends: BTreeMap<&str, Date> = BTreeMap::new();
    for fact in facts {
        let end = ends.entry(&fact.territory).or_insert(fact.span.end);
        *end = fact.span.end.max(*end);
    }
    let is_last = |fact: &&&Fact| ends.get(fact.territory.as_str()) == Some(&fact.span.end);
    facts.iter().filter(is_last).copied().collect()
}

/// The median of what rows give: the middle one, or the mean of the two in the middle. `None` without rows.
pub(crate) fn median(facts: &[&Fact]) -> Option<Decimal> {
    let mut given: Vec<(Decimal, u64)> = facts
        .iter()
        .filter_map(|fact| Some((fact.value?, fact.rows)))
        .collect();
    given.sort_unstable();
    let rows: u64 = given.iter().map(|(_, count)| count).sum();
    let at = |rank: u64| {
        let mut passed = 0;
        let mut found = given.iter().filter(|(_, count)| {
            passed += count;
            passed > rank
        });
        found.next().map(|(value, _)| *value)
    };
    let low = at(rows.checked_sub(1)? / 2)?;
    Some((low + at(rows / 2)?) / Decimal::TWO)
}

/// The mean yearly change between two stocks that lie some months apart, as a fraction: the root of the growth over so
/// many years, less one. `None` when it grew from nothing, or shrank to nothing.
pub(crate) fn yearly_change(before: Decimal, after: Decimal, months: u32) -> Option<Decimal> {
    let growth = after
        .checked_div(before)
        .filter(|growth| growth.is_sign_positive() && !growth.is_zero())?;
    Some(root(growth, (months / 12).max(1)) - Decimal::ONE)
}

/// The root of a positive number by Newton's method, exact enough for any rounding.
fn root(number: Decimal, degree: u32) -> Decimal {
    let degree_less_one = Decimal::from(degree - 1);
    let mut root = Decimal::ONE;
    for _ in 0..100 {
        let power = (1..degree).fold(Decimal::ONE, |power, _| power * root);
        let next = (degree_less_one * root + number / power) / Decimal::from(degree);
        let step = (next - root).abs();
        root = next;
        if step < ROOT_ERROR {
            break;
        }
    }
    root
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn given(value: i64, rows: u64) -> Fact {
        Fact {
            territory: "77243".into(),
            span: Period::month_of(date(2022, 3, 1)),
            file: "permits".into(),
            value: Some(value.into()),
            divisor: Some(Decimal::ZERO),
            rows,
            informed: None,
            withheld: false,
            margin: None,
        }
    }

    fn median_of(facts: &[Fact]) -> Option<Decimal> {
        median(&facts.iter().collect::<Vec<_>>())
    }

    #[test]
    fn the_median_is_the_middle_of_all_rows_and_not_of_the_distinct_values() {
        assert_eq!(
            median_of(&[given(9, 1), given(1, 3), given(5, 1)]),
            Some(1.into())
        );
        assert_eq!(
            median_of(&[given(9, 1), given(1, 1), given(5, 1)]),
            Some(5.into())
        );
        assert_eq!(
            median_of(&[given(8, 2), given(1, 2)]),
            Some(Decimal::new(45, 1))
        );
        assert_eq!(median_of(&[]), None);
    }

    #[test]
    fn five_years_of_two_percent_are_two_percent_a_year() {
        let after = (0..5).fold(Decimal::from(100_000), |stock, _| {
            stock * Decimal::new(102, 2)
        });
        let change = yearly_change(100_000.into(), after, 60).unwrap();
        assert_eq!(change.round_dp(12), Decimal::new(2, 2));
        let shrunk = yearly_change(100.into(), 50.into(), 12).unwrap();
        assert_eq!(shrunk, Decimal::new(-5, 1));
        assert_eq!(yearly_change(0.into(), 5.into(), 60), None);
        assert_eq!(yearly_change(5.into(), 0.into(), 60), None);
    }
}
