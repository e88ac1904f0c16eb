//! What the audit trail learns of a statement: its text without literals, and the tables it names.

use std::{collections::BTreeSet, ops::ControlFlow};

use mg_db::Engine;
use sqlparser::{
    ast::{Statement, TableFactor, Visit, Visitor, visit_relations},
    dialect::{Dialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect},
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
pub(crate) fn audited(engine: Engine, sql: &str) -> Audited {
    let Ok(tokens) = Tokenizer::new(dialect(engine), sql).tokenize() else {
        let length = sql.chars().count();
        return Audited {
            text: format!("(a text of {length} characters that is not SQL)"),
            tables: Vec::new(),
        };
    };
    let told = tokens.iter().map(|token| without_literal(engine, token));
    let text = told.collect::<String>();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut names = BTreeSet::new();
    let _complete: ControlFlow<()> = visit_relations(&parsed(engine, tokens), |name| {
        names.insert(name.to_string());
        ControlFlow::Continue(())
    });
    Audited {
        text: text.chars().take(LONGEST).collect(),
        tables: names.into_iter().collect(),
    }
}

/// What the columns of a statement may be asked of: the aliases of its tables, or their names.
pub(crate) fn sources(engine: Engine, sql: &str) -> Vec<String> {
    let tokens = Tokenizer::new(dialect(engine), sql).tokenize();
    let mut sources = Sources(Vec::new());
    let _complete = parsed(engine, tokens.unwrap_or_default()).visit(&mut sources);
    sources.0
}

struct Sources(Vec<String>);

impl Visitor for Sources {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let named = match factor {
            TableFactor::Table { name, alias, .. } => {
                let table = name.0.last().and_then(|part| part.as_ident());
                alias.as_ref().map(|alias| &alias.name).or(table)
            }
            TableFactor::Derived { alias, .. } => alias.as_ref().map(|alias| &alias.name),
            _ => None,
        };
        self.0.extend(named.map(|name| name.value.clone()));
        ControlFlow::Continue(())
    }
}

fn dialect(engine: Engine) -> &'static dyn Dialect {
    match engine {
        Engine::Sqlite => &SQLiteDialect {},
        Engine::Postgres => &PostgreSqlDialect {},
        Engine::MariaDb => &MySqlDialect {},
    }
}

fn without_literal(engine: Engine, token: &Token) -> String {
    match token {
        Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::DollarQuotedString(_)
        | Token::TripleSingleQuotedString(_)
        | Token::EscapedStringLiteral(_)
        | Token::UnicodeStringLiteral(_)
        | Token::NationalStringLiteral(_)
        | Token::SingleQuotedByteStringLiteral(_)
        | Token::SingleQuotedRawStringLiteral(_)
        | Token::HexStringLiteral(_) => "?".into(),
        // SQLite takes a name that it does not know for a text.
        Token::Word(word) if engine == Engine::Sqlite && word.quote_style == Some('"') => {
            "?".into()
        }
        Token::Whitespace(_) => " ".into(), // comments are whitespace too
        other => other.to_string(),
    }
}

/// The statements, where the parser understands them and they are not too long for it.
fn parsed(engine: Engine, tokens: Vec<Token>) -> Vec<Statement> {
    let words = tokens
        .iter()
        .filter(|token| matches!(token, Token::Word(_)));
    if words.take(FEWEST_WORDS).count() < FEWEST_WORDS || tokens.len() > MOST_TOKENS {
        return Vec::new();
    }
    let mut parser = Parser::new(dialect(engine)).with_tokens(tokens);
    parser.parse_statements().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_comments_leave_nothing_behind() {
        let audited = audited(
            Engine::Postgres,
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
            let text = audited(Engine::Postgres, &format!("SELECT {literal}")).text;
            assert_eq!(text, "SELECT ?", "{literal}");
        }
    }

    #[test]
    fn every_engines_own_literals_leave_nothing_behind() {
        let told = |engine, literal: &str| {
            audited(engine, &format!("SELECT nom FROM t WHERE nom = {literal}")).text
        };
        for (engine, literal) in [
            (Engine::MariaDb, r#""Dupont""#),
            (Engine::MariaDb, r"'l\'a vu Dupont'"),
            (Engine::MariaDb, r#""l\"a vu Dupont""#),
            (Engine::MariaDb, "x'4475'"),
            (Engine::MariaDb, "0x4475"),
            (Engine::Sqlite, r#""Dupont""#),
            (Engine::Sqlite, r"'l''a vu \'"),
            (Engine::Postgres, r"E'l\'a vu Dupont'"),
            (Engine::Postgres, r"'l''a vu \'"),
            (Engine::Postgres, "$a$Dupont$a$"),
        ] {
            let text = told(engine, literal);
            assert_eq!(text, "SELECT nom FROM t WHERE nom = ?", "{engine}");
        }
        let name = told(Engine::Postgres, r#""Nom""#);
        assert!(name.ends_with(r#"= "Nom""#), "{name}");
        let hint = audited(Engine::MariaDb, "SELECT 1 /*! , 'Dupont' */ # Dupont");
        assert!(!hint.text.contains("Dupont"), "{}", hint.text);
    }

    #[test]
    fn the_sources_of_columns_are_aliases_where_there_are_some() {
        let sql = "SELECT 1 FROM s.t AS a JOIN fact_permis ON true, (SELECT 1 FROM u) AS d";
        for engine in [Engine::Sqlite, Engine::Postgres, Engine::MariaDb] {
            assert_eq!(sources(engine, sql), ["a", "fact_permis", "d", "u"]);
        }
        assert!(sources(Engine::Sqlite, "not SQL at all").is_empty());
    }

    #[test]
    fn tables_are_found_in_joins_subqueries_and_ctes() {
        let found = audited(
            Engine::Postgres,
            "WITH a AS (SELECT * FROM t1) SELECT * FROM a JOIN s.t2 ON true WHERE x IN (SELECT 1 FROM t3)",
        );
        assert_eq!(found.tables, ["a", "s.t2", "t1", "t3"]);
    }

    #[test]
    fn a_statement_of_one_word_names_no_table() {
        assert_eq!(
            audited(Engine::MariaDb, "SELECT * FROM `t`").tables,
            ["`t`"]
        );
        assert!(audited(Engine::MariaDb, "SELECT 1").tables.is_empty());
    }

    #[test]
    fn a_chain_of_terms_is_too_long_to_be_parsed() {
        for (term, tables) in [(100, 1), (100_000, 0)] {
            let found = audited(
                Engine::Postgres,
                &format!("SELECT 1 FROM t WHERE 1{}", " + 1".repeat(term)),
            );
            assert_eq!(found.tables.len(), tables, "{term}");
            assert!(found.text.starts_with("SELECT ? FROM t WHERE ? + ?"));
        }
    }

    #[test]
    fn what_is_not_sql_is_told_by_its_length() {
        let found = audited(Engine::Postgres, "SELECT 'unterminated secret");
        assert_eq!(
            found,
            Audited {
                text: "(a text of 27 characters that is not SQL)".into(),
                tables: vec![]
            }
        );
    }
}
