//! How far a statement nests: parentheses in each other, and parts named in `WITH` that stand on each other.
//!
//! Engines put a part where it is named, and compile what comes of it by functions that call themselves, without a look
//! at any deadline: some thousands of levels would end a process, and sixteen parts that each name the one before twice are
//! sixty thousand. What is counted here is the text alone, cut by the scanner of the engine that will read it.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    ops::Range,
};

/// More levels than people or models write, and far fewer than a thread's stack holds.
const DEEPEST: usize = 200;
/// More parts than anybody means, once each stands where it is named.
const MOST_PARTS: u64 = 2_000;

/// What the body of a part begins with.
const QUERIES: [&str; 4] = ["select", "with", "values", "table"];

const TOO_DEEP: &str = "the statement is nested too deeply, in more than 200 levels of parentheses and of parts in WITH that \
     stand on each other: write fewer levels";
const TOO_MANY: &str = "the parts in WITH name each other so often that they come to more than 2,000: name each part less \
     often, or ask in several statements";

/// What matters of a text, as the scanner of its engine cuts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open,
    Close,
    /// A key word or a name, without quotes.
    Word(&'a str),
    /// A name between quotes, without them.
    Name(Cow<'a, str>),
    /// Anything else.
    Mark,
}

impl Token<'_> {
    fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word.eq_ignore_ascii_case(keyword))
    }

    /// The name, however it is quoted, as the least strict of the engines compares it.
    fn name(&self) -> Option<String> {
        match self {
            Self::Word(name) => Some(name.to_lowercase()),
            Self::Name(name) => Some(name.to_lowercase()),
            _ => None,
        }
    }
}

/// Cuts a text as an engine does.
pub(super) type Scan = fn(&str) -> Vec<Token<'_>>;

/// Why the statement is not given to an engine.
pub(super) fn refusal(sql: &str, scan: Scan) -> Option<&'static str> {
    if !sql.contains('(') {
        return None;
    }
    let tokens = scan(sql);
    let Ok(closing) = closing(&tokens) else {
        return Some(TOO_DEEP);
    };
    let parts = Parts::of(&tokens, &closing);
    if parts.bodies.is_empty() {
        return None;
    }
    match parts.whole() {
        None => Some(TOO_DEEP),
        Some(size) if size > MOST_PARTS => Some(TOO_MANY),
        Some(_) => None,
    }
}

/// Where each parenthesis is closed, by where it opens; an error where too many lie in each other.
fn closing(tokens: &[Token<'_>]) -> Result<HashMap<usize, usize>, TooDeep> {
    let (mut closing, mut open) = (HashMap::new(), Vec::new());
    for (place, token) in tokens.iter().enumerate() {
        match token {
            Token::Open if open.len() == DEEPEST => return Err(TooDeep),
            Token::Open => open.push(place),
            Token::Close => {
                closing.extend(open.pop().map(|opened| (opened, place)));
            }
            Token::Word(_) | Token::Name(_) | Token::Mark => {}
        }
    }
    Ok(closing)
}

struct TooDeep;

/// The parts that a statement names.
struct Parts<'a> {
    tokens: &'a [Token<'a>],
    /// Where the name of each part stands in front of its body.
    heads: HashSet<usize>,
    /// Where the body of each part opens and closes.
    bodies: HashMap<usize, usize>,
    /// Where the bodies of the parts of a name open: names are used again in other scopes.
    named: HashMap<String, Vec<usize>>,
}

impl<'a> Parts<'a> {
    fn of(tokens: &'a [Token<'a>], closing: &HashMap<usize, usize>) -> Self {
        let mut parts = Self {
            tokens,
            heads: HashSet::new(),
            bodies: HashMap::new(),
            named: HashMap::new(),
        };
        for (place, token) in tokens.iter().enumerate() {
            if let Some(name) = token.name()
                && let Some(opens) = body_behind(tokens, closing, place)
                && let Some(closes) = closing.get(&opens)
            {
                parts.heads.insert(place);
                parts.bodies.insert(opens, *closes);
                parts.named.entry(name).or_default().push(opens);
            }
        }
        parts
    }

    /// How many parts the statement comes to; `None` where they stand on each other too deeply.
    fn whole(&self) -> Option<u64> {
        let mut known = HashMap::new();
        let size = self.size(0..self.tokens.len(), 0, &mut known)?;
        Some(size.parts)
    }

    /// What stands in a range of tokens that itself stands `depth` levels deep.
    fn size(
        &self,
        range: Range<usize>,
        depth: usize,
        known: &mut HashMap<usize, Option<Size>>,
    ) -> Option<Size> {
        let mut size = Size { parts: 1, depth: 0 };
        let (mut level, mut place) = (0_usize, range.start);
        while place < range.end {
            match &self.tokens[place] {
                // A body counts where its name stands.
                Token::Open if self.bodies.contains_key(&place) => place = self.bodies[&place],
                Token::Open => level += 1,
                Token::Close => level = level.saturating_sub(1),
                Token::Mark => {}
                _ if self.heads.contains(&place) => {}
                named => {
                    let bodies = named.name().and_then(|name| self.named.get(&name));
                    for opens in bodies.into_iter().flatten() {
                        let inner = self.size_of(*opens, depth + level + 1, known)?;
                        size.parts = size.parts.saturating_add(inner.parts);
                        size.depth = size.depth.max(level + 1 + inner.depth);
                    }
                }
            }
            size.depth = size.depth.max(level);
            if depth + size.depth > DEEPEST {
                return None;
            }
            place += 1;
        }
        Some(size)
    }

    /// The size of the part whose body opens there. One that is being counted names itself, and adds nothing.
    fn size_of(
        &self,
        opens: usize,
        depth: usize,
        known: &mut HashMap<usize, Option<Size>>,
    ) -> Option<Size> {
        if let Some(size) = known.get(&opens) {
            return Some(size.unwrap_or_default());
        }
        known.insert(opens, None);
        let size = self.size(opens + 1..self.bodies[&opens], depth, known)?;
        known.insert(opens, Some(size));
        Some(size)
    }
}

