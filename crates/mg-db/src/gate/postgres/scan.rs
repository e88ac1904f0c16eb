//! A statement's text as PostgreSQL's own scanner cuts it, so that nothing hides in a literal or a comment.

/// One lexical part of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name or keyword without quotes, as written.
    Word(&'a str),
    /// What stands between double quotes; a quote in it is still doubled.
    Quoted(&'a str),
    /// What stands in `U&"…"`, escapes and all.
    Escaped(&'a str),
    /// What stands in a string constant of any form, escapes and all.
    Text(&'a str),
    /// One other character: an operator's, a bracket, a digit.
    Symbol(char),
    /// The rest of the text behind a quote that nothing closes.
    Unclosed(&'a str),
}

/// Walks over the tokens of a text, without blanks and comments.
#[derive(Debug, Clone)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, rest: text }
    }

    /// The byte at which the next token begins, or the text ends.
    pub(super) fn start_of_next(&mut self) -> usize {
        self.rest = after_blanks(self.rest);
        self.text.len() - self.rest.len()
    }

    /// The next token, which stays the next one.
    pub(super) fn peek(&self) -> Option<Token<'a>> {
        self.clone().next()
    }

    fn word(&mut self) -> Token<'a> {
        let (word, rest) = self.rest.split_at(word_end(self.rest));
        let quoted = rest.strip_prefix('\'');
        match (word.to_ascii_lowercase().as_str(), quoted) {
            ("e", Some(inside)) => return self.escape_string(inside),
            ("b" | "x" | "n", Some(inside)) => return self.closed_by("'", inside, Token::Text),
            ("u", _) if rest.starts_with("&'") => {
                return self.closed_by("'", &rest[2..], Token::Text);
            }
            ("u", _) if rest.starts_with("&\"") => {
                return self.identifier(&rest[2..], Token::Escaped);
            }
            _ => self.rest = rest,
        }
        Token::Word(word)
    }

    /// A constant without escapes. A doubled quote in it counts as the next constant.
    fn closed_by(
        &mut self,
        end: &str,
        inside: &'a str,
        token: fn(&'a str) -> Token<'a>,
    ) -> Token<'a> {
        let Some((content, rest)) = inside.split_once(end) else {
            self.rest = "";
            return Token::Unclosed(inside);
        };
        self.rest = rest;
        token(content)
    }

    /// A name in double quotes, doubled ones being part of it.
    fn identifier(&mut self, inside: &'a str, token: fn(&'a str) -> Token<'a>) -> Token<'a> {
        let mut quotes = inside.match_indices('"').map(|(at, _)| at).peekable();
        while let Some(at) = quotes.next() {
            if quotes.next_if_eq(&(at + 1)).is_none() {
                self.rest = &inside[at + 1..];
                return token(&inside[..at]);
            }
        }
        self.rest = "";
        Token::Unclosed(inside)
    }

    /// `E'…'`: a backslash takes the next character with it, and a constant that goes on in a later
    /// line stays one with escapes.
    fn escape_string(&mut self, inside: &'a str) -> Token<'a> {
        let mut rest = inside;
        while let Some(at) = rest.find(['\\', '\'']) {
            let escaped = rest[at..].starts_with('\\');
            rest = &rest[at + 1..];
            if escaped {
                rest = rest.strip_prefix(|_: char| true).unwrap_or(rest);
            } else if let Some(more) = rest.strip_prefix('\'').or_else(|| continued(rest)) {
                rest = more;
            } else {
                self.rest = rest;
                return Token::Text(&inside[..inside.len() - rest.len() - 1]);
            }
        }
        self.rest = "";
        Token::Unclosed(inside)
    }

    fn dollar(&mut self) -> Token<'a> {
        let behind = &self.rest[1..];
        let tag = &behind[..word_end(behind)];
        let tag = tag.split('$').next().unwrap_or_default();
        if behind[tag.len()..].starts_with('$') {
            let (delimiter, inside) = self.rest.split_at(tag.len() + 2);
            return self.closed_by(delimiter, inside, Token::Text);
        }
        self.rest = behind;
        Token::Symbol('$')
    }
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.rest = after_blanks(self.rest);
        let first = self.rest.chars().next()?;
        let behind = &self.rest[first.len_utf8()..];
        Some(match first {
            '\'' => self.closed_by("'", behind, Token::Text),
            '"' => self.identifier(behind, Token::Quoted),
            '$' => self.dollar(),
            first if begins_word(first) => self.word(),
            symbol => {
                self.rest = behind;
                Token::Symbol(symbol)
            }
        })
    }
}

