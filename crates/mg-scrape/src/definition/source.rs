//! Where the rows come from: what is written to `source_fichier` and `source_couverture` with them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Constant, Template};

/// A file of a publisher: its data set, licence, release, which rows are its own and what they cover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceRule {
    /// How its id begins in `source_fichier`; the release follows (`sitadel_logements` → `sitadel_logements_2026-10`)
    pub file: String,
    /// The data set as `source_fichier.jeu` names it
    pub dataset: String,
    /// Its licence
    pub licence: String,
    /// Where the publisher's release is told
    pub vintage: Option<Vintage>,
    /// The table that its rows enter, where the spider has several
    pub table: Option<String>,
    /// The rules of files and APIs that give its rows, by name; all without it
    #[serde(default)]
    pub rules: Vec<String>,
    /// Which rows of the table are its own, by the values of columns; all without it
    #[serde(default)]
    pub rows: BTreeMap<String, Constant>,
    /// With `replace`: what a run asked for in the columns of the scope (`comm = "{commune}"`, `date = "{year}-*"` for a
    /// beginning), so that rows that are gone from the source go here too; without it the values that its rows have
    #[serde(default)]
    pub scope: BTreeMap<String, Template>,
    /// Columns that only say something where a year has any value other than 0: a year of zeros was not published
    #[serde(default)]
    pub zero_year_is_missing: Vec<String>,
    /// What the rows cover
    #[serde(default)]
    pub coverage: Vec<CoverageRule>,
    /// What is to be known of it
    pub remark: Option<String>,
}

/// Where the release (`YYYY-MM`) is told; read before and after a run, which starts again when it moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected { url = \"…\", path = \"…\" }, { header = \"…\" } or { const = \"YYYY-MM\" }"
)]
pub enum Vintage {
    /// In a JSON document, at a path.
    Json(VintageJson),
    /// In a header of the rows' own answers.
    Header(VintageHeader),
    /// Always the same.
    Const(VintageConst),
}

/// In a JSON document, at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VintageJson {
    /// The document
    pub url: Template,
    /// The path in it, members and places separated by dots
    pub path: String,
}

/// In a header of the rows' own answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VintageHeader {
    /// The header, e.g. `last-modified`
    pub header: String,
}

/// Always the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VintageConst {
    /// The month, `YYYY-MM`
    #[serde(rename = "const")]
    pub month: String,
}

/// What the rows cover of one measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageRule {
    /// The column that an indicator counts by, or the code of the indicator itself
    pub measure: String,
    /// The territories: a parameter that is a list (`{commune}`), codes with commas, or the column that holds them
    pub territory: Template,
    /// The column of years, or of days in them: each year that the rows have is covered, from January to December
    pub year: Option<String>,
    /// Which of the source's rows are meant, by the values of columns
    #[serde(default)]
    pub rows: BTreeMap<String, Constant>,
    /// The first day (`2013-01-01`, `{year}-01-01`), without `year`
    pub from: Option<Template>,
    /// The last day (`{year}-12-31`); the end of the release's last complete month without it
    pub to: Option<Template>,
    /// The column of days whose last month ends what is covered, where the release does not tell
    pub to_last: Option<String>,
    /// Months before the release that its last complete month lies
    #[serde(default)]
    pub lag_months: u32,
    /// Parameters that must have all of their default values for the rows to cover anything
    #[serde(default)]
    pub whole: Vec<String>,
}
