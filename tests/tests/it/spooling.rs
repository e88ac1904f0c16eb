//! Results beyond one answer, on a disk that is full and in memory that is bounded.

use mg_testkit::Process;
use serde_json::json;
use tempfile::tempdir;

use crate::servers::initialized;

/// The most that 100,000 kept rows may cost, in kilobytes.
const PEAK: u64 = 60_000;

#[test]
fn a_full_disk_cuts_the_rest_of_a_result_and_the_server_goes_on() {
    let home = tempdir().unwrap();
    // The embedded database is made before the disk is full.
    let mut roomy = initialized("mg-sql", home.path());
    assert!(
        !roomy
            .call("run_sql", &json!({"query": "SELECT 1"}))
            .is_error
    );
    assert_eq!(roomy.close().code, Some(0));
    let mut process = Process::start_on_small_disk("mg-sql", 64, home.path());
    process.initialize();
    for _ in 0..2 {
        let query = "SELECT * FROM dim_date AS a, (VALUES (1), (2)) AS b ORDER BY date_id";
        let answer = process.call("run_sql", &json!({"query": query, "format": "csv"}));
        assert!(answer.text.contains("cannot be kept"), "{}", answer.text);
        assert!(
            answer.text.contains("aggregate or filter"),
            "{}",
            answer.text
        );
        assert!(answer.data["next_cursor"].is_null(), "{}", answer.data);
        let data = answer.ok();
        assert_eq!(
            (&data["row_count"], &data["truncated"]),
            (&json!(200), &json!(true))
        );
    }
    let small = "SELECT comm FROM dim_commune ORDER BY comm";
    assert_eq!(
        process.call("run_sql", &json!({"query": small})).ok()["truncated"],
        false
    );
}

#[test]
fn a_hundred_thousand_rows_are_kept_and_paged_in_bounded_memory() {
    let home = tempdir().unwrap();
    std::fs::write(home.path().join("mg.toml"), "[sql]\nmax_rows = 200000").unwrap();
    let config = home.path().join("mg.toml").display().to_string();
    let mut process = Process::start("mg-sql", &[], &[("MG_CONFIG", &config)], home.path());
    process.initialize();
    let query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) \
        SELECT i, i * 7 AS seven, 'a text of some length ' || i AS label, i / 3.0 AS third, hex(randomblob(20)) AS noise, date('2000-01-01', i || ' days') AS day FROM n";
    let mut arguments = json!({"query": query, "format": "csv", "max_rows": 100_000});
    let (mut rows, mut pages) = (0, 0);
    for _ in 0..20 {
        let data = process.call("run_sql", &arguments).ok();
        rows += data["row_count"].as_u64().unwrap();
        pages += 1;
        if data["next_cursor"].is_null() {
            break;
        }
        arguments["cursor"] = data["next_cursor"].clone();
    }
    // Twenty pages are enough: whether all of them come back is another test's question.
    assert!(rows > 5_000 && pages == 20, "{rows} rows on {pages} pages");
    let peak = process.peak_kilobytes();
    assert!(peak < PEAK, "{peak} kB");
    eprintln!("peak with 100,000 rows kept: {peak} kB");
}
