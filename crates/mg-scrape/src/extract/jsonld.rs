//! JSON-LD in a page: objects by type, values by path.

use scraper::{ElementRef, Html};
use serde_json::Value;

/// The documents in the page's `<script type="application/ld+json">`; those that are no JSON are passed over.
pub(crate) fn documents(html: &Html) -> Vec<Value> {
    let scripts = html
        .root_element()
        .descendent_elements()
        .filter(|element| is_jsonld(*element));
    scripts
        .filter_map(|script| parse(&script.text().collect::<String>()))
        .collect()
}

fn is_jsonld(element: ElementRef<'_>) -> bool {
    element.value().name() == "script"
        && element.attr("type").is_some_and(|kind| {
            let kind = kind.split(';').next().unwrap_or_default();
            kind.trim().eq_ignore_ascii_case("application/ld+json")
        })
}

fn parse(text: &str) -> Option<Value> {
    let bare = text
        .trim()
        .trim_start_matches("<!--")
        .trim_end_matches("-->");
    let bare = bare
        .trim()
        .trim_start_matches("//")
        .trim_start_matches("<![CDATA[")
        .trim_end_matches("]]>")
        .trim_end_matches("//");
    serde_json::from_str(bare.trim().trim_end_matches(';')).ok()
}

/// The objects of a type, in the order of the page, wherever they stand.
pub(crate) fn of_type<'a>(documents: &'a [Value], name: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    let mut waiting: Vec<&Value> = documents.iter().rev().collect();
    while let Some(value) = waiting.pop() {
        match value {
            Value::Array(values) => waiting.extend(values.iter().rev()),
            Value::Object(members) => {
                if is_of_type(value, name) {
                    found.push(value);
                }
                waiting.extend(members.values().rev());
            }
            _ => {}
        }
    }
    found
}

/// Whether an object is of a type, with or without the vocabulary before its name.
pub(crate) fn is_of_type(object: &Value, name: &str) -> bool {
    let same = |told: &Value| told.as_str().is_some_and(|told| plain(told) == plain(name));
    match object.get("@type") {
        Some(Value::Array(types)) => types.iter().any(same),
        Some(told) => same(told),
        None => false,
    }
}

fn plain(name: &str) -> &str {
    name.rsplit(['/', '#', ':']).next().unwrap_or(name)
}

/// The texts at a path below an object: arrays are gone through, objects told by their `@value`, else as JSON.
pub(crate) fn texts(object: &Value, path: &[&str]) -> Vec<String> {
    match (object, path) {
        (Value::Array(values), _) => values.iter().flat_map(|value| texts(value, path)).collect(),
        (value, []) => told(value).into_iter().collect(),
        (Value::Object(members), [first, rest @ ..]) => members
            .get(*first)
            .map(|value| texts(value, rest))
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn told(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Object(members) if members.contains_key("@value") => {
            members.get("@value").and_then(told)
        }
        other => Some(other.to_string()),
    }
}

/// The texts of a field: its path from the row where the row is JSON-LD; else, or where that gives none, `Type.property…` in
/// the whole page, unless the row is of that type itself.
pub(crate) fn field(row: Option<&Value>, documents: &[Value], path: &str) -> Vec<String> {
    let parts: Vec<&str> = path.split('.').collect();
    let Some((first, rest)) = parts.split_first() else {
        return Vec::new();
    };
    if let Some(row) = row {
        if is_of_type(row, first) {
            return texts(row, rest); // what the row lacks is not taken from another one
        }
        let below = texts(row, &parts);
        if !below.is_empty() {
            return below;
        }
    }
    if rest.is_empty() {
        return Vec::new();
    }
    let found = of_type(documents, first)
        .into_iter()
        .map(|object| texts(object, rest));
    found
        .into_iter()
        .find(|texts| !texts.is_empty())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [
        {"@type": "WebSite", "name": "Mairie"},
        {"@type": ["Product", "Thing"], "name": "Les Jardins", "brand": {"@type": "Brand", "name": "Nexa"},
         "offers": [{"@type": "Offer", "price": 250000.50}, {"@type": "Offer", "price": 310000}]}]}</script>
      <script type="application/ld+json">not json</script>
      <script type='Application/LD+JSON; charset=utf-8'><!-- [{"@type": "schema:Event", "startDate": "2026-03-12"}] --></script>"#;

    fn page() -> Vec<Value> {
        documents(&Html::parse_document(PAGE))
    }

    #[test]
    fn objects_are_found_in_graphs_arrays_and_below_others() {
        let documents = page();
        assert_eq!(of_type(&documents, "Offer").len(), 2);
        assert_eq!(of_type(&documents, "Product").len(), 1);
        assert_eq!(of_type(&documents, "Event").len(), 1);
        assert!(of_type(&documents, "Person").is_empty());
    }

    #[test]
    fn a_path_goes_through_objects_and_arrays() {
        let documents = page();
        assert_eq!(field(None, &documents, "Product.brand.name"), ["Nexa"]);
        assert_eq!(
            field(None, &documents, "Product.offers.price"),
            ["250000.5", "310000"]
        );
        assert_eq!(field(None, &documents, "Event.startDate"), ["2026-03-12"]);
        assert!(
            field(None, &documents, "Product.nothing").is_empty()
                && field(None, &documents, "Product").is_empty()
        );
    }

    #[test]
    fn a_row_is_asked_before_the_page() {
        let documents = page();
        let offers = of_type(&documents, "Offer");
        assert_eq!(field(Some(offers[1]), &documents, "price"), ["310000"]);
        assert_eq!(
            field(Some(offers[1]), &documents, "Offer.price"),
            ["310000"]
        );
        assert_eq!(
            field(Some(offers[1]), &documents, "Product.name"),
            ["Les Jardins"]
        );
    }
}
