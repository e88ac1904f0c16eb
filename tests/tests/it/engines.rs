//! mg-sql on each engine that is here: what a long statement and a huge value do to the process.

use std::collections::BTreeSet;

use mg_testkit::{Process, ToolAnswer, shared_mariadb, shared_postgres};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::servers::{ENDLESS, run_until_progress};

/// mg-sql on one engine.
struct Running {
    engine: &'static str,
    process: Process,
    _home: TempDir,
}

impl Running {
    fn on(engine: &'static str, url: Option<&str>) -> Self {
        let home = tempdir().unwrap();
        let url = url.map(|url| ("MG_DATABASE_URL", url));
        let mut process = Process::start("mg-sql", &[], url.as_slice(), home.path());
        process.initialize();
        let mut running = Self {
            engine,
            process,
            _home: home,
        };
        running.answers();
        running
    }

    fn ask(&mut self, query: &str) -> ToolAnswer {
        self.process.call("run_sql", &json!({"query": query}))
    }

    fn answers(&mut self) {
        let rows = self.ask("SELECT 7 AS n").ok();
        assert_eq!(rows["rows"], json!([[7]]), "{}", self.engine);
    }
}

/// Through an account without rights of its own, where the engine has accounts.
fn everywhere() -> Vec<Running> {
    let mut running = vec![Running::on("SQLite", None)];
    if let Some(cluster) = shared_postgres() {
        let url = cluster.url("reader", &cluster.create_database());
        running.push(Running::on("PostgreSQL", Some(&url)));
    }
    if let Some(cluster) = shared_mariadb() {
        let database = cluster.create_database();
        cluster.sql("mysql", &format!("GRANT SELECT ON {database}.* TO reader"));
        let url = cluster.url("reader", &database);
        running.push(Running::on("MariaDB", Some(&url)));
    }
    running
}

#[test]
fn a_long_statement_tells_that_it_runs_and_ends_when_it_is_cancelled() {
    for mut running in everywhere() {
        // More than there are connections: each one is free again, or the last could not run.
        for _ in 0..5 {
            let process = &mut running.process;
            let id = run_until_progress(process, "run_sql", &json!({"query": ENDLESS}));
            let cancelled = json!({"requestId": id, "reason": "the user pressed stop"});
            process.send(
                &json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancelled}),
            );
        }
        running.answers();
    }
}

/// Bytes of a value that no answer has room for.
const HUGE: usize = 200_000_000;

/// A value of 200 MB may cost the process this much more than `SELECT 7` does, in kilobytes.
const ROOM: u64 = 40_000;

#[test]
fn a_value_of_200_megabytes_is_refused_and_never_lies_in_memory() {
    for mut running in everywhere() {
        let before = running.process.peak_kilobytes();
        let query = match running.engine {
            "SQLite" => format!("SELECT zeroblob({HUGE}) AS huge"),
            _ => format!("SELECT repeat('x', {HUGE}) AS huge"),
        };
        let answer = running.ask(&query);
        let peak = running.process.peak_kilobytes();
        eprintln!(
            "{}: {} kB, {before} kB before a value of {HUGE} bytes: {}",
            running.engine, peak, answer.text
        );
        let told = answer.refusal();
        assert!(told.contains("substr") || told.contains("LEFT"), "{told}");
        assert!(peak < before + ROOM, "{}", running.engine);
        running.answers();
    }
}

#[test]
fn sixty_four_large_results_at_once_are_all_answered_in_bounded_memory() {
    // 10,000 rows of some 120 bytes, built of what all engines know.
    let digits = (0..10).map(|digit| format!("SELECT {digit} AS d"));
    let digits = digits.collect::<Vec<_>>().join(" UNION ALL ");
    let text = "x".repeat(100);
    let query = format!(
        "WITH t AS ({digits}) SELECT a.d, b.d, c.d, e.d, '{text}' AS text FROM t AS a, t AS b, t AS c, t AS e"
    );
    for mut running in everywhere() {
        let before = running.process.peak_kilobytes();
        let called = json!({"name": "run_sql", "arguments": {"query": query, "max_rows": 10_000}});
        let calls: Vec<i64> = (0..64)
            .map(|_| running.process.request("tools/call", &called))
            .collect();
        let mut answered = BTreeSet::new();
        for _ in &calls {
            let message = running.process.receive();
            let data = &message["result"]["structuredContent"];
            assert_eq!(data["truncated"], true, "{}: {message}", running.engine);
            answered.insert(message["id"].as_i64().unwrap());
        }
        assert_eq!(answered, BTreeSet::from_iter(calls));
        let peak = running.process.peak_kilobytes();
        let engine = running.engine;
        eprintln!("{engine}: {peak} kB, {before} kB before 64 results of 10,000 rows at once");
        assert!(peak < before + ROOM, "{engine}: {peak} kB");
        running.answers();
    }
}

#[test]
fn a_value_as_large_as_mariadb_stores_is_cut_and_a_row_of_two_is_refused() {
    let Some(cluster) = shared_mariadb() else {
        return;
    };
    let database = cluster.create_database();
    // The largest packet of the server bounds what is stored in one statement and what is sent.
    let grow = "CREATE TABLE huge (part LONGBLOB); INSERT INTO huge VALUES (REPEAT('x', 16000000)); \
        UPDATE huge SET part = CONCAT(part, LEFT(part, 700000))";
    cluster.sql(&database, grow);
    cluster.sql("mysql", &format!("GRANT SELECT ON {database}.* TO reader"));
    let mut running = Running::on("MariaDB", Some(&cluster.url("reader", &database)));
    let before = running.process.peak_kilobytes();
    let answer: Value = running.ask("SELECT LENGTH(part) AS n FROM huge").ok();
    assert_eq!(answer["rows"], json!([[16_700_000]]));
    let answer = running.ask("SELECT part FROM huge");
    assert!(answer.text.contains("1 cell was cut"), "{}", answer.text);
    assert!(answer.text.len() < 40_000, "{}", answer.text.len());
    assert!(!answer.is_error);
    let refusal = (running.ask("SELECT a.part, b.part FROM huge AS a, huge AS b")).refusal();
    assert!(refusal.contains("a row is larger than"), "{refusal}");
    let peak = running.process.peak_kilobytes();
    eprintln!("MariaDB: {peak} kB, {before} kB before a row of 33 MB");
    assert!(peak < before + 2 * ROOM, "{peak} kB");
    running.answers();
}
