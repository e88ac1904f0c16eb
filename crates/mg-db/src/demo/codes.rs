//! The labels of SITADEL's codes, in French and English.
//!
//! French labels are those of the producer's dictionaries of 2022-05-31 (the four permit types are
//! ours); only codes that stand in a column of `fact_permis` are kept. `destination_principale` has
//! two lists, one for permits of dwellings and one for permits of premises.

use super::{TableRows, figures};

/// `dim_code`: one row a variable and code; the variable is the column's name.
pub(super) fn labels() -> TableRows {
    let lines = figures::lines(include_str!("data/codes.csv"));
    TableRows {
        table: "dim_code",
        columns: &["variable", "code", "libelle_fr", "libelle_en"],
        rows: lines
            .map(|fields| fields.into_iter().map(Into::into).collect())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn every_code_has_a_label_in_both_languages() {
        let rows = labels().rows;
        assert_eq!(rows.len(), 67);
        assert!(
            rows.iter()
                .all(|row| row.len() == 4 && row.iter().all(|cell| *cell != Value::from("")))
        );
    }

    #[test]
    fn state_4_is_cancelled_and_5_started() {
        let rows = labels().rows;
        let label = |code: &str| {
            rows.iter()
                .find(|row| row[0] == "etat_dau".into() && row[1] == code.into())
                .cloned()
        };
        assert_eq!(
            label("4").unwrap()[2..],
            ["Annulé".into(), "Cancelled".into()]
        );
        assert_eq!(
            label("5").unwrap()[2..],
            ["Commencé".into(), "Started".into()]
        );
    }

    #[test]
    fn code_2_of_the_destination_differs_between_the_two_lists() {
        let rows = labels().rows;
        let label = |list: &str| {
            rows.iter()
                .find(|row| row[0] == list.into() && row[1] == "2".into())
                .cloned()
        };
        assert_eq!(
            label("destination_principale_logements").unwrap()[2],
            "non résidentiel".into()
        );
        assert_eq!(
            label("destination_principale_locaux").unwrap()[2],
            "hébergement hôtelier".into()
        );
    }
}