/// How many parts, and how many levels.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    parts: u64,
    depth: usize,
}

/// Where the body opens of a part that is named at `place`: `name AS (`, `name (columns) AS (`, with or without a word
/// on whether to materialise it. What a window is named for stands where it stands.
fn body_behind(
    tokens: &[Token<'_>],
    closing: &HashMap<usize, usize>,
    place: usize,
) -> Option<usize> {
    let is = |place: usize, wanted: &str| tokens.get(place).is_some_and(|token| token.is(wanted));
    let mut next = place + 1;
    if let Some(closes) = closing.get(&next) {
        next = closes + 1;
    }
    if !is(next, "as") {
        return None;
    }
    next += 1;
    for word in ["not", "materialized"] {
        next += usize::from(is(next, word));
    }
    let mut inside = tokens.get(next..)?.iter();
    let opens = inside.next() == Some(&Token::Open);
    let first = inside.find(|token| **token != Token::Open)?;
    (opens && QUERIES.iter().any(|word| first.is(word))).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{mariadb, postgres, sqlite};

    /// As SQLite, which has every form of quotes.
    fn refusal(sql: &str) -> Option<&'static str> {
        super::refusal(sql, sqlite::tokens)
    }

    fn nested(before: &str, after: &str) -> bool {
        let times = DEEPEST + 1;
        let sql = format!("SELECT 1{}{}", before.repeat(times), after.repeat(times));
        refusal(&sql).is_some()
    }

    #[test]
    fn what_stands_in_texts_and_comments_hides_no_depth() {
        for (before, after) in [
            ("(", ")"),
            ("(/*)*/", ")"),
            ("(')'", ")"),
            ("(\")\"", ")"),
            ("(`)`", ")"),
            ("([)]", ")"),
            ("(--)\n", ")"),
            ("('it'')'", ")"),
        ] {
            assert!(nested(before, after), "{before}");
        }
    }

    #[test]
    fn many_that_lie_beside_each_other_are_welcome() {
        for (before, after) in [
            ("(1)", ""),
            ("'('", ""),
            ("/*(*/", ""),
            ("[(]", ""),
            ("--(\n", ""),
        ] {
            assert!(!nested(before, after), "{before}");
        }
        assert_eq!(refusal("SELECT ((((1)))) /* ("), None);
        assert_eq!(refusal("'(-"), None);
        assert_eq!(refusal(")) é ("), None);
    }

    /// Parts of which each has the body that `body` makes of its predecessor's name.
    fn parts(count: usize, body: impl Fn(&str) -> String) -> String {
        let first = "c0 AS (SELECT 1 x)".to_owned();
        let more =
            (1..count).map(|part| format!("C{part} AS ({})", body(&format!("c{}", part - 1))));
        let all: Vec<String> = std::iter::once(first).chain(more).collect();
        format!(
            "WITH {} SELECT count(*) FROM c{}",
            all.join(", "),
            count - 1
        )
    }

    #[test]
    fn parts_that_stand_on_each_other_are_levels() {
        let chain = |count| parts(count, |name| format!("SELECT * FROM {name}"));
        assert_eq!(refusal(&chain(150)), None);
        assert_eq!(refusal(&chain(6_000)), Some(TOO_DEEP));
        let deep = |name: &str| format!("{}{name}{}", "SELECT * FROM (".repeat(19), ")".repeat(19));
        assert_eq!(refusal(&parts(9, deep)), None);
        assert_eq!(refusal(&parts(12, deep)), Some(TOO_DEEP));
    }

    #[test]
    fn parts_that_name_another_twice_double() {
        for body in [
            "SELECT a.x FROM {} a, {} b",
            "SELECT x FROM \"{}\" JOIN [{}]",
        ] {
            let double = |count| parts(count, |name| body.replace("{}", name));
            assert_eq!(refusal(&double(9)), None, "{body}");
            assert_eq!(refusal(&double(16)), Some(TOO_MANY), "{body}");
            assert_eq!(refusal(&double(150)), Some(TOO_MANY), "{body}");
        }
        let in_columns =
            "WITH c0 (x) AS NOT MATERIALIZED (SELECT 1), c1(y) AS MATERIALIZED (SELECT 1 FROM c0)";
        assert_eq!(
            refusal(&format!("{in_columns} SELECT 1{}", " FROM c1".repeat(999))),
            None
        );
        assert_eq!(
            refusal(&format!(
                "{in_columns} SELECT 1{}",
                " FROM c1".repeat(1_001)
            )),
            Some(TOO_MANY)
        );
    }

    #[test]
    fn parts_may_name_themselves_and_what_comes_later() {
        let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n";
        assert_eq!(refusal(numbers), None);
        let round = "WITH RECURSIVE a AS (SELECT 1 FROM b, b), b AS (SELECT 1 FROM a, a) SELECT 1 FROM a, b";
        assert_eq!(refusal(round), None);
        let window = "SELECT sum(x) OVER w FROM t WINDOW w AS (PARTITION BY a ORDER BY (b))";
        assert_eq!(refusal(window), None);
    }

    #[test]
    fn many_parts_that_name_nothing_are_welcome() {
        let wide: Vec<String> = (0..1_500)
            .map(|part| format!("c{part} AS (SELECT {part})"))
            .collect();
        assert_eq!(
            refusal(&format!("WITH {} SELECT 1 FROM c7", wide.join(", "))),
            None
        );
    }

    /// A chain of parts that is too long, each naming the one before in a place that `body` makes, with names that `named`
    /// makes of their numbers.
    fn chain(named: impl Fn(usize) -> String, body: impl Fn(&str) -> String) -> String {
        let part = |part: usize| match part.checked_sub(1) {
            None => format!("{} AS (SELECT 1 AS x)", named(0)),
            Some(before) => format!("{} AS (SELECT {})", named(part), body(&named(before))),
        };
        let parts: Vec<String> = (0..=DEEPEST).map(part).collect();
        format!("WITH {} SELECT x FROM {}", parts.join(", "), named(DEEPEST))
    }

    #[test]
    fn no_name_of_an_engine_hides_a_level() {
        let letters = [
            '∀', '∁', '∂', '∃', '∄', '∅', '∆', '∇', '∈', '∉', '∊', '∋', '∌', '∍', '∎',
        ];
        let symbols =
            |part: usize| -> String { [letters[part % 15], letters[part / 15]].iter().collect() };
        let sql = chain(symbols, |name| format!("* FROM {name}"));
        for scan in [sqlite::tokens as Scan, postgres::tokens, mariadb::tokens] {
            assert_eq!(super::refusal(&sql, scan), Some(TOO_DEEP));
        }
        let bodies: [fn(&str) -> String; 6] = [
            |name| format!("* FROM '{name}'"),
            |name| format!("* FROM \u{feff}{name}"),
            |name| format!("x FROM (SELECT x FROM {name} \"as\", (SELECT 1))"),
            |name| format!("x FROM {name} AS a WINDOW w AS (ORDER BY x)"),
            |name| format!("1 AS x WINDOW w AS (ORDER BY (SELECT x FROM {name}))"),
            |name| format!("$a(') AS x FROM {name}"),
        ];
        for body in bodies {
            assert_eq!(
                refusal(&chain(|part| format!("c{part}"), body)),
                Some(TOO_DEEP)
            );
        }
    }

    #[test]
    fn no_constant_of_an_engine_hides_a_level() {
        let named = |part| format!("c{part}");
        let constants: [(Scan, &str); 8] = [
            (sqlite::tokens, "$a(')"),
            (sqlite::tokens, "'\\'"),
            (mariadb::tokens, "'\\''"),
            (mariadb::tokens, "\"'\""),
            (mariadb::tokens, "1 #'\n"),
            (postgres::tokens, "E'\\''"),
            (postgres::tokens, "$$'$$"),
            (postgres::tokens, "1 /* /* */ ' */"),
        ];
        for (scan, constant) in constants {
            let sql = chain(named, |name| format!("{constant} AS x FROM {name}"));
            assert_eq!(super::refusal(&sql, scan), Some(TOO_DEEP), "{constant}");
        }
        // A column list may have any name in quotes.
        let sql = chain(named, |name| format!("x FROM {name} \"as\" (x, y)"));
        assert_eq!(super::refusal(&sql, postgres::tokens), Some(TOO_DEEP));
    }
}
