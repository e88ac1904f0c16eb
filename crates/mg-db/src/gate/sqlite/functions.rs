//! Searches in texts that take the time of one walk. The engine's own compare every place with the whole
//! pattern in one step, which no deadline interrupts: in a text of 16 MB that takes hours.

use std::{borrow::Cow, collections::HashSet};

use memchr::memmem;
use rusqlite::{
    Connection, Error, Result, ffi,
    functions::{Context, FunctionFlags},
    types::ValueRef,
};

/// Puts the functions in the place of the engine's: the same answers, of `bytes` at most.
pub(super) fn register(connection: &Connection, bytes: usize) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("instr", 2, flags, |call| Ok(instr(call)))?;
    connection.create_scalar_function("replace", 3, flags, move |call| replace(call, bytes))?;
    for (name, left, right) in [
        ("trim", true, true),
        ("ltrim", true, false),
        ("rtrim", false, true),
    ] {
        let trim = move |call: &Context<'_>| Ok(trim(call, left, right));
        connection.create_scalar_function(name, 2, flags, trim)?;
    }
    Ok(())
}

/// The place of the second in the first, from 1: in bytes of two blobs, else in characters.
fn instr(call: &Context<'_>) -> Option<i64> {
    let (text, pattern) = (call.get_raw(0), call.get_raw(1));
    let blobs = [text, pattern]
        .iter()
        .all(|value| matches!(value, ValueRef::Blob(_)));
    let (text, pattern) = (bytes_of(text)?, bytes_of(pattern)?);
    let Some(place) = memmem::find(&text, &pattern) else {
        return Some(0);
    };
    let before = text[..place].iter();
    let before = before.filter(|byte| blobs || begins_character(**byte));
    i64::try_from(before.count() + 1).ok()
}

/// The first with the third wherever the second stands.
fn replace(call: &Context<'_>, most: usize) -> Result<Option<String>> {
    let argument = |index| bytes_of(call.get_raw(index));
    let (Some(text), Some(pattern)) = (argument(0), argument(1)) else {
        return Ok(None);
    };
    if pattern.is_empty() {
        return Ok(Some(String::from_utf8_lossy(&text).into_owned()));
    }
    let Some(by) = argument(2) else {
        return Ok(None);
    };
    let places = || memmem::find_iter(&text, &pattern);
    let found = places().count();
    let length = (found.checked_mul(by.len())).map(|more| text.len() + more);
    if length.is_none_or(|length| length - found * pattern.len() > most) {
        let code = ffi::Error::new(ffi::SQLITE_TOOBIG);
        return Err(Error::SqliteFailure(code, None));
    }
    let (mut made, mut rest) = (Vec::new(), 0);
    for place in places() {
        made.extend_from_slice(&text[rest..place]);
        made.extend_from_slice(&by);
        rest = place + pattern.len();
    }
    made.extend_from_slice(&text[rest..]);
    Ok(Some(String::from_utf8_lossy(&made).into_owned()))
}

/// The first without the characters of the second at its ends.
fn trim(call: &Context<'_>, left: bool, right: bool) -> Option<String> {
    let (text, set) = (bytes_of(call.get_raw(0))?, bytes_of(call.get_raw(1))?);
    let (text, set) = (
        String::from_utf8_lossy(&text),
        String::from_utf8_lossy(&set),
    );
    let set: HashSet<char> = set.chars().collect();
    let mut rest = text.as_ref();
    if left {
        rest = rest.trim_start_matches(|character| set.contains(&character));
    }
    if right {
        rest = rest.trim_end_matches(|character| set.contains(&character));
    }
    Some(rest.to_owned())
}

fn begins_character(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

/// A value as the engine makes text of it; none of NULL.
fn bytes_of(value: ValueRef<'_>) -> Option<Cow<'_, [u8]>> {
    let written = match value {
        ValueRef::Null => return None,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => return Some(bytes.into()),
        ValueRef::Integer(value) => value.to_string(),
        ValueRef::Real(value) => real(value),
    };
    Some(written.into_bytes().into())
}

/// Fifteen digits at most, with a point.
fn real(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:.14e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    match usize::try_from(14 - exponent) {
        Ok(decimals) if exponent >= -4 => shortest(&format!("{value:.decimals$}")),
        _ => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{}e{sign}{:02}", shortest(digits), exponent.abs())
        }
    }
}

/// Without the zeros at the end, but with one digit behind the point.
fn shortest(digits: &str) -> String {
    match digits.split_once('.') {
        None => format!("{digits}.0"),
        Some((whole, decimals)) => match decimals.trim_end_matches('0') {
            "" => format!("{whole}.0"),
            decimals => format!("{whole}.{decimals}"),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::types::Value;

    use super::*;

    fn engine() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    fn ours() -> Connection {
        let connection = engine();
        register(&connection, 1 << 20).unwrap();
        connection
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            (-2000_i64..2000).prop_map(Value::Integer),
            (-200_000_i32..200_000).prop_map(|n| Value::Real(f64::from(n) / 1000.0)),
            "[aé ]{0,6}".prop_map(Value::Text),
            prop::collection::vec(97_u8..100, 0..6).prop_map(Value::Blob),
        ]
    }

    proptest! {
        #[test]
        fn the_answers_are_the_engines(x in value(), y in value(), z in value()) {
            let (engine, ours) = (engine(), ours());
            for sql in [
                "SELECT instr(?1, ?2) WHERE ?3 OR 1",
                "SELECT replace(?1, ?2, ?3)",
                "SELECT trim(?1, ?2) WHERE ?3 OR 1",
                "SELECT ltrim(?1, ?2) WHERE ?3 OR 1",
                "SELECT rtrim(?1, ?2) WHERE ?3 OR 1",
            ] {
                let answer = |connection: &Connection| {
                    connection.query_one(sql, [&x, &y, &z], |row| row.get::<_, Value>(0)).unwrap()
                };
                prop_assert_eq!(answer(&ours), answer(&engine), "{}", sql);
            }
        }
    }

    #[test]
    fn numbers_are_written_as_the_engine_writes_them() {
        let engine = engine();
        for value in [
            0.0,
            1.0,
            -1.5,
            0.1,
            1e15,
            1e14,
            123_456_789_012_345.0,
            1.25e-5,
            0.0001,
            1e100,
            2.0 / 3.0,
            f64::INFINITY,
        ] {
            let sql = "SELECT CAST(?1 AS TEXT)";
            let text: String = engine.query_one(sql, [value], |row| row.get(0)).unwrap();
            assert_eq!(real(value), text);
        }
    }

    #[test]
    fn a_text_that_grows_too_large_is_not_made() {
        let sql = "SELECT replace(hex(zeroblob(1000)), '0', hex(zeroblob(1000000)))";
        let made = ours().query_one(sql, [], |row| row.get::<_, String>(0));
        assert!(made.unwrap_err().to_string().contains("too big"));
    }
}
