//! Where the rows come from: what is written to `source_fichier` and `source_couverture` with them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Template;

/// The data set, its licence, its release and what it covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceRule {
    /// The data set as `source_fichier.jeu` names it
    pub dataset: String,
    /// Its licence
    pub licence: String,
    /// Where the publisher's release is told
    pub vintage: Option<Vintage>,
    /// What the rows cover
    #[serde(default)]
    pub coverage: Vec<CoverageRule>,
    /// What is to be known of it
    pub remark: Option<String>,
}

/// Where the release (`YYYY-MM`) is told; read before and after a run, which starts again when it moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "expected { url = \"…\", path = \"…\" }, { header = \"…\" } or { const = \"YYYY-MM\" }")]
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
    /// The column that an indicator counts by
    pub measure: String,
    /// The territories, usually a parameter that is a list (`{commune}`)
    pub territory: Template,
    /// The first day (`{year}-01-01`)
    pub from: Template,
    /// The last day (`{year}-12-31`), at most the end of the release's last complete month
    pub to: Template,
    /// Months before the release that its last complete month lies
    #[serde(default)]
    pub lag_months: u32,
}
