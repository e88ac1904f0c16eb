//! Which of two ways a statement goes: through a cursor, or as EXPLAIN or SHOW, which have none.

use crate::gate::GateError;

/// The way of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `DECLARE … CURSOR FOR` takes queries and nothing else.
    Query,
    /// EXPLAIN of a query, or SHOW.
    Utility,
}

/// Options of EXPLAIN that do not run the statement, and their values.
const EXPLAIN_WORDS: &[&str] = &[
    "verbose",
    "costs",
    "settings",
    "generic_plan",
    "buffers",
    "summary",
    "memory",
    "format",
    "text",
    "json",
    "yaml",
    "xml",
    "on",
    "off",
    "true",
    "false",
];

/// Looks at the first words only: whatever else stands there is judged by the server.
pub(super) fn shape(sql: &str) -> Result<Shape, GateError> {
    let (word, rest) = word(after_blanks(sql));
    match word.to_ascii_lowercase().as_str() {
        "show" => Ok(Shape::Utility),
        "explain" => explains_a_query(rest).then_some(Shape::Utility).ok_or_else(|| {
            GateError::Refused(
                "EXPLAIN takes a query here, e.g. EXPLAIN (FORMAT JSON) SELECT …; ANALYZE, which runs the statement, is not welcome"
                    .to_owned(),
            )
        }),
        _ => Ok(Shape::Query),
    }
}

/// Where in the text the first word stands, in characters from 1.
pub(super) fn first_word_position(sql: &str) -> usize {
    let blanks = sql.len() - after_blanks(sql).len();
    sql[..blanks].chars().count() + 1
}

fn explains_a_query(rest: &str) -> bool {
    let rest = after_blanks(rest);
    let after_options = match rest.strip_prefix('(') {
        Some(inside) if !begins_query(inside) => after_explain_options(inside),
        _ => Some(without_verbose(rest)),
    };
    after_options.is_some_and(begins_query)
}

/// `VERBOSE` is the one option that may stand without parentheses and does not run the statement.
fn without_verbose(text: &str) -> &str {
    match word(text) {
        (first, rest) if first.eq_ignore_ascii_case("verbose") => rest,
        _ => text,
    }
}

fn begins_query(text: &str) -> bool {
    let text = after_blanks(text);
    if let Some(inside) = text.strip_prefix('(') {
        return begins_query(inside);
    }
    let first = word(text).0.to_ascii_lowercase();
    ["select", "with", "values", "table"].contains(&first.as_str())
}

/// The text behind `…)` when all words before it are harmless options.
fn after_explain_options(mut text: &str) -> Option<&str> {
    loop {
        text = after_blanks(text);
        if let Some(rest) = text.strip_prefix(')') {
            return Some(rest);
        }
        if let Some(rest) = text.strip_prefix(',') {
            text = rest;
            continue;
        }
        let (option, rest) = word(text);
        if !EXPLAIN_WORDS.contains(&option.to_ascii_lowercase().as_str()) {
            return None;
        }
        text = rest;
    }
}

/// The word at the beginning of the text, possibly empty, and what follows.
fn word(text: &str) -> (&str, &str) {
    let end = text
        .find(|character: char| !(character.is_alphanumeric() || character == '_'))
        .unwrap_or(text.len());
    text.split_at(end)
}

/// The text without leading white space and comments, as PostgreSQL's scanner sees them.
fn after_blanks(mut text: &str) -> &str {
    loop {
        let trimmed = text.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
        text = if let Some(comment) = trimmed.strip_prefix("--") {
            comment.find(['\n', '\r']).map_or("", |end| &comment[end..])
        } else if let Some(comment) = trimmed.strip_prefix("/*") {
            after_block_comment(comment)
        } else {
            return trimmed;
        };
    }
}

/// Block comments nest.
fn after_block_comment(mut text: &str) -> &str {
    let mut depth = 1_usize;
    while depth > 0 {
        let Some(at) = text.find(['*', '/']) else {
            return "";
        };
        text = &text[at..];
        if let Some(rest) = text.strip_prefix("*/") {
            (depth, text) = (depth - 1, rest);
        } else if let Some(rest) = text.strip_prefix("/*") {
            (depth, text) = (depth + 1, rest);
        } else {
            text = &text[1..];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_go_through_the_cursor_whatever_stands_before_them() {
        for sql in [
            "SELECT 1",
            " -- explain\n select 1",
            "/* a /* b */ */ VALUES (1)",
            "(SELECT 1)",
            "explainer",
        ] {
            assert_eq!(shape(sql), Ok(Shape::Query), "{sql}");
        }
    }

    #[test]
    fn explain_of_a_query_and_show_have_a_way_of_their_own() {
        for sql in [
            "SHOW server_version",
            "/**/ Explain SELECT 1",
            "EXPLAIN (SELECT 1)",
            "EXPLAIN ((VALUES (1)))",
            "EXPLAIN VERBOSE WITH a AS (SELECT 1) TABLE a",
            "EXPLAIN (FORMAT json, costs OFF) SELECT 1",
            "EXPLAIN --\rSELECT 1",
        ] {
            assert_eq!(shape(sql), Ok(Shape::Utility), "{sql}");
        }
    }

    #[test]
    fn explain_that_runs_or_takes_no_query_is_refused() {
        for sql in [
            "EXPLAIN ANALYZE SELECT 1",
            "EXPLAIN analyse SELECT 1",
            "EXPLAIN (VERBOSE, ANALYZE) SELECT 1",
            "EXPLAIN (/* x */ analyze true) SELECT 1",
            "EXPLAIN (\"analyze\") SELECT 1",
            "EXPLAIN VERBOSE ANALYZE SELECT 1",
            "EXPLAIN ANALYZE VERBOSE SELECT 1",
            "EXPLAIN DELETE FROM t",
            "EXPLAIN EXECUTE p",
            "EXPLAIN CREATE TABLE t AS SELECT 1",
            "EXPLAIN (",
            "EXPLAIN",
        ] {
            assert!(shape(sql).is_err(), "{sql}");
        }
    }

    #[test]
    fn the_first_word_is_found_behind_comments() {
        assert_eq!(first_word_position("SELECT"), 1);
        assert_eq!(first_word_position("/* é */ DELETE"), 9);
        assert_eq!(first_word_position("/* open"), 8);
    }
}
