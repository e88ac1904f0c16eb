//! What facts come to, by the rules of an indicator.

use jiff::civil::date;

use super::*;
use crate::{
    fixture::{self, definition, sitadel},
    reading::Choice,
};

const LAGNY: &str = "77243";
const MONTEVRAIN: &str = "77307";

fn fact(territory: &str, span: Period, value: i64, divisor: i64, rows: u64) -> Fact {
    let file = if span.grain == mg_core::kpi::Grain::Year {
        "annual"
    } else {
        "permits"
    };
    let (value, divisor) = (Some(value.into()), Some(divisor.into()));
    Fact {
        territory: territory.into(),
        span,
        file: file.into(),
        value,
        divisor,
        rows,
        informed: None,
        withheld: false,
        margin: None,
    }
}

fn year(year: i16) -> Period {
    Period::year_of(date(year, 1, 1))
}

fn month(year: i16, month: i8) -> Period {
    Period::month_of(date(year, month, 1))
}

/// The value of `period` where every source has the same facts.
fn measured(definition: &Definition, place: &Place, period: Period, facts: &[Fact]) -> Measured {
    let (coverage, objectives) = (sitadel(), []);
    let choice = Choice::of(definition, &coverage, place);
    let reading = choice.reading(period, None).unwrap();
    let evidence = Evidence {
        definition,
        place,
        coverage: &coverage,
        facts: (0..definition.sources.len())
            .map(|index| (index, facts.iter().cloned().collect()))
            .collect(),
        denominator: vec![
            fact(LAGNY, year(2022), 20_000, 0, 1),
            fact(MONTEVRAIN, year(2022), 10_000, 0, 1),
        ],
        objectives: &objectives,
        min_cell: 3,
    };
    evaluate(&evidence, &reading)
}

fn lagny() -> Place {
    fixture::place(LAGNY, "Lagny-sur-Marne")
}

#[test]
fn an_authority_is_the_sum_of_its_communes() {
    let facts = [
        fact(LAGNY, year(2022), 100, 0, 1),
        fact(MONTEVRAIN, year(2022), 64, 0, 1),
    ];
    let sum = measured(
        &definition("logements_autorises"),
        &fixture::authority(),
        year(2022),
        &facts,
    );
    assert_eq!((sum.value, sum.status), (Some(164.into()), Status::Final));
    assert_eq!(
        (sum.files, sum.sample_size),
        (BTreeSet::from(["annual".to_owned()]), None)
    );
}

#[test]
fn a_covered_period_without_rows_is_zero_and_names_the_file_that_says_so() {
    let zero = measured(
        &definition("logements_autorises"),
        &lagny(),
        month(2022, 3),
        &[],
    );
    assert_eq!(
        (zero.value, zero.sample_size),
        (Some(Decimal::ZERO), Some(0))
    );
    assert_eq!(zero.files, BTreeSet::from(["permits".to_owned()]));
}

#[test]
fn facts_outside_the_window_or_of_others_do_not_enter() {
    let facts = [
        fact(LAGNY, month(2022, 3), 5, 0, 2),
        fact(LAGNY, month(2022, 4), 7, 0, 1),
        fact("77001", month(2022, 3), 9, 0, 1),
    ];
    let march = measured(
        &definition("logements_autorises"),
        &lagny(),
        month(2022, 3),
        &facts,
    );
    assert_eq!((march.value, march.sample_size), (Some(5.into()), Some(2)));
}

#[test]
fn recent_periods_are_provisional_until_the_release_is_late_enough() {
    let status =
        |period| measured(&definition("logements_autorises"), &lagny(), period, &[]).status;
    assert_eq!(status(month(2026, 4)), Status::Final);
    assert_eq!(status(month(2026, 5)), Status::Provisional);
    assert_eq!(status(month(2026, 10)), Status::Provisional);
    assert_eq!(
        super::status(
            &definition("logements_commences"),
            year(2023),
            Some("2026-03")
        ),
        Status::Final
    );
    assert_eq!(
        super::status(
            &definition("logements_commences"),
            year(2024),
            Some("2026-03")
        ),
        Status::Provisional
    );
    assert_eq!(
        super::status(&definition("logements_commences"), year(2011), None),
        Status::Provisional
    );
}

