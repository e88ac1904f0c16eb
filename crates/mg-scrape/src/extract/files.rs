//! The files that a page links.

use scraper::Html;
use url::Url;

use super::{Link, LinkReason, Match, links::absolute};
use crate::definition::{Bound, Css, FileRule, Pattern, Pick, RequestRole, Spider};

/// The files that the rules mean among the links of a page.
pub(crate) fn linked(
    bound: &Bound,
    html: &Html,
    base: &Url,
    matches: &mut Vec<Match>,
) -> Vec<Link> {
    let spider = &bound.spider;
    let rules = spider
        .definition
        .file
        .iter()
        .enumerate()
        .filter(|(_, rule)| rule.url.is_none());
    rules
        .flat_map(|(place, rule)| of_rule(spider, place, rule, html, base, matches))
        .collect()
}

fn of_rule(
    spider: &Spider,
    place: usize,
    rule: &FileRule,
    html: &Html,
    base: &Url,
    matches: &mut Vec<Match>,
) -> Vec<Link> {
    let elements: Vec<_> = match &rule.link {
        Some(css) => html.select(css.selector()).collect(),
        None => html
            .root_element()
            .descendent_elements()
            .filter(|element| matches!(element.value().name(), "a" | "area"))
            .collect(),
    };
    let mut urls: Vec<Url> = Vec::new();
    for url in elements
        .into_iter()
        .filter_map(|element| absolute(element, base))
    {
        if fits(spider, rule, &url) && !urls.contains(&url) {
            urls.push(url);
        }
    }
    let selector = rule
        .link
        .as_ref()
        .map(Css::as_str)
        .or_else(|| rule.pattern.as_ref().map(Pattern::as_str));
    matches.push(Match {
        rule: format!("file[{place}].link"),
        selector: selector.unwrap_or_default().into(),
        count: urls.len(),
    });
    picked(rule.pick, urls)
        .into_iter()
        .map(|url| link(place, url))
        .collect()
}

/// The file that a URL is by the pattern of a rule that asks for no place in the page.
pub(crate) fn by_pattern(spider: &Spider, url: &Url) -> Option<Link> {
    let mut rules = spider.definition.file.iter().enumerate();
    let (place, _) = rules.find(|(_, rule)| {
        rule.url.is_none()
            && rule.link.is_none()
            && rule.pick == Pick::All
            && fits(spider, rule, url)
    })?;
    Some(link(place, url.clone()))
}

fn fits(spider: &Spider, rule: &FileRule, url: &Url) -> bool {
    let meant = rule
        .pattern
        .as_ref()
        .is_none_or(|pattern| pattern.occurs_in(url.as_str()));
    meant && spider.allows_host(url)
}

fn link(rule: usize, mut url: Url) -> Link {
    url.set_fragment(None);
    Link {
        url: url.into(),
        role: RequestRole::File { rule, chain: 0 },
        reason: LinkReason::File,
    }
}

fn picked(pick: Pick, mut urls: Vec<Url>) -> Vec<Url> {
    match pick {
        Pick::All => {}
        Pick::First => urls.truncate(1),
        Pick::Latest => {
            // Of equal dates the first on the page is meant: pages list what is new first.
            let latest = urls
                .iter()
                .rev()
                .max_by_key(|url| date_in(url.as_str()))
                .cloned();
            urls = latest.into_iter().collect();
        }
    }
    urls
}

/// The last date in a text as the digits of year, month and day: `2026-03-12`, `202603`, `2026_T1`, `2026`.
fn date_in(text: &str) -> u32 {
    let mut best = 0;
    let groups: Vec<&str> = text
        .split(|letter: char| !letter.is_ascii_digit())
        .collect();
    for (place, group) in groups.iter().enumerate() {
        let Some(year) = group
            .get(..4)
            .and_then(|year| year.parse::<u32>().ok())
            .filter(|year| (1990..2100).contains(year))
        else {
            continue;
        };
        let part = |from: usize, offset: usize, most: u32| {
            let inside = group.get(from..from + 2);
            let behind = if group.len() == 4 {
                groups
                    .get(place + offset)
                    .copied()
                    .filter(|text| (1..=2).contains(&text.len()))
            } else {
                None
            };
            inside
                .or(behind)
                .and_then(|text| text.parse::<u32>().ok())
                .filter(|number| (1..=most).contains(number))
                .unwrap_or(0)
        };
        let month = part(4, 1, 12);
        let day = if month == 0 { 0 } else { part(6, 2, 31) };
        best = best.max(year * 10_000 + month * 100 + day);
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_file_is_picked_by_the_date_in_its_name() {
        let pick = |names: &[&str]| {
            let urls = names
                .iter()
                .map(|name| format!("https://x.fr/f/{name}").parse().unwrap())
                .collect();
            picked(Pick::Latest, urls)
                .first()
                .map(|url: &Url| url.path().rsplit('/').next().unwrap_or_default().to_owned())
        };
        assert_eq!(
            pick(&["a_2025-12.csv", "a_2026-02.csv", "a_2026-01.csv"]).as_deref(),
            Some("a_2026-02.csv")
        );
        assert_eq!(
            pick(&["a_20251231.csv", "a_202602.csv"]).as_deref(),
            Some("a_202602.csv")
        );
        assert_eq!(pick(&["b.csv", "a.csv"]).as_deref(), Some("b.csv"));
        assert_eq!(pick(&[]), None);
    }

    #[test]
    fn dates_are_found_in_names() {
        for (text, date) in [
            ("permis-2026-03-12.csv", 2026_0312),
            ("x_202603.zip", 2026_0300),
            ("2026/x.csv", 2026_0000),
            ("v12345.csv", 0),
            ("20260312T0930", 2026_0312),
        ] {
            assert_eq!(date_in(text), date, "{text}");
        }
    }
}
