//! Picks the reference year of a denominator, such as the population: the same year for every member.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::{facts::Fact, territory::Place};

/// How many years after the period a reference year may still be.
const YEARS_AFTER: i16 = 3;

/// A denominator of one reference year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The year.
    pub(crate) year: i16,
    /// The sum over the members.
    pub(crate) value: Decimal,
    /// The files that it comes from.
    pub(crate) files: BTreeSet<String>,
}

/// The sum of the nearest year at or before `year`, else of the earliest within three years after it, among the years
/// for which every member has a figure: the territory itself, else the communes of an authority.
pub(crate) fn reference(facts: &[Fact], place: &Place, year: i16) -> Option<Reference> {
    let own: Vec<&str> = vec![&place.territory.code];
    let communes: Vec<&str> = place
        .communes
        .iter()
        .map(|commune| commune.code.as_str())
        .collect();
    [own, communes]
        .into_iter()
        .filter(|members| !members.is_empty())
        .find_map(|members| {
            let years = complete_years(facts, &members);
            let before = years.range(..=year).next_back();
            let after = || years.range(year..=year.saturating_add(YEARS_AFTER)).next();
            let (year, (value, files)) = before.or_else(after)?;
            Some(Reference {
                year: *year,
                value: *value,
                files: files.clone(),
            })
        })
}

fn complete_years(facts: &[Fact], members: &[&str]) -> BTreeMap<i16, (Decimal, BTreeSet<String>)> {
    let mut years: BTreeMap<i16, (BTreeSet<&str>, Decimal, BTreeSet<String>)> = BTreeMap::new();
    for fact in facts
        .iter()
        .filter(|fact| members.contains(&fact.territory.as_str()))
    {
        let Some(value) = fact.value else { continue };
        let (known, sum, files) = years.entry(fact.span.start.year()).or_default();
        known.insert(&fact.territory);
        *sum += value;
        files.insert(fact.file.clone());
    }
    let complete = years
        .into_iter()
        .filter(|(_, (known, ..))| known.len() == members.len());
    complete
        .map(|(year, (_, sum, files))| (year, (sum, files)))
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use mg_core::kpi::Period;

    use super::*;
    use crate::fixture;

    fn population(territory: &str, year: i16, inhabitants: i64) -> Fact {
        Fact {
            territory: territory.into(),
            span: Period::year_of(date(year, 1, 1)),
            file: format!("pop{year}"),
            value: Some(inhabitants.into()),
            divisor: Some(Decimal::ZERO),
            rows: 1,
            informed: None,
            withheld: false,
            margin: None,
        }
    }

    fn facts() -> Vec<Fact> {
        let years = [(2018, 100), (2020, 110), (2022, 120)];
        years
            .into_iter()
            .flat_map(|(year, count)| {
                [
                    population("77243", year, count),
                    population("77307", year, 2 * count),
                ]
            })
            .chain([population("77243", 2023, 130)])
            .collect()
    }

    fn found(year: i16) -> Option<(i16, i64)> {
        let reference = reference(&facts(), &fixture::authority(), year)?;
        Some((reference.year, i64::try_from(reference.value).unwrap()))
    }

    #[test]
    fn the_nearest_year_at_or_before_is_taken() {
        assert_eq!(found(2022), Some((2022, 360)));
        assert_eq!(found(2021), Some((2020, 330)));
        assert_eq!(found(2030), Some((2022, 360)));
    }

    #[test]
    fn else_the_earliest_within_three_years() {
        assert_eq!(found(2015), Some((2018, 300)));
        assert_eq!(found(2014), None);
    }

    #[test]
    fn a_year_that_a_commune_lacks_does_not_count() {
        assert_eq!(found(2023), Some((2022, 360)));
        let lagny = fixture::place("77243", "Lagny-sur-Marne");
        assert_eq!(
            reference(&facts(), &lagny, 2023).map(|reference| reference.year),
            Some(2023)
        );
    }

    #[test]
    fn the_files_are_those_of_the_year() {
        let reference = reference(&facts(), &fixture::authority(), 2022).unwrap();
        assert_eq!(reference.files.into_iter().collect::<Vec<_>>(), ["pop2022"]);
    }
}
