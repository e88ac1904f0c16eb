//! The genuine facts: annual figures, national series, population.

use jiff::civil::date;
use rust_decimal::Decimal;

use super::figures::{self, DWELLING_TYPES};
use super::{TableRows, sources};

/// `fact_logements_annuel`: communes, department and region, 2011 to 2024, by dwelling type.
///
/// What was not published (starts of 2024) is `NULL`.
pub(super) fn annual() -> TableRows {
    let rows = figures::annual().iter().flat_map(|line| {
        DWELLING_TYPES
            .iter()
            .enumerate()
            .map(move |(index, dwelling_type)| {
                let [authorised, started, area_authorised, area_started] =
                    line.measures.map(|of| of.map(|of| of[index]));
                vec![
                    line.territory.into(),
                    line.year.into(),
                    (*dwelling_type).into(),
                    authorised.into(),
                    started.into(),
                    area_authorised.into(),
                    area_started.into(),
                    sources::ANNUAL.into(),
                ]
            })
    });
    TableRows {
        table: "fact_logements_annuel",
        columns: &[
            "territoire",
            "annee",
            "type_lgt",
            "log_aut",
            "log_com",
            "sdp_aut",
            "sdp_com",
            "fichier_id",
        ],
        rows: rows.collect(),
    }
}

/// `fact_serie`: the national twelve-month sums in dwellings; `periode` is the first day of the last month summed.
pub(super) fn series() -> TableRows {
    let rows = figures::national().iter().flat_map(|line| {
        (line.first_month..)
            .zip(&line.dwellings)
            .map(|(month, dwellings)| {
                vec![
                    line.series.into(),
                    "FR".into(),
                    date(line.year, month, 1).to_string().into(),
                    "month".into(),
                    Decimal::from(*dwellings).into(),
                    sources::NATIONAL.into(),
                ]
            })
    });
    TableRows {
        table: "fact_serie",
        columns: &[
            "serie",
            "territoire",
            "periode",
            "grain",
            "valeur",
            "fichier_id",
        ],
        rows: rows.collect(),
    }
}

/// `fact_population`: the communes by reference year of the census.
pub(super) fn population() -> TableRows {
    let rows = figures::communes().iter().flat_map(|commune| {
        commune.populations.iter().map(|population| {
            vec![
                commune.code.into(),
                population.year.into(),
                population.municipal.into(),
                population.total.into(),
                sources::population_file(population.year).into(),
            ]
        })
    });
    TableRows {
        table: "fact_population",
        columns: &[
            "comm",
            "annee_reference",
            "population_municipale",
            "population_totale",
            "fichier_id",
        ],
        rows: rows.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn starts_of_2024_are_null_and_not_zero() {
        let annual = annual();
        let of_2024: Vec<_> = annual
            .rows
            .iter()
            .filter(|row| row[1] == Value::Integer(2024))
            .collect();
        assert_eq!(of_2024.len(), 22 * 5);
        assert!(
            of_2024
                .iter()
                .all(|row| row[4] == Value::Null && row[6] == Value::Null && row[3] != Value::Null)
        );
    }

    #[test]
    fn national_sums_are_told_in_dwellings_month_by_month() {
        let series = series();
        assert_eq!(series.rows.len(), 2 * 308);
        assert_eq!(
            series.rows[0][2..5],
            [
                Value::from("2000-12-01"),
                Value::from("month"),
                Value::from(Decimal::from(391_000))
            ]
        );
        assert_eq!(
            series.rows[615][2..5],
            [
                Value::from("2026-07-01"),
                Value::from("month"),
                Value::from(Decimal::from(299_800))
            ]
        );
    }

    #[test]
    fn total_population_is_null_where_unknown() {
        let population = population();
        let unknown = population.rows.iter().filter(|row| row[3] == Value::Null);
        assert!(unknown.clone().all(|row| row[1] == Value::Integer(2023)));
        assert_eq!(unknown.count(), 20);
    }
}
