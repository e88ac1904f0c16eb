//! "Which workflows failed last night, and why?"

use mg_core::Role;
use serde_json::json;

use crate::world::airflow;

#[tokio::test]
async fn two_calls_and_four_thousand_characters_tell_what_failed_and_why() {
    let Some(world) = airflow().await else { return };
    let editor = world.client(Role::Editor).await;
    let params = json!({"lines": 30, "words": "the release 2026-10 is not published"});
    let run_id = editor.run_to_end("mg_fails", params, "last-night").await;
    let viewer = world.client(Role::Viewer).await;
    let listed = viewer
        .call(
            "list_workflow_runs",
            json!({"state": "failed", "since": "24h", "dag_id": "mg_fails"}),
        )
        .await;
    let known = listed.text.clone();
    let runs = listed.ok();
    let run = runs["runs"]
        .as_array()
        .unwrap()
        .iter()
        .find(|run| run["run_id"] == run_id.as_str());
    assert_eq!(
        run.unwrap()["cause"],
        "load: ValueError: the release 2026-10 is not published"
    );
    let diagnosed = viewer
        .call(
            "diagnose_workflow_run",
            json!({"dag_id": "mg_fails", "run_id": run_id}),
        )
        .await;
    let text = known + &diagnosed.text;
    assert!(
        text.chars().count() < 4000,
        "{}: {text}",
        text.chars().count()
    );
    assert!(text.contains("ValueError") && text.contains("is not published"));
}

#[tokio::test]
async fn workflows_whose_last_run_failed_are_listed_with_the_cause() {
    let Some(world) = airflow().await else { return };
    let client = world.client(Role::Editor).await;
    client
        .run_to_end("mg_fails", json!({"lines": 1}), "failing-now")
        .await;
    let listed = client
        .ok(
            "list_workflows",
            json!({"only_failing": true, "filter": "fails"}),
        )
        .await;
    let last = &listed["workflows"][0]["last_run"];
    assert_eq!(
        (&listed["total"], &last["state"]),
        (&json!(1), &json!("failed"))
    );
    assert!(
        last["cause"]
            .as_str()
            .unwrap()
            .starts_with("load: ValueError: "),
        "{last}"
    );
}

#[tokio::test]
async fn runs_are_filtered_and_cut_by_airflow_itself() {
    let Some(world) = airflow().await else { return };
    let client = world.client(Role::Editor).await;
    for key in ["one", "two"] {
        client
            .run_to_end("mg_quick", json!({}), &format!("filtered-{key}"))
            .await;
    }
    let listed = client
        .ok(
            "list_workflow_runs",
            json!({"dag_id": "mg_quick", "state": "success", "limit": 1}),
        )
        .await;
    assert_eq!(listed["runs"].as_array().unwrap().len(), 1);
    assert!(
        listed["total"].as_u64().unwrap() >= 2 && listed["truncated"] == true,
        "{listed}"
    );
    let listed = client
        .ok("list_workflow_runs", json!({"dag_id": "mg_paused"}))
        .await;
    assert_eq!((&listed["total"], &listed["runs"]), (&json!(0), &json!([])));
    let listed = client
        .ok("list_workflow_runs", json!({"since": "2020-01-01"}))
        .await;
    assert!(
        listed["runs"]
            .as_array()
            .unwrap()
            .iter()
            .all(|run| run["dag_id"] != "secret_payroll")
    );
    let told = client
        .refusal("list_workflow_runs", json!({"dag_id": "mg_nowhere"}))
        .await;
    assert!(told.contains("not found"), "{told}");
}
