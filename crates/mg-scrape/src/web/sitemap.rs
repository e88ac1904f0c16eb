//! Sitemaps: lists of pages, or of further sitemaps, read as a stream with caps.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Seek},
};

use flate2::read::MultiGzDecoder;
use quick_xml::{Reader, events::Event};
use url::Url;

/// Entries that are read of one file, as the protocol says.
const MOST_ENTRIES: usize = 50_000;
/// Bytes of one file, as the protocol says: of what comes over the line, and once more of what it unpacks to.
pub const MOST_BYTES: u64 = 50_000_000;
/// Bytes between two tags.
const LONGEST_TEXT: usize = 256 * 1024;
/// How deep sitemaps may list sitemaps.
pub const DEEPEST: u32 = 3;

/// What a sitemap lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A page.
    Page(Url),
    /// Another sitemap.
    Sitemap(Url),
}

/// A sitemap that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sitemap {
    /// Its entries.
    pub entries: Vec<Entry>,
    /// Whether there were more than the protocol allows.
    pub cut: bool,
}

/// Reads a sitemap, packed by gzip or not: XML, or plain text with an address a line. Blocks.
///
/// # Errors
///
/// A sentence, for what is neither or too large.
pub fn read(base: &Url, mut file: File) -> Result<Sitemap, String> {
    let told = |error: io::Error| format!("the sitemap cannot be read: {error}");
    let mut magic = [0; 2];
    let packed = file.read_exact(&mut magic).is_ok() && magic == [0x1f, 0x8b];
    file.rewind().map_err(told)?;
    let unpacked: Box<dyn Read> = if packed {
        Box::new(MultiGzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let mut lines = BufReader::new(Bounded::new(unpacked));
    let start = lines.fill_buf().map_err(told)?;
    let is_xml = start
        .iter()
        .find(|byte| !byte.is_ascii_whitespace() && byte.is_ascii())
        == Some(&b'<');
    if is_xml {
        read_xml(base, lines)
    } else {
        read_text(base, lines).map_err(told)
    }
}

fn read_xml(base: &Url, source: impl BufRead) -> Result<Sitemap, String> {
    let mut reader = Reader::from_reader(source);
    reader.config_mut().check_end_names = false;
    let (mut buffer, mut sitemap) = (Vec::new(), Sitemap::default());
    let (mut in_index, mut location) = (false, None::<String>);
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        match event.map_err(|error| format!("the sitemap cannot be read: {error}"))? {
            Event::Start(tag) => match tag.local_name().into_inner() {
                "sitemapindex" => in_index = true,
                "loc" => location = Some(String::new()),
                _ => {}
            },
            Event::Text(text) => push(&mut location, &text),
            Event::CData(text) => push(&mut location, &text),
            Event::GeneralRef(entity) => push(&mut location, &resolved(&entity)),
            Event::End(tag) if tag.local_name().into_inner() == "loc" => {
                let entry = location
                    .take()
                    .and_then(|text| entry(base, &text, in_index));
                sitemap.entries.extend(entry);
                if sitemap.entries.len() == MOST_ENTRIES {
                    sitemap.cut = true;
                    return Ok(sitemap);
                }
            }
            Event::Eof => return Ok(sitemap),
            _ => {}
        }
    }
}

fn read_text(base: &Url, lines: impl BufRead) -> io::Result<Sitemap> {
    let mut sitemap = Sitemap::default();
    for line in lines.lines() {
        sitemap.entries.extend(entry(base, &line?, false));
        if sitemap.entries.len() == MOST_ENTRIES {
            sitemap.cut = true;
            break;
        }
    }
    Ok(sitemap)
}

fn push(location: &mut Option<String>, text: &str) {
    if let Some(location) = location {
        location.push_str(text);
    }
}

fn resolved(entity: &quick_xml::events::BytesRef<'_>) -> String {
    if let Ok(Some(character)) = entity.resolve_char_ref() {
        return character.to_string();
    }
    quick_xml::escape::resolve_predefined_entity(entity)
        .unwrap_or_default()
        .to_owned()
}

fn entry(base: &Url, text: &str, in_index: bool) -> Option<Entry> {
    let text = text.trim();
    let url = base.join(text).ok().filter(|_| !text.is_empty())?;
    Some(if in_index {
        Entry::Sitemap(url)
    } else {
        Entry::Page(url)
    })
}

/// Ends what is too long, or too long without a tag or a line, with an error.
struct Bounded {
    source: Box<dyn Read>,
    left: u64,
    run: usize,
}

impl Bounded {
    fn new(source: Box<dyn Read>) -> Self {
        Self {
            source,
            left: MOST_BYTES,
            run: 0,
        }
    }
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        let read = buffer.get(..count).unwrap_or_default();
        self.run = match read.iter().rposition(|byte| matches!(byte, b'<' | b'\n')) {
            Some(last) => count - last,
            None => self.run + count,
        };
        self.left = self.left.saturating_sub(count as u64);
        if self.left == 0 || self.run > LONGEST_TEXT {
            return Err(io::Error::other("it is larger than a sitemap may be"));
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn of(content: &[u8]) -> Result<Sitemap, String> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        file.rewind().unwrap();
        read(&Url::parse("https://a.fr/sitemap.xml").unwrap(), file)
    }

    fn page(url: &str) -> Entry {
        Entry::Page(Url::parse(url).unwrap())
    }

    fn packed(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    const PAGES: &[u8] =
        b"<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>
        <url><loc> https://a.fr/?x=1&amp;y=2 </loc><lastmod>2026-01-01</lastmod></url>
        <url><loc><![CDATA[/b]]></loc></url><url><loc></loc></url></urlset>";

    #[test]
    fn pages_are_listed_packed_or_not() {
        let expected = vec![page("https://a.fr/?x=1&y=2"), page("https://a.fr/b")];
        assert_eq!(of(PAGES).unwrap().entries, expected);
        assert_eq!(of(&packed(PAGES)).unwrap().entries, expected);
    }

    #[test]
    fn an_index_lists_sitemaps_and_a_text_pages() {
        let index =
            b"<sitemapindex><sitemap><loc>https://a.fr/1.xml</loc></sitemap></sitemapindex>";
        let further = Entry::Sitemap(Url::parse("https://a.fr/1.xml").unwrap());
        assert_eq!(of(index).unwrap().entries, [further]);
        let text = b"https://a.fr/1\nhttps://a.fr/2\n";
        let pages = [page("https://a.fr/1"), page("https://a.fr/2")];
        assert_eq!(of(text).unwrap().entries, pages);
    }

    #[test]
    fn a_bomb_is_refused_and_a_list_too_long_is_cut() {
        let bomb = packed(&vec![b' '; 60_000_000]);
        assert!(of(&bomb).unwrap_err().contains("larger"));
        let lines = "https://a.fr/\n".repeat(60_000);
        let cut = of(lines.as_bytes()).unwrap();
        assert_eq!((cut.entries.len(), cut.cut), (MOST_ENTRIES, true));
    }
}
