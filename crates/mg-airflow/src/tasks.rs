//! The tasks of a run.

use std::collections::BTreeMap;

use crate::{
    client::{Airflow, Failure},
    wire::{TaskInstance, TaskInstances},
};

/// Tasks that Airflow gives at once.
const PAGE: usize = 100;
/// Tasks that are read of one run.
const MOST: usize = 1000;

/// All tasks of a run, as far as [`MOST`].
///
/// # Errors
///
/// [`Failure`].
pub(crate) async fn of_run(
    airflow: &Airflow,
    dag_id: &str,
    run_id: &str,
) -> Result<Vec<TaskInstance>, Failure> {
    let path = ["dags", dag_id, "dagRuns", run_id, "taskInstances"];
    let mut all = Vec::new();
    loop {
        let query = [
            ("limit", PAGE.to_string()),
            ("offset", all.len().to_string()),
        ];
        let page: TaskInstances = airflow.get(&path, &query).await?;
        let (here, total) = (page.task_instances.len(), page.total_entries.unwrap_or(0));
        all.extend(page.task_instances);
        if here == 0 || all.len() >= total.min(MOST) {
            return Ok(all);
        }
    }
}

/// How many tasks are in which state; one that has none yet is `waiting`.
pub(crate) fn counted(tasks: &[TaskInstance]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for task in tasks {
        let state = task.state.clone().unwrap_or_else(|| "waiting".into());
        *counts.entry(state).or_default() += 1;
    }
    counts
}

/// How many tasks are done, whatever their end.
pub(crate) fn done(tasks: &[TaskInstance]) -> usize {
    let ended = |task: &&TaskInstance| {
        matches!(
            task.state.as_deref(),
            Some("success" | "failed" | "skipped" | "upstream_failed" | "removed")
        )
    };
    tasks.iter().filter(ended).count()
}

impl TaskInstance {
    /// `load`, or `load[3]` for a mapped one, with its label where it has one.
    pub(crate) fn name(&self) -> String {
        let label = self.rendered_map_index.as_deref().map(mg_core::clean);
        match (self.map_index, label) {
            (..0, _) => self.task_id.clone(),
            (_, Some(label)) => format!("{}[{label}]", self.task_id),
            (index, None) => format!("{}[{index}]", self.task_id),
        }
    }

    /// Whether it failed by itself.
    pub(crate) fn has_failed(&self) -> bool {
        self.state.as_deref() == Some("failed")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(state: Option<&str>, map_index: i64, label: Option<&str>) -> TaskInstance {
        TaskInstance {
            task_id: "load".into(),
            state: state.map(Into::into),
            map_index,
            rendered_map_index: label.map(Into::into),
            ..TaskInstance::default()
        }
    }

    #[test]
    fn tasks_are_counted_by_state() {
        let tasks = [
            task(Some("success"), -1, None),
            task(Some("success"), -1, None),
            task(None, -1, None),
            task(Some("running"), -1, None),
        ];
        let counts = counted(&tasks);
        assert_eq!(
            (counts["success"], counts["waiting"], counts["running"]),
            (2, 1, 1)
        );
        assert_eq!(done(&tasks), 2);
    }

    #[test]
    fn a_mapped_task_is_named_by_its_index_or_label() {
        assert_eq!(task(None, -1, None).name(), "load");
        assert_eq!(task(None, 3, None).name(), "load[3]");
        assert_eq!(task(None, 3, Some("77243")).name(), "load[77243]");
    }
}
