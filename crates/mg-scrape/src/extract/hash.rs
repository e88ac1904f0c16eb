//! Whether a page changed: a hash of what it is about, not of its bytes.

use aws_lc_rs::digest::{Context, SHA256};
use scraper::{Html, node::Element};

use super::text;
use crate::item::{Item, Value};

/// Of rows, in their order.
pub(crate) fn of_items(items: &[Item]) -> u64 {
    let mut context = Context::new(&SHA256);
    for item in items {
        context.update(&item.target.to_le_bytes());
        for value in &item.values {
            context.update(kind(value));
            context.update(told(value).as_bytes());
            context.update(&[0]);
        }
    }
    first_bytes(context)
}

/// The same for the same number, however many zeros it was written with.
fn told(value: &Value) -> String {
    match value {
        Value::Decimal(number) => number.normalize().to_string(),
        value => value.to_string(),
    }
}

/// Of the text of the main part of a page: `<main>`, else the body without what frames it.
pub(crate) fn of_text(html: &Html) -> u64 {
    let root = html.root_element();
    let main = root.descendent_elements().find(|element| {
        element.value().name() == "main"
            || element
                .attr("role")
                .is_some_and(|role| role.eq_ignore_ascii_case("main"))
    });
    let told = match main {
        Some(main) => text::without(main, |inner| inner.name() == "form"),
        None => text::without(root, frames),
    };
    let mut context = Context::new(&SHA256);
    context.update(text::squeeze(&told).as_bytes());
    first_bytes(context)
}

fn frames(element: &Element) -> bool {
    matches!(
        element.name(),
        "nav" | "header" | "footer" | "aside" | "form"
    )
}

const fn kind(value: &Value) -> &'static [u8] {
    match value {
        Value::Null => b"0",
        Value::Text(_) => b"t",
        Value::Integer(_) => b"i",
        Value::Decimal(_) => b"n",
        Value::Date(_) => b"d",
        Value::Timestamp(_) => b"s",
        Value::Boolean(_) => b"b",
        Value::Json(_) => b"j",
    }
}

fn first_bytes(context: Context) -> u64 {
    let digest = context.finish();
    digest
        .as_ref()
        .iter()
        .take(8)
        .fold(0, |hash, byte| (hash << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(html: &str) -> u64 {
        of_text(&Html::parse_document(html))
    }

    #[test]
    fn the_frame_of_a_page_does_not_count() {
        let page = |nav: &str, token: &str, text: &str| {
            format!(
                "<header>{nav}</header><div><nav>{nav}</nav><p>{text}</p><form><input name=csrf value={token}>{token}</form></div><footer>{nav}</footer><script>{token}</script>"
            )
        };
        assert_eq!(of(&page("a", "1", "text")), of(&page("b", "2", "text")));
        assert_ne!(of(&page("a", "1", "text")), of(&page("a", "1", "other")));
        assert_eq!(
            of("<div>x</div><main>text</main>"),
            of("<div>y</div><main> text </main>")
        );
    }

    #[test]
    fn rows_count_with_their_types_and_their_order() {
        let item = |value: Value| Item {
            target: 0,
            values: vec![value],
        };
        let (one, text) = (item(Value::Integer(1)), item(Value::Text("1".into())));
        assert_ne!(
            of_items(std::slice::from_ref(&one)),
            of_items(std::slice::from_ref(&text))
        );
        assert_ne!(
            of_items(&[one.clone(), text.clone()]),
            of_items(&[text, one])
        );
    }

    #[test]
    fn a_deep_page_is_hashed_in_reasonable_time() {
        let deep = format!(
            "{}<nav>x</nav>{}",
            "<div>".repeat(50_000),
            "</div>".repeat(50_000)
        );
        assert_eq!(of(&deep), of(&deep));
    }
}
