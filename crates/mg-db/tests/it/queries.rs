//! Queries drawn from a small grammar: joins, common tables, subqueries and set operations over each other. Each has two
//! columns, a number `a` and a text `b`, so that every one may stand where another does.

use std::cell::RefCell;

use mg_db::{
    DatabaseUrl, Engine,
    gate::{Gate, GateError, GateOptions},
    hidden::Hidden,
};
use mg_testkit::{shared_mariadb, shared_postgres};
use proptest::{
    prelude::*,
    test_runner::{Config, FileFailurePersistence, TestCaseError, TestRunner},
};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    bench::{Rows, patient, read},
    fuzz::cases,
};

/// What is made of one query or two: `{0}` and `{1}` are their texts, `{n}` a number of this place's own.
const FORMS: &[&str] = &[
    "SELECT t.a, t.b FROM ({0}) AS t WHERE t.a > 1",
    "SELECT t.a, t.b FROM ({0}) AS t WHERE t.b LIKE '%a%' OR t.a IS NULL",
    "SELECT t.a, u.b FROM ({0}) AS t JOIN ({1}) AS u ON t.a = u.a",
    "SELECT t.a, u.b FROM ({0}) AS t LEFT JOIN ({1}) AS u ON t.b = u.b",
    "SELECT t.a, u.b FROM ({0}) AS t, ({1}) AS u WHERE t.a < u.a",
    "SELECT a, t.b FROM ({0}) AS t JOIN ({1}) AS u USING (a)",
    "SELECT a, b FROM ({0}) AS t NATURAL JOIN ({1}) AS u",
    "SELECT t.a, t.b FROM ({0}) AS t UNION ALL SELECT u.a, u.b FROM ({1}) AS u",
    "SELECT t.a, t.b FROM ({0}) AS t UNION SELECT u.a, u.b FROM ({1}) AS u",
    "SELECT t.a, t.b FROM ({0}) AS t EXCEPT SELECT u.a, u.b FROM ({1}) AS u",
    "SELECT t.a, t.b FROM ({0}) AS t INTERSECT SELECT u.a, u.b FROM ({1}) AS u",
    "WITH w{n} AS ({0}) SELECT t.a, u.b FROM w{n} AS t, w{n} AS u WHERE t.a = u.a",
    "WITH w{n} AS ({0}), v{n} (a, b) AS ({1}) SELECT w{n}.a, v{n}.b FROM w{n} JOIN v{n} ON w{n}.b = v{n}.b",
    "SELECT t.a, (SELECT MAX(u.b) FROM ({1}) AS u WHERE u.a = t.a) AS b FROM ({0}) AS t",
    "SELECT t.a, t.b FROM ({0}) AS t WHERE EXISTS (SELECT 1 FROM ({1}) AS u WHERE u.a = t.a)",
    "SELECT t.a, t.b FROM ({0}) AS t WHERE t.b NOT IN (SELECT u.b FROM ({1}) AS u WHERE u.b IS NOT NULL)",
    "SELECT COUNT(*) AS a, t.b FROM ({0}) AS t GROUP BY t.b HAVING COUNT(*) > 0",
    "SELECT MAX(t.a) AS a, MIN(t.b) AS b FROM ({0}) AS t",
    "SELECT DISTINCT t.a, CASE WHEN t.a > 2 THEN t.b ELSE 'few' END AS b FROM ({0}) AS t",
    "SELECT ROW_NUMBER() OVER (PARTITION BY t.b ORDER BY t.a) AS a, t.b FROM ({0}) AS t",
    "SELECT t.a, t.b FROM ({0}) AS t ORDER BY 1, 2 LIMIT 3",
];

/// A query over these, of which each has the two columns.
pub(crate) fn query(leaves: &'static [&'static str]) -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(leaves).prop_map(str::to_owned);
    leaf.prop_recursive(3, 8, 2, |inner| {
        let number = any::<u16>();
        (prop::sample::select(FORMS), inner.clone(), inner, number).prop_map(
            |(form, first, second, number)| {
                let form = form.replace("{n}", &number.to_string());
                form.replace("{0}", &first).replace("{1}", &second)
            },
        )
    })
}

/// What a viewer may read, and what not, in one grammar.
const LEAVES: &[&str] = &[
    "SELECT id AS a, town AS b FROM people",
    "SELECT id AS a, town AS b FROM people",
    "SELECT age AS a, town AS b FROM people",
    "SELECT age AS a, town AS b FROM people WHERE age > 30",
    "SELECT id AS a, town AS b FROM v_towns",
    "SELECT COUNT(*) AS a, town AS b FROM people GROUP BY town",
    "SELECT a, b FROM guesses",
    "SELECT a, b FROM guesses",
    "SELECT 1 AS a, 'Lagny' AS b",
    "SELECT id AS a, secret AS b FROM people",
    "SELECT id AS a, town AS b FROM people WHERE secret LIKE '%1%'",
    "SELECT p.id AS a, p.town AS b FROM people AS p JOIN guesses AS g ON g.secret = p.secret",
    "SELECT id AS a, town AS b FROM people NATURAL JOIN (SELECT secret FROM guesses) AS g",
    "SELECT id AS a, town AS b FROM people JOIN guesses USING (secret)",
    "SELECT id AS a, b FROM v_secrets",
    "SELECT id AS a, town AS b FROM people ORDER BY secret",
];

