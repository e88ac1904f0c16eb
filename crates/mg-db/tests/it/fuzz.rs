//! Statements drawn from pieces of attacks and of the grammar, and queries: none may change the canary, whatever the
//! engine makes of it. `MG_FUZZ_CASES` sets how many are drawn an engine.

use std::{cell::RefCell, env};

use mg_db::Engine;
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, TestCaseError, TestRunner},
};

use crate::{canary::Target, queries::query};

/// Cases an engine without a wish.
const CASES: u32 = 300;

/// Statements that do harm where they are run as they stand.
const HARMFUL: &[&str] = &[
    "DROP TABLE victim",
    "DELETE FROM victim",
    "UPDATE victim SET name = 'x'",
    "INSERT INTO victim VALUES (99, 'x', 'y')",
    "TRUNCATE victim",
    "CREATE TABLE stolen AS SELECT * FROM victim",
    "CREATE TEMP TABLE tt (a int)",
    "ALTER TABLE victim RENAME TO v2",
    "SELECT * INTO stolen FROM victim",
    "SELECT * INTO TEMP stolen FROM victim",
    "WITH d AS (DELETE FROM victim RETURNING *) SELECT * FROM d",
    "COMMIT",
    "ROLLBACK",
    "BEGIN",
    "SAVEPOINT a",
    "SET search_path = evil",
    "SET LOCAL transaction_read_only = off",
    "RESET ALL",
    "DISCARD ALL",
    "DEALLOCATE ALL",
    "PREPARE p AS DELETE FROM victim",
    "LISTEN evil",
    "NOTIFY jobs",
    "LOCK TABLE victim",
    "ANALYZE victim",
    "VACUUM",
    "REINDEX",
    "COPY victim TO STDOUT",
    "DO $$BEGIN DELETE FROM victim; END$$",
    "CALL proc_del()",
    "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
    "EXPLAIN ANALYZE DELETE FROM victim",
    "EXPLAIN ANALYZE CREATE TABLE stolen AS SELECT 1",
    "EXPLAIN (ANALYZE 1) WITH d AS (DELETE FROM victim) SELECT 1",
    "SELECT evil_write()",
    "SELECT evil_definer()",
    "TABLE v_evil",
    "SELECT 1 <~> 2",
    "SELECT nextval('seq_v')",
    "SELECT setval('seq_v', 9)",
    "SELECT set_config('search_path', 'evil', false)",
    "SELECT pg_notify('jobs', 'x')",
    "SELECT pg_advisory_lock(4)",
    "SELECT lo_create(0)",
    "SELECT lo_unlink(777)",
    "SELECT setseed(0.1)",
    "SELECT ('x'::text).pg_read_file",
    "SELECT U&\"set\\005fconfig\"('role', 'rw', false)",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'canary'",
    "ATTACH ':memory:' AS o",
    "DETACH main",
    "VACUUM INTO 'stolen.db'",
    "PRAGMA query_only = 0",
    "PRAGMA user_version = 7",
    "PRAGMA writable_schema = 1",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA case_sensitive_like = ON",
    "PRAGMA journal_mode = DELETE",
    "CREATE TEMP TRIGGER g AFTER INSERT ON victim BEGIN SELECT 1; END",
    "REPLACE INTO victim VALUES (1, 'r', 'r')",
    "/*! DROP TABLE victim */",
    "/*M!100100 DELETE FROM victim */",
    "SELECT 1 INTO OUTFILE 'stolen.txt'",
    "HANDLER victim OPEN",
];

/// What stands before, between and behind them: quotes that lexers read differently, comments, blanks.
const GLUE: &[&str] = &[
    " ",
    "\n",
    "\r",
    "\t",
    "\x0b",
    "\u{a0}",
    ";",
    "; ",
    ";;",
    ";\n",
    "--",
    "-- x\n",
    "-- x\r",
    "--x\n",
    "#",
    "# x\n",
    "/*",
    "*/",
    "/**/",
    "/* /* */ ",
    "/* x */",
    "/*! ",
    "/*!50000 ",
    "'",
    "''",
    "\"",
    "\"\"",
    "`",
    "``",
    "\\",
    "\\'",
    "'\\'",
    "E'",
    "E'\\''",
    "e'a'\n'\\'",
    "U&'",
    "U&\"",
    "N'",
    "x'",
    "b'",
    "$$",
    "$a$",
    "$é$",
    "a$$",
    "$1",
    "(",
    ")",
    "((",
    "))",
    ",",
    ".",
    "::",
    "::text",
    "[",
    "]",
    "{",
    "}",
    "@",
    ":=",
    "||",
    "EXPLAIN ",
    "EXPLAIN ANALYZE ",
    "EXPLAIN (ANALYZE, VERBOSE) ",
    "EXPLAIN QUERY PLAN ",
    "SELECT ",
    "SELECT 1",
    "SELECT 'a",
    "SELECT E'\\",
    "WITH a AS (SELECT 1) ",
    "WITH a AS (",
    ") SELECT * FROM a",
    "VALUES (1)",
    "TABLE victim",
    "SELECT * FROM victim",
    " UNION ALL ",
    " UNION SELECT ",
    " FROM victim",
    " WHERE 1 = 1",
    " ORDER BY 1",
    " LIMIT 1",
    " FOR UPDATE",
    " FOR SHARE",
    " INTO stolen",
    " RETURNING *",
    " AS a",
    "INSERT ",
    "DELETE ",
    "UPDATE ",
    "SHOW ALL",
    "DESCRIBE victim",
    "PRAGMA ",
    "CURSOR FOR ",
    "DECLARE ",
    "FETCH 1 FROM mg",
    "CLOSE mg",
    "pg_sleep(0)",
    "(0)",
    "pg_catalog.",
    "set_config('a.b', 'c', false)",
];

