//! The links of a page that are to be followed.

use std::collections::HashSet;

use scraper::{ElementRef, Html};
use url::Url;

use super::{Link, LinkReason, Match, canonical, files};
use crate::definition::{Bound, Follow, RequestRole, Spider, Stop, path_and_query};

/// What the links of a page are resolved against.
pub(crate) fn base(html: &Html, url: &Url) -> Url {
    let mut bases = html
        .root_element()
        .descendent_elements()
        .filter(|element| element.value().name() == "base");
    let href = bases.find_map(|element| element.attr("href"));
    href.and_then(|href| url.join(href.trim()).ok())
        .unwrap_or_else(|| url.clone())
}

/// Where the page says that its content stands: `<link rel="canonical">`.
pub(crate) fn told_canonical(html: &Html, base: &Url, follow: &Follow) -> Option<String> {
    let mut links = html.root_element().descendent_elements().filter(|element| {
        element.value().name() == "link"
            && element
                .attr("rel")
                .is_some_and(|rel| rel.eq_ignore_ascii_case("canonical"))
    });
    let url = base.join(links.next()?.attr("href")?.trim()).ok()?;
    Some(canonical(&url, Some(follow)))
}

/// The links that are to be followed, each once: files, the next page, then those that the rules allow, in the order of the
/// page. The next number of a numbered list is not among them, see [`next_number`].
pub(crate) fn followed(
    bound: &Bound,
    html: &Html,
    base: &Url,
    elsewhere: &[Url],
    matches: &mut Vec<Match>,
) -> Vec<Link> {
    let mut found = files::linked(bound, html, base, matches);
    let spider = &bound.spider;
    if let Some(follow) = &spider.definition.follow {
        found.extend(next(spider, follow, html, base, matches));
        for element in scope(follow, html, matches) {
            let url = absolute(element, base);
            found.extend(url.and_then(|url| allowed(spider, follow, &url)));
        }
    }
    found.extend(elsewhere.iter().filter_map(|url| judge(bound, url)));
    let mut seen = HashSet::new();
    found.retain(|link| seen.insert(link.url.clone()));
    found
}

/// The link that a URL found elsewhere than in the parsed page is, if the rules allow it; nothing where they ask for a place in it.
fn judge(bound: &Bound, url: &Url) -> Option<Link> {
    let follow = bound.spider.definition.follow.as_ref()?;
    if follow.from.is_some() {
        return None;
    }
    files::by_pattern(&bound.spider, url).or_else(|| allowed(&bound.spider, follow, url))
}

/// The link that an entry of a sitemap or a feed is: on an own host, not denied, and allowed by `[follow]` or read by a page rule;
/// without any of them, every one.
#[must_use]
pub fn listed(bound: &Bound, url: &Url) -> Option<Link> {
    let spider = &bound.spider;
    if let Some(file) = files::by_pattern(spider, url) {
        return Some(file);
    }
    let follow = spider.definition.follow.as_ref();
    let path = path_and_query(url);
    let denied =
        follow.is_some_and(|follow| follow.deny.iter().any(|pattern| pattern.occurs_in(&path)));
    let allow = follow.map_or(&[][..], |follow| &follow.allow);
    let rules: Vec<_> = spider
        .definition
        .page
        .iter()
        .filter_map(|page| page.pattern.as_ref())
        .collect();
    let meant = (allow.is_empty() && rules.is_empty())
        || allow.iter().any(|pattern| pattern.occurs_in(&path))
        || rules.iter().any(|pattern| pattern.occurs_in(url.as_str()));
    (spider.allows_host(url) && !denied && meant).then(|| link(url, follow, LinkReason::Allowed))
}

/// The next page of a list that is numbered in the query, `held` telling whether this one had rows or links.
pub(crate) fn next_number(bound: &Bound, url: &Url, held: bool) -> Option<Link> {
    let follow = bound.spider.definition.follow.as_ref()?;
    let pages = follow.pages.as_ref()?;
    let told = url
        .query_pairs()
        .find(|(name, _)| *name == pages.param)
        .map(|(_, value)| value.into_owned());
    let own = canonical(url, Some(follow));
    let is_list = told.is_some()
        || bound
            .start
            .iter()
            .any(|request| request.role == RequestRole::Page && request.url == own);
    let number = match told {
        Some(text) => text.parse().ok()?,
        None => pages.start,
    };
    let next = number.checked_add(pages.step)?;
    if !held || !is_list || pages.last.is_some_and(|last| next > last) {
        return None;
    }
    let mut following = url.clone();
    let others: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| *name != pages.param)
        .map(|(a, b)| (a.into(), b.into()))
        .collect();
    following
        .query_pairs_mut()
        .clear()
        .extend_pairs(others)
        .append_pair(&pages.param, &next.to_string());
    let reason = match pages.stop {
        Stop::Empty => LinkReason::Next,
        Stop::NoNewKey => LinkReason::NextIfNew,
    };
    Some(link(&following, Some(follow), reason))
}

/// The elements that links are looked for in: anchors and areas, inside of `from` where it is given.
fn scope<'a>(follow: &Follow, html: &'a Html, matches: &mut Vec<Match>) -> Vec<ElementRef<'a>> {
    let Some(from) = &follow.from else {
        return if follow.allow.is_empty() {
            Vec::new()
        } else {
            html.root_element()
                .descendent_elements()
                .filter(|e| is_link(*e))
                .collect()
        };
    };
    let scopes: Vec<ElementRef<'_>> = html.select(from.selector()).collect();
    matches.push(Match {
        rule: "follow.from".into(),
        selector: from.as_str().into(),
        count: scopes.len(),
    });
    scopes
        .into_iter()
        .flat_map(|scope| {
            scope
                .descendent_elements()
                .filter(|element| is_link(*element))
        })
        .collect()
}

fn is_link(element: ElementRef<'_>) -> bool {
    matches!(element.value().name(), "a" | "area")
}

fn next(
    spider: &Spider,
    follow: &Follow,
    html: &Html,
    base: &Url,
    matches: &mut Vec<Match>,
) -> Option<Link> {
    let css = follow.next.as_ref()?;
    let found: Vec<ElementRef<'_>> = html.select(css.selector()).collect();
    matches.push(Match {
        rule: "follow.next".into(),
        selector: css.as_str().into(),
        count: found.len(),
    });
    let url = found
        .into_iter()
        .find_map(|element| absolute(element, base))?;
    spider
        .allows_host(&url)
        .then(|| link(&url, Some(follow), LinkReason::Next))
}

/// The URL that an element links, or the first link in it; http and https only.
pub(crate) fn absolute(element: ElementRef<'_>, base: &Url) -> Option<Url> {
    let href = element
        .descendent_elements()
        .find_map(|inner| inner.attr("href"))?;
    let url = base.join(href.trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

fn allowed(spider: &Spider, follow: &Follow, url: &Url) -> Option<Link> {
    let path = path_and_query(url);
    let fits =
        follow.allow.is_empty() || follow.allow.iter().any(|pattern| pattern.occurs_in(&path));
    let denied = follow.deny.iter().any(|pattern| pattern.occurs_in(&path));
    let wanted = !(follow.allow.is_empty() && follow.from.is_none());
    (wanted && fits && !denied && spider.allows_host(url))
        .then(|| link(url, Some(follow), LinkReason::Allowed))
}

fn link(url: &Url, follow: Option<&Follow>, reason: LinkReason) -> Link {
    Link {
        url: canonical(url, follow),
        role: RequestRole::Page,
        reason,
    }
}

#[cfg(test)]
mod tests;