#[test]
fn a_ratio_is_the_ratio_of_sums() {
    let facts = [
        fact(LAGNY, year(2022), 10, 40, 1),
        fact(MONTEVRAIN, year(2022), 50, 60, 1),
    ];
    let share = measured(
        &definition("part_collectif"),
        &fixture::authority(),
        year(2022),
        &facts,
    );
    assert_eq!(share.value, Some(60.into()));
}

#[test]
fn a_ratio_over_one_or_two_permits_of_a_commune_is_secret() {
    let of = |rows| {
        measured(
            &definition("part_collectif"),
            &lagny(),
            month(2022, 3),
            &[fact(LAGNY, month(2022, 3), 1, 4, rows)],
        )
    };
    assert_eq!((of(2).value, of(2).status), (None, Status::Secret));
    assert_eq!(
        (of(3).value, of(3).status),
        (Some(25.into()), Status::Final)
    );
    let authority = measured(
        &definition("part_collectif"),
        &fixture::authority(),
        month(2022, 3),
        &[fact(LAGNY, month(2022, 3), 1, 4, 1)],
    );
    assert_eq!(authority.value, Some(25.into()));
    let count = measured(
        &definition("logements_autorises"),
        &lagny(),
        month(2022, 3),
        &[fact(LAGNY, month(2022, 3), 1, 4, 1)],
    );
    assert_eq!(count.value, Some(1.into()));
}

#[test]
fn a_ratio_over_nothing_is_not_defined() {
    let none = measured(&definition("part_collectif"), &lagny(), month(2022, 3), &[]);
    assert_eq!(
        (none.value, none.status, none.notes),
        (None, Status::Final, vec![Note::Undefined])
    );
}

#[test]
fn a_rate_is_divided_by_the_population_of_its_reference_year() {
    let facts = [
        fact(LAGNY, year(2023), 300, 0, 1),
        fact(MONTEVRAIN, year(2023), 126, 0, 1),
    ];
    let rate = measured(
        &definition("construction_pour_1000_hab"),
        &fixture::authority(),
        year(2023),
        &facts,
    );
    assert_eq!(rate.value, Some(Decimal::new(142, 1)));
    assert!(
        matches!(rate.notes[..], [Note::ReferenceYear(_, 2022)]),
        "{:?}",
        rate.notes
    );
    let early = measured(
        &definition("construction_pour_1000_hab"),
        &fixture::authority(),
        year(2014),
        &facts,
    );
    assert_eq!((early.value, early.status), (None, Status::Missing));
}

#[test]
fn a_stock_is_the_last_value_of_each_member() {
    let mut stock = definition("logements_autorises");
    stock.aggregation = Aggregation::Last;
    let facts = [
        fact(LAGNY, month(2022, 1), 5, 0, 1),
        fact(LAGNY, month(2022, 2), 7, 0, 1),
        fact(MONTEVRAIN, month(2022, 2), 1, 0, 1),
    ];
    let facts: Vec<&Fact> = facts.iter().collect();
    let year = Period::year_of(date(2022, 1, 1));
    assert_eq!(sums(&stock, year, &facts).value, 8.into());
}

#[test]
fn an_average_is_over_the_rows() {
    let mut average = definition("logements_autorises");
    average.aggregation = Aggregation::Average;
    let of = |rows| {
        measured(
            &average,
            &lagny(),
            month(2022, 3),
            &[fact(LAGNY, month(2022, 3), 10, 0, rows)],
        )
    };
    assert_eq!(
        (of(4).value, of(2).status),
        (Some(Decimal::new(25, 1)), Status::Secret)
    );
}
