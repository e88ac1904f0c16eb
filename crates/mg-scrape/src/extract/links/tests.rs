//! Links as pages write them.

use std::collections::BTreeMap;

use super::*;
use crate::{
    definition::{LimitsGiven, parse},
    extract::{Document, Extracted, page},
};

fn bound(follow: &str) -> Bound {
    let toml = format!(
        "name = \"s\"\ntitle = \"S\"\ndescription = \"A spider\"\nstart = {{ urls = [\"https://x.fr/l/liste\"], allow_hosts = [\"x.fr\", \"doc.x.fr\"] }}\n\
         [follow]\n{follow}\n[[page]]\n[[page.item]]\ntable = \"web_a\"\nkey = [\"a\"]\nfields.a = {{ css = \"h1\", required = true }}\n"
    );
    let spider = parse("s", &toml).unwrap_or_else(|problem| panic!("{problem}"));
    spider
        .bind(None, &BTreeMap::new(), &LimitsGiven::default())
        .unwrap()
}

fn read_at(bound: &Bound, url: &str, html: &str, elsewhere: &[Url]) -> Extracted {
    let url: Url = url.parse().unwrap();
    page(
        bound,
        &Document {
            url: &url,
            content_type: "",
            body: html.as_bytes(),
        },
        elsewhere,
    )
}

fn links(follow: &str, html: &str) -> Vec<String> {
    let extracted = read_at(&bound(follow), "https://x.fr/l/liste", html, &[]);
    extracted.links.into_iter().map(|link| link.url).collect()
}

#[test]
fn every_way_to_write_a_link_is_read() {
    let html = r#"<a href="A.html">A</a><a href="a.html">a</a><a href="/q?b=2&amp;a=1">q</a><a href="//x.fr/s">s</a>
        <a href="https://x.fr:443/p#f">p</a><map><area href="/area"></map><svg><a href="/svg"></a></svg><a href="/nofollow" rel="nofollow">n</a>
        <a aria-hidden="true" href="/hidden">h</a><a href="  /spaces  ">s</a><a href="doc.pdf">pdf</a><a href="https://doc.x.fr/d">d</a>
        <a href="http://x.fr/plain">plain</a><a href="A.html#again">A</a>
        <!-- <a href="/comment"></a> --><textarea><a href="/textarea"></a></textarea>
        <a href="mailto:a@x.fr">m</a><a href="javascript:void(0)">j</a><a href="https://autre.fr/">o</a><a href="https://x.fr:8443/">port</a><a>none</a>"#;
    assert_eq!(
        links("allow = ['/']", html),
        [
            "https://x.fr/l/A.html",
            "https://x.fr/l/a.html",
            "https://x.fr/q?a=1&b=2",
            "https://x.fr/s",
            "https://x.fr/p",
            "https://x.fr/area",
            "https://x.fr/svg",
            "https://x.fr/nofollow",
            "https://x.fr/hidden",
            "https://x.fr/spaces",
            "https://x.fr/l/doc.pdf",
            "https://doc.x.fr/d",
            "http://x.fr/plain",
        ]
    );
}

#[test]
fn a_base_is_what_links_are_resolved_against() {
    assert_eq!(
        links(
            "allow = ['/']",
            "<base href=/autre/base/><a href=page>p</a>"
        ),
        ["https://x.fr/autre/base/page"]
    );
    assert!(
        links(
            "allow = ['/']",
            "<base href=https://ailleurs.fr/><a href=page>p</a>"
        )
        .is_empty()
    );
}

#[test]
fn rules_allow_deny_and_scope() {
    let html = "<main><a href=/avis/1>1</a><a href=/avis/2?print=1>2</a><a href=/contact>c</a></main><nav><a href=/avis/9>9</a></nav>";
    assert_eq!(
        links("allow = ['^/avis/']\ndeny = ['print']", html),
        ["https://x.fr/avis/1", "https://x.fr/avis/9"]
    );
    assert_eq!(
        links("allow = ['^/avis/']\nfrom = 'main'", html),
        ["https://x.fr/avis/1", "https://x.fr/avis/2?print=1"]
    );
    assert_eq!(links("from = 'nav'", html), ["https://x.fr/avis/9"]);
    assert!(links("next = 'a.next'", html).is_empty());
}

