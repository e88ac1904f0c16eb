//! Moments: what callers write for "since", and how Airflow's are told.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use mg_core::ToolError;

/// The moment a caller means: `24h`, `7d`, a date, or a full timestamp.
///
/// # Errors
///
/// [`ToolError::Invalid`] with what works.
pub(crate) fn since(text: &str, now: Timestamp) -> Result<Timestamp, ToolError> {
    let text = text.trim();
    let before = |duration: SignedDuration| now.checked_sub(duration).ok();
    let read = ago(text)
        .and_then(before)
        .or_else(|| text.parse::<Timestamp>().ok())
        .or_else(|| {
            let day: Date = text.parse().ok()?;
            Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp())
        });
    read.ok_or_else(|| {
        ToolError::Invalid(format!(
            "since is `{}`; write 12h, 7d, a date (2026-11-24) or a time (2026-11-24T18:00:00Z)",
            mg_core::clean(text)
        ))
    })
}

/// `24h`, `7d` or `7j`.
fn ago(text: &str) -> Option<SignedDuration> {
    let unit = text.chars().last()?;
    let count: i64 = text.strip_suffix(unit)?.trim().parse().ok()?;
    let hours = match unit {
        'h' => 1,
        'd' | 'j' => 24,
        _ => return None,
    };
    (1..=24 * 366)
        .contains(&(count.checked_mul(hours)?))
        .then(|| SignedDuration::from_hours(count * hours))
}

/// Airflow's timestamp in UTC to the second, `2026-11-25T20:37:23Z`; what is none is told as it is.
pub(crate) fn to_the_second(text: &str) -> String {
    match text.parse::<Timestamp>() {
        Ok(at) => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Err(_) => mg_core::clean(text),
    }
}

/// Seconds between two of Airflow's timestamps, to the tenth.
pub(crate) fn seconds(from: Option<&str>, to: Option<&str>, now: Timestamp) -> Option<f64> {
    let from: Timestamp = from?.parse().ok()?;
    let to: Timestamp = match to {
        Some(text) => text.parse().ok()?,
        None => now,
    };
    Some((to.duration_since(from).as_secs_f64() * 10.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-25T12:00:00Z".parse().unwrap()
    }

    #[test]
    fn since_is_written_as_people_do() {
        for (text, expected) in [
            ("24h", "2026-11-24T12:00:00Z"),
            ("7d", "2026-11-18T12:00:00Z"),
            (" 2 j", "2026-11-23T12:00:00Z"),
            ("2026-11-24", "2026-11-24T00:00:00Z"),
            ("2026-11-24T18:00:00+01:00", "2026-11-24T17:00:00Z"),
        ] {
            let expected: Timestamp = expected.parse().unwrap();
            assert_eq!(since(text, now()).unwrap(), expected, "{text}");
        }
        for wrong in ["yesterday", "h", "-3h", "999999999999h", "2026-13-01", ""] {
            let told = since(wrong, now()).unwrap_err().to_string();
            assert!(told.contains("12h"), "{told}");
        }
    }

    #[test]
    fn timestamps_are_told_to_the_second() {
        assert_eq!(
            to_the_second("2026-11-25T20:37:23.326905Z"),
            "2026-11-25T20:37:23Z"
        );
        assert_eq!(to_the_second("soon\u{202e}"), "soon");
        let seconds = |to| seconds(Some("2026-11-25T11:59:30Z"), to, now());
        assert_eq!(seconds(None), Some(30.0));
        assert_eq!(seconds(Some("2026-11-25T11:59:31.26Z")), Some(1.3));
    }
}
