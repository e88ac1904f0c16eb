//! A page: which rule reads it, its rows, its fields.

use std::cell::OnceCell;

use scraper::{ElementRef, Html};
use serde_json::Value as Json;
use url::Url;

use super::{
    Document, Extracted, Match, charset, hash, jsonld, links,
    reading::{Reading, cut},
    table::{Table, TableRow},
    text,
};
use crate::{
    definition::{Bound, Engine, Field, ItemRule, PageRule, Rows, Spider},
    item::{Item, Rejection, Target, Value},
};

/// The rows and links of a page, which is parsed, read and dropped in here. `elsewhere` are links that were found otherwise
/// than in the parsed page; they are judged by the same rules.
#[must_use]
pub fn page(bound: &Bound, document: &Document<'_>, elsewhere: &[Url]) -> Extracted {
    let text = charset::decode(document.body, document.content_type);
    let html = Html::parse_document(&text);
    let url = document.url;
    let page = Page {
        html: &html,
        base: links::base(&html, url),
        url,
        jsonld: OnceCell::new(),
    };
    let definition = &bound.spider.definition;
    let mut extracted = Extracted::default();
    let rule = definition
        .page
        .iter()
        .enumerate()
        .find(|(_, rule)| fits(rule, &page));
    if let Some((place, rule)) = rule {
        for (number, item) in rule.item.iter().enumerate() {
            read(
                &bound.spider,
                &page,
                &format!("page[{place}].item[{number}]"),
                item,
                &mut extracted,
            );
        }
    }
    extracted.links = links::followed(bound, &html, &page.base, elsewhere, &mut extracted.matches);
    let held = !extracted.items.is_empty() || !extracted.links.is_empty();
    let numbered = links::next_number(bound, url, held)
        .filter(|next| extracted.links.iter().all(|link| link.url != next.url));
    extracted.links.extend(numbered);
    let follow = definition.follow.as_ref();
    extracted.canonical = follow
        .filter(|follow| follow.canonical)
        .and_then(|follow| links::told_canonical(&html, &page.base, follow));
    extracted.hash = if extracted.items.is_empty() {
        hash::of_text(&html)
    } else {
        hash::of_items(&extracted.items)
    };
    extracted.wants_browser = wants_browser(bound, &page, &extracted);
    extracted
}

/// A parsed page.
struct Page<'a> {
    html: &'a Html,
    url: &'a Url,
    base: Url,
    jsonld: OnceCell<Vec<Json>>,
}

impl Page<'_> {
    fn jsonld(&self) -> &[Json] {
        self.jsonld.get_or_init(|| jsonld::documents(self.html))
    }
}

fn fits(rule: &PageRule, page: &Page<'_>) -> bool {
    matches_url(rule, page.url)
        && rule
            .when
            .as_ref()
            .is_none_or(|css| page.html.select(css.selector()).next().is_some())
}

fn matches_url(rule: &PageRule, url: &Url) -> bool {
    rule.pattern
        .as_ref()
        .is_none_or(|pattern| pattern.occurs_in(url.as_str()))
}

/// Whether a browser could find what the page as it was sent lacks: rows of a rule of this URL, or on a page that gives nothing
/// at all, whatever its scripts would make.
fn wants_browser(bound: &Bound, page: &Page<'_>, extracted: &Extracted) -> bool {
    let definition = &bound.spider.definition;
    if definition.engine != Engine::Auto || !extracted.items.is_empty() {
        return false;
    }
    let expected = definition
        .page
        .iter()
        .any(|rule| !rule.item.is_empty() && rule.pattern.is_some() && matches_url(rule, page.url));
    let scripted = || {
        page.html
            .root_element()
            .descendent_elements()
            .any(|element| element.value().name() == "script")
    };
    expected || (extracted.links.is_empty() && scripted())
}

/// A row of a page.
#[derive(Clone)]
struct Row<'a> {
    element: ElementRef<'a>,
    jsonld: Option<&'a Json>,
    table: Option<(&'a Table<'a>, TableRow<'a>)>,
}

