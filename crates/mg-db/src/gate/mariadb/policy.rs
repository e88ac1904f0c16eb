//! What is refused before anything is sent: the words that the server would obey in a session that
//! only reads. It comes after what the session and the protocol refuse, and says why.

use super::scan::{Token, Unsure, tokens};
use crate::gate::GateError;

/// What may be asked.
pub(super) const WELCOME: &str = "only one statement that reads is welcome: SELECT, WITH … SELECT, VALUES, TABLE, EXPLAIN, DESCRIBE, ANALYZE SELECT or SHOW";

/// What begins a query.
const QUERIES: &[&str] = &["SELECT", "WITH", "VALUES", "TABLE"];

/// Statements that EXPLAIN takes beside queries: what stands there else is a table.
const NOT_DESCRIBED: &[&str] = &["INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "FOR"];

/// Functions that reach a file, another session, a lock or the clock, or write.
const FUNCTIONS: &[(&str, &[&str])] = &[
    ("reads files of the server", &["LOAD_FILE"]),
    (
        "keeps the server waiting or busy",
        &[
            "BENCHMARK",
            "ENCRYPT",
            "MASTER_GTID_WAIT",
            "MASTER_POS_WAIT",
            "SLEEP",
            "SOURCE_POS_WAIT",
            "WAIT_FOR_EXECUTED_GTID_SET",
            "WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS",
            "WSREP_SYNC_WAIT_UPTO_GTID",
        ],
    ),
    (
        "takes or frees locks",
        &[
            "GET_LOCK",
            "RELEASE_ALL_LOCKS",
            "RELEASE_LOCK",
            "SERVICE_GET_READ_LOCKS",
            "SERVICE_GET_WRITE_LOCKS",
            "SERVICE_RELEASE_LOCKS",
        ],
    ),
    ("moves a sequence", &["NEXTVAL", "SETVAL"]),
    (
        "reaches outside of the database",
        &[
            "SPIDER_BG_DIRECT_SQL",
            "SPIDER_COPY_TABLES",
            "SPIDER_DIRECT_SQL",
            "SPIDER_FLUSH_TABLE_MON_CACHE",
            "SYS_BINEVAL",
            "SYS_EVAL",
            "SYS_EXEC",
            "SYS_GET",
            "SYS_SET",
        ],
    ),
];

/// Whole families of functions that administer a MySQL server.
const FAMILIES: &[&str] = &[
    "ASYNCHRONOUS_CONNECTION_FAILOVER_",
    "AUDIT_LOG_",
    "GROUP_REPLICATION_",
    "KEYRING_",
    "MASKING_DICTIONARY_",
    "VERSION_TOKENS_",
];

/// The one statement of the text, without what follows its end.
pub(super) fn statement(sql: &str) -> Result<&str, GateError> {
    let tokens = tokens(sql).map_err(unsure)?;
    let end = tokens
        .iter()
        .position(|(_, token)| *token == Token::Mark(';'));
    let (statement, rest) = tokens.split_at(end.unwrap_or(tokens.len()));
    if rest.iter().any(|(_, token)| *token != Token::Mark(';')) {
        return refused("one statement at a time");
    }
    let text = rest.first().map_or(sql, |(place, _)| &sql[..*place]);
    let words: Vec<Token<'_>> = statement.iter().map(|(_, token)| *token).collect();
    if !reads(&words) {
        return refused(&match words.first() {
            Some(Token::Word(word)) => format!("this {} is not welcome", word.to_uppercase()),
            _ => "the text begins with no word of SQL".to_owned(),
        });
    }
    check_clauses(&words)?;
    check_functions(&words)?;
    check_secrets(&words)?;
    Ok(text)
}

/// Refuses joins by the names of columns, in which the server does not look at the rights on these
/// columns (seen on MariaDB 10.11): for accounts that read a table by some of its columns only.
pub(super) fn check_joins(sql: &str) -> Result<(), GateError> {
    let tokens = tokens(sql).map_err(unsure)?;
    let by_name = tokens.windows(2).any(|pair| {
        let [(_, first), (_, second)] = pair else {
            return false;
        };
        first.is("NATURAL") || first.is("USING") && *second == Token::Mark('(')
    });
    if by_name {
        return Err(GateError::Refused(
            "this account reads some tables by column, so joins name their columns: write JOIN … ON a.x = b.x instead of USING (x) or NATURAL JOIN"
                .to_owned(),
        ));
    }
    Ok(())
}

fn refused<T>(why: &str) -> Result<T, GateError> {
    Err(GateError::Refused(format!("{why}: {WELCOME}")))
}

fn unsure(why: Unsure) -> GateError {
    GateError::Refused(match why {
        Unsure::Executable => {
            "comments that the server runs (/*! … */) are not welcome: write their content as SQL, or a plain comment /* … */"
                .to_owned()
        }
        Unsure::Open('/') => "a comment is not closed: write */ at its end".to_owned(),
        Unsure::Open(quote) => format!("a quote {quote} is not closed"),
    })
}

/// Whether the statement begins as one that reads.
fn reads(tokens: &[Token<'_>]) -> bool {
    let is = |keyword: &str| tokens.first().is_some_and(|token| token.is(keyword));
    if is("SHOW") {
        return true;
    }
    let rest = tokens.get(1..).unwrap_or_default();
    if is("EXPLAIN") || is("DESCRIBE") || is("DESC") {
        let rest = after_options(rest);
        return is_query(rest) || is_table(rest);
    }
    if is("ANALYZE") {
        // ANALYZE TABLE writes statistics.
        let rest = after_options(rest);
        return is_query(rest) && !rest.first().is_some_and(|token| token.is("TABLE"));
    }
    is_query(tokens)
}

fn is_query(tokens: &[Token<'_>]) -> bool {
    let first = tokens.iter().find(|token| **token != Token::Mark('('));
    first.is_some_and(|token| QUERIES.iter().any(|keyword| token.is(keyword)))
}

fn is_table(tokens: &[Token<'_>]) -> bool {
    match tokens.first() {
        Some(Token::Name(_)) => true,
        Some(token @ Token::Word(_)) => !NOT_DESCRIBED.iter().any(|keyword| token.is(keyword)),
        _ => false,
    }
}

/// What follows `EXTENDED`, `PARTITIONS`, `ANALYZE` and `FORMAT = …`.
fn after_options<'a, 't>(mut tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    loop {
        tokens = match tokens {
            [format, Token::Mark('='), _, rest @ ..] if format.is("FORMAT") => rest,
            [option, rest @ ..]
                if ["EXTENDED", "PARTITIONS", "ANALYZE"]
                    .iter()
                    .any(|keyword| option.is(keyword)) =>
            {
                rest
            }
            _ => return tokens,
        };
    }
}

/// `INTO` writes to a file or a variable, and a locking read stops others.
fn check_clauses(tokens: &[Token<'_>]) -> Result<(), GateError> {
    let pair = |first: &str, second: &[&str]| {
        tokens
            .windows(2)
            .any(|pair| pair[0].is(first) && second.iter().any(|keyword| pair[1].is(keyword)))
    };
    let refuse = |why: &str| Err(GateError::Refused(why.to_owned()));
    if tokens.iter().any(|token| token.is("INTO")) {
        return refuse("INTO writes to a file or a variable: leave it out, the rows are answered");
    }
    if pair("FOR", &["UPDATE", "SHARE"]) || pair("LOCK", &["IN"]) {
        return refuse(
            "a read that locks rows is not welcome: leave FOR UPDATE, FOR SHARE or LOCK IN SHARE MODE out",
        );
    }
    if tokens
        .windows(3)
        .any(|three| three[0].is("NEXT") && three[1].is("VALUE") && three[2].is("FOR"))
    {
        return refuse(
            "NEXT VALUE FOR moves a sequence, which is not welcome: LASTVAL(…) reads it",
        );
    }
    Ok(())
}

/// Every account may see how it is identified itself.
fn check_secrets(tokens: &[Token<'_>]) -> Result<(), GateError> {
    match tokens {
        [show, create, user, ..] if show.is("SHOW") && create.is("CREATE") && user.is("USER") => {
            Err(GateError::Refused(
                "SHOW CREATE USER tells the hash of a password, which is not welcome: SHOW GRANTS tells the rights"
                    .to_owned(),
            ))
        }
        _ => Ok(()),
    }
}

/// A name before a parenthesis is a call, blanks and comments between them or not.
fn check_functions(tokens: &[Token<'_>]) -> Result<(), GateError> {
    for pair in tokens.windows(2) {
        let (Token::Word(name) | Token::Name(name), Token::Mark('(')) = (pair[0], pair[1]) else {
            continue;
        };
        if let Some(why) = forbidden(&name.to_ascii_uppercase()) {
            return Err(GateError::Refused(format!(
                "the function {} is not welcome: it {why}",
                name.to_ascii_uppercase()
            )));
        }
    }
    Ok(())
}

fn forbidden(name: &str) -> Option<&'static str> {
    let listed = FUNCTIONS.iter().find(|(_, names)| names.contains(&name));
    listed.map(|(why, _)| *why).or_else(|| {
        let family = FAMILIES.iter().any(|family| name.starts_with(family));
        family.then_some("administers the server")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(sql: &str) -> String {
        match statement(sql) {
            Ok(text) => format!("accepted: {text}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_reads_is_let_through_to_its_own_end() {
        for sql in [
            "SELECT 1",
            " -- x\n(select 1) UNION (SELECT 2)",
            "WITH a AS (SELECT 1) SELECT * FROM a",
            "VALUES (1),(2)",
            "TABLE t",
            "EXPLAIN SELECT 1",
            "EXPLAIN FORMAT=JSON SELECT 1",
            "explain extended select 1",
            "DESCRIBE t",
            "DESC `update`",
            "EXPLAIN t label",
            "ANALYZE FORMAT=JSON SELECT 1",
            "SHOW CREATE TABLE t",
            "SELECT 'INTO', `sleep`, sleep, 'SLEEP(1)' /* SLEEP(1) */ FROM t",
            "SELECT SUBSTRING('a' FROM 1 FOR 1), INSERT('a', 1, 1, 'b'), @a := 1",
        ] {
            assert_eq!(statement(sql), Ok(sql), "{sql}");
        }
        assert_eq!(statement("SELECT 1; -- and a tail"), Ok("SELECT 1"));
        assert_eq!(statement("SELECT ';' ;; "), Ok("SELECT ';' "));
    }

    #[test]
    fn what_does_not_read_is_refused_by_its_first_word() {
        for sql in [
            "DELETE FROM t",
            "SET SESSION TRANSACTION READ WRITE",
            "USE mysql",
            "HANDLER t OPEN",
            "DO SLEEP(1)",
            "CALL p()",
            "PREPARE s FROM 'x'",
            "EXECUTE IMMEDIATE 'DROP TABLE t'",
            "LOCK TABLES t WRITE",
            "BEGIN NOT ATOMIC SELECT 1; END",
            "EXPLAIN DELETE FROM t",
            "EXPLAIN FORMAT=JSON UPDATE t SET a = 1",
            "EXPLAIN ANALYZE DELETE FROM t",
            "EXPLAIN FOR CONNECTION 7",
            "ANALYZE TABLE t",
            "ANALYZE DELETE FROM t",
            "ANALYZE",
            "/* only a comment */",
            "`SELECT` 1",
        ] {
            assert!(told(sql).contains(WELCOME), "{sql}: {}", told(sql));
        }
        assert!(told("delete from t").starts_with("this DELETE is not welcome"));
    }

    #[test]
    fn a_second_statement_is_refused_however_it_is_hidden() {
        for sql in [
            "SELECT 1; DROP TABLE t",
            r"SELECT '\''; COMMIT; DROP TABLE t; -- '",
            r#"SELECT "\""; COMMIT; DROP TABLE t; -- ""#,
            "SELECT 1 #'\n; COMMIT; DROP TABLE t; #'",
            "SELECT 1--1; COMMIT; DROP TABLE t",
            "SELECT 1 /* /* */; COMMIT; DROP TABLE t; -- */",
        ] {
            assert!(told(sql).starts_with("one statement at a time"), "{sql}");
        }
    }

    #[test]
    fn what_the_scanner_is_not_sure_of_is_refused() {
        assert!(told("SELECT 'a").starts_with("a quote ' is not closed"));
        assert!(told("SELECT 1 /* a").starts_with("a comment is not closed"));
        for sql in [
            "/*! DROP TABLE t */",
            "SELECT /*!50000LOAD_FILE*/('x')",
            "/*M!100100 DROP TABLE t */",
        ] {
            assert!(told(sql).starts_with("comments that the server runs"));
        }
    }

    #[test]
    fn a_read_that_writes_or_locks_is_refused() {
        for sql in [
            "SELECT * FROM t INTO OUTFILE '/x'",
            "SELECT 1 INTO/**/DUMPFILE '/x'",
            "SELECT 5 into @evil",
            "SELECT 1e1INTO @evil",
            "SELECT .5INTO @evil",
            r"SELECT \NINTO @evil",
            "EXPLAIN FORMAT=JSON INTO @a SELECT 1",
        ] {
            assert!(told(sql).contains("INTO"), "{sql}: {}", told(sql));
        }
        for sql in [
            "SELECT * FROM t FOR UPDATE",
            "SELECT * FROM t for /* x */ share",
            "SELECT * FROM t LOCK IN SHARE MODE",
        ] {
            assert!(told(sql).starts_with("a read that locks"), "{sql}");
        }
    }

    #[test]
    fn how_an_account_is_identified_is_not_told() {
        assert!(told("show create /* x */ user ro").contains("the hash of a password"));
        assert_eq!(
            statement("SHOW CREATE TABLE user"),
            Ok("SHOW CREATE TABLE user")
        );
        assert_eq!(statement("SHOW GRANTS"), Ok("SHOW GRANTS"));
    }

    #[test]
    fn joins_by_the_names_of_columns_are_found() {
        for sql in [
            "SELECT 1 FROM a NATURAL JOIN b",
            "SELECT 1 FROM a join b using/**/(c)",
            "SELECT 1 FROM a natural left join b",
            "SELECT 1 FROM a JOIN b ON 1=1e1NATURAL JOIN c",
            "SELECT 1 FROM a JOIN b ON 1=.5NATURAL JOIN c",
            r"SELECT 1 FROM a JOIN b ON \NNATURAL JOIN c",
        ] {
            assert!(check_joins(sql).is_err(), "{sql}");
        }
        for sql in [
            "SELECT CONVERT(a USING utf8mb4) FROM a JOIN b ON a.c = b.c",
            "SELECT 'NATURAL JOIN', `natural` FROM a",
        ] {
            assert_eq!(check_joins(sql), Ok(()), "{sql}");
        }
    }

    #[test]
    fn a_forbidden_function_is_named_in_any_spelling() {
        for sql in [
            "SELECT SLEEP(3)",
            "SELECT sleep /* x */ (3)",
            "SELECT `sleep`\n(3)",
            "SELECT 1 FROM t WHERE Sleep (3)",
            "EXPLAIN SELECT SLEEP(3)",
        ] {
            assert_eq!(
                told(sql),
                "the function SLEEP is not welcome: it keeps the server waiting or busy",
                "{sql}"
            );
        }
        for (sql, why) in [
            ("SELECT LOAD_FILE('/etc/passwd')", "reads files"),
            ("SELECT GET_LOCK('a', 0)", "locks"),
            ("SELECT RELEASE_ALL_LOCKS()", "locks"),
            ("SELECT SETVAL(s, 9)", "moves a sequence"),
            ("SELECT NEXT VALUE FOR s", "moves a sequence"),
            ("SELECT sys_exec('id')", "reaches outside"),
            (
                "SELECT group_replication_set_as_primary('x')",
                "administers",
            ),
        ] {
            assert!(told(sql).contains(why), "{sql}: {}", told(sql));
        }
    }
}
