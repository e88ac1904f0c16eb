//! CSV, whatever separates the cells.

use std::{borrow::Cow, collections::HashMap, io::Read};

use csv::{ReaderBuilder, StringRecord};

use super::batch::Batches;
use crate::{
    definition::FileRule,
    extract::records::{Mapping, ROW_NUMBER, missing_columns},
    item::Item,
};

/// Lines among which the names of the columns are looked for, should they not be where the rule says.
const HEADERS: usize = 3;
/// What separates cells, in the order of preference.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];
/// How much of the file says what separates cells.
const SAMPLE: usize = 16 << 10;

/// The rows of a text.
pub(super) fn rows(
    mut text: impl Read,
    rule: &FileRule,
    mapping: &Mapping<'_>,
    batches: &mut Batches<impl FnMut(i64, Vec<Item>) -> bool>,
) -> Result<(), String> {
    let mut sample = Vec::new();
    text.by_ref()
        .take(SAMPLE as u64)
        .read_to_end(&mut sample)
        .map_err(|error| super::unreadable(&error))?;
    let given = rule.delimiter.and_then(|mark| u8::try_from(mark).ok());
    let delimiter = given.unwrap_or_else(|| delimiter(&sample));
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(sample.as_slice().chain(text));
    let mut records = reader
        .records()
        .map(|record| record.map_err(|error| format!("the file is no CSV: {error}")));
    let (header, first) = header(&mut records, rule, mapping)?;
    let numbered = (batches.first_number + 1..).zip(first.into_iter().map(Ok).chain(records));
    for (number, record) in numbered {
        let record: StringRecord = record?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let read = if record.len() == header.width {
            mapping.item(|name| cell(&header, &record, name, number))
        } else {
            Some(Err(mapping.rejection(format!(
                "line {} has {} cells, the header has {}",
                record.position().map_or(0, csv::Position::line),
                record.len(),
                header.width
            ))))
        };
        if read.is_some_and(|row| !batches.push(row)) {
            return Ok(());
        }
    }
    Ok(())
}

fn cell<'r>(
    header: &Header,
    record: &'r StringRecord,
    name: &str,
    number: i64,
) -> Option<Cow<'r, str>> {
    if name == ROW_NUMBER {
        return Some(Cow::Owned(number.to_string()));
    }
    record.get(*header.places.get(name)?).map(Cow::Borrowed)
}

/// The mark that the first lines have most often outside of quotes.
fn delimiter(sample: &[u8]) -> u8 {
    let mut counts = [0_usize; DELIMITERS.len()];
    let mut inside = false;
    for byte in sample {
        if *byte == b'\n' && !inside {
            break;
        }
        inside ^= *byte == b'"';
        if let Some(place) = DELIMITERS.iter().position(|mark| !inside && mark == byte) {
            counts[place] += 1;
        }
    }
    let most = (0..DELIMITERS.len())
        .rev()
        .max_by_key(|place| counts[*place]);
    DELIMITERS[most.unwrap_or_default()]
}

/// The names of the columns and their places.
struct Header {
    places: HashMap<String, usize>,
    width: usize,
}

impl Header {
    fn of(record: &StringRecord) -> Self {
        let names = record.iter().enumerate();
        let mut places = HashMap::new();
        for (place, name) in names {
            places.entry(name.trim().to_owned()).or_insert(place);
        }
        Self {
            places,
            width: record.len(),
        }
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self
            .places
            .iter()
            .map(|(name, place)| (*place, name.clone()))
            .collect();
        names.sort();
        names.into_iter().map(|(_, name)| name).collect()
    }
}

/// The line that names the columns, and the lines that were read after it. DiDo writes labels, codes, or both, as it is
/// asked: where the rule's line has not the columns, one of the first lines may.
fn header(
    records: &mut impl Iterator<Item = Result<StringRecord, String>>,
    rule: &FileRule,
    mapping: &Mapping<'_>,
) -> Result<(Header, Vec<StringRecord>), String> {
    let first: Vec<StringRecord> = records
        .take(HEADERS.max(rule.header_row))
        .collect::<Result<_, _>>()?;
    let told = rule.header_row.saturating_sub(1);
    let tried = std::iter::once(told).chain(0..first.len().min(HEADERS));
    let fits = |place: &usize| {
        let header = first.get(*place).map(Header::of);
        header.is_some_and(|header| {
            mapping
                .missing(|name| header.places.contains_key(name))
                .is_empty()
        })
    };
    let Some(place) = tried.clone().find(fits) else {
        let header = first
            .get(told)
            .map(Header::of)
            .ok_or("the file has no line that names its columns")?;
        let missing = mapping.missing(|name| header.places.contains_key(name));
        return Err(missing_columns(&missing, &header.names()));
    };
    let header = first
        .get(place)
        .map(Header::of)
        .ok_or("the file is empty")?;
    Ok((header, first.into_iter().skip(place + 1).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_separates_cells_is_found_out() {
        assert_eq!(delimiter(b"\"a, b\";\"c\";d\n1,2,3"), b';');
        assert_eq!(delimiter(b"id_mutation,date_mutation\n"), b',');
        assert_eq!(delimiter(b"a\tb\n"), b'\t');
        assert_eq!(delimiter(b"alone\n"), b';');
    }
}