fn read(spider: &Spider, page: &Page<'_>, place: &str, rule: &ItemRule, extracted: &mut Extracted) {
    let Some(target) = spider.target_of(&rule.table) else {
        return;
    };
    let Some(shape) = spider.targets().get(target) else {
        return;
    };
    let tables = tables(page, rule);
    let rows = rows(page, rule, &tables);
    if let Some(given) = &rule.rows {
        extracted.matches.push(Match {
            rule: format!("{place}.rows"),
            selector: String::from(given.clone()),
            count: rows.len(),
        });
    }
    let mut counts = vec![0; rule.fields.len()];
    for row in &rows {
        match item(page, rule, target, shape, row, &mut counts) {
            Ok(item) => extracted.items.push(item),
            Err(rejection) => extracted.rejected.push(rejection),
        }
    }
    let fields = rule.fields.iter().zip(counts);
    extracted
        .matches
        .extend(fields.map(|((name, field), count)| Match {
            rule: format!("{place}.fields.{name}"),
            selector: described(field),
            count,
        }));
}

fn tables<'a>(page: &Page<'a>, rule: &ItemRule) -> Vec<Table<'a>> {
    match &rule.rows {
        Some(Rows::Table(css)) => page
            .html
            .select(css.selector())
            .filter_map(Table::of)
            .collect(),
        _ => Vec::new(),
    }
}

fn rows<'a>(page: &'a Page<'a>, rule: &ItemRule, tables: &'a [Table<'a>]) -> Vec<Row<'a>> {
    let plain = |element| Row {
        element,
        jsonld: None,
        table: None,
    };
    let whole = page.html.root_element();
    match &rule.rows {
        None => vec![plain(whole)],
        Some(Rows::Css(css)) => page.html.select(css.selector()).map(plain).collect(),
        Some(Rows::JsonLd(name)) => {
            let objects = jsonld::of_type(page.jsonld(), name);
            objects
                .into_iter()
                .map(|object| Row {
                    jsonld: Some(object),
                    ..plain(whole)
                })
                .collect()
        }
        Some(Rows::Table(_)) => {
            let of = |table: &'a Table<'a>| {
                table.rows.iter().map(move |row| Row {
                    table: Some((table, row.clone())),
                    ..plain(row.element)
                })
            };
            tables.iter().flat_map(of).collect()
        }
    }
}

fn item(
    page: &Page<'_>,
    rule: &ItemRule,
    target: usize,
    shape: &Target,
    row: &Row<'_>,
    counts: &mut [usize],
) -> Result<Item, Rejection> {
    let mut values = vec![Value::Null; shape.columns.len()];
    let mut wrong = None;
    for ((name, field), count) in rule.fields.iter().zip(counts) {
        let found = found(page, field, row);
        *count += usize::from(found.is_some());
        let value = Reading::of_field(field, &page.base).value(found.clone());
        let value = value.and_then(|value| needed(shape, name, value));
        match (
            value,
            shape.place(name).and_then(|place| values.get_mut(place)),
        ) {
            (Ok(value), Some(slot)) => *slot = value,
            (Err(reason), _) if wrong.is_none() => {
                let raw = found
                    .or_else(|| unread(page, field, row))
                    .unwrap_or_default();
                let raw = cut(&text::cleaned(raw));
                wrong = Some(Rejection {
                    target,
                    field: name.clone(),
                    reason,
                    raw,
                });
            }
            _ => {}
        }
    }
    wrong.map_or(Ok(Item { target, values }), Err)
}

/// A key is never null, whatever its field says.
fn needed(shape: &Target, name: &str, value: Value) -> Result<Value, String> {
    if value.is_null() && shape.key.iter().any(|key| key == name) {
        return Err("it is part of the key and there is none".into());
    }
    Ok(value)
}

/// The text of a field: of its first source that gives one, after its `regex`.
fn found(page: &Page<'_>, field: &Field, row: &Row<'_>) -> Option<String> {
    let sources: [&dyn Fn() -> Option<String>; 4] = [
        &|| by_css(field, row),
        &|| by_jsonld(page, field, row),
        &|| by_header(field, row),
        &|| by_url(page, field),
    ];
    let told = sources.iter().find_map(|source| {
        source()
            .and_then(|text| by_regex(field, text))
            .filter(|text| !text.trim().is_empty())
    });
    told.or_else(|| field.constant.clone())
}

/// The text that `regex` did not match, for a message.
fn unread(page: &Page<'_>, field: &Field, row: &Row<'_>) -> Option<String> {
    by_css(field, row)
        .or_else(|| by_jsonld(page, field, row))
        .or_else(|| by_header(field, row))
        .or_else(|| by_url(page, field))
}

fn by_css(field: &Field, row: &Row<'_>) -> Option<String> {
    field.css.as_slice().iter().find_map(|css| {
        let text = |element: ElementRef<'_>| match &field.attr {
            Some(name) => element.attr(name).map(str::to_owned),
            None => Some(if field.trim {
                text::line(element)
            } else {
                text::raw(element)
            }),
        };
        let full = |text: &String| !text.trim().is_empty();
        if css.as_str().trim() == ":scope" {
            return text(row.element).filter(full);
        }
        let mut texts = row
            .element
            .select(css.selector())
            .filter_map(text)
            .filter(full);
        if field.all {
            joined(field, &texts.collect::<Vec<_>>())
        } else {
            texts.next()
        }
    })
}

