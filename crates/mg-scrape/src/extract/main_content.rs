//! The main content of a page as Markdown, with its title, date, language and links.

use htmd::{
    Element, HtmlToMarkdown,
    element_handler::Handlers,
    options::{BulletListMarker, Options as MarkdownOptions},
};
use scraper::{ElementRef, Html};
use trafilatura::{Options, dom::Document as Dom};
use url::Url;

use super::{
    Document, charset, links,
    text::{self, cleaned, squeeze},
};

/// Deeper content is told as plain text: the writer of Markdown goes down by recursion.
const DEEPEST: usize = 200;
/// The most links that are listed.
const MOST_LINKS: usize = 200;

/// What a page is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MainContent {
    /// Its title, empty without one.
    pub title: String,
    /// When it was published or last changed, ISO.
    pub date: Option<String>,
    /// Its language, as ISO 639-1 tells it (`fr`).
    pub language: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// The main content as Markdown, links told apart.
    pub markdown: String,
    /// The main content as plain text.
    pub text: String,
    /// The links in the main content, each once.
    pub links: Vec<PageLink>,
    /// Whether no main content stood out, and the text is the whole page's.
    pub whole_page: bool,
}

/// A link in the main content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageLink {
    /// Its text.
    pub text: String,
    /// Where it leads, absolute.
    pub url: String,
}

/// What a page is about. Takes some milliseconds: not for a thread that answers calls.
#[must_use]
pub fn main_content(document: &Document<'_>) -> MainContent {
    let text = charset::decode(document.body, document.content_type);
    let html = Html::parse_document(&text);
    let declared = html.root_element().attr("lang").map(primary);
    let base = links::base(&html, document.url);
    let mut dom = Dom::parse(&text);
    remove_hidden(&mut dom);
    let options = Options::default()
        .with_fallback(true)
        .with_links(true)
        .with_exclude_comments(true)
        .with_url(base.clone());
    match trafilatura::extract_document(dom, &options) {
        Ok(found) if !found.content_text.trim().is_empty() => {
            let content = Html::parse_fragment(&found.content_html);
            let meta = &found.metadata;
            let told = |text: &str| {
                Some(squeeze(&cleaned(text.to_owned()))).filter(|text| !text.is_empty())
            };
            MainContent {
                title: told(&meta.title).unwrap_or_default(),
                date: meta.date.map(|date| date.to_string()),
                language: Some(primary(&meta.language))
                    .filter(|language| !language.is_empty())
                    .or(declared),
                author: told(&meta.author),
                markdown: markdown(&content, &found.content_html)
                    .unwrap_or_else(|| cleaned(found.content_text.clone())),
                links: links_of(&content, &base),
                text: cleaned(found.content_text),
                whole_page: false,
            }
        }
        _ => whole(&html, &base, declared),
    }
}

/// The text of a page in which no main content stands out: an index, a form, a page of a few words.
fn whole(html: &Html, base: &Url, language: Option<String>) -> MainContent {
    let root = html.root_element();
    let title = root
        .descendent_elements()
        .find(|element| element.value().name() == "title");
    let told = squeeze(&text::without(root, |element| {
        matches!(element.name(), "nav" | "header" | "footer" | "aside")
    }));
    MainContent {
        title: title
            .map(|title| squeeze(&cleaned(title.text().collect())))
            .unwrap_or_default(),
        language: language.filter(|language| !language.is_empty()),
        markdown: told.clone(),
        text: told,
        links: links_of(html, base),
        whole_page: true,
        ..MainContent::default()
    }
}

fn primary(language: &str) -> String {
    language
        .split(['-', '_'])
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

/// Removes what a reader does not see, which a page could hold for a model alone.
fn remove_hidden(dom: &mut Dom) {
    let root = dom.root();
    for element in dom.query_selector_all(root, "[hidden],[aria-hidden=true i],[style],template") {
        let tag = dom.tag_name(element).to_owned();
        let seen = tag != "template"
            && dom
                .get_attribute(element, "hidden")
                .is_none_or(|value| value.eq_ignore_ascii_case("until-found"))
            && dom
                .get_attribute(element, "aria-hidden")
                .is_none_or(|value| !value.trim().eq_ignore_ascii_case("true"))
            && !dom
                .get_attribute(element, "style")
                .is_some_and(|style| text::hides(&style));
        if !seen && !matches!(tag.as_str(), "html" | "body") {
            // The text behind the element is seen: it stays.
            dom.remove(element, true);
        }
    }
}

fn markdown(content: &Html, html: &str) -> Option<String> {
    let deepest = content
        .tree
        .nodes()
        .map(|node| node.ancestors().take(DEEPEST + 1).count())
        .max()
        .unwrap_or(0);
    if deepest > DEEPEST {
        return None;
    }
    let options = MarkdownOptions {
        bullet_list_marker: BulletListMarker::Dash,
        ul_bullet_spacing: 1,
        ol_number_spacing: 1,
        ..MarkdownOptions::default()
    };
    // Links are listed beside: addresses in a text are read as words of it.
    let text_alone =
        |handlers: &dyn Handlers, element: Element<'_>| Some(handlers.walk_children(element.node));
    let writer = HtmlToMarkdown::builder()
        .options(options)
        .skip_tags(vec!["img", "script", "style"])
        .add_handler(vec!["a"], text_alone)
        .build();
    writer.convert(html).ok().map(cleaned)
}

fn links_of(content: &Html, base: &Url) -> Vec<PageLink> {
    let mut found: Vec<PageLink> = Vec::new();
    for element in content
        .root_element()
        .descendent_elements()
        .filter(is_anchor)
    {
        let Some(url) = links::absolute(element, base) else {
            continue;
        };
        let link = PageLink {
            text: text::line(element),
            url: url.into(),
        };
        if !link.text.is_empty() && !found.iter().any(|known| known.url == link.url) {
            found.push(link);
        }
        if found.len() == MOST_LINKS {
            break;
        }
    }
    found
}

fn is_anchor(element: &ElementRef<'_>) -> bool {
    element.value().name() == "a" && !text::is_hidden(element.value())
}
