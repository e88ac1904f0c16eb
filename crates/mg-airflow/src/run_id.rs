//! The ids of the runs we start: the same wish has the same id, so that asking twice starts one run.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{Timestamp, ToSpan, Unit};
use mg_core::ToolError;
use serde_json::{Map, Value};

/// Marks the runs that were started from here.
const PREFIX: &str = "mcp__";
/// The longest key of a caller.
const LONGEST_KEY: usize = 200;
/// For so many minutes, a run of the hour before is the same wish.
pub(crate) const OVERLAP: i64 = 10;

/// The ids a wish may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RunIds {
    /// The id to start a run under.
    pub(crate) run_id: String,
    /// The id it has if it was started just before the hour struck.
    pub(crate) before: Option<String>,
}

/// The ids of a wish: from the caller's key, else from workflow, parameters and hour.
///
/// # Errors
///
/// [`ToolError::Invalid`] for a key that Airflow cannot keep.
pub(crate) fn of(
    dag_id: &str,
    parameters: &Map<String, Value>,
    key: Option<&str>,
    now: Timestamp,
) -> Result<RunIds, ToolError> {
    if let Some(key) = key {
        check_key(key)?;
        let run_id = format!("{PREFIX}{}", key.strip_prefix(PREFIX).unwrap_or(key));
        return Ok(RunIds {
            run_id,
            before: None,
        });
    }
    let of_hour = |at: Timestamp| derived(dag_id, parameters, at);
    let earlier = now.saturating_sub(OVERLAP.minutes()).unwrap_or(now);
    let (run_id, before) = (of_hour(now), of_hour(earlier));
    Ok(RunIds {
        before: (before != run_id).then_some(before),
        run_id,
    })
}

fn check_key(key: &str) -> Result<(), ToolError> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "_.~:+-".contains(letter);
    if (1..=LONGEST_KEY).contains(&key.len()) && key.chars().all(fits) {
        return Ok(());
    }
    Err(ToolError::Invalid(format!(
        "idempotency_key may have 1 to {LONGEST_KEY} letters, digits and _ . ~ : + -, e.g. sitadel-2026-11"
    )))
}

fn derived(dag_id: &str, parameters: &Map<String, Value>, at: Timestamp) -> String {
    let hour = at
        .round(
            jiff::TimestampRound::new()
                .smallest(Unit::Hour)
                .mode(jiff::RoundMode::Trunc),
        )
        .unwrap_or(at);
    let mut wish = Value::Array(vec![
        dag_id.into(),
        Value::Object(parameters.clone()),
        hour.as_second().into(),
    ]);
    wish.sort_all_objects();
    let digest = digest(&SHA256, wish.to_string().as_bytes());
    let head = digest.as_ref().first_chunk().copied().unwrap_or_default();
    format!("{PREFIX}{:016x}", u64::from_be_bytes(head))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ids(parameters: &Value, key: Option<&str>, at: &str) -> RunIds {
        let parameters = parameters.as_object().cloned().unwrap();
        of("mg_quick", &parameters, key, at.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_same_wish_has_the_same_id_within_the_hour() {
        let one = ids(
            &json!({"a": 1, "b": {"x": 1, "y": 2}}),
            None,
            "2026-11-25T10:15:00Z",
        );
        let same = ids(
            &json!({"b": {"y": 2, "x": 1}, "a": 1}),
            None,
            "2026-11-25T10:59:59Z",
        );
        assert_eq!(one, same);
        assert!(
            one.run_id.starts_with("mcp__") && one.run_id.len() == 21,
            "{one:?}"
        );
        let other = ids(&json!({"a": 2}), None, "2026-11-25T10:15:00Z");
        assert_ne!(one.run_id, other.run_id);
    }

    #[test]
    fn just_after_the_hour_a_run_of_just_before_it_is_looked_for() {
        let before = ids(&json!({}), None, "2026-11-25T10:59:59Z");
        let after = ids(&json!({}), None, "2026-11-25T11:00:01Z");
        assert_ne!(before.run_id, after.run_id);
        assert_eq!(after.before, Some(before.run_id));
        assert_eq!(ids(&json!({}), None, "2026-11-25T11:10:00Z").before, None);
    }

    #[test]
    fn a_key_of_the_caller_is_kept_and_told_once() {
        let id = ids(&json!({}), Some("sitadel-2026-11"), "2026-11-25T10:00:00Z");
        assert_eq!(
            (id.run_id.as_str(), &id.before),
            ("mcp__sitadel-2026-11", &None)
        );
        let again = ids(&json!({}), Some(&id.run_id), "2026-11-26T10:00:00Z");
        assert_eq!(again.run_id, id.run_id);
        for wrong in ["", "a b", "é", "a/b", &"x".repeat(201)] {
            assert!(
                of("d", &Map::new(), Some(wrong), Timestamp::UNIX_EPOCH).is_err(),
                "{wrong}"
            );
        }
    }
}
