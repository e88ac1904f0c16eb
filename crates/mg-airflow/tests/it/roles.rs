//! A viewer starts nothing: we refuse it, and so does Airflow.

use mg_core::Role;
use serde_json::json;

use crate::world::{Client, airflow};

#[tokio::test]
async fn a_viewer_is_refused_by_us() {
    let Some(world) = airflow().await else { return };
    let viewer = world.client(Role::Viewer).await;
    let told = viewer
        .refusal("run_workflow", json!({"dag_id": "mg_quick"}))
        .await;
    assert!(told.contains("no tool named `run_workflow`"), "{told}");
}

#[tokio::test]
async fn a_viewers_account_is_refused_by_airflow_even_behind_an_editor() {
    let Some(world) = airflow().await else { return };
    let url = world.airflow.url();
    let file = format!(
        "lang = \"en\"\n[airflow]\nurl = \"{url}\"\n[airflow.editor]\nusername = \"mg_viewer\"\npassword = \"mg_viewer-password\"\n"
    );
    let client = Client::with(Role::Editor, &file).await;
    let listed = client.ok("list_workflows", json!({})).await;
    assert_eq!(listed["total"], 8, "the account reads");
    let told = client
        .refusal(
            "run_workflow",
            json!({"dag_id": "mg_quick", "idempotency_key": "refused"}),
        )
        .await;
    assert!(
        told.contains("Airflow refuses this to the account of your role"),
        "{told}"
    );
    let (status, _) = world
        .airflow
        .ask("GET", "dags/mg_quick/dagRuns/mcp__refused", None);
    assert_eq!(status, 404);
}

#[tokio::test]
async fn an_account_that_airflow_does_not_know_is_told_without_its_password() {
    let Some(world) = airflow().await else { return };
    let url = world.airflow.url();
    let file = format!(
        "[airflow]\nurl = \"{url}\"\n[airflow.viewer]\nusername = \"mg_viewer\"\npassword = \"hunter2\"\n"
    );
    let client = Client::with(Role::Viewer, &file).await;
    let told = client.refusal("list_workflows", json!({})).await;
    assert!(
        told.contains("does not let the account `mg_viewer` in"),
        "{told}"
    );
    assert!(!told.contains("hunter2"), "{told}");
}
