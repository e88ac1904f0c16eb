//! Manners of a whole run: robots.txt, sites that ask to wait.

use mg_testkit::{Asked, Reply, Site, generated};

use crate::home::{FAR, Home, fiches};

#[test]
fn pages_that_robots_forbid_are_counted_and_never_asked_for() {
    let pages = generated(30);
    let site = Site::start(move |asked: &Asked| match asked.path.as_str() {
        "/robots.txt" => Reply::of(
            200,
            "text/plain",
            b"User-agent: mg-scrape\nDisallow: /1".to_vec(),
        ),
        _ => pages(asked),
    });
    let home = Home::new();
    home.spider("fiches", &fiches(&site, 4, "/0", FAR));
    let report = home.success("fiches");
    assert_eq!(
        (&report["errors"][0]["kind"], &report["errors"][0]["count"]),
        (&"robots".into(), &11.into()),
        "{report:#}"
    );
    let forbidden = site
        .asked()
        .into_iter()
        .filter(|asked| asked.path.starts_with("/1"));
    assert_eq!(forbidden.count(), 0);
}

#[test]
fn a_site_that_asks_to_wait_gets_its_pause_and_every_page_is_read() {
    let pages = generated(20);
    let site = Site::start(move |asked: &Asked| match asked.path.as_str() {
        "/7" if asked.before == 0 => Reply::status(503).with("Retry-After", "1"),
        "/8" if asked.before < 2 => Reply::status(502),
        _ => pages(asked),
    });
    let home = Home::new();
    home.spider("fiches", &fiches(&site, 2, "/0", FAR));
    let report = home.success("fiches");
    assert_eq!(
        (&report["pages"], &report["failed_pages"]),
        (&20.into(), &0.into()),
        "{report:#}"
    );
    assert_eq!((site.count("/7"), site.count("/8")), (2, 3));
}
