//! Feeds (RSS, Atom): the pages that their entries link. Pure.

use quick_xml::{Reader, events::Event};
use url::Url;

/// Entries of a feed that are read.
const MOST: usize = 5_000;

/// The links of the entries.
///
/// # Errors
///
/// A sentence when it is no XML.
pub(crate) fn links(base: &Url, body: &[u8]) -> Result<Vec<Url>, String> {
    let mut reader = Reader::from_reader(body);
    reader.config_mut().check_end_names = false;
    let (mut buffer, mut links) = (Vec::new(), Vec::new());
    let (mut in_entry, mut text) = (false, None::<String>);
    while links.len() < MOST {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        match event.map_err(|error| format!("the feed cannot be read: {error}"))? {
            Event::Start(tag) => match tag.local_name().into_inner() {
                "item" | "entry" => in_entry = true,
                "link" if in_entry => {
                    text = Some(String::new());
                    links.extend(referred(base, &tag));
                }
                _ => {}
            },
            Event::Empty(tag) if in_entry && tag.local_name().into_inner() == "link" => {
                links.extend(referred(base, &tag));
            }
            Event::Text(part) => push(&mut text, &part),
            Event::CData(part) => push(&mut text, &part),
            Event::GeneralRef(entity) if &*entity == "amp" => push(&mut text, "&"),
            Event::End(tag) => match tag.local_name().into_inner() {
                "item" | "entry" => in_entry = false,
                "link" => {
                    let told = text.take().filter(|told| !told.trim().is_empty());
                    links.extend(told.and_then(|told| base.join(told.trim()).ok()));
                }
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    Ok(links)
}

fn push(text: &mut Option<String>, part: &str) {
    if let Some(text) = text {
        text.push_str(part);
    }
}

/// The target of Atom's `<link href>`, unless it is another relation than the page itself.
fn referred(base: &Url, tag: &quick_xml::events::BytesStart<'_>) -> Option<Url> {
    let value = |name: &str| {
        let attribute = tag.try_get_attribute(name).ok().flatten()?;
        attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .ok()
            .map(std::borrow::Cow::into_owned)
    };
    let own = value("rel").is_none_or(|relation| relation == "alternate");
    base.join(&value("href")?).ok().filter(|_| own)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(feed: &str) -> Vec<String> {
        let base = Url::parse("https://a.fr/feed").unwrap();
        links(&base, feed.as_bytes())
            .unwrap()
            .into_iter()
            .map(String::from)
            .collect()
    }

    #[test]
    fn entries_of_both_kinds_are_read_and_the_feeds_own_link_is_not() {
        let rss = "<rss><channel><link>https://a.fr/</link><item><link>https://a.fr/1?a=1&amp;b=2</link></item>
            <item><link><![CDATA[/2]]></link></item></channel></rss>";
        assert_eq!(of(rss), ["https://a.fr/1?a=1&b=2", "https://a.fr/2"]);
        let atom = "<feed><link href='/'/><entry><link rel='alternate' href='/3'/><link rel='edit' href='/x'/></entry></feed>";
        assert_eq!(of(atom), ["https://a.fr/3"]);
    }
}
