//! MySQL's text as its own scanner sees it: words, names, quoted texts and marks, comments left out.
//!
//! Under the `sql_mode` that the gate sets: double quotes hold texts and a backslash escapes.

/// A piece of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A keyword, a bare name or a number.
    Word(&'a str),
    /// A name between backticks, without them.
    Name(&'a str),
    /// A text between quotes.
    Text,
    /// Any other character.
    Mark(char),
}

impl Token<'_> {
    /// Whether this is the keyword, in any case of letters.
    pub(super) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }
}

/// Why the text cannot be told apart with certainty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unsure {
    /// A quote or comment is never closed.
    Open(char),
    /// `/*! … */` or `/*M! … */`: a comment that the server runs.
    Executable,
}

/// The tokens, each with the place of its first byte.
pub(super) fn tokens(sql: &str) -> Result<Vec<(usize, Token<'_>)>, Unsure> {
    let (mut tokens, mut place) = (Vec::new(), 0);
    while let Some(first) = sql[place..].chars().next() {
        let rest = &sql[place..];
        let length = if let Some(length) = blank(rest)? {
            length
        } else {
            let (token, length) = token(rest, first)?;
            tokens.push((place, token));
            length
        };
        place += length;
    }
    Ok(tokens)
}

/// The length of white space or of a comment at the beginning.
fn blank(text: &str) -> Result<Option<usize>, Unsure> {
    let line = || Ok(Some(text.find('\n').map_or(text.len(), |end| end + 1)));
    match text.as_bytes() {
        [b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c, ..] => Ok(Some(1)),
        [b'#', ..] | [b'-', b'-'] => line(),
        // `--1` is minus minus one.
        [b'-', b'-', next, ..] if *next <= b' ' || *next == 0x7f => line(),
        [b'/', b'*', b'!', ..] | [b'/', b'*', b'M', b'!', ..] => Err(Unsure::Executable),
        // They do not nest.
        [b'/', b'*', ..] => match text[2..].find("*/") {
            Some(end) => Ok(Some(end + 4)),
            None => Err(Unsure::Open('/')),
        },
        _ => Ok(None),
    }
}

fn token(text: &str, first: char) -> Result<(Token<'_>, usize), Unsure> {
    match first {
        '\'' | '"' => Ok((Token::Text, quoted(text, first, true)?)),
        '`' => {
            let length = quoted(text, first, false)?;
            Ok((Token::Name(&text[1..length - 1]), length))
        }
        // `\N` is NULL, whatever follows it.
        '\\' if text[1..].starts_with('N') => Ok((Token::Mark('\\'), 2)),
        _ if number(text) > 0 => {
            let end = number(text);
            Ok((Token::Word(&text[..end]), end))
        }
        first if in_word(first) => {
            let end = text.find(|next| !in_word(next)).unwrap_or(text.len());
            Ok((Token::Word(&text[..end]), end))
        }
        mark => Ok((Token::Mark(mark), mark.len_utf8())),
    }
}