/// Every letter beyond ASCII may stand in a name, white space of Unicode included.
fn begins_word(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_' || !character.is_ascii()
}

/// Where the word at the beginning of the text ends; 0 where none begins.
fn word_end(text: &str) -> usize {
    if !text.starts_with(begins_word) {
        return 0;
    }
    let part = |character| begins_word(character) || character.is_ascii_digit() || character == '$';
    text.find(|character| !part(character))
        .unwrap_or(text.len())
}

/// What follows the quote that reopens a constant: only blanks and line comments lie before it, with
/// a line's end among them.
fn continued(text: &str) -> Option<&str> {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(BLANKS);
        let Some(comment) = rest.strip_prefix("--") else {
            break;
        };
        rest = after_line(comment);
    }
    let between = &text[..text.len() - rest.len()];
    between
        .contains(['\n', '\r'])
        .then(|| rest.strip_prefix('\''))
        .flatten()
}

const BLANKS: [char; 6] = [' ', '\t', '\n', '\r', '\x0c', '\x0b'];

/// The text without leading white space and comments.
pub(super) fn after_blanks(mut text: &str) -> &str {
    loop {
        let trimmed = text.trim_start_matches(BLANKS);
        text = if let Some(comment) = trimmed.strip_prefix("--") {
            after_line(comment)
        } else if let Some(comment) = trimmed.strip_prefix("/*") {
            after_block_comment(comment)
        } else {
            return trimmed;
        };
    }
}

fn after_line(text: &str) -> &str {
    text.find(['\n', '\r']).map_or("", |end| &text[end..])
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
    use super::{Token::*, *};

    fn tokens(text: &str) -> Vec<Token<'_>> {
        Scanner::new(text).collect()
    }

    #[test]
    fn names_numbers_and_symbols_are_cut_as_the_server_cuts_them() {
        assert_eq!(
            tokens("a.b$1 -- c\r\"D\"\"e\" /* x /* y */ */ 1f(é)"),
            [
                Word("a"),
                Symbol('.'),
                Word("b$1"),
                Quoted("D\"\"e"),
                Symbol('1'),
                Word("f"),
                Symbol('('),
                Word("é"),
                Symbol(')')
            ]
        );
    }

    #[test]
    fn every_form_of_constant_ends_where_the_server_ends_it() {
        for (text, expected) in [
            (r"'\' f", vec![Text(r"\"), Word("f")]),
            (r"E'\'' f", vec![Text(r"\'"), Word("f")]),
            ("e'a''b' f", vec![Text("a''b"), Word("f")]),
            (
                r"E'a' --x'
 '\'b' f",
                vec![Text("a' --x'\n '\\'b"), Word("f")],
            ),
            (r"E'a' '\' f", vec![Text("a"), Text(r"\"), Word("f")]),
            (r"ae'\' f", vec![Word("ae"), Text(r"\"), Word("f")]),
            (r"U&'\' f", vec![Text(r"\"), Word("f")]),
            ("U&\"a\\0062\"f", vec![Escaped("a\\0062"), Word("f")]),
            ("N'a'x'0f'", vec![Text("a"), Text("0f")]),
            ("$é$'$é$ f", vec![Text("'"), Word("f")]),
            ("$$a$$f", vec![Text("a"), Word("f")]),
            ("$a$x$b$y$a$f", vec![Text("x$b$y"), Word("f")]),
            ("a$$ f", vec![Word("a$$"), Word("f")]),
            ("$1$$a$$", vec![Symbol('$'), Symbol('1'), Text("a")]),
        ] {
            assert_eq!(tokens(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_closed_is_told_with_all_that_follows() {
        assert_eq!(tokens("a 'b c"), [Word("a"), Unclosed("b c")]);
        assert_eq!(tokens("\"b\"\" c"), [Unclosed("b\"\" c")]);
        assert_eq!(tokens(r"E'b\'"), [Unclosed(r"b\'")]);
        assert_eq!(tokens("$a$b$"), [Unclosed("b$")]);
        assert_eq!(tokens("/* a /* */"), []);
    }
}
