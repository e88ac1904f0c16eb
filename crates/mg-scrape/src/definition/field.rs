//! One column of the rows of a page: where its text is, and what is made of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Css, OneOrMany, Pattern};
use crate::item::Kind;

/// One column of the rows of a page. Of `css`, `jsonld`, `header`, `url` and `const`, in this order, the first that gives
/// a text is taken; `regex`, `map` and `default` come after it, then the type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "keys of a file, each with its own meaning"
)]
pub struct Field {
    /// Elements of the row: one selector, or several of which the first that finds a text is taken; `:scope` is the row
    #[serde(default)]
    pub css: OneOrMany<Css>,
    /// Paths into the JSON-LD of the page (`Product.brand.name`) or of the row (`brand.name`)
    #[serde(default)]
    pub jsonld: OneOrMany<String>,
    /// The column of a `table:` row under this header
    #[serde(default)]
    pub header: OneOrMany<String>,
    /// A part of the page's URL
    pub url: Option<Pattern>,
    /// Always this
    #[serde(rename = "const")]
    pub constant: Option<String>,
    /// The attribute instead of the text
    pub attr: Option<String>,
    /// Whether all elements found count, not just the first
    #[serde(default)]
    pub all: bool,
    /// The part of the text that is meant: the first group, or the whole match
    pub regex: Option<Pattern>,
    /// What is put between all groups of `regex`, or between all elements of `all` (`, ` without it)
    pub join: Option<String>,
    /// The type
    #[serde(default, rename = "type")]
    pub kind: Kind,
    /// How dates are written: `fr`, or a format such as `%d/%m/%Y`; ISO and French without it
    pub format: Option<String>,
    /// How numbers are written; both ways without it
    pub locale: Option<Locale>,
    /// Values that stand for others
    #[serde(default)]
    pub map: BTreeMap<String, String>,
    /// Whether spaces at the ends go and those within become one
    #[serde(default = "yes")]
    pub trim: bool,
    /// Whether a row without it is rejected
    #[serde(default)]
    pub required: bool,
    /// The value where there is none
    pub default: Option<String>,
    /// The most characters; longer texts are cut
    pub max_len: Option<usize>,
    /// Whether it holds personal data, which viewers never see
    #[serde(default)]
    pub personal: bool,
}

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// `1 234,50`
    Fr,
    /// `1,234.50`
    En,
}

const fn yes() -> bool {
    true
}
