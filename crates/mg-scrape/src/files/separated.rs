//! CSV, whatever separates the cells.

use std::io::Read;

use csv::{ReaderBuilder, StringRecord};

use super::{
    batch::Batches,
    header::{self, Header},
};
use crate::{definition::FileRule, extract::records::Mapping, item::Item};

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
    let (header, first) = header::found(&mut records, rule, mapping)?;
    batches.unpivoted(header.unpivoted());
    let numbered = (batches.first_number + 1..).zip(first.into_iter().map(Ok).chain(records));
    for (number, record) in numbered {
        let record: StringRecord = record?;
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if !pushed(&header, &record, number, mapping, batches) {
            return Ok(());
        }
    }
    Ok(())
}

/// Hands on the rows that a line makes. Answers whether more are wanted.
fn pushed(
    header: &Header<'_>,
    record: &StringRecord,
    number: i64,
    mapping: &Mapping<'_>,
    batches: &mut Batches<impl FnMut(i64, Vec<Item>) -> bool>,
) -> bool {
    if record.len() != header.width {
        return batches.push(Err(mapping.rejection(format!(
            "line {} has {} cells, the header has {}",
            record.position().map_or(0, csv::Position::line),
            record.len(),
            header.width
        ))));
    }
    let mut rows = header
        .lines(record, number)
        .filter_map(|line| mapping.item(|name| line.cell(name)));
    rows.all(|row| batches.push(row))
}

/// The mark that the first line has most often outside of quotes.
fn delimiter(sample: &[u8]) -> u8 {
    let sample = sample.trim_ascii_start();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_separates_cells_is_found_out() {
        assert_eq!(delimiter(b"\"a, b\";\"c\";d\n1,2,3"), b';');
        assert_eq!(delimiter(b"id_mutation,date_mutation\n"), b',');
        assert_eq!(delimiter(b"a\tb\n"), b'\t');
        assert_eq!(delimiter(b"\r\na,b\r\n"), b',');
        assert_eq!(delimiter(b"alone\n"), b';');
    }
}
