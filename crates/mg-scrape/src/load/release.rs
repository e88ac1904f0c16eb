//! A publisher's release, as its documents and headers tell it. Pure.

use jiff::civil::Date;

/// The release of a source before its rows were fetched and after. Where they differ, the rows are of both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    /// Before the first row was fetched, `YYYY-MM`.
    pub before: Option<String>,
    /// After the last one.
    pub after: Option<String>,
}

impl Release {
    /// The same before and after.
    #[must_use]
    pub fn still(month: Option<String>) -> Self {
        Self {
            before: month.clone(),
            after: month,
        }
    }

    /// Whether it moved meanwhile.
    #[must_use]
    pub fn moved(&self) -> bool {
        self.before != self.after
    }
}

/// The release that a JSON document tells at a path, members and places separated by dots. DiDo has a member
/// `millesimes`, a list of objects, beside or instead of `millesime`: of a list the newest month counts.
///
/// # Errors
///
/// A sentence when the document is none, or has no month there.
pub fn of_json(body: &[u8], path: &str) -> Result<String, String> {
    let document: serde_json::Value = serde_json::from_slice(body)
        .map_err(|error| format!("the release is not told: not JSON ({error})"))?;
    let mut place = &document;
    for step in path.split('.') {
        place = match step.parse::<usize>() {
            Ok(index) => &place[index],
            Err(_) => &place[step],
        };
    }
    newest(place)
        .ok_or_else(|| format!("the release is not told: no month such as 2026-10 at `{path}`"))
}

fn newest(place: &serde_json::Value) -> Option<String> {
    match place {
        serde_json::Value::String(text) => month(text),
        serde_json::Value::Array(list) => list.iter().filter_map(newest).max(),
        serde_json::Value::Object(members) => members.values().filter_map(newest).max(),
        _ => None,
    }
}

/// `YYYY-MM`, or the month of a day or an instant.
fn month(text: &str) -> Option<String> {
    let month = text.get(..7)?;
    format!("{month}-01").parse::<Date>().ok()?;
    Some(month.to_owned())
}

/// The month of an HTTP date (`Last-Modified`), or of an ISO one.
///
/// # Errors
///
/// A sentence when it is no date.
pub fn of_header(value: &str) -> Result<String, String> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    // Fri, 24 Oct 2025 08:12:31 GMT
    let words: Vec<&str> = value.split_whitespace().collect();
    let told = match words.as_slice() {
        [_, _, name, year, ..] => MONTHS
            .iter()
            .position(|month| month == name)
            .and_then(|index| month(&format!("{year}-{:02}", index + 1))),
        _ => month(value.trim()),
    };
    told.ok_or_else(|| format!("the release is not told: `{value}` is no date"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_is_read_out_of_a_document() {
        let body = br#"{"rid":"x","millesime":"2026-10","millesimes":[{"millesime":"2026-09"},{"millesime":"2026-10"}]}"#;
        assert_eq!(of_json(body, "millesime").unwrap(), "2026-10");
        assert_eq!(of_json(body, "millesimes").unwrap(), "2026-10");
        assert_eq!(of_json(body, "millesimes.0.millesime").unwrap(), "2026-09");
        assert!(of_json(body, "rid").unwrap_err().contains("`rid`"));
        assert!(
            of_json(b"<html>", "millesime")
                .unwrap_err()
                .contains("not JSON")
        );
    }

    #[test]
    fn a_release_is_read_out_of_a_header() {
        assert_eq!(
            of_header("Fri, 24 Oct 2025 08:12:31 GMT").unwrap(),
            "2025-10"
        );
        assert_eq!(of_header("2025-04-11T00:00:00Z").unwrap(), "2025-04");
        assert!(of_header("yesterday").is_err());
    }

    #[test]
    fn a_release_that_appears_meanwhile_has_moved() {
        let release = |before: &str, after: &str| Release {
            before: Some(before.into()),
            after: Some(after.into()),
        };
        assert!(release("2026-09", "2026-10").moved());
        assert!(!release("2026-10", "2026-10").moved());
        assert!(!Release::still(None).moved());
    }
}
