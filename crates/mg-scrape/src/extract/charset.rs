//! Bytes into text: byte order mark, then the header, then the page's own word, then UTF-8 where it is valid, then what
//! a detector finds that is told the text is French, then windows-1252.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// How far into a page its own word for its encoding is looked for, as browsers do.
const PRESCAN: usize = 1_024;

/// The text of a body. `content_type` is the header, empty without one.
///
/// An encoding that is told but that the bytes do not fit is passed over for one that they fit.
#[must_use]
pub fn decode<'a>(body: &'a [u8], content_type: &str) -> Cow<'a, str> {
    if let Some((encoding, length)) = Encoding::for_bom(body) {
        return encoding
            .decode_without_bom_handling(body.get(length..).unwrap_or_default())
            .0;
    }
    let header = label_after(content_type.as_bytes(), b"charset=").and_then(Encoding::for_label);
    let told = [header, in_page(body)].into_iter().flatten();
    for encoding in told.chain([UTF_8]) {
        if let Some(text) = whole(encoding, body) {
            return text;
        }
    }
    let guessed = guess(body);
    whole(guessed, body).unwrap_or_else(|| WINDOWS_1252.decode_without_bom_handling(body).0)
}

/// The text, if every byte of the body has a meaning.
fn whole<'a>(encoding: &'static Encoding, body: &'a [u8]) -> Option<Cow<'a, str>> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(body)?;
    // Bytes 0x80 to 0x9F of windows-1252 that have no letter become C1 controls, which no page means.
    let told_wrong = encoding != UTF_8
        && !text.is_ascii()
        && text
            .chars()
            .any(|letter| matches!(letter, '\u{80}'..='\u{9f}'));
    (!told_wrong).then_some(text)
}

/// What the page says of itself: `<meta charset>`, `<meta http-equiv>` or the XML declaration.
fn in_page(body: &[u8]) -> Option<&'static Encoding> {
    let head = body
        .get(..body.len().min(PRESCAN))
        .unwrap_or_default()
        .to_ascii_lowercase();
    let encoding = ["charset=", "encoding="]
        .iter()
        .find_map(|key| label_after(&head, key.as_bytes()).and_then(Encoding::for_label))?;
    // A page whose ASCII letters could be read cannot be UTF-16.
    if encoding.is_ascii_compatible() {
        Some(encoding)
    } else {
        Some(UTF_8)
    }
}

fn label_after<'a>(text: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let place = text
        .windows(key.len())
        .position(|window| window.eq_ignore_ascii_case(key))?;
    let rest = text.get(place + key.len()..)?;
    let start = rest
        .iter()
        .position(|byte| !matches!(byte, b'"' | b'\'' | b' '))?;
    let rest = rest.get(start..)?;
    let plain = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.' | b'+')
    };
    let end = rest
        .iter()
        .position(|byte| !plain(byte))
        .unwrap_or(rest.len());
    rest.get(..end).filter(|label| !label.is_empty())
}

fn guess(body: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(body, true);
    detector.guess(Some(b"fr"), Utf8Detection::Allow)
}

#[cfg(test)]
mod tests {
    use encoding_rs::{ISO_8859_15, UTF_16LE};
    use proptest::prelude::*;

    use super::*;

    const FRENCH: &str =
        "L’hôtel de ville a reçu 12 dossiers à 1 000 € : où, naïve, Noël, cœur, ÿ, déjà.";

    fn in_windows_1252(text: &str) -> Vec<u8> {
        let (bytes, _, lossy) = WINDOWS_1252.encode(text);
        assert!(!lossy);
        bytes.into_owned()
    }

    #[test]
    fn the_header_is_believed_then_the_page() {
        let bytes = in_windows_1252(FRENCH);
        assert_eq!(decode(&bytes, "text/html; charset=windows-1252"), FRENCH);
        assert_eq!(decode(&bytes, "text/html; Charset=\"ISO-8859-1\""), FRENCH);
        let page = [
            b"<html><head><meta charset='iso-8859-1'>".as_slice(),
            &bytes,
        ]
        .concat();
        assert!(decode(&page, "text/html").ends_with(FRENCH));
        let page = [
            b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>".as_slice(),
            &bytes,
        ]
        .concat();
        assert!(decode(&page, "").ends_with(FRENCH));
    }

    #[test]
    fn latin_9_has_its_own_euro_and_ligature() {
        let text = "Prix : 12 € au cœur de Lagny";
        let (bytes, _, lossy) = ISO_8859_15.encode(text);
        assert!(!lossy);
        assert_eq!(decode(&bytes, "text/html; charset=iso-8859-15"), text);
    }

    #[test]
    fn bytes_that_do_not_fit_what_is_told_are_read_otherwise() {
        let bytes = in_windows_1252(FRENCH);
        assert_eq!(decode(&bytes, "text/html; charset=utf-8"), FRENCH);
        assert_eq!(
            decode(FRENCH.as_bytes(), "text/html; charset=us-ascii-nonsense"),
            FRENCH
        );
        let page = [b"<meta charset=utf-8>".as_slice(), &bytes].concat();
        assert!(decode(&page, "").ends_with(FRENCH));
        let page = [b"<meta charset=utf-16>".as_slice(), FRENCH.as_bytes()].concat();
        assert!(decode(&page, "").ends_with(FRENCH));
    }

    #[test]
    fn without_a_word_french_is_expected() {
        assert_eq!(decode(FRENCH.as_bytes(), ""), FRENCH);
        assert_eq!(
            decode(&in_windows_1252("Arrêté à Mérû"), ""),
            "Arrêté à Mérû"
        );
        assert_eq!(decode(&in_windows_1252(FRENCH), ""), FRENCH);
    }

    #[test]
    fn a_byte_order_mark_is_stronger_than_all() {
        let marked = [&[0xef, 0xbb, 0xbf], FRENCH.as_bytes()].concat();
        assert_eq!(decode(&marked, "text/html; charset=iso-8859-1"), FRENCH);
        let wide: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain("é€".encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(decode(&wide, ""), "é€");
        assert_eq!(UTF_16LE.name(), "UTF-16LE");
    }

    proptest! {
        #[test]
        fn no_bytes_become_replacement_characters_where_another_reading_works(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            // windows-1252 has a reading for every byte, so none is ever lost but behind a byte order mark.
            prop_assume!(Encoding::for_bom(&bytes).is_none());
            let is_whole = !decode(&bytes, "text/html; charset=utf-8").contains('\u{fffd}');
            prop_assert!(is_whole);
        }

        #[test]
        fn valid_utf_8_is_kept(text in "\\PC*") {
            prop_assume!(Encoding::for_bom(text.as_bytes()).is_none() && !text.contains("charset=") && !text.contains("encoding="));
            let read = decode(text.as_bytes(), "").into_owned();
            prop_assert_eq!(read, text);
        }
    }
}
