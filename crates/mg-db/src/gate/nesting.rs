//! How deep parentheses lie in each other. The engine compiles a query in a query in a query … by calling
//! itself, without a limit of its own: some thousands would end the process.

/// More than people or models write, and far less than a thread's stack holds.
const DEEPEST: usize = 200;

/// Whether the statement is nested too deeply to be compiled.
pub(super) fn is_too_deep(sql: &str) -> bool {
    let (mut depth, mut rest) = (0_usize, sql.as_bytes());
    while let Some((first, behind)) = rest.split_first() {
        rest = match (first, behind.first()) {
            (b'(', _) => {
                depth += 1;
                behind
            }
            (b')', _) => {
                depth = depth.saturating_sub(1);
                behind
            }
            // A doubled quote reads as the end of one text and the beginning of the next.
            (b'\'' | b'"' | b'`', _) => behind_byte(*first, behind),
            (b'[', _) => behind_byte(b']', behind),
            (b'-', Some(b'-')) => behind_byte(b'\n', behind),
            (b'/', Some(b'*')) => behind_comment(&behind[1..]),
            _ => behind,
        };
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

fn behind_byte(byte: u8, text: &[u8]) -> &[u8] {
    let end = text.iter().position(|next| *next == byte);
    end.map_or(&[], |end| &text[end + 1..])
}

fn behind_comment(text: &[u8]) -> &[u8] {
    let end = text.windows(2).position(|two| two == b"*/");
    end.map_or(&[], |end| &text[end + 2..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(before: &str, after: &str) -> bool {
        let times = DEEPEST + 1;
        is_too_deep(&format!(
            "SELECT 1{}{}",
            before.repeat(times),
            after.repeat(times)
        ))
    }

    #[test]
    fn what_stands_in_texts_and_comments_hides_no_depth() {
        for (before, after) in [
            ("(", ")"),
            ("(/*)*/", ")"),
            ("(')'", ")"),
            ("(\")\"", ")"),
            ("(`)`", ")"),
            ("([)]", ")"),
            ("(--)\n", ")"),
            ("('it'')'", ")"),
        ] {
            assert!(nested(before, after), "{before}");
        }
    }

    #[test]
    fn many_that_lie_beside_each_other_are_welcome() {
        for (before, after) in [
            ("(1)", ""),
            ("'('", ""),
            ("/*(*/", ""),
            ("[(]", ""),
            ("--(\n", ""),
        ] {
            assert!(!nested(before, after), "{before}");
        }
        assert!(!is_too_deep("SELECT ((((1)))) /* ("));
        assert!(!is_too_deep("'(-"));
    }
}
