//! Which workflows may be seen and run: the operator's list, checked by every tool.

use mg_core::ToolError;

/// Longer ids are none of Airflow's.
const LONGEST: usize = 250;

/// Patterns of workflow ids in which `*` stands for any text.
#[derive(Clone, Debug)]
pub(crate) struct AllowList(Vec<String>);

impl AllowList {
    /// From the patterns of `airflow.allow_dags`.
    pub(crate) fn new(patterns: &[String]) -> Self {
        Self(patterns.to_vec())
    }

    /// Whether a workflow may be seen and run.
    pub(crate) fn allows(&self, dag_id: &str) -> bool {
        self.0.iter().any(|pattern| matches(pattern, dag_id))
    }

    /// Whether nothing is kept back.
    pub(crate) fn allows_all(&self) -> bool {
        self.0.iter().any(|pattern| pattern == "*")
    }

    /// Refuses what is not on the list in the words of [`missing`], so that nobody learns what else there is.
    ///
    /// # Errors
    ///
    /// [`ToolError::Invalid`] for a workflow that is not on the list, or an id that cannot be one.
    pub(crate) fn check(&self, dag_id: &str) -> Result<(), ToolError> {
        if is_id(dag_id) && self.allows(dag_id) {
            Ok(())
        } else {
            Err(missing(dag_id))
        }
    }
}

/// What is told of a workflow that is not there, or not for the caller.
pub(crate) fn missing(dag_id: &str) -> ToolError {
    let told: String = mg_core::clean(dag_id).chars().take(LONGEST).collect();
    ToolError::Invalid(format!(
        "the workflow `{told}` was not found or is not allowed here; list_workflows tells those that are"
    ))
}

/// Refuses a run id that no run can have.
///
/// # Errors
///
/// [`ToolError::Invalid`].
pub(crate) fn check_run_id(run_id: &str) -> Result<(), ToolError> {
    if is_id(run_id) {
        return Ok(());
    }
    Err(ToolError::Invalid(
        "that is no run_id; list_workflow_runs tells the runs of a workflow".into(),
    ))
}

/// Whether Airflow could use a text as an id; it becomes one segment of a path.
fn is_id(text: &str) -> bool {
    let harmless = |letter: char| !letter.is_control() && !matches!(letter, '/' | '\\' | '?' | '#');
    !text.is_empty()
        && text.len() <= LONGEST
        && text.chars().all(harmless)
        && !matches!(text, "." | ".." | "~")
}

/// Whether a pattern in which `*` stands for any text covers the whole of `text`.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty(); // no `*` in it
    };
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, expected) in [
            ("*", "anything", true),
            ("mg_*", "mg_sitadel_refresh", true),
            ("mg_*", "mg_", true),
            ("mg_*", "other_mg_x", false),
            ("*_refresh", "mg_dvf_refresh", true),
            ("*_refresh", "mg_refresh_all", false),
            ("mg_*_refresh", "mg_dvf_refresh", true),
            ("mg_*_refresh", "mg_refresh", false),
            ("a*a", "a", false),
            ("exact", "exact", true),
            ("exact", "exactly", false),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn what_is_not_allowed_is_told_like_what_is_not_there() {
        let list = AllowList::new(&["mg_*".into()]);
        assert!(list.check("mg_quick").is_ok());
        let refused = list.check("secret_payroll").unwrap_err().to_string();
        assert!(refused.contains("not found or is not allowed"), "{refused}");
        assert_eq!(
            refused.replace("secret_payroll", "x"),
            missing("x").to_string()
        );
        assert!(!list.allows_all() && AllowList::new(&["*".into()]).allows_all());
    }

    #[test]
    fn what_would_leave_its_place_in_a_path_is_no_id() {
        let all = AllowList::new(&["*".into()]);
        for id in ["..", "~", "", "a/b", "a?b", "a#b", "a\nb", &"x".repeat(300)] {
            assert!(
                all.check(id).is_err() && check_run_id(id).is_err(),
                "{id:?}"
            );
        }
        assert!(check_run_id("scheduled__2026-11-25T00:00:00+00:00").is_ok());
    }
}