fn by_jsonld(page: &Page<'_>, field: &Field, row: &Row<'_>) -> Option<String> {
    field.jsonld.as_slice().iter().find_map(|path| {
        let texts = jsonld::field(row.jsonld, page.jsonld(), path);
        if field.all {
            joined(field, &texts)
        } else {
            texts.into_iter().next()
        }
    })
}

fn by_header(field: &Field, row: &Row<'_>) -> Option<String> {
    let (table, cells) = row.table.as_ref()?;
    field.header.as_slice().iter().find_map(|header| {
        let cell = cells.cells.get(table.column(header)?).copied().flatten()?;
        Some(text::line(cell)).filter(|text| !text.is_empty())
    })
}

fn by_url(page: &Page<'_>, field: &Field) -> Option<String> {
    let found = field.url.as_ref()?.regex().captures(page.url.as_str())?;
    found
        .get(1)
        .or_else(|| found.get(0))
        .map(|part| part.as_str().to_owned())
}

fn joined(field: &Field, texts: &[String]) -> Option<String> {
    let mark = if field.regex.is_some() {
        ", "
    } else {
        field.join.as_deref().unwrap_or(", ")
    };
    (!texts.is_empty()).then(|| texts.join(mark))
}

/// The part of a text that `regex` means; all its groups joined where `join` is given.
fn by_regex(field: &Field, text: String) -> Option<String> {
    let Some(pattern) = &field.regex else {
        return Some(text);
    };
    let found = pattern.regex().captures(&text)?;
    let mut groups = found.iter().skip(1).flatten().map(|group| group.as_str());
    match &field.join {
        Some(join) if found.len() > 1 => Some(groups.collect::<Vec<_>>().join(join)),
        _ => groups
            .next()
            .or_else(|| found.get(0).map(|whole| whole.as_str()))
            .map(str::to_owned),
    }
}

/// The sources of a field in one line, for match counts.
fn described(field: &Field) -> String {
    let css = field
        .css
        .as_slice()
        .iter()
        .map(|css| css.as_str().to_owned());
    let jsonld = field
        .jsonld
        .as_slice()
        .iter()
        .map(|path| format!("jsonld:{path}"));
    let header = field
        .header
        .as_slice()
        .iter()
        .map(|header| format!("header:{header}"));
    let url = field
        .url
        .iter()
        .map(|pattern| format!("url:{}", pattern.as_str()));
    let constant = field.constant.iter().map(|text| format!("const:{text}"));
    css.chain(jsonld)
        .chain(header)
        .chain(url)
        .chain(constant)
        .collect::<Vec<_>>()
        .join(" | ")
}

#[cfg(test)]
mod tests;
