//! Tables, keys and expectations.

use std::sync::LazyLock;

use mg_core::nearest;

use super::{
    super::{
        Definition,
        targets::{Part, parts},
    },
    Wrong,
    names::is_plain,
    refuse,
};
use crate::item::Mode;

/// The tables of facts and their columns, as `mgctl db init` makes them.
static FACTS: LazyLock<Vec<(String, Vec<String>)>> = LazyLock::new(|| {
    let mut tables = mg_db::schema::columns().unwrap_or_default();
    tables.retain(|(table, _)| table.starts_with("fact_"));
    tables
});

pub(super) fn tables(definition: &Definition) -> Result<(), Wrong> {
    refuse(parts(definition).next().is_none(), "page", || {
        "no row is read; add [[page.item]], [[file]] or [[api]]".into()
    })?;
    parts(definition).try_for_each(|part| one(&part))
}

fn one(part: &Part<'_>) -> Result<(), Wrong> {
    match FACTS.iter().find(|(table, _)| table == part.table) {
        Some((table, columns)) => facts(table, columns, part)?,
        None => own(part)?,
    }
    for column in part.key {
        let filled = part.columns.iter().any(|known| known.name == *column);
        refuse(!filled, "key", || {
            format!(
                "the key of `{}` names `{column}`, which no field fills",
                part.table
            )
        })?;
    }
    for column in part.scope {
        let filled = part.columns.iter().any(|known| known.name == *column);
        refuse(!filled, "scope", || {
            format!(
                "the scope of `{}` names `{column}`, which no field fills",
                part.table
            )
        })?;
    }
    refuse(
        !part.scope.is_empty() && part.mode != Mode::Replace,
        "scope",
        || "goes with `mode = \"replace\"`".into(),
    )?;
    refuse(
        part.mode == Mode::Upsert && part.key.is_empty(),
        "key",
        || {
            format!(
                "`{}` needs the columns that tell its rows apart, or `mode = \"append\"` or `\"replace\"`",
                part.table
            )
        },
    )
}

fn facts(table: &str, columns: &[String], part: &Part<'_>) -> Result<(), Wrong> {
    let strange = part
        .columns
        .iter()
        .find(|column| !columns.contains(&column.name));
    let Some(strange) = strange else {
        return Ok(());
    };
    let near = nearest(&strange.name, columns.iter().map(String::as_str), 3).join(", ");
    Err(Wrong::new(
        "table",
        format!(
            "`{table}` has no column `{}`; nearest: {near}",
            strange.name
        ),
    ))
}

/// A table of the spider's own.
fn own(part: &Part<'_>) -> Result<(), Wrong> {
    let table = part.table;
    refuse(
        !table.starts_with("web_") || !is_plain(table, 60) || table.len() < 5,
        "table",
        || {
            let facts: Vec<&str> = FACTS.iter().map(|(table, _)| table.as_str()).collect();
            let why = if table.starts_with("stg_") {
                "tables `stg_…` are made and dropped by runs"
            } else {
                "a spider fills tables of its own"
            };
            format!(
                "`{table}`: {why}; write `web_` and lower-case letters, digits, `_`, or one of {}",
                facts.join(", ")
            )
        },
    )?;
    for column in &part.columns {
        refuse(!is_plain(&column.name, 60), "fields", || {
            format!(
                "`{}` is not a column name: lower-case letters, digits and `_`, a letter first (`_…` are the run's own columns)",
                column.name
            )
        })?;
    }
    Ok(())
}

/// Whether any rule fills the column, or it is a column of a table of facts that one fills.
pub(super) fn has_column(definition: &Definition, name: &str) -> bool {
    parts(definition).any(|part| part.columns.iter().any(|column| column.name == name))
}

pub(super) fn expectations(definition: &Definition) -> Result<(), Wrong> {
    let expect = &definition.expect;
    let parted = |part: f64| (0.0..=1.0).contains(&part);
    for (column, most) in &expect.max_null {
        refuse(!has_column(definition, column), "expect.max_null", || {
            format!("no rule fills a column `{column}`")
        })?;
        refuse(!parted(*most), "expect.max_null", || {
            format!("`{column} = {most}` is a part of the rows, from 0 to 1")
        })?;
    }
    refuse(
        expect.max_rejected.is_some_and(|most| !parted(most)),
        "expect.max_rejected",
        || "a part of the rows, from 0 to 1".into(),
    )?;
    let ratio = expect
        .min_ratio_vs_last
        .is_some_and(|least| !(0.0..=10.0).contains(&least));
    refuse(ratio, "expect.min_ratio_vs_last", || {
        "a part of the last run's rows, e.g. 0.9".into()
    })
}
