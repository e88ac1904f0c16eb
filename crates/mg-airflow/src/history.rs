//! The runs of the workflows that may be seen, filtered by Airflow itself.

use jiff::Timestamp;
use mg_core::ToolError;
use serde_json::{Value, json};

use crate::{
    allow::AllowList,
    catalogue,
    client::{Airflow, Failure},
    wire::{Run, Runs},
};

/// Runs that Airflow gives at once.
const PAGE: usize = 100;

/// Which runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Filter<'a> {
    pub(crate) dag_id: Option<&'a str>,
    pub(crate) state: Option<&'a str>,
    pub(crate) since: Option<Timestamp>,
    pub(crate) limit: usize,
}

/// The newest runs, and how many there are.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) runs: Vec<Run>,
    pub(crate) total: usize,
}

/// The newest runs that fit.
///
/// # Errors
///
/// [`ToolError`]; a workflow that is not there is told, not answered with nothing.
pub(crate) async fn runs(
    airflow: &Airflow,
    allowed: &AllowList,
    filter: &Filter<'_>,
) -> Result<Found, ToolError> {
    let of = match filter.dag_id {
        Some(dag_id) => {
            allowed.check(dag_id)?;
            Some(vec![dag_id.to_owned()])
        }
        None if allowed.allows_all() => None,
        None => {
            let known = catalogue::workflows(airflow, allowed, None, None).await?;
            Some(known.dags.into_iter().map(|dag| dag.dag_id).collect())
        }
    };
    if of.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Found::default());
    }
    let found = pages(airflow, of.as_deref(), filter).await?;
    if let (0, Some(dag_id)) = (found.total, filter.dag_id) {
        catalogue::details(airflow, allowed, dag_id).await?; // none since it is none?
    }
    Ok(found)
}

async fn pages(
    airflow: &Airflow,
    of: Option<&[String]>,
    filter: &Filter<'_>,
) -> Result<Found, Failure> {
    let mut found = Found::default();
    loop {
        let asked = question(of, filter, found.runs.len());
        let page: Runs = airflow
            .post(&["dags", "~", "dagRuns", "list"], &asked)
            .await?;
        let here = page.dag_runs.len();
        found.runs.extend(page.dag_runs);
        found.total = page.total_entries.unwrap_or(found.runs.len());
        if here == 0 || found.runs.len() >= found.total.min(filter.limit) {
            return Ok(found);
        }
    }
}

/// The body of one search; what is not asked for is absent.
fn question(of: Option<&[String]>, filter: &Filter<'_>, offset: usize) -> Value {
    let limit = PAGE.min(filter.limit.saturating_sub(offset));
    let mut asked = json!({"order_by": "-run_after", "page_limit": limit, "page_offset": offset});
    if let Some(of) = of {
        asked["dag_ids"] = json!(of);
    }
    if let Some(state) = filter.state {
        asked["states"] = json!([state]);
    }
    if let Some(since) = filter.since {
        asked["run_after_gte"] = json!(since.to_string());
    }
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_asked_for_is_sent() {
        let filter = Filter {
            dag_id: None,
            state: None,
            since: None,
            limit: 5,
        };
        assert_eq!(
            question(None, &filter, 0),
            json!({"order_by": "-run_after", "page_limit": 5, "page_offset": 0})
        );
        let filter = Filter {
            state: Some("failed"),
            since: "2026-11-24T12:00:00Z".parse().ok(),
            limit: 500,
            ..filter
        };
        let asked = question(Some(&["d".to_owned()]), &filter, 450);
        assert_eq!(
            asked,
            json!({"order_by": "-run_after", "page_limit": 50, "page_offset": 450, "dag_ids": ["d"],
                "states": ["failed"], "run_after_gte": "2026-11-24T12:00:00Z"})
        );
    }
}
