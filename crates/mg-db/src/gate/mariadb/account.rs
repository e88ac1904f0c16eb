//! What an account may do, from the lines of `SHOW GRANTS`.

use super::scan::{Token, tokens};

/// The rights that the lines give.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Rights {
    /// What makes the account too strong for reading.
    pub(super) privileged: Option<String>,
    /// Whether it may change data or tables.
    pub(super) may_write: bool,
    /// Whether it reads some table by some of its columns only.
    pub(super) by_column: bool,
}

/// Rights on the whole server that an account for reading may have.
const HARMLESS: &[&str] = &[
    "USAGE",
    "CREATE TEMPORARY TABLES",
    "EXECUTE",
    "LOCK TABLES",
    "REFERENCES",
    "SHOW CREATE ROUTINE",
    "SHOW DATABASES",
    "SHOW VIEW",
];

/// Rights that change data or tables.
const WRITING: &[&str] = &[
    "ALL PRIVILEGES",
    "ALTER",
    "ALTER ROUTINE",
    "CREATE",
    "CREATE ROUTINE",
    "CREATE VIEW",
    "DELETE",
    "DELETE HISTORY",
    "DROP",
    "EVENT",
    "INDEX",
    "INSERT",
    "TRIGGER",
    "UPDATE",
];

/// Tables of the schema `mysql` that hold no secrets and are granted to applications.
const PUBLIC_TABLES: &[&str] = &["help_", "time_zone"];

/// A line of `SHOW GRANTS` without the hash of the password that MariaDB tells in it.
pub(super) fn without_password(line: &str) -> String {
    const BEFORE: &str = " IDENTIFIED BY PASSWORD '";
    match line.split_once(BEFORE) {
        Some((grant, rest)) => {
            let behind = rest.split_once('\'').map_or("", |(_, behind)| behind);
            format!("{grant}{BEFORE}…'{behind}")
        }
        None => line.to_owned(),
    }
}

/// Reads the answer to `SHOW GRANTS`: the account's own rights and those of its active roles.
pub(super) fn rights<'a>(lines: impl IntoIterator<Item = &'a str>) -> Rights {
    let mut rights = Rights::default();
    for line in lines {
        match Grant::parse(line) {
            Some(grant) => {
                rights.may_write |= grant.writes();
                rights.by_column |= grant.by_column;
                rights.privileged = rights.privileged.or_else(|| grant.too_strong());
            }
            // A role, which has lines of its own while it is active.
            None if !line.contains(" ON ") => {}
            None => {
                let why = "its rights are not understood".to_owned();
                rights.privileged = rights.privileged.or(Some(why));
            }
        }
    }
    rights
}

/// `GRANT rights ON place TO somebody [WITH GRANT OPTION]`.
#[derive(Debug, PartialEq, Eq)]
struct Grant {
    /// In upper case, without columns.
    rights: Vec<String>,
    /// A pattern with `%` and `_`, or `*`; empty for a routine.
    database: String,
    table: String,
    passes_on: bool,
    by_column: bool,
}

impl Grant {
    fn parse(line: &str) -> Option<Self> {
        let tokens: Vec<Token<'_>> = (tokens(line).ok()?.into_iter())
            .map(|(_, token)| token)
            .collect();
        let (on, to) = (position(&tokens, "ON")?, position(&tokens, "TO")?);
        if !tokens.first()?.is("GRANT") || on >= to {
            return None;
        }
        // `ON FUNCTION a.b`, `ON PROCEDURE a.b`: the place of a routine holds no rows.
        let place = &tokens[on + 1..to];
        let (database, table) = match place {
            [database, Token::Mark('.'), table] => (name(database)?, name(table)?),
            [Token::Word(_), _, Token::Mark('.'), _] => (String::new(), String::new()),
            // GRANT PROXY ON 'somebody'@'%'
            _ => ("*".to_owned(), "*".to_owned()),
        };
        Some(Self {
            rights: listed(&tokens[1..on]),
            by_column: tokens[1..on].contains(&Token::Mark('(')),
            database,
            table,
            passes_on: tokens
                .windows(2)
                .any(|pair| pair[0].is("GRANT") && pair[1].is("OPTION")),
        })
    }

    fn writes(&self) -> bool {
        self.rights
            .iter()
            .any(|right| WRITING.contains(&right.as_str()))
    }

    /// Why an account with this grant is not for reading.
    fn too_strong(&self) -> Option<String> {
        if self.passes_on {
            return Some("it may pass its rights on (GRANT OPTION)".to_owned());
        }
        let strong = |right: &&String| !HARMLESS.contains(&right.as_str());
        let rights: Vec<&str> = (self.rights.iter().filter(strong).map(String::as_str)).collect();
        if rights.is_empty() {
            return None;
        }
        let rights = rights.join(", ");
        if self.database == "*" {
            return Some(format!("it has {rights} on the whole server"));
        }
        let open = PUBLIC_TABLES
            .iter()
            .any(|beginning| self.table.starts_with(beginning));
        (matches(&self.database, "mysql") && !open).then(|| {
            format!("it has {rights} on the schema mysql, which holds the password hashes")
        })
    }
}

