//! JSON files: a document with a list of rows, or one row a line.

use std::{
    borrow::Cow,
    io::{BufRead, BufReader, Read},
};

use serde_json::Value as Json;

use super::batch::Batches;
use crate::{
    definition::FileRule,
    extract::{
        api::{member, text},
        records::{Mapping, missing_columns},
    },
    item::Item,
};

/// A document is held in memory as a whole.
const MOST_DOCUMENT: u64 = 32 << 20;
/// A line is a row.
const MOST_LINE: u64 = 1 << 20;

pub(super) fn rows(
    file: impl Read,
    rule: &FileRule,
    mapping: &Mapping<'_>,
    batches: &mut Batches<impl FnMut(i64, Vec<Item>) -> bool>,
) -> Result<(), String> {
    let mut file = BufReader::new(file);
    let mut line = String::new();
    file.by_ref()
        .take(MOST_LINE)
        .read_line(&mut line)
        .map_err(|error| super::unreadable(&error))?;
    // A first line that is a whole object, with more behind it, is a row; else it begins a document.
    let first = serde_json::from_str::<Json>(&line)
        .ok()
        .filter(Json::is_object);
    let more = !file
        .fill_buf()
        .map_err(|error| super::unreadable(&error))?
        .is_empty();
    match first.filter(|_| more && rule.rows.is_none()) {
        Some(first) => lines(&first, file, mapping, batches),
        None => document(&line, file, rule, mapping, batches),
    }
}

fn lines(
    first: &Json,
    mut file: impl BufRead,
    mapping: &Mapping<'_>,
    batches: &mut Batches<impl FnMut(i64, Vec<Item>) -> bool>,
) -> Result<(), String> {
    there(std::slice::from_ref(first), mapping)?;
    let mut wanted = push(first, mapping, batches);
    let mut line = String::new();
    while wanted {
        line.clear();
        let length = file
            .by_ref()
            .take(MOST_LINE)
            .read_line(&mut line)
            .map_err(|error| super::unreadable(&error))?;
        if length == 0 {
            break;
        }
        if line.trim().is_empty() {
            continue;
        }
        wanted = match serde_json::from_str::<Json>(&line) {
            Ok(row) => push(&row, mapping, batches),
            Err(error) => batches.push(Err(
                mapping.rejection(format!("a line is not JSON: {error}"))
            )),
        };
    }
    Ok(())
}

fn document(
    start: &str,
    file: impl Read,
    rule: &FileRule,
    mapping: &Mapping<'_>,
    batches: &mut Batches<impl FnMut(i64, Vec<Item>) -> bool>,
) -> Result<(), String> {
    let mut rest = file.take(MOST_DOCUMENT + 1);
    let mut text = start.to_owned();
    rest.read_to_string(&mut text)
        .map_err(|error| super::unreadable(&error))?;
    if text.len() as u64 > MOST_DOCUMENT {
        return Err(format!(
            "a JSON document of more than {} MB is not read; the publisher may have one row a line, or CSV",
            MOST_DOCUMENT >> 20
        ));
    }
    let body: Json =
        serde_json::from_str(&text).map_err(|error| format!("the file is not JSON: {error}"))?;
    let place = rule
        .rows
        .as_deref()
        .map_or(Some(&body), |path| member(&body, path));
    let rows = place.and_then(Json::as_array).ok_or_else(|| {
        format!(
            "the file has no list of rows at `{}`",
            rule.rows.as_deref().unwrap_or("the document itself")
        )
    })?;
    there(rows, mapping)?;
    for row in rows {
        if !push(row, mapping, batches) {
            break;
        }
    }
    Ok(())
}

fn there(rows: &[Json], mapping: &Mapping<'_>) -> Result<(), String> {
    let missing = mapping
        .missing(|name| rows.is_empty() || rows.iter().any(|row| member(row, name).is_some()));
    if missing.is_empty() {
        return Ok(());
    }
    let names = rows.first().and_then(Json::as_object);
    let names: Vec<String> = names
        .into_iter()
        .flat_map(|row| row.keys().cloned())
        .collect();
    Err(missing_columns(&missing, &names))
}

fn push(
    row: &Json,
    mapping: &Mapping<'_>,
    batches: &mut Batches<impl FnMut(i64, Vec<Item>) -> bool>,
) -> bool {
    let cell = |name: &str| -> Option<Cow<'_, str>> { member(row, name).and_then(text) };
    mapping.item(cell).is_none_or(|row| batches.push(row))
}
