//! A site that does what it should not: each case a clear, counted outcome, little memory, no forbidden address.

use mg_testkit::{Asked, Reply, Site, evil};
use serde_json::Value;

use crate::home::{Home, fiches};

/// What the worker of a run may hold at most, in kilobytes.
const MOST_MEMORY: u64 = 64 * 1024;

fn counts(report: &Value) -> Vec<(String, u64)> {
    let errors = report["errors"].as_array().unwrap().iter();
    let mut counts: Vec<(String, u64)> = errors
        .map(|error| {
            (
                error["kind"].as_str().unwrap().to_owned(),
                error["count"].as_u64().unwrap(),
            )
        })
        .collect();
    counts.sort();
    counts
}

#[test]
fn an_evil_site_is_survived_and_told_case_by_case() {
    let forbidden = Site::start(|_: &Asked| Reply::html("secret"));
    let site = Site::start(evil(forbidden.url("/secret")));
    let home = Home::new();
    let limits =
        "max_depth = 5000\nmax_page_bytes = 2000000\nmax_per_pattern = { '^/calendar' = 20 }";
    home.spider("fiches", &fiches(&site, 4, "/", limits));
    let report = home.success("fiches");
    let expected = [
        ("bad_redirect", 1),       // /nowhere
        ("connection", 1),         // /headers
        ("http_status", 3),        // /gone, /failing, /missing
        ("refused", 3),            // /away, /metadata, /file
        ("too_big", 2),            // /bomb, /endless
        ("too_heavy", 2),          // /attributes, /tags
        ("too_many_redirects", 1), // /loop
        ("truncated", 2),          // /truncated, /broken-gzip
        ("unreadable", 1),         // /binary
    ];
    let expected: Vec<(String, u64)> = expected
        .map(|(kind, count)| (kind.to_owned(), count))
        .into();
    assert_eq!(counts(&report), expected, "{report:#}");
    assert_eq!(report["stopped"], "max_per_pattern");
    assert!(
        forbidden.asked().is_empty(),
        "a forbidden address was reached"
    );
    let rows = home.rows("SELECT id || ' ' || commune FROM web_fiche ORDER BY id");
    assert_eq!(
        rows,
        [
            "later Plus tard",
            "latin Évry-Grégy €",
            "lying Arrêté à Lagny"
        ]
    );
    let peak = Home::peak_memory(&report);
    assert!(peak < MOST_MEMORY, "{peak} kB");
}

#[test]
fn a_private_address_is_reached_by_no_name_and_no_literal_unless_the_operator_says_so() {
    let site =
        Site::start(|_: &Asked| Reply::html("<dl class=fiche><dd class=commune>secret</dd></dl>"));
    let port = site.host().rsplit(':').next().unwrap().to_owned();
    let home = Home::new();
    for name in ["127.0.0.1", "localhost"] {
        let text = fiches(&site, 1, "/a", "").replace("allow_private = true", "");
        let text = text.replace(&site.host(), &format!("{name}:{port}"));
        home.spider("fiches", &text);
        let (exit, report) = home.command(&["run", "fiches", "--json"]);
        assert_eq!(exit.code, Some(1), "{report:#}");
        let message = report["message"].as_str().unwrap();
        assert!(message.contains("not at a public address"), "{message}");
    }
    assert!(site.asked().is_empty());
}

#[test]
fn a_calendar_without_end_is_ended_by_the_clock() {
    let site = Site::start(evil(String::new()));
    let home = Home::new();
    let limits = "max_depth = 1000000\nmax_pages = 1000000\nmax_seconds = 2";
    home.spider("fiches", &fiches(&site, 2, "/calendar", limits));
    let report = home.success("fiches");
    assert_eq!(report["stopped"], "max_seconds", "{report:#}");
    assert_eq!(report["complete"], false);
}