fn piece() -> impl Strategy<Value = String> {
    let known =
        |pieces: &'static [&'static str]| prop::sample::select(pieces).prop_map(str::to_owned);
    let any_case = (known(HARMFUL), any::<u64>()).prop_map(|(text, bits)| mixed_case(&text, bits));
    prop_oneof![3 => known(HARMFUL), 1 => any_case, 8 => known(GLUE), 1 => "[^\\x00]{0,3}"]
}

fn mixed_case(text: &str, bits: u64) -> String {
    let case = |(place, character): (usize, char)| {
        if bits >> (place % 64) & 1 == 1 {
            character.to_ascii_uppercase()
        } else {
            character.to_ascii_lowercase()
        }
    };
    text.chars().enumerate().map(case).collect()
}

/// Pieces in any order: hardly ever a statement, but all that a lexer may stumble on.
fn heap() -> impl Strategy<Value = String> {
    prop::collection::vec(piece(), 1..9).prop_map(|pieces| pieces.concat())
}

/// A query in which something harmful stands where it should be mere text, before what may follow it.
fn disguise() -> impl Strategy<Value = String> {
    let harm = || prop::sample::select(HARMFUL);
    let hidden =
        (0..DISGUISES.len(), harm()).prop_map(|(place, harm)| DISGUISES[place].replace("{}", harm));
    let query = prop::sample::select(vec![
        "SELECT 1",
        "SELECT id FROM victim",
        "VALUES (1)",
        "SELECT 1 AS a",
    ]);
    let tail = prop_oneof![2 => Just(String::new()), 1 => heap(), 1 => harm().prop_map(|harm| format!("; {harm}"))];
    (
        hidden,
        query,
        "|EXPLAIN |EXPLAIN ANALYZE |explain (analyze) ",
        tail,
        any::<bool>(),
    )
        .prop_map(|(hidden, query, explain, tail, before)| {
            if before {
                format!("{explain}{hidden} {query}{tail}")
            } else {
                format!("{explain}{query} {hidden}{tail}")
            }
        })
}

/// How text is kept from being read, somewhere.
const DISGUISES: &[&str] = &[
    "/* {} */",
    "-- {}\n",
    "--{}\r",
    "/* /* {} */ */",
    "/* {} ",
    "# {}\n",
    "/*! {} */",
    "WHERE '{}' <> ''",
    "WHERE $${}$$ <> ''",
    "WHERE $é${}$é$ <> ''",
    "WHERE E'\\'{}' <> ''",
    "WHERE '\\'{}' <> ''",
    "WHERE \"{}\" IS NULL",
    "WHERE `{}` IS NULL",
    "WHERE (SELECT '{}') <> ''",
    "WHERE EXISTS ({})",
    "UNION ALL {}",
    "UNION ALL ({})",
    "WHERE 1 = ({})",
    "; {}",
    ";\r{}",
    "WITH a AS ({})",
    "WITH a AS ({}) SELECT 2 UNION ALL",
    "LIMIT ({})",
];

/// What a query is drawn from that reads.
const LEAVES: &[&str] = &[
    "SELECT id AS a, name AS b FROM victim",
    "SELECT id AS a, secret AS b FROM victim WHERE id < 5",
    "SELECT 1 AS a, 'DROP TABLE victim' AS b",
    "SELECT COUNT(*) AS a, 'n1' AS b FROM victim",
];

fn statement() -> impl Strategy<Value = String> {
    prop_oneof![heap(), disguise(), query(LEAVES)]
}

pub(crate) fn cases() -> u32 {
    env::var("MG_FUZZ_CASES")
        .ok()
        .and_then(|cases| cases.parse().ok())
        .unwrap_or(CASES)
}

/// A column is named after the function that made it: none of these may be called.
const NEVER_CALLED: &[&str] = &[
    "set_config",
    "setseed",
    "pg_notify",
    "pg_advisory_lock",
    "pg_sleep",
    "lo_create",
    "nextval",
    "pg_terminate_backend",
];

fn fuzz(engine: Engine) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(2)
        .build()
        .unwrap();
    let Some(target) = runtime.block_on(Target::new(engine)) else {
        return;
    };
    let (account, gate) = target.accounts.last().unwrap();
    let look = || runtime.block_on(async { (target.state().await, target.session(gate).await) });
    // What the case before left is what the next one starts from, so that a failing one can be shrunk.
    let seen = RefCell::new(look());
    let config = Config {
        cases: cases(),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..Config::with_source_file(file!())
    };
    let mut runner = TestRunner::new(config);
    let answered = RefCell::new(0_u32);
    let outcome = runner.run(&statement(), |sql| {
        let answer = runtime.block_on(target.attack(gate, &sql));
        let now = look();
        let before = seen.replace(now.clone());
        prop_assert_eq!(&now, &before, "{} as {}: {}", engine, account, sql);
        if let Ok(rows) = answer {
            *answered.borrow_mut() += 1;
            let called = rows
                .columns
                .iter()
                .find(|column| NEVER_CALLED.contains(&column.name.as_str()));
            prop_assert!(
                called.is_none() || engine != Engine::Postgres,
                "{:?} was called: {}",
                called,
                sql
            );
        }
        Ok::<(), TestCaseError>(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    let answered = *answered.borrow();
    assert!(
        answered * 5 >= cases(),
        "{engine}: only {answered} statements were ones that read"
    );
}

#[test]
fn no_drawn_statement_changes_sqlite() {
    fuzz(Engine::Sqlite);
}

#[test]
fn no_drawn_statement_changes_postgresql() {
    fuzz(Engine::Postgres);
}

#[test]
fn no_drawn_statement_changes_mariadb() {
    fuzz(Engine::MariaDb);
}
