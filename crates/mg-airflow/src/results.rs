//! What the tasks of an ended run returned, within bounds.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{
    client::{Airflow, Failure},
    log::cut,
    wire::{Ended, Run, TaskInstance},
};

/// Tasks whose results are asked for.
const MOST_TASKS: usize = 12;
/// Characters of one task's result.
const RESULT: usize = 1500;

/// The results by task; those of a mapped one as a list. What cannot be read is left out: a result is an extra.
pub(crate) async fn of_run(
    airflow: &Airflow,
    run: &Run,
    instances: &[TaskInstance],
) -> Map<String, Value> {
    let returned = instances
        .iter()
        .filter(|task| task.state.as_deref() == Some("success"));
    let names: BTreeSet<&str> = returned.map(|task| task.task_id.as_str()).collect();
    let names: Vec<&str> = names.into_iter().take(MOST_TASKS).collect();
    match asked(airflow, run, &names).await {
        Ok(results) => results
            .into_iter()
            .map(|(task, value)| (task, bounded(value)))
            .collect(),
        Err(failure) => {
            tracing::debug!(?failure, "no results");
            Map::new()
        }
    }
}

/// Of a run that has ended, the endpoint that waits answers at once, with the results of any tasks.
async fn asked(
    airflow: &Airflow,
    run: &Run,
    tasks: &[&str],
) -> Result<Map<String, Value>, Failure> {
    if tasks.is_empty() {
        return Ok(Map::new());
    }
    let path = ["dags", &run.dag_id, "dagRuns", &run.dag_run_id, "wait"];
    let mut query = vec![("interval", "1".to_owned())];
    query.extend(tasks.iter().map(|task| ("result", (*task).to_owned())));
    let ended: Ended = airflow.get(&path, &query).await?;
    Ok(ended.results)
}

/// A value as it is while it is short and clean, else its beginning as text.
fn bounded(value: Value) -> Value {
    let text = value.to_string();
    if text.chars().count() <= RESULT && !mg_core::needs_cleaning(&text) {
        return value;
    }
    match value {
        Value::String(plain) => cut(&plain, RESULT).into(),
        _ => cut(&text, RESULT).into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_short_result_stays_as_it_is_and_a_long_one_is_cut() {
        let short = json!({"inserted": 12});
        assert_eq!(bounded(short.clone()), short);
        let long = bounded(json!(vec!["x"; 2000]));
        assert_eq!(long.as_str().unwrap().chars().count(), RESULT);
        assert_eq!(bounded(json!("a\u{202e}b")), json!("ab"));
    }
}
