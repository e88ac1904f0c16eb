//! Pages of JSON APIs: their rows, and where the next page is.

use std::borrow::Cow;

use serde_json::Value as Json;
use url::Url;

use super::{
    Document, Extracted, Link, LinkReason, Match,
    hash::of_items,
    records::{Mapping, missing_columns},
};
use crate::definition::{ApiRule, Bound, RequestRole, Step};

/// The rows of a page of an API and the link to the next one.
///
/// # Errors
///
/// A sentence when the document is not what the rule reads: no JSON, no rows where they should be, a column missing.
pub fn api(bound: &Bound, role: RequestRole, document: &Document<'_>) -> Result<Extracted, String> {
    let asked = match role {
        RequestRole::Api { rule, .. } => bound.spider.definition.api.get(rule),
        _ => None,
    };
    let api = asked.ok_or("the spider has no such API")?;
    let body: Json = serde_json::from_slice(document.body)
        .map_err(|error| format!("the answer of `{}` is not JSON: {error}", api.name))?;
    let rows = rows(api, &body)?;
    let mapping = Mapping::new(bound, role, &api.table, &api.columns, &api.constants, None);
    let missing = mapping
        .missing(|source| rows.is_empty() || rows.iter().any(|row| member(row, source).is_some()));
    if !missing.is_empty() {
        let there = rows.first().and_then(Json::as_object);
        let there: Vec<String> = there
            .into_iter()
            .flat_map(|row| row.keys().cloned())
            .collect();
        return Err(missing_columns(&missing, &there));
    }
    let mut extracted = Extracted::default();
    for row in rows {
        match mapping.item(|source| member(row, source).and_then(text)) {
            Some(Ok(item)) => extracted.items.push(item),
            Some(Err(rejection)) => extracted.rejected.push(rejection),
            None => {}
        }
    }
    extracted.hash = of_items(&extracted.items);
    extracted.matches.push(Match {
        rule: format!("api[{}].rows", api.name),
        selector: api.rows.clone().unwrap_or_default(),
        count: rows.len(),
    });
    let next = next(api, &body, document.url, rows.len());
    extracted.links.extend(next.map(|url| Link {
        url: url.into(),
        role,
        reason: LinkReason::Next,
    }));
    Ok(extracted)
}

/// The URL of a page with its number and size, where the rule has them and the URL has not yet.
#[must_use]
pub fn api_page(rule: &ApiRule, url: &Url, size: Option<u32>) -> Url {
    let mut url = url.clone();
    if let Some(page) = &rule.page
        && query(&url, &page.param).is_none()
    {
        url.query_pairs_mut()
            .append_pair(&page.param, &page.start.to_string());
    }
    if let Some((rule, size)) = rule.page_size.as_ref().zip(size)
        && query(&url, &rule.param).is_none()
    {
        url.query_pairs_mut()
            .append_pair(&rule.param, &size.to_string());
    }
    url
}

fn rows<'j>(rule: &ApiRule, body: &'j Json) -> Result<&'j [Json], String> {
    let place = match &rule.rows {
        None => Some(body),
        Some(path) => member(body, path),
    };
    let rows = place.and_then(Json::as_array).ok_or_else(|| {
        let place = rule.rows.as_deref().unwrap_or("the document itself");
        format!(
            "the answer of `{}` has no list of rows at `{place}`",
            rule.name
        )
    })?;
    Ok(rows)
}

/// The member at a path; a name that holds dots itself is found too.
pub(crate) fn member<'j>(value: &'j Json, path: &str) -> Option<&'j Json> {
    if let Some(found) = value.get(path) {
        return Some(found);
    }
    let mut place = value;
    for step in path.split('.') {
        place = match step.parse::<usize>() {
            Ok(index) if place.is_array() => place.get(index)?,
            _ => place.get(step)?,
        };
    }
    Some(place)
}

/// A member as the text of a cell.
pub(crate) fn text(value: &Json) -> Option<Cow<'_, str>> {
    match value {
        Json::Null => None,
        Json::String(text) => Some(Cow::Borrowed(text)),
        other => Some(Cow::Owned(other.to_string())),
    }
}

fn next(rule: &ApiRule, body: &Json, url: &Url, rows: usize) -> Option<Url> {
    if let Some(path) = &rule.next {
        let told = member(body, path)?.as_str()?;
        return url.join(told).ok().filter(|next| next != url);
    }
    let page = rule.page.as_ref()?;
    let number: u64 = query(url, &page.param)?.parse().ok()?;
    let size = rule
        .page_size
        .as_ref()
        .and_then(|size| query(url, &size.param)?.parse::<u64>().ok());
    let total = rule
        .total
        .as_ref()
        .and_then(|path| member(body, path)?.as_u64());
    let read = match page.step {
        Step::One => number
            .saturating_sub(page.start)
            .saturating_add(1)
            .saturating_mul(size.unwrap_or(rows as u64)),
        Step::PageSize => number.saturating_sub(page.start) + rows as u64,
    };
    let more = match total {
        Some(total) => read < total,
        None => size.is_none_or(|size| rows as u64 >= size),
    };
    let step = if page.step == Step::One {
        1
    } else {
        size.unwrap_or(rows as u64)
    };
    (rows > 0 && more).then(|| with(url, &page.param, &(number + step).to_string()))
}

fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

/// The URL with one parameter of another value.
fn with(url: &Url, name: &str, value: &str) -> Url {
    let pairs: Vec<(String, String)> = url
        .query_pairs()
        .map(|(known, old)| {
            let new = if known == name { value.into() } else { old };
            (known.into_owned(), new.into_owned())
        })
        .collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    url
}
