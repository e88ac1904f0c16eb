//! What the audit trail learns of a statement: its text without literals, and the tables it names.

use std::collections::BTreeSet;

use sqlparser::{
    ast::visit_relations,
    dialect::GenericDialect,
    parser::Parser,
    tokenizer::{Token, Tokenizer},
};

/// A statement as it stands in the audit trail.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Audited {
    /// The text with every literal as `?` and without comments.
    pub(crate) text: String,
    /// The tables it names, sorted; empty when the statement is too long or the parser does not understand it.
    pub(crate) tables: Vec<String>,
}

/// Longest text that is kept.
const LONGEST: usize = 2_000;
/// A statement of more tokens than this is not parsed: a chain of terms makes a tree as deep as it is long,
/// which is dropped by functions that call themselves and would end the process.
const MOST_TOKENS: usize = 3_000;
/// The name of a table is a word, and one stands before it that says what is done with the table.
const FEWEST_WORDS: usize = 2;

/// Literals may be personal data, so none stays; a text that cannot be read at all is told by its length.
pub(crate) fn audited(sql: &str) -> Audited {
    let Ok(tokens) = Tokenizer::new(&GenericDialect {}, sql).tokenize() else {
        let length = sql.chars().count();
        return Audited {
            text: format!("(a text of {length} characters that is not SQL)"),
            tables: Vec::new(),
        };
    };
    let text = tokens.iter().map(without_literal).collect::<String>();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Audited {
        text: text.chars().take(LONGEST).collect(),
        tables: tables(tokens),
    }
}

fn without_literal(token: &Token) -> String {
    match token {
        Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::DollarQuotedString(_)
        | Token::TripleSingleQuotedString(_)
        | Token::EscapedStringLiteral(_)
        | Token::UnicodeStringLiteral(_)
        | Token::NationalStringLiteral(_)
        | Token::SingleQuotedByteStringLiteral(_)
        | Token::SingleQuotedRawStringLiteral(_)
        | Token::HexStringLiteral(_) => "?".into(),
        Token::Whitespace(_) => " ".into(), // comments are whitespace too
        other => other.to_string(),
    }
}

fn tables(tokens: Vec<Token>) -> Vec<String> {
    let words = tokens
        .iter()
        .filter(|token| matches!(token, Token::Word(_)));
    if words.take(FEWEST_WORDS).count() < FEWEST_WORDS || tokens.len() > MOST_TOKENS {
        return Vec::new();
    }
    let parsed = Parser::new(&GenericDialect {})
        .with_tokens(tokens)
        .parse_statements();
    let Ok(statements) = parsed else {
        return Vec::new();
    };
    let mut names = BTreeSet::new();
    let _complete: std::ops::ControlFlow<()> = visit_relations(&statements, |name| {
        names.insert(name.to_string());
        std::ops::ControlFlow::Continue(())
    });
    names.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_comments_leave_nothing_behind() {
        let audited = audited(
            "SELECT nom -- M. Dupont\nFROM dim_commune WHERE nom = 'Lagny' AND n > 12.5 /* 77243 */",
        );
        assert_eq!(
            audited.text,
            "SELECT nom FROM dim_commune WHERE nom = ? AND n > ?"
        );
        assert_eq!(audited.tables, ["dim_commune"]);
    }

    #[test]
    fn every_form_of_literal_is_taken_out() {
        for literal in [
            "'x secret'",
            "$$x secret$$",
            "E'x secret'",
            "N'x secret'",
            "X'abcdef'",
            "1234567",
            "U&'secret'",
        ] {
            let text = audited(&format!("SELECT {literal}")).text;
            assert_eq!(text, "SELECT ?", "{literal}");
        }
    }

    #[test]
    fn tables_are_found_in_joins_subqueries_and_ctes() {
        let found = audited(
            "WITH a AS (SELECT * FROM t1) SELECT * FROM a JOIN s.t2 ON true WHERE x IN (SELECT 1 FROM t3)",
        );
        assert_eq!(found.tables, ["a", "s.t2", "t1", "t3"]);
    }

    #[test]
    fn a_statement_of_one_word_names_no_table() {
        assert_eq!(audited("SELECT * FROM `t`").tables, ["`t`"]);
        assert!(audited("SELECT 1").tables.is_empty());
    }

    #[test]
    fn a_chain_of_terms_is_too_long_to_be_parsed() {
        for (term, tables) in [(100, 1), (100_000, 0)] {
            let found = audited(&format!("SELECT 1 FROM t WHERE 1{}", " + 1".repeat(term)));
            assert_eq!(found.tables.len(), tables, "{term}");
            assert!(found.text.starts_with("SELECT ? FROM t WHERE ? + ?"));
        }
    }

    #[test]
    fn what_is_not_sql_is_told_by_its_length() {
        let found = audited("SELECT 'unterminated secret");
        assert_eq!(
            found,
            Audited {
                text: "(a text of 27 characters that is not SQL)".into(),
                tables: vec![]
            }
        );
    }
}
