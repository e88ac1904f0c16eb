//! Completeness: every page of a site, each once, whatever the concurrency; and the second run.

use mg_testkit::{Asked, Reply, Site, fiche, generated};
use serde_json::json;

use crate::home::{FAR, Home, fiches};

fn complete(concurrency: usize, pages: usize) {
    let site = Site::start(generated(pages));
    let home = Home::new();
    home.spider("fiches", &fiches(&site, concurrency, "/0", FAR));
    let report = home.success("fiches");
    assert_eq!(report["pages"], pages, "{report:#}");
    assert_eq!(report["items"], pages - 1);
    assert_eq!(
        (&report["complete"], &report["rows"]["inserted"]),
        (&json!(true), &json!(pages - 1))
    );
    let asked = site.asked();
    assert_eq!(asked.len(), pages + 1, "each page once, and robots.txt");
    let rows = home.rows("SELECT count(*) || ' ' || count(DISTINCT id) FROM web_fiche");
    assert_eq!(rows, [format!("{0} {0}", pages - 1)]);
    let (commune, surface) = fiche(17);
    let row = home.rows("SELECT commune || '|' || surface FROM web_fiche WHERE id = '17'");
    assert_eq!(row, [format!("{commune}|{surface}")]);
}

#[test]
fn one_at_a_time_reads_every_page_once() {
    complete(1, 2001);
}

#[test]
fn two_at_a_time_read_every_page_once() {
    complete(2, 2001);
}

#[test]
fn four_at_a_time_read_every_page_once() {
    complete(4, 2001);
}

#[test]
fn sixteen_at_a_time_read_every_page_once() {
    complete(16, 2001);
}

#[test]
fn sixty_four_at_a_time_read_every_page_once() {
    complete(64, 2001);
}

#[test]
fn a_second_run_changes_nothing_and_asks_conditionally() {
    let pages = generated(60);
    let site = Site::start(move |asked: &Asked| {
        let version = format!("\"{}\"", asked.path.len());
        match asked.headers.get("if-none-match") {
            Some(known) if *known == version => Reply::status(304),
            _ => pages(asked).with("ETag", &version),
        }
    });
    let home = Home::new();
    home.spider("fiches", &fiches(&site, 8, "/0", FAR));
    home.success("fiches");
    let before = home.fiches();
    let report = home.success("fiches");
    assert_eq!(
        (&report["pages"], &report["unchanged_pages"]),
        (&json!(60), &json!(60)),
        "{report:#}"
    );
    assert_eq!(
        report["rows"],
        json!({"inserted": 0, "updated": 0, "unchanged": 59, "rejected": 0})
    );
    assert_eq!(home.fiches(), before);
}

#[test]
fn every_limit_ends_the_run_and_is_named() {
    let site = Site::start(generated(200));
    let home = Home::new();
    for (limits, stopped, pages) in [
        ("max_pages = 30\nmax_depth = 100", "max_pages", Some(30)),
        ("max_items = 20\nmax_depth = 100", "max_items", None),
        ("max_bytes = 20000\nmax_depth = 100", "max_bytes", None),
        ("max_depth = 1", "max_depth", None),
        (
            "max_depth = 100\nmax_per_pattern = { '^/1' = 5 }",
            "max_per_pattern",
            None,
        ),
    ] {
        home.spider("fiches", &fiches(&site, 1, "/0", limits));
        let report = home.success("fiches");
        assert_eq!(report["stopped"], stopped, "{report:#}");
        assert!(
            pages.is_none_or(|pages| report["pages"] == pages),
            "{report:#}"
        );
        assert!(report["pages"].as_u64().unwrap() < 200, "{report:#}");
    }
}

#[test]
fn a_lost_page_of_a_chain_makes_the_run_incomplete() {
    let site = Site::start(|asked: &Asked| match asked.path.as_str() {
        "/1" => Reply::html(
            "<a rel=next href=/2>suite</a><dl class=fiche><dd class=commune>Lagny</dd></dl>",
        ),
        _ => Reply::status(404),
    });
    let home = Home::new();
    let text = fiches(&site, 1, "/1", "").replace("allow = ['^/']", "next = \"a[rel=next]\"");
    home.spider("fiches", &text);
    let report = home.success("fiches");
    assert_eq!(report["complete"], false, "{report:#}");
    assert_eq!(report["errors"][0]["kind"], "http_status", "{report:#}");
    // A table that is replaced keeps its rows rather than lose those of the missing pages.
    home.spider(
        "fiches",
        &text.replace("key = [\"id\"]", "key = [\"id\"]\nmode = \"replace\""),
    );
    let (exit, report) = home.command(&["run", "fiches", "--json"]);
    assert_eq!(
        (exit.code, &report["state"]),
        (Some(1), &json!("failed")),
        "{report:#}"
    );
    assert!(
        report["message"].as_str().unwrap().contains("not complete"),
        "{report:#}"
    );
    assert_eq!(home.rows("SELECT commune FROM web_fiche"), ["Lagny"]);
}

#[test]
fn pages_of_sitemaps_and_feeds_are_read() {
    let pages = generated(10);
    let site = Site::start(move |asked: &Asked| match asked.path.as_str() {
        "/index.xml" => Reply::of(
            200,
            "application/xml",
            b"<sitemapindex><sitemap><loc>/pages.xml</loc></sitemap></sitemapindex>".to_vec(),
        ),
        "/pages.xml" => Reply::of(
            200,
            "application/xml",
            b"<urlset><url><loc>/3</loc></url></urlset>".to_vec(),
        ),
        "/feed" => Reply::of(
            200,
            "application/rss+xml",
            b"<rss><channel><item><link>/4</link></item></channel></rss>".to_vec(),
        ),
        _ => pages(asked),
    });
    let home = Home::new();
    let host = site.host();
    let listed =
        format!("sitemaps = [\"http://{host}/index.xml\"]\nfeeds = [\"http://{host}/feed\"]");
    let text = fiches(&site, 2, "/0", "max_depth = 1")
        .replace("allow_private", &format!("{listed}\nallow_private"));
    let urls = format!("urls = [\"http://{host}/0\"]\n");
    home.spider(
        "fiches",
        &text
            .replace(&urls, "")
            .replace("max_depth = 1", "max_depth = 2"),
    );
    home.success("fiches");
    assert!(site.count("/3") == 1 && site.count("/4") == 1);
}
