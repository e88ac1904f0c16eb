//! The workflows that may be seen, and the last run of each.

use std::collections::BTreeMap;

use mg_core::{ToolError, fold};
use serde_json::json;

use crate::{
    allow::{AllowList, missing},
    client::{Airflow, Failure},
    wire::{Dag, Dags, Run, Runs},
};

/// Workflows or runs that Airflow gives at once.
const PAGE: usize = 100;
/// Workflows that are looked through.
const MOST: usize = 3000;

/// Workflows of the list that fit, in order of their ids.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) dags: Vec<Dag>,
    /// Whether Airflow has more than are looked through.
    pub(crate) truncated: bool,
}

/// The allowed workflows whose id, description or tags contain the words, and whose last run is in this state.
///
/// # Errors
///
/// [`Failure`].
pub(crate) async fn workflows(
    airflow: &Airflow,
    allowed: &AllowList,
    words: Option<&str>,
    last_state: Option<&str>,
) -> Result<Found, Failure> {
    let words = words.map(fold).unwrap_or_default();
    let mut found = Found::default();
    let mut read = 0;
    loop {
        let mut query = vec![
            ("limit", PAGE.to_string()),
            ("offset", read.to_string()),
            ("order_by", "dag_id".to_owned()),
        ];
        query.extend(last_state.map(|state| ("last_dag_run_state", state.to_owned())));
        let page: Dags = airflow.get(&["dags"], &query).await?;
        let here = page.dags.len();
        read += here;
        let fitting = page
            .dags
            .into_iter()
            .filter(|dag| allowed.allows(&dag.dag_id) && fits(dag, &words));
        found.dags.extend(fitting);
        if here == 0 || read >= page.total_entries {
            return Ok(found);
        }
        if read >= MOST {
            found.truncated = true;
            return Ok(found);
        }
    }
}

fn fits(dag: &Dag, words: &str) -> bool {
    let tags = dag.tags.iter().map(|tag| tag.name.as_str());
    let texts = [
        dag.dag_id.as_str(),
        dag.description.as_deref().unwrap_or_default(),
    ];
    let all: Vec<&str> = texts.into_iter().chain(tags).collect();
    let all = fold(&all.join(" "));
    words.split(' ').all(|word| all.contains(word))
}

/// One allowed workflow with its parameters.
///
/// # Errors
///
/// [`ToolError`]; one that is not there is told like one that is not allowed.
pub(crate) async fn details(
    airflow: &Airflow,
    allowed: &AllowList,
    dag_id: &str,
) -> Result<Dag, ToolError> {
    allowed.check(dag_id)?;
    match airflow.get(&["dags", dag_id, "details"], &[]).await {
        Err(Failure::NotFound(_)) => Err(missing(dag_id)),
        other => Ok(other?),
    }
}

/// One run of an allowed workflow.
///
/// # Errors
///
/// [`ToolError`]; says which of the two is not there.
pub(crate) async fn run(
    airflow: &Airflow,
    allowed: &AllowList,
    dag_id: &str,
    run_id: &str,
) -> Result<Run, ToolError> {
    allowed.check(dag_id)?;
    crate::allow::check_run_id(run_id)?;
    match airflow.get(&["dags", dag_id, "dagRuns", run_id], &[]).await {
        Err(Failure::NotFound(_)) => Err(no_run(airflow, dag_id, run_id).await),
        other => Ok(other?),
    }
}

/// Says whether it is the workflow or its run that is not there, with the newest runs.
async fn no_run(airflow: &Airflow, dag_id: &str, run_id: &str) -> ToolError {
    let query = [
        ("limit", "3".to_owned()),
        ("order_by", "-run_after".to_owned()),
    ];
    let newest: Result<Runs, Failure> = airflow.get(&["dags", dag_id, "dagRuns"], &query).await;
    let newest = match newest {
        Err(Failure::NotFound(_)) => return missing(dag_id),
        Err(failure) => return failure.into(),
        Ok(newest) => newest.dag_runs,
    };
    let ids: Vec<&str> = newest.iter().map(|run| run.dag_run_id.as_str()).collect();
    let hint = match ids[..] {
        [] => "it has no runs yet".to_owned(),
        _ => format!("its newest: {}", ids.join(", ")),
    };
    let run_id = mg_core::clean(run_id);
    ToolError::Invalid(format!(
        "the workflow `{dag_id}` has no run `{run_id}`; {hint}"
    ))
}

/// The last run of each of these workflows.
///
/// # Errors
///
/// [`Failure`].
pub(crate) async fn last_runs(
    airflow: &Airflow,
    dags: &[&str],
) -> Result<BTreeMap<String, Run>, Failure> {
    if dags.is_empty() {
        return Ok(BTreeMap::new());
    }
    let asked = json!({"dag_ids": dags, "order_by": "-run_after", "page_limit": PAGE});
    let newest: Runs = airflow
        .post(&["dags", "~", "dagRuns", "list"], &asked)
        .await?;
    let more = newest.total_entries.unwrap_or(0) > newest.dag_runs.len();
    let mut last = BTreeMap::new();
    for run in newest.dag_runs {
        last.entry(run.dag_id.clone()).or_insert(run);
    }
    if !more {
        return Ok(last);
    }
    // Busy workflows can fill the page: the others are asked for one by one.
    let lacking = dags.iter().filter(|id| !last.contains_key(**id));
    let lacking: Vec<&str> = lacking.copied().collect();
    for dag_id in lacking {
        let query = [
            ("limit", "1".to_owned()),
            ("order_by", "-run_after".to_owned()),
        ];
        let runs: Runs = airflow.get(&["dags", dag_id, "dagRuns"], &query).await?;
        last.extend(
            runs.dag_runs
                .into_iter()
                .map(|run| (dag_id.to_owned(), run)),
        );
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Tag;

    #[test]
    fn words_are_looked_for_in_id_description_and_tags_without_accents() {
        let dag = Dag {
            dag_id: "mg_sitadel_refresh".into(),
            description: Some("Rafraîchit les permis".into()),
            tags: vec![Tag {
                name: "mensuel".into(),
            }],
            ..Dag::default()
        };
        for words in ["sitadel", "rafraichit", "PERMIS", "mensuel refresh", ""] {
            assert!(fits(&dag, &fold(words)), "{words}");
        }
        assert!(!fits(&dag, &fold("dvf")));
    }
}
