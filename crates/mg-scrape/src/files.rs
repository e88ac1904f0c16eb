//! Rows of files that are larger than memory: CSV as it comes, workbooks by a process of their own, JSON.

mod batch;
mod encoding;
mod header;
mod json;
mod separated;
mod workbook;

use std::{
    fs::File,
    io::{BufReader, Read, Seek},
};

use flate2::read::MultiGzDecoder;

use crate::{
    definition::{Bound, FileKind, FileRule, RequestRole},
    extract::records::{Mapping, first_number},
    item::Item,
};

use batch::Batches;
pub(crate) use batch::MOST as BATCH;
pub use batch::Outcome;
pub use workbook::parse;

/// Reads the rows of a file of a rule (the path of its URL, and its bytes) and hands them on in batches, with the number of the first one; `deliver` answers
/// whether more are wanted. Blocks; holds one batch in memory.
///
/// # Errors
///
/// A sentence when the file is not what the rule reads: not of its kind, without a column, too large a document.
pub fn read(
    bound: &Bound,
    role: RequestRole,
    (path, file): (&str, File),
    deliver: impl FnMut(i64, Vec<Item>) -> bool,
) -> Result<Outcome, String> {
    let asked = match role {
        RequestRole::File { rule, .. } => bound.spider.definition.file.get(rule),
        _ => None,
    };
    let wanted = asked.ok_or("the spider has no such file")?;
    let filter = wanted.filter.as_ref();
    let mapping = Mapping::new(
        bound,
        role,
        &wanted.table,
        &wanted.columns,
        &wanted.constants,
        filter,
    );
    let mut batches = Batches::new(first_number(path), deliver);
    rows(wanted, file, &mapping, &mut batches)?;
    Ok(batches.finish())
}

fn rows(
    rule: &FileRule,
    file: File,
    mapping: &Mapping<'_>,
    batches: &mut Batches<impl FnMut(i64, Vec<Item>) -> bool>,
) -> Result<(), String> {
    match rule.kind {
        FileKind::Csv => {
            let (file, encoding) = plain(file, &rule.encoding)?;
            let text = encoding::Decoding::new(BufReader::new(file), encoding);
            separated::rows(text, rule, mapping, batches)
        }
        FileKind::Xlsx => workbook::rows(file, rule, mapping, batches),
        FileKind::Json => json::rows(inflated(file)?, rule, mapping, batches),
    }
}

/// A file, unzipped where it is gzipped, and its encoding. It is read twice: the encoding is that of all of it.
fn plain(
    mut file: File,
    told: &str,
) -> Result<(Box<dyn Read>, &'static encoding_rs::Encoding), String> {
    let copy = file.try_clone().map_err(|error| unreadable(&error))?;
    let encoding = encoding::of(inflated(copy)?, told)?;
    file.rewind().map_err(|error| unreadable(&error))?;
    Ok((inflated(file)?, encoding))
}

/// The bytes of a file, unzipped where they are gzipped.
fn inflated(mut file: File) -> Result<Box<dyn Read>, String> {
    let mut start = [0_u8; 4];
    let length = file.read(&mut start).map_err(|error| unreadable(&error))?;
    file.rewind().map_err(|error| unreadable(&error))?;
    match start.get(..length) {
        Some([0x1f, 0x8b, ..]) => Ok(Box::new(MultiGzDecoder::new(BufReader::new(file)))),
        Some([b'P', b'K', 3, 4]) => {
            Err("it is a ZIP archive or a workbook; for a workbook write `kind = \"xlsx\"`, archives are not read".into())
        }
        _ => Ok(Box::new(file)),
    }
}

/// Whether a file is neither gzipped nor an archive.
pub(crate) fn is_plain(file: &mut File) -> Result<bool, String> {
    let mut start = [0_u8; 4];
    let length = file.read(&mut start).map_err(|error| unreadable(&error))?;
    file.rewind().map_err(|error| unreadable(&error))?;
    let start = start.get(..length).unwrap_or_default();
    Ok(!start.starts_with(&[0x1f, 0x8b]) && !start.starts_with(b"PK\x03\x04"))
}

fn unreadable(error: &std::io::Error) -> String {
    format!("the file cannot be read: {error}")
}