/// Where the keyword stands outside of parentheses.
fn position(tokens: &[Token<'_>], keyword: &str) -> Option<usize> {
    let mut depth = 0_usize;
    tokens.iter().position(|token| {
        match token {
            Token::Mark('(') => depth += 1,
            Token::Mark(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && token.is(keyword)
    })
}

fn name(token: &Token<'_>) -> Option<String> {
    match token {
        Token::Name(name) | Token::Word(name) => Some((*name).to_owned()),
        Token::Mark('*') => Some("*".to_owned()),
        _ => None,
    }
}

/// Rights between commas, without their columns.
fn listed(tokens: &[Token<'_>]) -> Vec<String> {
    let (mut rights, mut depth) = (vec![String::new()], 0_usize);
    for token in tokens {
        match token {
            Token::Mark('(') => depth += 1,
            Token::Mark(')') => depth = depth.saturating_sub(1),
            Token::Mark(',') if depth == 0 => rights.push(String::new()),
            Token::Word(word) if depth == 0 => {
                if let Some(right) = rights.last_mut() {
                    if !right.is_empty() {
                        right.push(' ');
                    }
                    right.push_str(&word.to_ascii_uppercase());
                }
            }
            _ => {}
        }
    }
    rights
}

/// Whether a name fits the pattern of a grant: `%` any characters, `_` one, `\` before either itself.
fn matches(pattern: &str, name: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => name.is_empty(),
        Some('%') => {
            let places = name.char_indices().map(|(place, _)| place);
            places
                .chain([name.len()])
                .any(|place| matches(rest.as_str(), &name[place..]))
        }
        Some(first) => {
            let escaped = first == '\\';
            let wanted = if escaped { rest.next() } else { Some(first) };
            let mut characters = name.chars();
            let found = characters.next();
            let fits = found == wanted || found.is_some() && wanted == Some('_') && !escaped;
            fits && matches(rest.as_str(), characters.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> Rights {
        rights(lines.iter().copied())
    }

    #[test]
    fn an_account_that_reads_is_not_privileged() {
        let reader = of(&[
            "GRANT USAGE ON *.* TO `reader`@`%` IDENTIFIED BY PASSWORD '*94BDCEBE19083CE2A1F959FD02F964C7AF4CFC29'",
            "GRANT SELECT, SHOW VIEW ON `mg`.* TO `reader`@`%`",
            "GRANT SELECT (`on`, `to`, `comm`) ON `mg`.`fact_permis` TO `reader`@`%`",
            "GRANT EXECUTE ON FUNCTION `mg`.`twice` TO `reader`@`%`",
            "GRANT SELECT ON `mysql`.`time_zone_name` TO `reader`@`%`",
            "GRANT `readers` TO `reader`@`%`",
            "SET DEFAULT ROLE `readers` FOR `reader`@`%`",
        ]);
        let expected = Rights {
            by_column: true,
            ..Rights::default()
        };
        assert_eq!(reader, expected);
    }

    #[test]
    fn the_owner_of_a_database_writes_and_is_not_privileged() {
        let owner = of(&["GRANT ALL PRIVILEGES ON `mg`.* TO `owner`@`%`"]);
        assert_eq!((owner.privileged, owner.may_write), (None, true));
        assert!(of(&["GRANT SELECT, UPDATE (`a`) ON `mg`.`t` TO `o`@`%`"]).may_write);
        assert!(!of(&["GRANT SELECT (`insert`) ON `mg`.`t` TO `o`@`%`"]).may_write);
    }

    #[test]
    fn what_is_too_strong_is_named() {
        for (line, why) in [
            (
                "GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION",
                "GRANT OPTION",
            ),
            (
                "GRANT FILE ON *.* TO `a`@`%`",
                "it has FILE on the whole server",
            ),
            ("GRANT SELECT ON *.* TO `a`@`%`", "SELECT on the whole"),
            (
                "GRANT SELECT, PROCESS, SHOW VIEW ON *.* TO `a`@`%`",
                "it has SELECT, PROCESS on the whole server",
            ),
            ("GRANT BACKUP_ADMIN ON *.* TO `a`@`%`", "BACKUP_ADMIN"),
            ("GRANT PROXY ON ''@'%' TO 'a'@'%'", "PROXY"),
            (
                "GRANT SELECT ON `mysql`.* TO `a`@`%`",
                "it has SELECT on the schema mysql",
            ),
            ("GRANT SELECT ON `mysql`.`user` TO `a`@`%`", "password"),
            ("GRANT SELECT ON `%`.* TO `a`@`%`", "password"),
            ("GRANT SELECT ON `my_ql`.* TO `a`@`%`", "password"),
            (
                "GRANT SELECT ON `mg`.* TO `a`@`%` WITH GRANT OPTION",
                "GRANT OPTION",
            ),
            ("GRANT what ON x", "not understood"),
        ] {
            let told = of(&[line]).privileged.unwrap_or_default();
            assert!(told.contains(why), "{line}: {told}");
        }
    }

    #[test]
    fn a_line_is_told_without_its_password() {
        for (line, told) in [
            (
                "GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*5881' WITH GRANT OPTION",
                "GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '…' WITH GRANT OPTION",
            ),
            (
                "GRANT SELECT ON `a`.* TO `a`@`%`",
                "GRANT SELECT ON `a`.* TO `a`@`%`",
            ),
        ] {
            assert_eq!(without_password(line), told);
        }
    }

    #[test]
    fn patterns_of_databases_are_the_servers() {
        for (pattern, name, fits) in [
            ("my\\_ql", "mysql", false),
            ("my\\_ql", "my_ql", true),
            ("%sql", "mysql", true),
            ("t\\_%", "mysql", false),
            ("mysql", "mysql2", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }
}
