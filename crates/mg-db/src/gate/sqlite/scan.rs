//! SQLite's text as its own tokenizer cuts it, as far as names, words and parentheses go.

use std::borrow::Cow;

use crate::gate::nesting::Token;

/// The tokens of a text, without blanks and comments. What is no token to the engine is cut anyhow: it refuses it.
pub(in crate::gate) fn tokens(sql: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut rest) = (Vec::new(), sql);
    while let Some(first) = rest.chars().next() {
        let behind = &rest[first.len_utf8()..];
        let (token, behind) = match first {
            // A byte order mark is a blank where a token may begin, and part of a name elsewhere.
            '\u{feff}' => (None, behind),
            _ if is_blank(first) => (None, behind),
            '-' if behind.starts_with('-') => (None, after(behind, "\n")),
            '/' if behind.starts_with('*') => (None, after(&behind[1..], "*/")),
            '(' => (Some(Token::Open), behind),
            ')' => (Some(Token::Close), behind),
            // A text is a name where one is wanted.
            '\'' | '"' | '`' => quoted(behind, first),
            '[' => {
                let (name, behind) = behind.split_once(']').unwrap_or((behind, ""));
                (Some(Token::Name(name.into())), behind)
            }
            '$' | '@' | ':' | '#' => (Some(Token::Mark), after_variable(behind)),
            _ if is_of_a_word(first) => {
                let end = rest.find(|next| !is_of_a_word(next));
                let (word, behind) = rest.split_at(end.unwrap_or(rest.len()));
                (Some(Token::Word(word)), behind)
            }
            _ => (Some(Token::Mark), behind),
        };
        tokens.extend(token);
        rest = behind;
    }
    tokens
}

/// As the engine's table of characters has it: every byte beyond ASCII is a letter.
fn is_of_a_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '$') || !character.is_ascii()
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t'..='\r')
}

fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, behind)| behind)
}

/// The name up to its closing quote, a doubled one being part of it, and what follows.
fn quoted(text: &str, quote: char) -> (Option<Token<'_>>, &str) {
    let doubled = format!("{quote}{quote}");
    let mut end = 0;
    loop {
        let Some(at) = text[end..].find(quote) else {
            return (Some(Token::Mark), "");
        };
        end += at;
        if !text[end..].starts_with(&doubled) {
            break;
        }
        end += doubled.len();
    }
    let name = if text[..end].contains(quote) {
        Cow::Owned(text[..end].replace(&doubled, &quote.to_string()))
    } else {
        Cow::Borrowed(&text[..end])
    };
    (Some(Token::Name(name)), &text[end + 1..])
}

/// What follows a variable: `$a::b(anything but a blank)` is one, as Tcl names them.
fn after_variable(text: &str) -> &str {
    let (mut rest, mut is_named) = (text, false);
    loop {
        if let Some(behind) = rest.strip_prefix(is_of_a_word) {
            (rest, is_named) = (behind, true);
        } else if let Some(behind) = rest.strip_prefix("::") {
            rest = behind;
        } else if let Some(inside) = rest.strip_prefix('(').filter(|_| is_named) {
            let end = inside.find(|next| next == ')' || is_blank(next));
            let behind = &inside[end.unwrap_or(inside.len())..];
            return behind.strip_prefix(')').unwrap_or(behind);
        } else {
            return rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Token::{Close, Mark, Open, Word};

    fn name(text: &str) -> Token<'_> {
        Token::Name(text.into())
    }

    #[test]
    fn names_are_those_of_the_engine_however_they_are_quoted() {
        assert_eq!(
            tokens(r#"a$1 é∀ "a""b" `a"b` [a"b] 'a"b' 'it''s' x"#),
            [
                Word("a$1"),
                Word("é∀"),
                name("a\"b"),
                name("a\"b"),
                name("a\"b"),
                name("a\"b"),
                name("it's"),
                Word("x")
            ]
        );
        assert_eq!(tokens(r"'\' x"), [name(r"\"), Word("x")]);
        assert_eq!(tokens("\u{feff}a\u{feff}b"), [Word("a\u{feff}b")]);
    }

    #[test]
    fn comments_hide_what_they_hide_from_the_engine() {
        assert_eq!(tokens("a--(\rb\n(/*)*/)"), [Word("a"), Open, Close]);
        assert_eq!(tokens("/*/(*/a/* b"), [Word("a")]);
        assert_eq!(tokens("a - - b / * c"), {
            [Word("a"), Mark, Mark, Word("b"), Mark, Mark, Word("c")]
        });
    }

    #[test]
    fn a_variable_takes_its_parentheses_with_it() {
        for variable in ["$a(')", "@a(--)", ":a::b(/*)", "#a([)", "$a::(\")"] {
            let sql = format!("{variable}(x)");
            assert_eq!(tokens(&sql), [Mark, Open, Word("x"), Close], "{variable}");
        }
        assert_eq!(tokens("$a(b c"), [Mark, Word("c")]);
        assert_eq!(tokens("$(a)"), [Mark, Open, Word("a"), Close]);
        assert_eq!(tokens("a?1:b"), [Word("a"), Mark, Word("1"), Mark]);
    }

    #[test]
    fn what_is_not_closed_hides_the_rest() {
        for text in ["'(a", "\"(a", "`(a''"] {
            assert_eq!(tokens(text), [Mark], "{text}");
        }
        assert_eq!(tokens("[(a"), [name("(a")]);
    }

    proptest::proptest! {
        /// The engine itself is the measure: it counts the names of a list as we do, or takes no such text.
        #[test]
        fn a_list_of_names_has_as_many_as_the_engine_finds(
            names in proptest::collection::vec(proptest::sample::select(NAMES), 1..6),
            blanks in proptest::collection::vec(proptest::sample::select(BLANKS), 12),
        ) {
            let part = |(place, name): (usize, &&str)| {
                let (before, behind) = (blanks[2 * place], blanks[2 * place + 1]);
                format!("{before}{name}{behind}AS (SELECT 1)")
            };
            let parts: Vec<String> = names.iter().enumerate().map(part).collect();
            let sql = format!("WITH{} SELECT 1", parts.join(","));
            let connection = rusqlite::Connection::open_in_memory().unwrap();
            if connection.prepare(&sql).is_ok() {
                let bodies = tokens(&sql).windows(2).filter(|pair| *pair == [Word("AS"), Open]).count();
                proptest::prop_assert_eq!(bodies, names.len(), "{}", sql);
            }
        }
    }

    const NAMES: &[&str] = &[
        "a",
        "é",
        "∀",
        "a$",
        "\"a(\"",
        "`'`",
        "[--]",
        "'/*'",
        "\"\"\"\"",
        "x1",
        "\u{feff}b",
        "_",
    ];
    const BLANKS: &[&str] = &[
        " ",
        "\n",
        "/* ' */",
        " -- \"\n",
        "\u{feff}",
        " /*/ [ */",
        "\t\x0b",
        "\x0c",
    ];
}
