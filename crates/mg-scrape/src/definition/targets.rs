//! The tables that a spider fills, derived from its rules.

use std::collections::BTreeMap;

use super::{ApiRule, ColumnRule, Constant, Definition, FileRule, ItemRule};
use crate::item::{Column, Kind, Mode, Target};

/// What one rule says of its table.
pub(super) struct Part<'a> {
    pub(super) table: &'a str,
    pub(super) columns: Vec<Column>,
    pub(super) key: &'a [String],
    pub(super) mode: Mode,
    pub(super) scope: &'a [String],
}

/// The tables in the order of their first rules.
pub(super) fn derive(definition: &Definition) -> Result<Vec<Target>, String> {
    let mut targets: Vec<Target> = Vec::new();
    for part in parts(definition) {
        match targets.iter_mut().find(|target| target.table == part.table) {
            Some(target) => join(target, part)?,
            None => targets.push(Target {
                table: part.table.to_owned(),
                columns: part.columns,
                key: part.key.to_vec(),
                mode: part.mode,
                scope: part.scope.to_vec(),
            }),
        }
    }
    for target in &mut targets {
        let key = target.key.clone();
        let place = |column: &Column| {
            key.iter()
                .position(|name| *name == column.name)
                .unwrap_or(key.len())
        };
        for column in &mut target.columns {
            column.required |= key.contains(&column.name);
        }
        target
            .columns
            .sort_by(|a, b| place(a).cmp(&place(b)).then_with(|| a.name.cmp(&b.name)));
    }
    Ok(targets)
}

/// What every rule says of its table: pages, files, APIs.
pub(super) fn parts(definition: &Definition) -> impl Iterator<Item = Part<'_>> {
    let items = definition
        .page
        .iter()
        .flat_map(|page| &page.item)
        .map(of_item);
    let files = definition.file.iter().map(of_file);
    items.chain(files).chain(definition.api.iter().map(of_api))
}

fn of_item(rule: &ItemRule) -> Part<'_> {
    let columns = rule.fields.iter().map(|(name, field)| Column {
        name: name.clone(),
        kind: field.kind,
        required: field.required,
        personal: field.personal,
        max_len: field.max_len,
    });
    Part {
        table: &rule.table,
        columns: columns.collect(),
        key: &rule.key,
        mode: rule.mode,
        scope: &rule.scope,
    }
}

fn of_file(rule: &FileRule) -> Part<'_> {
    let columns = columns(&rule.columns, &rule.constants);
    Part {
        table: &rule.table,
        columns,
        key: &rule.key,
        mode: rule.mode,
        scope: &rule.scope,
    }
}

fn of_api(rule: &ApiRule) -> Part<'_> {
    let columns = columns(&rule.columns, &rule.constants);
    Part {
        table: &rule.table,
        columns,
        key: &rule.key,
        mode: rule.mode,
        scope: &rule.scope,
    }
}

fn columns(
    rules: &BTreeMap<String, ColumnRule>,
    constants: &BTreeMap<String, Constant>,
) -> Vec<Column> {
    let read = rules.values().map(|rule| Column {
        name: rule.to.clone(),
        kind: rule.kind,
        required: rule.required,
        personal: rule.personal,
        max_len: rule.max_len,
    });
    let same = constants.iter().map(|(name, constant)| Column {
        name: name.clone(),
        kind: match constant {
            Constant::Integer(_) => Kind::Integer,
            Constant::Boolean(_) => Kind::Boolean,
            Constant::Text(_) => Kind::Text,
        },
        required: false,
        personal: false,
        max_len: None,
    });
    read.chain(same).collect()
}

fn join(target: &mut Target, part: Part<'_>) -> Result<(), String> {
    let table = &target.table;
    if target.key != part.key || target.mode != part.mode || target.scope != part.scope {
        return Err(format!(
            "two rules of `{table}` disagree: give them the same key, mode and scope"
        ));
    }
    for column in part.columns {
        let name = &column.name;
        match target.columns.iter_mut().find(|known| known.name == *name) {
            Some(known) if known.kind != column.kind => {
                return Err(format!(
                    "two rules of `{table}` disagree: `{name}` is {} in one and {} in the other",
                    known.kind.name(),
                    column.kind.name()
                ));
            }
            Some(known) => {
                known.required &= column.required;
                known.personal |= column.personal;
                known.max_len = known.max_len.max(column.max_len);
            }
            None => target.columns.push(column),
        }
    }
    Ok(())
}
