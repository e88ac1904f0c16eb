//! Typed rows as an answer shows them. Pure.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use crate::{definition::Spider, extract::Extracted, item::Item};

/// The most rows that an answer shows.
pub(crate) const ROWS: usize = 5;

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct SampleRow {
    /// The table that it is for
    pub(crate) table: String,
    /// Its values by column
    pub(crate) row: BTreeMap<String, Json>,
}

/// How often a selector found something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct MatchCount {
    /// Where it stands in the spider's file
    pub(crate) rule: String,
    /// The selector
    pub(crate) selector: String,
    /// Elements, rows or values found
    pub(crate) count: usize,
}

/// A row that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct RejectedRow {
    /// The table that it was for
    pub(crate) table: String,
    /// The field that could not be read
    pub(crate) field: String,
    /// Why
    pub(crate) reason: String,
    /// What stood there
    pub(crate) raw: String,
}

/// The first rows, as an answer shows them.
pub(crate) fn rows(spider: &Spider, extracted: &Extracted) -> Vec<SampleRow> {
    extracted
        .items
        .iter()
        .take(ROWS)
        .filter_map(|item| row(spider, item))
        .collect()
}

fn row(spider: &Spider, item: &Item) -> Option<SampleRow> {
    let target = spider.targets().get(item.target)?;
    let cells = target.columns.iter().zip(&item.values);
    Some(SampleRow {
        table: target.table.clone(),
        row: cells
            .map(|(column, value)| (column.name.clone(), value.to_json()))
            .collect(),
    })
}

/// The match counts of a page.
pub(crate) fn matches(extracted: &Extracted) -> Vec<MatchCount> {
    let told = extracted.matches.iter().map(|found| MatchCount {
        rule: found.rule.clone(),
        selector: found.selector.clone(),
        count: found.count,
    });
    told.collect()
}

/// The first rows that were left out.
pub(crate) fn rejected(spider: &Spider, extracted: &Extracted) -> Vec<RejectedRow> {
    let table = |target: usize| {
        spider
            .targets()
            .get(target)
            .map(|target| target.table.clone())
    };
    let told = extracted
        .rejected
        .iter()
        .take(ROWS)
        .map(|rejection| RejectedRow {
            table: table(rejection.target).unwrap_or_default(),
            field: rejection.field.clone(),
            reason: rejection.reason.clone(),
            raw: rejection.raw.clone(),
        });
    told.collect()
}
