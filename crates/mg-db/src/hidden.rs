//! Columns that viewers do not read: what identifies a person or a plot.

use std::{fmt, str::FromStr};

/// A column, or several by a `*` at the end of the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HiddenColumn {
    /// The table.
    pub table: String,
    /// The column's name, or its beginning followed by `*`.
    pub column: String,
}

/// What is hidden unless the operator says otherwise (`sql.hidden`).
pub const DEFAULT: &[&str] = &[
    "fact_permis.denom_dem",
    "fact_permis.siren_dem",
    "fact_permis.siret_dem",
    "fact_permis.ape_dem",
    "fact_permis.cj_dem",
    "fact_permis.codpost_dem",
    "fact_permis.localite_dem",
    "fact_permis.adr_*",
    "fact_permis.sec_cadastre*",
    "fact_permis.num_cadastre*",
    "fact_permis.superficie_terrain",
    "fact_permis.num_dau",
];

/// The default list, read.
#[must_use]
pub fn defaults() -> Vec<HiddenColumn> {
    DEFAULT
        .iter()
        .filter_map(|text| text.parse().ok())
        .collect()
}

impl HiddenColumn {
    /// Whether `column` of `table` is meant, in any case of letters.
    #[must_use]
    pub fn covers(&self, table: &str, column: &str) -> bool {
        let column = column.to_ascii_lowercase();
        let meant = self.column.to_ascii_lowercase();
        self.table.eq_ignore_ascii_case(table)
            && match meant.strip_suffix('*') {
                Some(beginning) => column.starts_with(beginning),
                None => column == meant,
            }
    }
}

impl FromStr for HiddenColumn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('.') {
            Some((table, column)) if !table.is_empty() && !column.is_empty() => Ok(Self {
                table: table.to_owned(),
                column: column.to_owned(),
            }),
            _ => Err(format!(
                "`{text}` is not of the form table.column or table.beginning*"
            )),
        }
    }
}

impl fmt::Display for HiddenColumn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.table, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_names_a_column_that_exists() {
        let schema = crate::schema::columns().unwrap();
        for hidden in defaults() {
            let found = schema
                .iter()
                .any(|(table, columns)| columns.iter().any(|column| hidden.covers(table, column)));
            assert!(found, "{hidden}");
        }
        assert_eq!(defaults().len(), DEFAULT.len());
    }

    #[test]
    fn a_star_covers_what_begins_so() {
        let hidden: HiddenColumn = "fact_permis.adr_*".parse().unwrap();
        assert!(hidden.covers("FACT_PERMIS", "adr_num_ter"));
        assert!(!hidden.covers("fact_permis", "an_depot"));
        assert!(!hidden.covers("fact_dvf", "adr_num_ter"));
    }

    #[test]
    fn a_name_without_its_table_is_refused() {
        assert!(
            "denom_dem"
                .parse::<HiddenColumn>()
                .unwrap_err()
                .contains("table.column")
        );
    }
}
