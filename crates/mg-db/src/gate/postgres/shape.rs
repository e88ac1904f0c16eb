//! Which way a statement goes: through a cursor, or as EXPLAIN or SHOW, which have none.

use super::scan::{Scanner, Token, after_blanks};
use crate::gate::GateError;

/// The way of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `DECLARE … CURSOR FOR` takes queries and nothing else.
    Query,
    /// EXPLAIN; what it explains begins at this byte.
    Explain(usize),
    /// SHOW.
    Show,
}

/// Looks at the first words only: whatever else stands there is judged by the server.
pub(super) fn shape(sql: &str) -> Result<Shape, GateError> {
    let mut tokens = Scanner::new(sql);
    match tokens.next() {
        Some(Token::Word(word)) if word.eq_ignore_ascii_case("show") => Ok(Shape::Show),
        Some(Token::Word(word)) if word.eq_ignore_ascii_case("explain") => {
            explained(tokens).map(Shape::Explain).ok_or_else(|| {
                GateError::Refused(
                    "EXPLAIN takes a query here, e.g. EXPLAIN (ANALYZE, BUFFERS) SELECT …"
                        .to_owned(),
                )
            })
        }
        _ => Ok(Shape::Query),
    }
}

/// Where in the text the first word stands, in characters from 1.
pub(super) fn first_word_position(sql: &str) -> usize {
    let blanks = sql.len() - after_blanks(sql).len();
    sql[..blanks].chars().count() + 1
}

/// Where the explained query begins, behind the options; none where what follows is no query.
fn explained(mut tokens: Scanner<'_>) -> Option<usize> {
    let mut behind = tokens.clone();
    if behind.next() == Some(Token::Symbol('(')) && !begins_query(behind.clone()) {
        behind
            .find(|token| matches!(token, Token::Symbol('(' | ')')))
            .filter(|token| *token == Token::Symbol(')'))?;
        tokens = behind;
    } else {
        while is_word(tokens.peek(), &["analyze", "analyse", "verbose"]) {
            tokens.next();
        }
    }
    let start = tokens.start_of_next();
    begins_query(tokens).then_some(start)
}

fn begins_query(mut tokens: Scanner<'_>) -> bool {
    let first = tokens.find(|token| *token != Token::Symbol('('));
    is_word(first, &["select", "with", "values", "table"])
}

fn is_word(token: Option<Token<'_>>, words: &[&str]) -> bool {
    matches!(token, Some(Token::Word(word)) if words.iter().any(|one| word.eq_ignore_ascii_case(one)))
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
            "\"explain\" x",
            "",
        ] {
            assert_eq!(shape(sql), Ok(Shape::Query), "{sql}");
        }
    }

    #[test]
    fn show_has_a_way_of_its_own() {
        assert_eq!(shape("/**/ Show server_version"), Ok(Shape::Show));
    }

    #[test]
    fn the_query_behind_explain_is_found() {
        for (sql, query) in [
            ("/**/ Explain SELECT 1", "SELECT 1"),
            ("EXPLAIN (SELECT 1)", "(SELECT 1)"),
            ("EXPLAIN ((VALUES (1)))", "((VALUES (1)))"),
            (
                "EXPLAIN VERBOSE WITH a AS (SELECT 1) TABLE a",
                "WITH a AS (SELECT 1) TABLE a",
            ),
            ("EXPLAIN (FORMAT json, costs OFF) SELECT 1", "SELECT 1"),
            ("EXPLAIN --\rSELECT 1", "SELECT 1"),
            ("EXPLAIN ANALYZE SELECT 1", "SELECT 1"),
            ("EXPLAIN analyse VERBOSE (SELECT 1)", "(SELECT 1)"),
            (
                "EXPLAIN (/* ) */ analyze 1, \"buffers\" 'on') /* x */ SELECT 1",
                "SELECT 1",
            ),
            ("EXPLAIN (ANALYZE) (SELECT 1)", "(SELECT 1)"),
        ] {
            let Ok(Shape::Explain(start)) = shape(sql) else {
                panic!("{sql}: {:?}", shape(sql));
            };
            assert_eq!(&sql[start..], query, "{sql}");
        }
    }

    #[test]
    fn explain_of_anything_else_is_refused() {
        for sql in [
            "EXPLAIN DELETE FROM t",
            "EXPLAIN ANALYZE DELETE FROM t",
            "EXPLAIN (ANALYZE) INSERT INTO t SELECT 1",
            "EXPLAIN (ANALYZE (SELECT 1)) SELECT 1",
            "EXPLAIN EXECUTE p",
            "EXPLAIN ANALYZE CREATE TABLE t AS SELECT 1",
            "EXPLAIN ANALYZE (DELETE FROM t)",
            "EXPLAIN \"select\"",
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
