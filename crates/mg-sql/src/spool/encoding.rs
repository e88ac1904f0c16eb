//! Cells as bytes and back, exactly.

use std::io;

use mg_db::gate::Cell;

const NULL: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INTEGER: u8 = 3;
const REAL: u8 = 4;
const TEXT: u8 = 5;
const JSON: u8 = 6;
const ARRAY: u8 = 7;

/// One row: for each cell a tag, then its eight bytes, or its length and its text.
pub(super) fn bytes(cells: &[Cell<'_>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(cells.len() * 12);
    for cell in cells {
        match cell {
            Cell::Null => bytes.push(NULL),
            Cell::Boolean(flag) => bytes.push(if *flag { TRUE } else { FALSE }),
            Cell::Integer(number) => fixed(&mut bytes, INTEGER, number.to_le_bytes()),
            Cell::Real(number) => fixed(&mut bytes, REAL, number.to_le_bytes()),
            Cell::Text(text) => sized(&mut bytes, TEXT, text),
            Cell::Json(text) => sized(&mut bytes, JSON, text),
            Cell::Array(text) => sized(&mut bytes, ARRAY, text),
        }
    }
    bytes
}

fn fixed(bytes: &mut Vec<u8>, tag: u8, value: [u8; 8]) {
    bytes.push(tag);
    bytes.extend_from_slice(&value);
}

fn sized(bytes: &mut Vec<u8>, tag: u8, text: &str) {
    fixed(bytes, tag, (text.len() as u64).to_le_bytes());
    bytes.extend_from_slice(text.as_bytes());
}

/// The cells of one row.
pub(super) fn cells(mut bytes: &[u8]) -> io::Result<Vec<Cell<'_>>> {
    let mut cells = Vec::new();
    while let Some((tag, rest)) = bytes.split_first() {
        bytes = rest;
        cells.push(match *tag {
            NULL => Cell::Null,
            FALSE => Cell::Boolean(false),
            TRUE => Cell::Boolean(true),
            INTEGER => Cell::Integer(i64::from_le_bytes(eight(&mut bytes)?)),
            REAL => Cell::Real(f64::from_le_bytes(eight(&mut bytes)?)),
            TEXT => Cell::Text(text(&mut bytes)?),
            JSON => Cell::Json(text(&mut bytes)?),
            ARRAY => Cell::Array(text(&mut bytes)?),
            _ => return Err(damaged()),
        });
    }
    Ok(cells)
}

fn eight(bytes: &mut &[u8]) -> io::Result<[u8; 8]> {
    let (value, rest) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
    *bytes = rest;
    Ok(*value)
}

fn text<'a>(bytes: &mut &'a [u8]) -> io::Result<&'a str> {
    let length = usize::try_from(u64::from_le_bytes(eight(bytes)?)).map_err(|_| damaged())?;
    let (text, rest) = bytes.split_at_checked(length).ok_or_else(damaged)?;
    *bytes = rest;
    std::str::from_utf8(text).map_err(|_| damaged())
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a kept row is damaged")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_row_comes_back_as_it_was(number in any::<i64>(), real in any::<f64>(), text in ".*", json in ".*", flag in any::<bool>()) {
            let row = [Cell::Null, Cell::Integer(number), Cell::Text(&text), Cell::Boolean(flag), Cell::Real(real), Cell::Json(&json), Cell::Array(&json)];
            let bytes = bytes(&row);
            prop_assert_eq!(format!("{:?}", cells(&bytes).unwrap()), format!("{row:?}"));
        }

        #[test]
        fn damaged_bytes_are_an_error_and_never_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _either = cells(&bytes);
        }
    }
}
