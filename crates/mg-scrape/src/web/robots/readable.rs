//! A robots.txt as the library reads it rightly: one spelling of what may be escaped or not (RFC 9309, 2.2.2), and rules
//! without a path told apart from rules for the whole site.

/// The file with its escapes in one spelling, and with `Disallow:` written as `Allow:`. Neither has a path to match, but
/// the library takes the one for `Allow: /`, which would outweigh a `Disallow: /` beside it.
pub(super) fn readable(file: &[u8]) -> Vec<u8> {
    let lines = file.split_inclusive(|byte| matches!(byte, b'\n' | b'\r'));
    let rewritten = lines.flat_map(|line| {
        if is_empty_disallow(line) {
            b"Allow:\n".to_vec()
        } else {
            canonical(line)
        }
    });
    rewritten.collect()
}

fn is_empty_disallow(line: &[u8]) -> bool {
    let rule = line.split(|byte| *byte == b'#').next().unwrap_or_default();
    let rule = rule.trim_ascii();
    let name = rule.strip_suffix(b":").unwrap_or_default();
    name.trim_ascii().eq_ignore_ascii_case(b"disallow")
}

/// Escapes of letters, digits and `-._~` undone, the others in capitals; what is no escape stays as it is.
pub(super) fn canonical(text: &[u8]) -> Vec<u8> {
    let mut canonical = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = match escaped(rest) {
            Some(octet) if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) => {
                canonical.push(octet);
                &rest[3..]
            }
            Some(_) => {
                canonical.extend(rest[..3].iter().map(u8::to_ascii_uppercase));
                &rest[3..]
            }
            None => {
                canonical.push(*first);
                after
            }
        };
    }
    canonical
}

/// The octet of the escape that the text begins with.
fn escaped(text: &[u8]) -> Option<u8> {
    let digits = text.strip_prefix(b"%")?.get(..2)?;
    let digit = |index: usize| char::from(digits[index]).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_without_a_path_is_no_rule_for_the_whole_site() {
        let file = b"User-agent: *\r\n DISALLOW :\t# none\r\nDisallow: /a # some\nDisallow:";
        let expected = "User-agent: *\r\nAllow:\n\nDisallow: /a # some\nAllow:\n";
        assert_eq!(String::from_utf8(readable(file)).unwrap(), expected);
    }

    #[test]
    fn an_octet_has_one_spelling() {
        for (text, expected) in [
            ("/%7Eu/%61%2d", "/~u/a-"),
            ("/%c3%a9", "/%C3%A9"),
            ("/a%2fb%2A%24", "/a%2Fb%2A%24"),
            ("/100%/%zz/%4", "/100%/%zz/%4"),
            ("/é", "/é"),
        ] {
            assert_eq!(canonical(text.as_bytes()), expected.as_bytes(), "{text}");
        }
    }
}
