//! A task's log, cut to what helps: the exception, and the last lines that the task itself wrote.

use crate::wire::{ExceptionDetail, LogEntry};

/// Characters of a line.
const LINE: usize = 240;
/// Characters of an exception's text.
const EXCEPTION: usize = 600;

/// What is told of a log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// Why the task failed, where the log says so.
    pub(crate) exception: Option<Exception>,
    /// The last useful lines, in order.
    pub(crate) lines: Vec<String>,
    /// Useful lines before them.
    pub(crate) omitted: usize,
}

/// An exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exception {
    /// Its class.
    pub(crate) kind: String,
    /// Its text.
    pub(crate) text: String,
    /// `file:line in function`, of the innermost place outside libraries.
    pub(crate) place: Option<String>,
}

/// Cuts a log to at most so many lines.
pub(crate) fn excerpt(entries: &[LogEntry], most: usize) -> Excerpt {
    let exception = entries.iter().rev().find_map(exception);
    let useful: Vec<String> = entries
        .iter()
        .filter(|entry| is_useful(entry))
        .flat_map(lines)
        .collect();
    let omitted = useful.len().saturating_sub(most);
    Excerpt {
        exception,
        lines: useful.into_iter().skip(omitted).collect(),
        omitted,
    }
}

/// The exception of an entry: the one that was raised last, which comes first.
fn exception(entry: &LogEntry) -> Option<Exception> {
    let raised = entry.error_detail.first()?;
    Some(Exception {
        kind: cut(&raised.exc_type, LINE),
        text: cut(&raised.exc_value, EXCEPTION),
        place: place(raised),
    })
}

fn place(raised: &ExceptionDetail) -> Option<String> {
    let mut inmost_first = raised.frames.iter().rev();
    let frame = inmost_first.find(|frame| !frame.filename.contains("site-packages"))?;
    let file = frame.filename.rsplit('/').next().unwrap_or_default();
    Some(cut(
        &format!("{file}:{} in {}", frame.lineno, frame.name),
        LINE,
    ))
}

/// Whether an entry tells of the task's work, and not of Airflow's own.
fn is_useful(entry: &LogEntry) -> bool {
    let event = entry.event.trim();
    if event.is_empty() || event.starts_with("::group::") || event.starts_with("::endgroup::") {
        return false;
    }
    if !entry.error_detail.is_empty() {
        return false; // told as the exception
    }
    let is_loud = matches!(
        entry.level.as_deref(),
        Some("error" | "critical" | "warning")
    );
    match entry.logger.as_deref() {
        // Where the log was found; a line of a plain log has no logger either, but is no path.
        None => entry.timestamp.is_some() || event.strip_suffix(".log").is_none(),
        Some("task") => is_loud || !event.starts_with("Worker startup parse complete"),
        Some(logger) => is_loud || !logger.starts_with("airflow."),
    }
}

fn lines(entry: &LogEntry) -> Vec<String> {
    let level = match entry.level.as_deref() {
        Some(level @ ("error" | "critical" | "warning")) => format!("{}: ", level.to_uppercase()),
        _ => String::new(),
    };
    let lines = entry.event.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| cut(&format!("{level}{line}"), LINE))
        .collect()
}

/// Cleaned, and no longer than so many characters.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let text = mg_core::clean(text);
    if text.chars().count() <= most {
        return text;
    }
    let kept = text.chars().take(most.saturating_sub(1));
    kept.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entries(value: serde_json::Value) -> Vec<LogEntry> {
        serde_json::from_value(value).unwrap()
    }

    fn failed() -> Vec<LogEntry> {
        entries(json!([
            {"event": "::group::Log message source details"},
            {"event": "/opt/airflow/logs/dag_id=d/attempt=1.log"},
            {"event": "::endgroup::"},
            {"timestamp": "t", "event": "DAG bundles loaded", "level": "info", "logger": "airflow.dag_processing.bundles"},
            {"timestamp": "t", "event": "Worker startup parse complete", "level": "info", "logger": "task"},
            {"timestamp": "t", "event": "Task failed with exception", "level": "error", "logger": "task", "error_detail": [
                {"exc_type": "ValueError", "exc_value": "no release 2026-13", "frames": [
                    {"filename": "/opt/dags/sitadel.py", "lineno": 50, "name": "load"},
                    {"filename": "/venv/lib/python3.11/site-packages/pandas/io.py", "lineno": 9, "name": "read"},
                ]},
                {"exc_type": "KeyError", "exc_value": "the cause", "frames": []},
            ]},
            {"timestamp": "t", "event": "row 1", "level": "info", "logger": "task.stdout"},
            {"timestamp": "t", "event": "pool is slow", "level": "warning", "logger": "airflow.pool"},
            {"timestamp": "t", "event": "row 2\nrow 3", "level": "info", "logger": "task.stdout"},
        ]))
    }

    #[test]
    fn the_exception_is_told_with_its_place_and_the_task_keeps_its_own_lines() {
        let told = excerpt(&failed(), 40);
        let exception = told.exception.unwrap();
        assert_eq!(
            (exception.kind.as_str(), exception.text.as_str()),
            ("ValueError", "no release 2026-13")
        );
        assert_eq!(exception.place.as_deref(), Some("sitadel.py:50 in load"));
        assert_eq!(
            told.lines,
            ["row 1", "WARNING: pool is slow", "row 2", "row 3"]
        );
        assert_eq!(told.omitted, 0);
    }

    #[test]
    fn a_long_log_keeps_its_end() {
        let many: Vec<_> = (0..500)
            .map(
                |n| json!({"timestamp": "t", "event": format!("row {n}"), "logger": "task.stdout"}),
            )
            .collect();
        let told = excerpt(&entries(json!(many)), 20);
        assert_eq!((told.lines.len(), told.omitted), (20, 480));
        assert_eq!(told.lines[19], "row 499");
    }

    #[test]
    fn what_deceives_a_reader_goes_and_a_long_line_is_cut() {
        let told = excerpt(
            &entries(
                json!([{"event": format!("a\u{202e}b {}", "x".repeat(10_000)), "logger": "task.stdout"}]),
            ),
            5,
        );
        assert_eq!(told.lines[0].chars().count(), LINE);
        assert!(told.lines[0].starts_with("ab x") && told.lines[0].ends_with('…'));
    }

    #[test]
    fn plain_lines_without_any_field_are_lines() {
        let told = excerpt(
            &entries(json!([{"event": "Traceback (most recent call last):"}])),
            5,
        );
        assert_eq!(told.lines.len(), 1);
        assert_eq!(excerpt(&[], 5), Excerpt::default());
    }
}
