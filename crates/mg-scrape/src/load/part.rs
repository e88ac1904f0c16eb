//! The parts of a load: the rows of each source, and which rows of the table make room for them.

use std::collections::BTreeMap;

use mg_db::Value;

use super::{
    LoadedTarget, Release,
    filter::Filter,
    shape::Shape,
    sql::{listed_of, quoted},
};
use crate::{
    definition::{Bound, Constant, RequestRole, SourceRule, Template},
    item::Target,
};

/// The rows of one source, or all rows of a target that has none.
#[derive(Clone, Debug)]
pub(super) struct Part<'a> {
    /// The source and its file's id.
    pub(super) source: Option<(&'a SourceRule, File)>,
    /// Which rows are its own.
    pub(super) rows: Filter,
    /// Which rows were asked for, in the columns where that is known.
    asked: Filter,
    /// The columns of the scope for which the values of the rows say what was asked for.
    found: Vec<&'a str>,
}

/// The row of `source_fichier` that a source becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    /// Its id: the source's own beginning and the release.
    pub(super) id: String,
    /// The release, `YYYY-MM`.
    pub(super) release: String,
    /// Whether the publisher told the release; else it is the month of the copy.
    pub(super) told: bool,
}

impl<'a> Part<'a> {
    /// The parts of a target: one for each source of its table.
    pub(super) fn all(
        bound: &'a Bound,
        index: usize,
        target: &LoadedTarget,
        releases: &[Release],
        now: &str,
    ) -> Vec<Self> {
        let meant = &bound.spider.targets()[index];
        let sources = bound.spider.definition.source.iter().enumerate();
        let sources = sources.filter(|(_, source)| {
            source.table.as_ref().map_or(index == 0, |table| *table == meant.table)
        });
        let parts: Vec<Self> = sources
            .map(|(number, source)| {
                let release = releases.get(number).and_then(|release| release.after.clone());
                Self::of(bound, source, meant, &target.shape, file(source, release, now))
            })
            .collect();
        if parts.is_empty() { vec![Self::whole(meant)] } else { parts }
    }

    fn of(bound: &Bound, source: &'a SourceRule, target: &'a Target, shape: &Shape, file: File) -> Self {
        let rows = constants(bound, &source.rows, shape);
        let asked = source.scope.iter().fold(Filter::default(), |filter, (column, template)| {
            let values = values(bound, template);
            filter.with(column, declared(shape, column), &values)
        });
        let known = |column: &&String| {
            !source.scope.contains_key(*column) && !source.rows.contains_key(*column)
        };
        Self {
            found: target.scope.iter().filter(known).map(String::as_str).collect(),
            source: Some((source, file)),
            rows,
            asked,
        }
    }

    fn whole(target: &'a Target) -> Self {
        Self {
            source: None,
            rows: Filter::default(),
            asked: Filter::default(),
            found: target.scope.iter().map(String::as_str).collect(),
        }
    }

    /// Whether it would replace the whole table.
    pub(super) fn is_whole(&self) -> bool {
        self.rows.is_empty() && self.asked.is_empty() && self.found.is_empty()
    }

    /// The condition on the rows of `table` that make room with `replace`, and its parameters.
    pub(super) fn scope(&self, table: &str, keyed: &str) -> (String, Vec<Value>) {
        let asked = self.rows.clone().and(&self.asked);
        let (mut condition, mut params) = (asked.sql(table), asked.params());
        if !self.found.is_empty() {
            let names = self.found.iter().copied();
            condition = format!(
                "{condition} AND ({}) IN (SELECT DISTINCT {} FROM {keyed} k WHERE {})",
                listed_of(table, names.clone()),
                listed_of("k", names),
                self.rows.sql("k"),
            );
            params.extend(self.rows.params());
        }
        (condition, params)
    }
}

/// The filter of constants of a definition, a list parameter standing for all its values.
pub(super) fn constants(bound: &Bound, rows: &BTreeMap<String, Constant>, shape: &Shape) -> Filter {
    rows.iter().fold(Filter::default(), |filter, (column, constant)| {
        let values = match constant {
            Constant::Text(template) => values(bound, template),
            other => vec![bound.constant(other, RequestRole::Page)],
        };
        filter.with(column, declared(shape, column), &values)
    })
}

/// The values that a template stands for: those of a list, separated by commas.
pub(super) fn values(bound: &Bound, template: &Template) -> Vec<String> {
    let filled = bound.fill(template, RequestRole::Page);
    let values = filled.split(',').map(str::trim).filter(|value| !value.is_empty());
    values.map(str::to_owned).collect()
}

fn declared<'a>(shape: &'a Shape, column: &str) -> &'a str {
    let known = shape.columns.iter().find(|known| known.name == column);
    known.map_or("TEXT", |known| known.declared.as_str())
}

fn file(source: &SourceRule, release: Option<String>, now: &str) -> File {
    let told = release.is_some();
    let release = release.unwrap_or_else(|| now.chars().take(7).collect());
    let id = format!("{}_{release}", source.file.chars().take(32).collect::<String>());
    File { id, release, told }
}

/// Sets the file of the rows of a part.
pub(super) fn mark_file(keyed: &str, part: &Part<'_>) -> Option<(String, Vec<Value>)> {
    let (_, file) = part.source.as_ref()?;
    let sql = format!("UPDATE {keyed} SET {} = ? WHERE {}", quoted("fichier_id"), part.rows.sql(keyed));
    let mut params: Vec<Value> = vec![file.id.as_str().into()];
    params.extend(part.rows.params());
    Some((sql, params))
}