/// The length of a number with a point or an exponent, behind which the next word may begin at once:
/// `1e1INTO @a` has three tokens; 0 where none begins. `1INTO` is a name.
fn number(text: &str) -> usize {
    let digits = |from: usize| {
        let rest = &text.as_bytes()[from..];
        from + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let whole = digits(0);
    let point = text[whole..].starts_with('.');
    let end = if point { digits(whole + 1) } else { whole };
    if whole == 0 && end < 2 {
        return 0;
    }
    let exponent = match text.as_bytes()[end..] {
        [b'e' | b'E', b'+' | b'-', next, ..] if next.is_ascii_digit() => digits(end + 2),
        [b'e' | b'E', next, ..] if next.is_ascii_digit() => digits(end + 1),
        _ => end,
    };
    if point || exponent > end { exponent } else { 0 }
}

fn in_word(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || character == '_'
        || character == '$'
        || !character.is_ascii()
}

/// The length up to the closing quote; a doubled quote stands for itself.
fn quoted(text: &str, quote: char, escapes: bool) -> Result<usize, Unsure> {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((place, character)) = characters.next() {
        if escapes && character == '\\' {
            characters.next();
        } else if character == quote {
            if characters.peek().is_some_and(|(_, next)| *next == quote) {
                characters.next();
            } else {
                return Ok(place + 1);
            }
        }
    }
    Err(Unsure::Open(quote))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Token::{Mark, Name, Text, Word};

    fn scanned(sql: &str) -> Result<Vec<Token<'_>>, Unsure> {
        tokens(sql).map(|tokens| tokens.into_iter().map(|(_, token)| token).collect())
    }

    #[test]
    fn quotes_end_where_the_server_ends_them() {
        assert_eq!(
            scanned(r"SELECT '\'; x' ; a"),
            Ok(vec![Word("SELECT"), Text, Mark(';'), Word("a")])
        );
        assert_eq!(scanned("'it''s' 'a'"), Ok(vec![Text, Text]));
        assert_eq!(scanned(r#""a\"b" "c""d""#), Ok(vec![Text, Text]));
        assert_eq!(scanned(r"`a\` x"), Ok(vec![Name(r"a\"), Word("x")]));
        assert_eq!(scanned("`a``b`"), Ok(vec![Name("a``b")]));
    }

    #[test]
    fn a_number_ends_where_the_next_word_may_begin() {
        for (sql, number) in [
            ("1e1INTO", "1e1"),
            ("1E+1INTO", "1E+1"),
            ("1e-12INTO", "1e-12"),
            (".5INTO", ".5"),
            ("1.INTO", "1."),
            ("1.5INTO", "1.5"),
            ("1.e1INTO", "1.e1"),
            ("1.5e1INTO", "1.5e1"),
        ] {
            assert_eq!(scanned(sql), Ok(vec![Word(number), Word("INTO")]), "{sql}");
        }
        assert_eq!(scanned("\\NINTO"), Ok(vec![Mark('\\'), Word("INTO")]));
        for name in ["1INTO", "1eINTO", "0x41INTO", "1e", "12", "1_a", "e1"] {
            assert_eq!(scanned(name), Ok(vec![Word(name)]), "{name}");
        }
        assert_eq!(scanned("a.b"), Ok(vec![Word("a"), Mark('.'), Word("b")]));
        assert_eq!(scanned("1e+x"), Ok(vec![Word("1e"), Mark('+'), Word("x")]));
    }

    #[test]
    fn comments_are_those_of_the_server() {
        assert_eq!(scanned("1 -- x\n2"), Ok(vec![Word("1"), Word("2")]));
        assert_eq!(scanned("1 -- x\r2"), Ok(vec![Word("1")]));
        assert_eq!(
            scanned("1--2"),
            Ok(vec![Word("1"), Mark('-'), Mark('-'), Word("2")])
        );
        assert_eq!(scanned("1 --"), Ok(vec![Word("1")]));
        assert_eq!(scanned("1#'\n2"), Ok(vec![Word("1"), Word("2")]));
        assert_eq!(
            scanned("a/* /* */b*/"),
            Ok(vec![Word("a"), Word("b"), Mark('*'), Mark('/')])
        );
        assert_eq!(scanned("/*/ x */1"), Ok(vec![Word("1")]));
    }

    #[test]
    fn what_is_not_certain_is_an_error() {
        for (sql, quote) in [("'a", '\''), ("\"a\\\"", '"'), ("`a", '`'), ("1 /* a", '/')] {
            assert_eq!(scanned(sql), Err(Unsure::Open(quote)), "{sql}");
        }
        for sql in ["/*! x */", "1 /*!50000 x*/", "/*M!100100 x */"] {
            assert_eq!(scanned(sql), Err(Unsure::Executable), "{sql}");
        }
        assert_eq!(scanned("'/*! x */'"), Ok(vec![Text]));
        assert_eq!(scanned("/* ! */"), Ok(vec![]));
    }

    #[test]
    fn places_count_bytes() {
        let tokens = tokens("é 'ü' x").unwrap();
        let places: Vec<usize> = tokens.iter().map(|(place, _)| *place).collect();
        assert_eq!(places, [0, 3, 8]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_scanned_to_its_end(sql in r#"[-a-z0-9 '"`\\/*!#;()\n\ré]{0,60}"#) {
            if let Ok(tokens) = tokens(&sql) {
                for (place, token) in tokens {
                    proptest::prop_assert!(sql.is_char_boundary(place));
                    if let Word(word) = token {
                        proptest::prop_assert!(sql[place..].starts_with(word));
                    }
                }
            }
        }
    }
}
