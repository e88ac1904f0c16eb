use super::*;
use crate::definition::parse;

const TOWN: &str = r#"
name = "town"
title = "Town"
description = "Notices"
[params.commune]
pattern = '[a-z-]{2,40}'
default = "lagny"
[start]
urls = ["https://www.town.fr/{commune}/notices?sort=b&a=1"]
allow_hosts = ["www.town.fr"]
[follow]
allow = ['^/detail/\d+$']
deny = ['\?print']
[limits]
max_pages = 60
max_depth = 3
[[page]]
[[page.item]]
table = "web_notice"
key = ["title"]
fields.title = { css = "h1" }
"#;

const API: &str = r#"
name = "rows"
title = "Rows"
description = "Rows of an API"
[params.commune]
type = "list"
pattern = '\d{5}'
default = [77018, "77243"]
[params.year]
type = "list"
default = "2022..2024"
[start]
allow_hosts = ["api.fr"]
[[api]]
name = "rows"
url = "https://api.fr/rows?COMM=eq%3A{commune}&AN={year}"
for_each = ["commune", "year"]
table = "web_rows"
key = ["num"]
columns.NUM = { to = "num" }
columns.AN = { to = "an", type = "int" }
"#;

fn town() -> Spider {
    parse("town", TOWN).unwrap()
}

fn api() -> Spider {
    parse("rows", API).unwrap()
}

fn params(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn refusal(spider: &Spider, url: Option<&str>, given: &[(&str, &str)]) -> String {
    spider
        .bind(url, &params(given), &LimitsGiven::default())
        .unwrap_err()
        .to_string()
}

#[test]
fn defaults_and_values_are_put_into_urls_percent_encoded() {
    let bound = town()
        .bind(None, &params(&[]), &LimitsGiven::default())
        .unwrap();
    assert_eq!(
        bound.start[0].url,
        "https://www.town.fr/lagny/notices?a=1&sort=b"
    );
    assert_eq!(
        encoded("Saint-Thibault / é&"),
        "Saint-Thibault%20%2F%20%C3%A9%26"
    );
}

#[test]
fn a_chain_of_requests_is_made_for_each_combination() {
    let bound = api()
        .bind(None, &params(&[]), &LimitsGiven::default())
        .unwrap();
    assert_eq!(bound.start.len(), 6);
    assert_eq!(
        bound.start[4].url,
        "https://api.fr/rows?COMM=eq%3A77243&AN=2023"
    );
    let chain = bound.chain(bound.start[4].role);
    assert_eq!((chain["commune"], chain["year"]), ("77243", "2023"));
}

#[test]
fn a_url_of_an_api_narrows_its_chains() {
    let bind = |url| api().bind(Some(url), &params(&[]), &LimitsGiven::default());
    assert_eq!(bind("https://api.fr/rows").unwrap().start.len(), 6);
    let bound = bind("https://api.fr/rows?COMM=eq:77243").unwrap();
    assert_eq!(bound.start.len(), 3);
    assert!(
        bound
            .start
            .iter()
            .all(|request| request.url.contains("77243"))
    );
    let refusal = bind("https://api.fr/rows?COMM=eq:99999")
        .unwrap_err()
        .to_string();
    assert!(refusal.contains("commune, year"), "{refusal}");
}

#[test]
fn a_url_within_the_scope_is_the_first_page() {
    for url in [
        "https://www.town.fr/detail/12",
        "https://www.town.fr/torcy/notices?page=2",
    ] {
        let bound = town()
            .bind(Some(url), &params(&[]), &LimitsGiven::default())
            .unwrap();
        assert_eq!(
            bound.start,
            [Request {
                url: url.into(),
                role: RequestRole::Page
            }]
        );
    }
}

#[test]
fn a_url_out_of_the_scope_is_refused_with_what_would_work() {
    for url in [
        "http://169.254.169.254/latest",
        "https://www.town.fr.evil.fr/lagny/notices",
        "file:///etc/passwd",
        "notices",
        "https://www.town.fr:8443/lagny/notices",
        "https://user:secret@www.town.fr/lagny/notices",
        "https://api.town.fr/",
    ] {
        let told = refusal(&town(), Some(url), &[]);
        assert!(told.contains("www.town.fr"), "{url}: {told}");
    }
    let told = refusal(&town(), Some("https://www.town.fr/detail/12?print"), &[]);
    assert!(
        told.contains("starts from https://www.town.fr/lagny/notices"),
        "{told}"
    );
}

#[test]
fn parameters_are_checked_by_name_and_pattern() {
    assert!(refusal(&town(), None, &[("comune", "x")]).contains("nearest: commune"));
    assert!(refusal(&town(), None, &[("commune", "../admin")]).contains("[a-z-]{2,40}"));
    assert!(refusal(&api(), None, &[("commune", "77018,7724")]).contains("`7724` does not"));
    assert!(refusal(&api(), None, &[("year", "2024..2020")]).contains("lower"));
    assert!(refusal(&api(), None, &[("year", ",")]).contains("empty"));
    let bound = api()
        .bind(
            None,
            &params(&[("year", "2020, 2021..2023,2020")]),
            &LimitsGiven::default(),
        )
        .unwrap();
    assert_eq!(bound.params["year"], ["2020", "2021", "2022", "2023"]);
}

#[test]
fn limits_are_only_lowered() {
    let given = LimitsGiven {
        max_pages: Some(5),
        max_depth: Some(0),
        ..LimitsGiven::default()
    };
    let bound = town().bind(None, &params(&[]), &given).unwrap();
    assert_eq!((bound.limits.max_pages, bound.limits.max_depth), (5, 0));
    for (given, told) in [
        (
            LimitsGiven {
                max_pages: Some(61),
                ..LimitsGiven::default()
            },
            "at most 60",
        ),
        (
            LimitsGiven {
                max_items: Some(0),
                ..LimitsGiven::default()
            },
            "at least 1",
        ),
    ] {
        let refusal = town()
            .bind(None, &params(&[]), &given)
            .unwrap_err()
            .to_string();
        assert!(refusal.contains(told), "{refusal}");
    }
}

#[test]
fn a_bound_spider_survives_the_ledger() {
    let bound = api()
        .bind(None, &params(&[]), &LimitsGiven::default())
        .unwrap();
    let text = serde_json::to_string(&bound).unwrap();
    let read: Bound = serde_json::from_str(&text).unwrap();
    assert_eq!(read, bound);
    assert_eq!(read.spider.digest(), bound.spider.digest());
    assert_eq!(read.spider.targets(), bound.spider.targets());
}
