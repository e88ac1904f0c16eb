//! PostgreSQL's text of a time as ISO 8601 has it.

/// Adds a timestamp with `T` and, where it has one, a whole offset: `2026-11-22T12:34:56+01:00`. `false`
/// when nothing was added: infinity and years before Christ have no such form and stay as they are.
pub(super) fn push_timestamp(out: &mut String, text: &str) -> bool {
    let Some((date, time)) = text.split_once(' ') else {
        return false;
    };
    if text.ends_with("BC") {
        return false;
    }
    out.push_str(date);
    out.push('T');
    push_time(out, time);
    true
}

/// Adds a time of day with a whole offset, where it has one.
pub(super) fn push_time(out: &mut String, text: &str) {
    out.push_str(text);
    let hours_only = text
        .find(['+', '-'])
        .is_some_and(|sign| text.len() == sign + "+01".len());
    if hours_only {
        out.push_str(":00");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_have_a_t_and_a_whole_offset() {
        for (text, expected) in [
            ("2026-11-22 12:34:56.789012", "2026-11-22T12:34:56.789012"),
            ("2026-11-22 12:34:56+01", "2026-11-22T12:34:56+01:00"),
            ("2026-11-22 12:34:56.5-03:30", "2026-11-22T12:34:56.5-03:30"),
            (
                "1900-01-01 00:00:00+00:09:21",
                "1900-01-01T00:00:00+00:09:21",
            ),
            ("12026-11-22 12:34:56+00", "12026-11-22T12:34:56+00:00"),
        ] {
            let mut out = String::new();
            assert!(push_timestamp(&mut out, text), "{text}");
            assert_eq!(out, expected);
        }
    }

    #[test]
    fn what_iso_has_no_form_for_is_left_alone() {
        for text in [
            "infinity",
            "-infinity",
            "0044-03-15 12:00:00 BC",
            "0044-03-15 12:00:00+00 BC",
        ] {
            let mut out = String::new();
            assert!(!push_timestamp(&mut out, text), "{text}");
            assert_eq!(out, "");
        }
    }

    #[test]
    fn times_of_day_have_a_whole_offset() {
        for (text, expected) in [
            ("12:34:56+02", "12:34:56+02:00"),
            ("12:34:56.7-11:30", "12:34:56.7-11:30"),
        ] {
            let mut out = String::new();
            push_time(&mut out, text);
            assert_eq!(out, expected);
        }
    }
}
