//! Reads our own SQL as far as needed to number its parameters and to tell its statements apart.

use std::fmt::Write;

/// A piece of SQL text.
enum Piece<'a> {
    /// Where `?` and `;` mean something.
    Code(&'a str),
    /// A quoted text or name, or a comment.
    Opaque(&'a str),
}

/// Rewrites `?` to `$1`, `$2`, … outside of quotes and comments.
pub(super) fn numbered(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 8);
    let mut number = 0;
    for piece in pieces(sql) {
        match piece {
            Piece::Opaque(text) => out.push_str(text),
            Piece::Code(code) => {
                for (index, part) in code.split('?').enumerate() {
                    if index > 0 {
                        number += 1;
                        // Writing to a String cannot fail.
                        let _ = write!(out, "${number}");
                    }
                    out.push_str(part);
                }
            }
        }
    }
    out
}

/// The statements of a script, without their `;`.
pub(crate) fn statements(script: &str) -> Vec<String> {
    let mut statements = vec![String::new()];
    for piece in pieces(script) {
        let mut parts = match piece {
            Piece::Code(code) => code.split(';'),
            Piece::Opaque(text) if text.starts_with("--") || text.starts_with("/*") => continue,
            Piece::Opaque(text) => {
                append(&mut statements, text);
                continue;
            }
        };
        append(&mut statements, parts.next().unwrap_or_default());
        statements.extend(parts.map(str::to_owned));
    }
    let trimmed = statements
        .iter()
        .map(|statement| statement.trim().to_owned());
    trimmed.filter(|statement| !statement.is_empty()).collect()
}

fn append(statements: &mut [String], text: &str) {
    if let Some(last) = statements.last_mut() {
        last.push_str(text);
    }
}

/// Splits SQL into code and what is quoted or commented out. Doubled quotes need no care: two
/// quoted pieces follow each other then.
fn pieces(sql: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = sql;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let opaque = opaque_length(rest);
        let length = if opaque > 0 {
            opaque
        } else {
            code_length(rest)
        };
        let (piece, tail) = rest.split_at(length);
        rest = tail;
        Some(if opaque > 0 {
            Piece::Opaque(piece)
        } else {
            Piece::Code(piece)
        })
    })
}

fn opaque_length(text: &str) -> usize {
    let until = |from: usize, end: &str| {
        text[from..]
            .find(end)
            .map_or(text.len(), |at| from + at + end.len())
    };
    match text.as_bytes() {
        [b'\'', ..] => until(1, "'"),
        [b'"', ..] => until(1, "\""),
        [b'-', b'-', ..] => until(2, "\n"),
        [b'/', b'*', ..] => until(2, "*/"),
        _ => 0,
    }
}

fn code_length(text: &str) -> usize {
    let starts = text
        .char_indices()
        .skip(1)
        .find(|(index, _)| opaque_length(&text[*index..]) > 0);
    starts.map_or(text.len(), |(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parameters_are_numbered_in_order() {
        assert_eq!(
            numbered(
                "SELECT ? FROM t WHERE a = ? -- why?\n AND b = 'it''s ?' AND \"c?\" = ?/* ? */"
            ),
            "SELECT $1 FROM t WHERE a = $2 -- why?\n AND b = 'it''s ?' AND \"c?\" = $3/* ? */"
        );
    }

    #[test]
    fn a_script_is_split_at_semicolons_outside_of_quotes() {
        let script = "-- head; not a statement\nCREATE TABLE a (b); INSERT INTO a VALUES (';');\n";
        assert_eq!(
            statements(script),
            ["CREATE TABLE a (b)", "INSERT INTO a VALUES (';')"]
        );
    }

    #[test]
    fn what_is_never_closed_reaches_to_the_end() {
        assert_eq!(numbered("SELECT '?"), "SELECT '?");
        assert_eq!(numbered("SELECT ? /* ?"), "SELECT $1 /* ?");
    }

    proptest! {
        #[test]
        fn numbering_changes_nothing_but_parameters(sql in "[a-z?'\"$ é;*/-]{0,40}") {
            let marks = numbered(&sql).matches('?').count();
            let opaque: usize = pieces(&sql)
                .map(|piece| match piece { Piece::Opaque(text) => text.matches('?').count(), Piece::Code(_) => 0 })
                .sum();
            prop_assert_eq!(marks, opaque);
            let rebuilt: String = pieces(&sql)
                .map(|piece| match piece { Piece::Opaque(text) | Piece::Code(text) => text })
                .collect();
            prop_assert_eq!(rebuilt, sql);
        }

        #[test]
        fn text_between_quotes_survives_as_it_is(inside in "[^']{0,20}") {
            let sql = format!("SELECT '{inside}', ?");
            prop_assert_eq!(numbered(&sql), format!("SELECT '{inside}', $1"));
        }
    }
}
