//! Files that a page links, or that are named: CSV, XLSX, JSON.

use std::{borrow::Cow, collections::BTreeMap};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ColumnRule, Constant, Css, Filter, Pattern, Template, Unpivot};
use crate::item::Mode;

/// A file whose rows enter a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileRule {
    /// What the rule is called in messages
    pub name: Option<String>,
    /// The links to it on the pages
    pub link: Option<Css>,
    /// What its URL must match (with `link`), or which of all links are meant (without)
    #[serde(rename = "match")]
    pub pattern: Option<Pattern>,
    /// Its URL, where no page needs to be read
    pub url: Option<Template>,
    /// Parameters that are lists: one file for each combination of their values (with `url`)
    #[serde(default)]
    pub for_each: Vec<String>,
    /// Which of several links of a page
    #[serde(default)]
    pub pick: Pick,
    /// What it is
    pub kind: FileKind,
    /// The sheet of a workbook, the first without it
    pub sheet: Option<String>,
    /// What separates the cells of a CSV file: found out without it
    pub delimiter: Option<char>,
    /// `auto` (byte order mark, UTF-8, else detected) or the name of an encoding
    #[serde(default = "auto")]
    pub encoding: String,
    /// The line that names the columns, from 1; rows come after it
    #[serde(default = "first")]
    pub header_row: usize,
    /// Other names for columns, where a source names them anew each year: a pattern that the whole name matches, and the
    /// name that is read instead, in which `$1` is what the first group found
    #[serde(default)]
    pub rename: BTreeMap<Pattern, String>,
    /// Columns that become rows
    pub unpivot: Option<Unpivot>,
    /// Where the rows are in a JSON document, members separated by dots; the document itself without it
    pub rows: Option<String>,
    /// Whether an unchanged file (ETag, Last-Modified, SHA-256) is not loaded again
    #[serde(default = "yes")]
    pub if_changed: bool,
    /// Which rows are kept, by source columns: `DEP == '77' and COMM in {commune}`
    #[serde(rename = "where")]
    pub filter: Option<Filter>,
    /// The table
    pub table: String,
    /// The columns that tell rows apart
    #[serde(default)]
    pub key: Vec<String>,
    /// How rows enter
    #[serde(default)]
    pub mode: Mode,
    /// With `replace`: the columns whose values say which rows are replaced
    #[serde(default)]
    pub scope: Vec<String>,
    /// Bytes at most, after decompression
    pub max_bytes: Option<u64>,
    /// The columns, by their names in the file
    pub columns: BTreeMap<String, ColumnRule>,
    /// Columns of the table that are the same in every row
    #[serde(default)]
    pub constants: BTreeMap<String, Constant>,
}

impl FileRule {
    /// The name by which a column is read.
    #[must_use]
    pub fn column<'n>(&self, name: &'n str) -> Cow<'n, str> {
        let renamed = self.rename.iter().find_map(|(pattern, new)| {
            let mut read = String::new();
            pattern.whole(name)?.expand(new, &mut read);
            Some(read)
        });
        renamed.map_or(Cow::Borrowed(name), Cow::Owned)
    }
}

/// Which of several links of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Pick {
    /// Every one.
    #[default]
    All,
    /// The first.
    First,
    /// The one with the latest date in its name, else the first.
    Latest,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// Comma-separated values, whatever separates them; also gzipped.
    Csv,
    /// A workbook: XLSX, XLS or ODS.
    Xlsx,
    /// A JSON document, or one a line.
    Json,
}

fn auto() -> String {
    "auto".into()
}

const fn first() -> usize {
    1
}

const fn yes() -> bool {
    true
}
