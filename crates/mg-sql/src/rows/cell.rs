//! One cell in each format.

use std::{borrow::Cow, fmt::Write};

use mg_core::{clean, needs_cleaning, push_cell};
use mg_db::gate::Cell;
use serde_json::{Value, value::RawValue};

use super::Format;

/// Integers beyond this lose digits in clients that read JSON numbers as doubles.
const EXACT: u64 = 1 << 53;

/// A cell as JSON: exact, so what JSON numbers cannot carry is a string.
pub(super) fn value(cell: &Cell<'_>, longest: usize) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Boolean(flag) => (*flag).into(),
        Cell::Integer(number) if number.unsigned_abs() <= EXACT => (*number).into(),
        Cell::Integer(number) => number.to_string().into(),
        Cell::Real(number) => (*number).into(),
        Cell::Text(text) | Cell::Json(text) => shown(text, longest).0.into(),
        // One that is cut is no list any more.
        Cell::Array(json) => match shown(json, longest) {
            (json, true) => json.into(),
            (json, false) => list(&json).unwrap_or_else(|| json.into()),
        },
    }
}

/// The list of lists, strings, numbers and nulls that the text is; numbers are read here, for the library
/// may miss the nearest double.
fn list(json: &str) -> Option<Value> {
    let elements: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    let element = |raw: &&RawValue| match raw.get() {
        nested if nested.starts_with('[') => list(nested),
        text if text.starts_with('"') => {
            let text: String = serde_json::from_str(text).ok()?;
            Some(clean(&text).into())
        }
        word @ ("null" | "true" | "false") => serde_json::from_str(word).ok(),
        number => match number.parse::<i64>() {
            Ok(integer) if number != "-0" => Some(integer.into()),
            _ => number.parse::<f64>().ok().map(Value::from),
        },
    };
    elements.iter().map(element).collect()
}

/// Adds a row to a text; gives how many cells were cut.
pub(super) fn line(text: &mut String, format: Format, cells: &[Cell<'_>], longest: usize) -> usize {
    let mut cut = 0;
    let table = format != Format::Csv;
    for (place, cell) in cells.iter().enumerate() {
        if table {
            text.push('|');
        } else if place > 0 {
            text.push(',');
        }
        cut += usize::from(write(text, table, cell, longest));
    }
    text.push_str(if table { "|\n" } else { "\n" });
    cut
}

fn write(text: &mut String, table: bool, cell: &Cell<'_>, longest: usize) -> bool {
    // Writing into a String cannot fail.
    let _infallible = match cell {
        Cell::Null if table => text.write_str("NULL"),
        Cell::Null => Ok(()),
        Cell::Boolean(flag) => write!(text, "{flag}"),
        Cell::Integer(number) => write!(text, "{number}"),
        Cell::Real(number) => write!(text, "{number}"),
        Cell::Text(content) | Cell::Json(content) | Cell::Array(content) => {
            let (content, cut) = shown(content, longest);
            if table {
                push_cell(text, &content);
            } else {
                push_csv(text, &content);
            }
            return cut;
        }
    };
    false
}

/// Text without deceptive characters, at most `longest` characters of it; whole where the words about the cut
/// would be longer than what is cut.
fn shown(text: &str, longest: usize) -> (Cow<'_, str>, bool) {
    let text = if needs_cleaning(text) {
        Cow::Owned(clean(text))
    } else {
        Cow::Borrowed(text)
    };
    // No text has more characters than bytes.
    if text.len() <= longest {
        return (text, false);
    }
    let Some((end, _)) = text.char_indices().nth(longest) else {
        return (text, false);
    };
    let whole = text.chars().count();
    let mark = format!("… ({whole} characters)");
    if whole <= longest + mark.chars().count() {
        return (text, false);
    }
    (format!("{}{mark}", &text[..end]).into(), true)
}

/// RFC 4180; an empty text is quoted, so that it differs from NULL.
fn push_csv(text: &mut String, content: &str) {
    let special = |byte| matches!(byte, b',' | b'"' | b'\n' | b'\r');
    if !content.is_empty() && !content.bytes().any(special) {
        text.push_str(content);
        return;
    }
    text.push('"');
    text.push_str(&content.replace('"', "\"\""));
    text.push('"');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn integers_beyond_two_to_the_53_are_strings() {
        assert_eq!(
            value(&Cell::Integer(9_007_199_254_740_992), 9),
            json!(9_007_199_254_740_992_i64)
        );
        assert_eq!(
            value(&Cell::Integer(9_007_199_254_740_993), 9),
            json!("9007199254740993")
        );
        assert_eq!(
            value(&Cell::Integer(i64::MIN), 9),
            json!("-9223372036854775808")
        );
    }

    #[test]
    fn json_is_passed_through_untouched() {
        let document = "{\"n\":12345678901234567890.10,\"n\":1}";
        assert_eq!(value(&Cell::Json(document), 100), json!(document));
    }

    #[test]
    fn arrays_are_lists_and_their_numbers_are_kept() {
        let text = r#"[[1,null,true],["1.10","a\"\u202eb",0.1,5e-324,1.7976931348623157e+308]]"#;
        let expected = json!([[1, null, true], ["1.10", "a\"b", 0.1, 5e-324, f64::MAX]]);
        assert_eq!(value(&Cell::Array(text), 200), expected);
        let long = format!("[1,2{}]", ",3".repeat(10));
        assert_eq!(
            value(&Cell::Array(&long), 4),
            json!("[1,2… (25 characters)")
        );
        let mut text = String::new();
        line(&mut text, Format::Csv, &[Cell::Array("[1,\"a\"]")], 20);
        assert_eq!(text, "\"[1,\"\"a\"\"]\"\n");
    }

    #[test]
    fn deceptive_characters_are_removed_from_cells() {
        assert_eq!(value(&Cell::Text("a\u{202e}b\x1b"), 9), json!("ab"));
        let mut text = String::new();
        line(&mut text, Format::Csv, &[Cell::Text("a\u{200b}b")], 9);
        assert_eq!(text, "ab\n");
    }

    #[test]
    fn a_cell_is_measured_in_characters_not_in_bytes() {
        let text = "é".repeat(40);
        assert_eq!(shown(&text, 40), (Cow::Borrowed(text.as_str()), false));
        assert_eq!(
            shown(&text, 8).0,
            format!("{}… (40 characters)", &text[..16])
        );
    }

    #[test]
    fn no_cell_grows_by_being_cut() {
        for letters in 0..60 {
            let text = "x".repeat(letters);
            let (told, cut) = shown(&text, 0);
            assert!(told.chars().count() <= letters, "{told}");
            assert_eq!(cut, told != text);
        }
    }

    #[test]
    fn csv_tells_null_from_an_empty_text() {
        let mut text = String::new();
        line(
            &mut text,
            Format::Csv,
            &[
                Cell::Null,
                Cell::Text(""),
                Cell::Boolean(true),
                Cell::Real(0.5),
            ],
            9,
        );
        assert_eq!(text, ",\"\",true,0.5\n");
    }
}