#[test]
fn the_link_to_the_next_page_need_not_be_allowed_otherwise() {
    let html = "<a class=next href='?page=2&amp;PHPSESSID=1'>suivant</a><a href=/avis/1>1</a>";
    assert_eq!(
        links("next = 'a.next'\ndrop_query = ['PHPSESSID']", html),
        ["https://x.fr/l/liste?page=2"]
    );
    assert!(
        links(
            "next = 'a.next'",
            "<a class=next href=https://autre.fr/2>suivant</a>"
        )
        .is_empty()
    );
}

#[test]
fn a_numbered_list_goes_on_while_it_holds_something() {
    let numbered = |url: &str, html: &str, follow: &str| -> Vec<String> {
        let extracted = read_at(&bound(follow), url, html, &[]);
        extracted.links.into_iter().map(|link| link.url).collect()
    };
    let follow = "pages = { param = 'page', last = 4 }";
    assert_eq!(
        numbered("https://x.fr/l/liste", "<h1>a</h1>", follow),
        ["https://x.fr/l/liste?page=2"]
    );
    assert_eq!(
        numbered("https://x.fr/l/liste?tri=nom&page=3", "<h1>a</h1>", follow),
        ["https://x.fr/l/liste?page=4&tri=nom"]
    );
    assert!(numbered("https://x.fr/l/liste?page=4", "<h1>a</h1>", follow).is_empty());
    assert!(numbered("https://x.fr/l/liste?page=3", "<p>rien</p>", follow).is_empty());
    assert!(numbered("https://x.fr/detail/1", "<h1>a</h1>", follow).is_empty());
    let offsets = "pages = { param = 'debut', start = 0, step = 20, stop = 'no_new_key' }";
    let extracted = read_at(
        &bound(offsets),
        "https://x.fr/l/liste?debut=20",
        "<h1>a</h1>",
        &[],
    );
    assert_eq!(
        (extracted.links[0].url.as_str(), extracted.links[0].reason),
        ("https://x.fr/l/liste?debut=40", LinkReason::NextIfNew)
    );
}

#[test]
fn links_found_elsewhere_are_judged_alike_and_told_once() {
    let found: Vec<Url> = [
        "https://x.fr/avis/1",
        "https://x.fr/avis/2",
        "https://autre.fr/avis/3",
    ]
    .iter()
    .map(|url| url.parse().unwrap())
    .collect();
    let html = "<a href=/avis/1>1</a>";
    let urls = |follow: &str| -> Vec<String> {
        let extracted = read_at(&bound(follow), "https://x.fr/l/liste", html, &found);
        extracted.links.into_iter().map(|link| link.url).collect()
    };
    assert_eq!(
        urls("allow = ['^/avis/']"),
        ["https://x.fr/avis/1", "https://x.fr/avis/2"]
    );
    assert_eq!(
        urls("allow = ['^/avis/']\nfrom = 'body'"),
        ["https://x.fr/avis/1"]
    );
}

#[test]
fn entries_of_sitemaps_are_followed_where_the_rules_want_them() {
    let bound = bound("allow = ['^/avis/']\ndeny = ['print']");
    let role = |url: &str| listed(&bound, &url.parse().unwrap()).map(|link| link.role);
    assert_eq!(role("https://x.fr/avis/1"), Some(RequestRole::Page));
    assert_eq!(role("https://x.fr/autre"), None);
    assert_eq!(role("https://x.fr/avis/print"), None);
    assert_eq!(role("https://autre.fr/avis/1"), None);
}

#[test]
fn a_page_tells_where_its_content_stands() {
    let extracted = read_at(
        &bound("allow = ['/']\ncanonical = true"),
        "https://x.fr/l/liste?a=1",
        "<link rel=Canonical href='/vrai?b=2&amp;a=1#x'>",
        &[],
    );
    assert_eq!(
        extracted.canonical.as_deref(),
        Some("https://x.fr/vrai?a=1&b=2")
    );
}
