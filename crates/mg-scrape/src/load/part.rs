//! The parts of a load: the rows of each source, and which rows of the table make room for them.

use std::collections::{BTreeMap, BTreeSet};

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
    /// The chains of requests that its rows came by.
    pub(super) chains: Vec<RequestRole>,
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
    /// The parts of a target: one for each source of its table that the run asked for anything.
    pub(super) fn all(
        bound: &'a Bound,
        index: usize,
        target: &LoadedTarget,
        releases: &[Release],
        now: &str,
    ) -> Vec<Self> {
        let meant = &bound.spider.targets()[index];
        let sources = bound.spider.definition.source.iter().enumerate();
        let mut sources = sources
            .filter(|(_, source)| {
                source
                    .table
                    .as_ref()
                    .map_or(index == 0, |table| *table == meant.table)
            })
            .peekable();
        if sources.peek().is_none() {
            return vec![Self::whole(meant)];
        }
        let parts = sources.filter_map(|(number, source)| {
            let chains = chains(bound, source);
            let release = releases
                .get(number)
                .and_then(|release| release.after.clone());
            let file = file(source, release, now);
            (!chains.is_empty())
                .then(|| Self::of(bound, source, meant, &target.shape, file, chains))
        });
        parts.collect()
    }

    fn of(
        bound: &Bound,
        source: &'a SourceRule,
        target: &'a Target,
        shape: &Shape,
        file: File,
        chains: Vec<RequestRole>,
    ) -> Self {
        let rows = constants(bound, &source.rows, shape, &chains);
        let asked = source
            .scope
            .iter()
            .fold(Filter::default(), |filter, (column, template)| {
                let values = values(bound, template, &chains);
                filter.with(column, declared(shape, column), &values)
            });
        let known = |column: &&String| {
            !source.scope.contains_key(*column) && !source.rows.contains_key(*column)
        };
        Self {
            found: target
                .scope
                .iter()
                .filter(known)
                .map(String::as_str)
                .collect(),
            source: Some((source, file)),
            rows,
            asked,
            chains,
        }
    }

    fn whole(target: &'a Target) -> Self {
        Self {
            source: None,
            rows: Filter::default(),
            asked: Filter::default(),
            found: target.scope.iter().map(String::as_str).collect(),
            chains: Vec::new(),
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

/// The chains of requests that give the rows of a source: a run that was asked for one list only touches no other.
fn chains(bound: &Bound, source: &SourceRule) -> Vec<RequestRole> {
    let named = |name: Option<&String>| {
        source.rules.is_empty() || name.is_some_and(|name| source.rules.contains(name))
    };
    let definition = &bound.spider.definition;
    let gives = |role: &RequestRole| match role {
        RequestRole::Api { rule, .. } => named(definition.api.get(*rule).map(|rule| &rule.name)),
        RequestRole::File { rule, .. } => named(
            definition
                .file
                .get(*rule)
                .and_then(|rule| rule.name.as_ref()),
        ),
        // A page leads to its files.
        RequestRole::Page | RequestRole::Sitemap | RequestRole::Feed => true,
    };
    bound
        .start
        .iter()
        .map(|request| request.role)
        .filter(gives)
        .collect()
}

/// The filter of constants of a definition.
pub(super) fn constants(
    bound: &Bound,
    rows: &BTreeMap<String, Constant>,
    shape: &Shape,
    chains: &[RequestRole],
) -> Filter {
    rows.iter()
        .fold(Filter::default(), |filter, (column, constant)| {
            let values = match constant {
                Constant::Text(template) => values(bound, template, chains),
                other => vec![bound.constant(other, RequestRole::Page)],
            };
            filter.with(column, declared(shape, column), &values)
        })
}

/// The values that a template stands for in the chains of a run, each once; those of a list are separated by commas.
pub(super) fn values(bound: &Bound, template: &Template, chains: &[RequestRole]) -> Vec<String> {
    let filled = chains.iter().map(|role| bound.fill(template, *role));
    let mut seen = BTreeSet::new();
    let texts = filled.filter(|text| seen.insert(text.clone()));
    let split = texts.flat_map(|text| {
        let parts: Vec<String> = text.split(',').map(|part| part.trim().to_owned()).collect();
        parts
    });
    let values: BTreeSet<String> = split.filter(|value| !value.is_empty()).collect();
    values.into_iter().collect()
}

fn declared<'a>(shape: &'a Shape, column: &str) -> &'a str {
    let known = shape.columns.iter().find(|known| known.name == column);
    known.map_or("TEXT", |known| known.declared.as_str())
}

fn file(source: &SourceRule, release: Option<String>, now: &str) -> File {
    let told = release.is_some();
    let release = release.unwrap_or_else(|| now.chars().take(7).collect());
    let id = format!(
        "{}_{release}",
        source.file.chars().take(32).collect::<String>()
    );
    File { id, release, told }
}

/// Sets the file of the rows of a part.
pub(super) fn mark_file(keyed: &str, part: &Part<'_>) -> Option<(String, Vec<Value>)> {
    let (_, file) = part.source.as_ref()?;
    let sql = format!(
        "UPDATE {keyed} SET {} = ? WHERE {}",
        quoted("fichier_id"),
        part.rows.sql(keyed)
    );
    let mut params: Vec<Value> = vec![file.id.as_str().into()];
    params.extend(part.rows.params());
    Some((sql, params))
}