/// Rows that differ in what is hidden alone.
fn tables(secret: &str) -> Vec<String> {
    let mut tables: Vec<String> = [
        "CREATE TABLE people (id INTEGER NOT NULL PRIMARY KEY, town VARCHAR(40), age INTEGER, secret VARCHAR(40))",
        "CREATE TABLE guesses (a INTEGER, b VARCHAR(40), secret VARCHAR(40))",
        "CREATE VIEW v_towns AS SELECT id, town FROM people",
        "CREATE VIEW v_secrets AS SELECT id, secret AS b FROM people",
        "INSERT INTO guesses VALUES (1, 'Lagny', 'canary 1'), (2, 'Torcy', 'parrot 2'), (3, 'Meaux', NULL)",
    ]
    .map(str::to_owned)
    .into();
    let towns = ["Lagny", "Torcy", "Meaux", "Lagny", "Bussy", "Torcy"];
    tables.extend((1..).zip(towns).map(|(id, town)| {
        let age = 20 + id * 7;
        format!("INSERT INTO people VALUES ({id}, '{town}', {age}, '{secret} {id}')")
    }));
    tables
}

/// A viewer's gate to the tables with this secret.
fn viewer(engine: Engine, secret: &str) -> Option<(Gate, Option<TempDir>)> {
    let hidden = Hidden {
        columns: vec!["people.secret".parse().unwrap()],
        trusted_views: vec![],
    };
    let options = GateOptions {
        hidden,
        ..GateOptions::default()
    };
    let sql = tables(secret).join(";\n");
    if engine == Engine::Sqlite {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.db");
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch(&sql).unwrap();
        let url = DatabaseUrl::sqlite(path);
        return Some((Gate::new(&url, options), Some(folder)));
    }
    let url = DatabaseUrl::parse(&granted(engine, &sql)?).unwrap();
    Some((Gate::new(&url, options), None))
}

/// The URL of an account that may read every column but the hidden one.
fn granted(engine: Engine, sql: &str) -> Option<String> {
    let rights = |account: &str| {
        ["(id, town, age) ON people", "ON guesses", "ON v_towns"]
            .map(|right| format!("GRANT SELECT {right} TO {account}"))
            .join("; ")
    };
    if engine == Engine::MariaDb {
        let cluster = shared_mariadb()?;
        let database = cluster.create_database();
        let account = format!("viewer_of_{database}");
        let rights = rights(&account);
        cluster.sql(
            &database,
            &format!("CREATE USER {account}; {sql}; {rights}"),
        );
        return Some(cluster.url(&account, &database));
    }
    let cluster = shared_postgres()?;
    let database = cluster.create_database();
    let account = format!("viewer_of_{database}");
    let rights = rights(&account);
    cluster.sql(
        &database,
        &format!("CREATE ROLE {account} LOGIN; {sql}; {rights}"),
    );
    Some(cluster.url(&account, &database))
}

/// The rows in an order of ours, or that there are none; nothing where a busy machine took too long.
fn told(answer: Result<Rows, GateError>) -> Option<Result<Vec<String>, ()>> {
    match answer {
        Ok(rows) => {
            let mut rows: Vec<String> = rows
                .values
                .iter()
                .map(|row| json!(row).to_string())
                .collect();
            rows.sort();
            Some(Ok(rows))
        }
        Err(GateError::Timeout(_) | GateError::Busy(_)) => None,
        Err(_) => Some(Err(())),
    }
}

/// A viewer's answers are the same whatever is hidden, and hold nothing of it.
fn compare(engine: Engine) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .worker_threads(2)
        .build()
        .unwrap();
    let (Some(first), Some(second)) = (viewer(engine, "canary"), viewer(engine, "parrot")) else {
        return; // said so
    };
    let config = Config {
        cases: cases(),
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..Config::with_source_file(file!())
    };
    let answered = RefCell::new(0_u32);
    let outcome = TestRunner::new(config).run(&query(LEAVES), |sql| {
        let answer = |gate: &Gate| runtime.block_on(read(gate, &sql, &[], patient()));
        let [ours, theirs] = [&first.0, &second.0].map(|gate| answer(gate).map(|(rows, _)| rows));
        for told in [format!("{ours:?}"), format!("{theirs:?}")] {
            prop_assert!(
                !told.contains("canary") && !told.contains("parrot"),
                "{}: {}",
                sql,
                told
            );
        }
        if let (Some(ours), Some(theirs)) = (told(ours), told(theirs)) {
            *answered.borrow_mut() += u32::from(ours.is_ok());
            prop_assert_eq!(ours, theirs, "{}", sql);
        }
        Ok::<(), TestCaseError>(())
    });
    outcome.unwrap_or_else(|failure| panic!("{engine}: {failure}"));
    let answered = *answered.borrow();
    assert!(
        answered * 5 >= cases(),
        "{engine}: only {answered} were answered"
    );
}

#[test]
fn no_drawn_query_tells_a_viewer_of_sqlite_what_is_hidden() {
    compare(Engine::Sqlite);
}

#[test]
fn no_drawn_query_tells_a_viewer_of_postgresql_what_is_hidden() {
    compare(Engine::Postgres);
}

#[test]
fn no_drawn_query_tells_a_viewer_of_mariadb_what_is_hidden() {
    compare(Engine::MariaDb);
}
