//! Whether a page can be parsed within the memory and time that a worker has. Pure.

/// Tags of a page; each becomes some hundred bytes.
const MOST_TAGS: usize = 100_000;
/// Attributes of a tag; the parser compares each with those before it.
const MOST_ATTRIBUTES: usize = 20_000;

/// Refuses markup that is made, or happens, to exhaust the parser.
///
/// # Errors
///
/// A sentence about what is too much.
pub(crate) fn bearable(body: &[u8]) -> Result<(), String> {
    let (mut tags, mut blanks, mut inside) = (0_usize, 0_usize, false);
    for byte in body {
        match byte {
            b'<' => {
                tags += 1;
                (inside, blanks) = (true, 0);
            }
            b'>' => inside = false,
            b' ' | b'\t' | b'\n' | b'\r' | b'/' if inside => {
                blanks += 1;
                if blanks > MOST_ATTRIBUTES {
                    return Err(format!(
                        "a tag of the page has more than {MOST_ATTRIBUTES} attributes"
                    ));
                }
            }
            _ => {}
        }
    }
    if tags > MOST_TAGS {
        return Err(format!("the page has more than {MOST_TAGS} tags"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_exhausts_a_parser_is_refused() {
        assert!(bearable(b"<p class='a b'>text with many words</p>").is_ok());
        assert!(bearable("un mot ".repeat(100_000).as_bytes()).is_ok());
        assert!(bearable("<b>".repeat(MOST_TAGS + 1).as_bytes()).is_err());
        assert!(bearable(format!("<a{}>", " b".repeat(MOST_ATTRIBUTES + 1)).as_bytes()).is_err());
    }
}
