//! The visible text of an element.

use mg_core::{clean, needs_cleaning};
use scraper::{ElementRef, Node, node::Element};

/// The text of an element without hidden nodes; blocks, cells and line breaks separate words. Spaces stay as they are.
pub(crate) fn raw(element: ElementRef<'_>) -> String {
    without(element, |_| false)
}

/// As [`raw`], without the elements that `left_out` means either.
pub(crate) fn without(element: ElementRef<'_>, left_out: fn(&Element) -> bool) -> String {
    let mut text = String::new();
    // A stack of our own: pages nest as deep as their authors like.
    let mut waiting = vec![Step::Children(element)];
    while let Some(step) = waiting.pop() {
        match step {
            Step::Text(piece) => text.push_str(piece),
            Step::Break => text.push(' '),
            Step::Children(element) => {
                let below = element
                    .children()
                    .flat_map(|node| steps_of(node.value(), ElementRef::wrap(node), left_out));
                let mut steps: Vec<Step<'_>> = below.flatten().collect();
                steps.reverse();
                waiting.append(&mut steps);
            }
        }
    }
    cleaned(text)
}

/// The text of an element in one line: spaces at the ends go, those within become one.
pub(crate) fn line(element: ElementRef<'_>) -> String {
    squeeze(&raw(element))
}

/// The text with every run of spaces, no-break ones among them, as one space, without those at the ends.
pub(crate) fn squeeze(text: &str) -> String {
    let mut squeezed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !squeezed.is_empty() {
            squeezed.push(' ');
        }
        squeezed.push_str(word);
    }
    squeezed
}

/// The text without characters that deceive a reader.
pub(crate) fn cleaned(text: String) -> String {
    if needs_cleaning(&text) {
        clean(&text)
    } else {
        text
    }
}

enum Step<'a> {
    Text(&'a str),
    Break,
    Children(ElementRef<'a>),
}

fn steps_of<'a>(
    node: &'a Node,
    element: Option<ElementRef<'a>>,
    left_out: fn(&Element) -> bool,
) -> [Option<Step<'a>>; 3] {
    match (node, element) {
        (Node::Text(text), _) => [Some(Step::Text(text)), None, None],
        (_, Some(element)) if !is_hidden(element.value()) && !left_out(element.value()) => {
            let apart = is_block(element.value().name());
            let around = || apart.then_some(Step::Break);
            [around(), Some(Step::Children(element)), around()]
        }
        _ => [None, None, None],
    }
}

fn is_block(name: &str) -> bool {
    !matches!(
        name,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "cite"
            | "code"
            | "data"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "kbd"
            | "label"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
    )
}

/// Whether an element is not shown: what only a program reads, and what is styled away.
pub(crate) fn is_hidden(element: &Element) -> bool {
    let never = matches!(
        element.name(),
        "script"
            | "style"
            | "template"
            | "noscript"
            | "head"
            | "title"
            | "svg"
            | "iframe"
            | "object"
    );
    // A body that a script shows once it has run is what the page is about.
    let styled_away = !matches!(element.name(), "html" | "body");
    never
        || styled_away
            && (element
                .attr("hidden")
                .is_some_and(|value| !value.eq_ignore_ascii_case("until-found"))
                || element
                    .attr("aria-hidden")
                    .is_some_and(|value| value.trim().eq_ignore_ascii_case("true"))
                || element.attr("style").is_some_and(hides))
}

/// Whether an inline style hides its element.
pub(crate) fn hides(style: &str) -> bool {
    style
        .split(';')
        .filter_map(|rule| rule.split_once(':'))
        .any(|(property, value)| {
            let value = value.trim().to_ascii_lowercase();
            let value = value.trim_end_matches("!important").trim_end();
            match property.trim().to_ascii_lowercase().as_str() {
                "display" => value == "none",
                "visibility" => matches!(value, "hidden" | "collapse"),
                "opacity" | "font-size" => is_zero(value),
                _ => false,
            }
        })
}

/// `0`, `0px`, `0.0%`; not `0.9em`.
fn is_zero(value: &str) -> bool {
    let number =
        value.trim_end_matches(|letter: char| letter.is_ascii_alphabetic() || letter == '%');
    !number.is_empty() && number.bytes().all(|byte| matches!(byte, b'0' | b'.'))
}

#[cfg(test)]
mod tests {
    use scraper::Html;

    use super::*;

    fn body(html: &str) -> String {
        line(Html::parse_document(html).root_element())
    }

    #[test]
    fn blocks_cells_and_breaks_separate_words_and_inline_elements_do_not() {
        assert_eq!(
            body("<p>PC 077 <b>24</b>3<sup>e</sup><br>suite</p><p>fin"),
            "PC 077 243e suite fin"
        );
        assert_eq!(body("<table><tr><td>a</td><td>b</td></tr></table>"), "a b");
        assert_eq!(body("1&nbsp;234\u{202f}567&nbsp;€"), "1 234 567 €");
    }

    #[test]
    fn what_is_not_shown_is_not_read() {
        for hidden in [
            "<span hidden>x</span>",
            "<span aria-hidden=\"TRUE\">x</span>",
            "<span style=\"color:red; Display : NONE !important\">x</span>",
            "<span style=\"visibility:hidden\">x</span>",
            "<span style=\"font-size:0px\">x</span>",
            "<template>x</template><script>x</script><style>x</style><noscript>x</noscript>",
            "<!-- x -->",
        ] {
            assert_eq!(
                body(&format!("a{hidden}b")).replace(' ', ""),
                "ab",
                "{hidden}"
            );
        }
        assert_eq!(body("a<span style=\"font-size:0.9em\">b</span>"), "ab");
    }

    #[test]
    fn characters_that_deceive_are_removed() {
        assert_eq!(body("ig\u{200b}nore \u{202e}this\u{e0041}"), "ignore this");
    }

    #[test]
    fn the_deepest_page_is_read_without_a_deep_stack() {
        let deep = format!("{}x{}", "<div>".repeat(50_000), "</div>".repeat(50_000));
        assert_eq!(body(&deep), "x");
    }
}
