//! What Airflow's REST API v2 says, as far as we read it. Fields that a version lacks are taken as empty.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::parameters::Parameter;

/// `GET /dags`
#[derive(Debug, Deserialize)]
pub(crate) struct Dags {
    pub(crate) dags: Vec<Dag>,
    pub(crate) total_entries: usize,
}

/// A workflow.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "Airflow's own names")]
pub(crate) struct Dag {
    pub(crate) dag_id: String,
    pub(crate) description: Option<String>,
    pub(crate) is_paused: bool,
    pub(crate) has_import_errors: bool,
    pub(crate) timetable_summary: Option<String>,
    pub(crate) timetable_description: Option<String>,
    pub(crate) next_dagrun_run_after: Option<String>,
    pub(crate) relative_fileloc: Option<String>,
    pub(crate) owners: Vec<String>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) allowed_run_types: Option<Vec<String>>,
    /// Only of `GET /dags/{id}/details`.
    pub(crate) doc_md: Option<String>,
    /// Only of `GET /dags/{id}/details`.
    #[serde(deserialize_with = "null_is_empty")]
    pub(crate) params: BTreeMap<String, Parameter>,
}

/// A tag of a workflow.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Tag {
    pub(crate) name: String,
}

/// `GET /dags/{id}/tasks`
#[derive(Debug, Deserialize)]
pub(crate) struct Tasks {
    pub(crate) tasks: Vec<Task>,
}

/// A task of a workflow.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "Airflow's own names")]
pub(crate) struct Task {
    pub(crate) task_id: String,
    pub(crate) operator_name: Option<String>,
    pub(crate) downstream_task_ids: Vec<String>,
    #[serde(deserialize_with = "null_is_empty")]
    pub(crate) is_mapped: bool,
}

/// `GET /dags/{id}/dagRuns`
#[derive(Debug, Deserialize)]
pub(crate) struct Runs {
    pub(crate) dag_runs: Vec<Run>,
    #[serde(default)]
    pub(crate) total_entries: Option<usize>,
}

/// A run of a workflow.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "Airflow's own names")]
pub(crate) struct Run {
    pub(crate) dag_id: String,
    pub(crate) dag_run_id: String,
    pub(crate) state: String,
    pub(crate) run_type: String,
    pub(crate) run_after: Option<String>,
    pub(crate) queued_at: Option<String>,
    pub(crate) start_date: Option<String>,
    pub(crate) end_date: Option<String>,
    pub(crate) duration: Option<f64>,
    pub(crate) note: Option<String>,
    pub(crate) triggering_user_name: Option<String>,
    #[serde(deserialize_with = "null_is_empty")]
    pub(crate) conf: Map<String, Value>,
}

/// `GET /dags/{id}/dagRuns/{run}/taskInstances`
#[derive(Debug, Deserialize)]
pub(crate) struct TaskInstances {
    pub(crate) task_instances: Vec<TaskInstance>,
    #[serde(default)]
    pub(crate) total_entries: Option<usize>,
}

/// A task in a run; mapped tasks have one for each index.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct TaskInstance {
    pub(crate) task_id: String,
    pub(crate) map_index: i64,
    pub(crate) state: Option<String>,
    pub(crate) try_number: u32,
    pub(crate) max_tries: u32,
    pub(crate) start_date: Option<String>,
    pub(crate) end_date: Option<String>,
    pub(crate) duration: Option<f64>,
    pub(crate) rendered_map_index: Option<String>,
    pub(crate) note: Option<String>,
}

/// `GET …/taskInstances/{task}/logs/{try}`
#[derive(Debug, Deserialize)]
pub(crate) struct Log {
    pub(crate) content: Vec<LogEntry>,
    /// Entries before them that were not kept.
    #[serde(skip)]
    pub(crate) dropped: usize,
}

/// One entry of a log: an object, or just a text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LogEntry {
    pub(crate) timestamp: Option<String>,
    #[serde(deserialize_with = "text_of_anything")]
    pub(crate) event: String,
    pub(crate) level: Option<String>,
    pub(crate) logger: Option<String>,
    #[serde(deserialize_with = "null_is_empty")]
    pub(crate) error_detail: Vec<ExceptionDetail>,
}

/// An exception with where it was raised.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ExceptionDetail {
    pub(crate) exc_type: String,
    pub(crate) exc_value: String,
    #[serde(deserialize_with = "null_is_empty")]
    pub(crate) frames: Vec<Frame>,
}

/// A place in code.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Frame {
    pub(crate) filename: String,
    pub(crate) lineno: u64,
    pub(crate) name: String,
}

/// `GET /importErrors`
#[derive(Debug, Deserialize)]
pub(crate) struct ImportErrors {
    pub(crate) import_errors: Vec<ImportError>,
}

/// A file that Airflow cannot load.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ImportError {
    pub(crate) filename: String,
    pub(crate) timestamp: Option<String>,
    pub(crate) stack_trace: String,
}

/// `GET …/dagRuns/{run}/wait` of a run that has ended
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Ended {
    pub(crate) results: Map<String, Value>,
}

/// `GET /version`
#[derive(Debug, Deserialize)]
pub(crate) struct Version {
    pub(crate) version: String,
}

fn null_is_empty<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

fn text_of_anything<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nulls_and_missing_fields_are_taken_as_empty() {
        let run: Run = serde_json::from_value(json!({"dag_run_id": "a", "conf": null})).unwrap();
        assert!(run.conf.is_empty() && run.state.is_empty());
        let dag: Dag = serde_json::from_value(json!({"dag_id": "d", "params": null})).unwrap();
        assert!(dag.params.is_empty());
        let entry: LogEntry =
            serde_json::from_value(json!({"event": {"a": 1}, "error_detail": null})).unwrap();
        assert_eq!(entry.event, "{\"a\":1}");
    }
}
