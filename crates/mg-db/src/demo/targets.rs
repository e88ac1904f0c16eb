//! Fictitious targets, so that answers can tell how far one is.

use rust_decimal::Decimal;

use super::TableRows;
use super::places::AUTHORITY;

const ORIGIN: &str = "Objectif fictif de démonstration (aucun PLH adopté ne le fixe)";

/// Dwellings to authorise a year: the authority, Montévrain, Bussy-Saint-Georges, Lagny-sur-Marne.
const YEARLY: [(&str, i32); 4] = [
    (AUTHORITY, 1250),
    ("77307", 200),
    ("77058", 300),
    ("77243", 150),
];

/// Dwellings to authorise in the six years of the housing programme, 2020 to 2025.
const SIX_YEARS: i32 = 7500;

/// `kpi_cible`: yearly targets 2020 to 2026 and the six-year objective of the authority.
pub(super) fn targets() -> TableRows {
    let yearly = YEARLY.iter().flat_map(|&(territory, target)| {
        (2020..=2026).map(move |year| ("logements_autorises", territory, year, year, target))
    });
    let programme = ("avancement_plh", AUTHORITY, 2020, 2025, SIX_YEARS);
    let rows = yearly
        .chain([programme])
        .map(|(kpi, territory, first_year, last_year, target)| {
            vec![
                kpi.into(),
                territory.into(),
                format!("{first_year}-01-01").into(),
                format!("{last_year}-12-31").into(),
                Decimal::from(target).into(),
                ORIGIN.into(),
            ]
        });
    TableRows {
        table: "kpi_cible",
        columns: &["kpi_code", "territoire", "debut", "fin", "cible", "origine"],
        rows: rows.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn the_authority_aims_at_1250_dwellings_in_2022() {
        let rows = targets().rows;
        let row = rows
            .iter()
            .find(|row| row[1] == AUTHORITY.into() && row[2] == "2022-01-01".into());
        assert_eq!(
            row.map(|row| &row[4]),
            Some(&Value::from(Decimal::from(1250)))
        );
        assert_eq!(rows.len(), 4 * 7 + 1);
    }

    #[test]
    fn six_yearly_targets_make_the_six_year_objective() {
        assert_eq!(YEARLY[0].1 * 6, SIX_YEARS);
    }
}
