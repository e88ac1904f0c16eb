//! Columns that viewers do not read: what identifies a person or a plot.
//!
//! PostgreSQL and MariaDB withhold them by the account's grants; on SQLite, which has no accounts,
//! the gate does (`gate/sqlite/shadow.rs`).

use std::{fmt, str::FromStr};

/// A column, or several by a `*` at the end of the column's or the table's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HiddenColumn {
    /// The table's name, or its beginning followed by `*`.
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

/// Hidden whatever the operator says: tables that spiders fill, and those in which they stage their rows. What a
/// spider shows of its table to viewers is a view, `v_` before the table's name.
const WITHHELD: &[&str] = &["web_*.*", "stg_*.*"];

/// Views that were written to show a part of what is hidden: who may not read the columns reads the view.
const TRUSTED_VIEWS: &[&str] = &["v_permis_public", "v_web_*"];

/// What a role does not read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hidden {
    /// The columns; none for a role that reads everything.
    pub columns: Vec<HiddenColumn>,
    /// The views through which they are read all the same, as far as each view shows them; a `*` at the end of a
    /// name stands for what follows.
    pub trusted_views: Vec<String>,
}

impl Hidden {
    /// What viewers do not read: the columns of `sql.hidden`, the default list where that is not set, and tables
    /// filled by spiders in any case.
    ///
    /// # Errors
    /// A sentence about an entry that is not of the form `table.column`.
    pub fn from_viewers(configured: Option<&[String]>) -> Result<Self, String> {
        let mut columns = match configured {
            None => defaults(),
            Some(listed) => (listed.iter())
                .map(|text| text.parse().map_err(|why| format!("sql.hidden: {why}")))
                .collect::<Result<_, _>>()?,
        };
        columns.extend(WITHHELD.iter().filter_map(|text| text.parse().ok()));
        Ok(Self {
            columns,
            trusted_views: TRUSTED_VIEWS.iter().map(ToString::to_string).collect(),
        })
    }

    /// Whether everything may be read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Whether `column` of `table` is not to be read.
    #[must_use]
    pub fn covers(&self, table: &str, column: &str) -> bool {
        (self.columns.iter()).any(|hidden| hidden.covers(table, column))
    }

    /// Whether the view may show what is hidden.
    #[must_use]
    pub fn trusts(&self, view: &str) -> bool {
        (self.trusted_views.iter()).any(|trusted| is_meant(trusted, view))
    }
}

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
        is_meant(&self.table, table) && is_meant(&self.column, column)
    }
}

/// Whether `name` is `pattern`, or begins as one that ends in `*`, in any case of letters.
fn is_meant(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_ascii_lowercase(), name.to_ascii_lowercase());
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
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
    fn viewers_are_denied_the_configured_list_or_the_default_one() {
        let listed = ["fact_dvf.id_parcelle".to_owned()];
        let hidden = Hidden::from_viewers(Some(&listed)).unwrap();
        assert!(hidden.covers("fact_dvf", "ID_PARCELLE"));
        assert!(!hidden.covers("fact_permis", "denom_dem"));
        assert!(hidden.trusts("V_Permis_Public") && !hidden.trusts("v_logements_mensuel"));
        let default = Hidden::from_viewers(None).unwrap();
        assert!(default.covers("fact_permis", "denom_dem"));
        let nothing = Hidden::from_viewers(Some(&[])).unwrap();
        assert!(!nothing.covers("fact_permis", "denom_dem"));
        let wrong = Hidden::from_viewers(Some(&["denom_dem".to_owned()])).unwrap_err();
        assert!(wrong.starts_with("sql.hidden: `denom_dem`"), "{wrong}");
    }

    #[test]
    fn what_spiders_fill_is_read_through_its_view_only() {
        for hidden in [None, Some(&[][..])].map(Hidden::from_viewers) {
            let hidden = hidden.unwrap();
            assert!(hidden.covers("web_avis", "num_dossier") && hidden.covers("STG_x_1", "_page"));
            assert!(!hidden.covers("fact_dvf", "valeur_fonciere"));
            assert!(hidden.trusts("v_web_avis") && !hidden.trusts("v_avis"));
        }
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
