//! What may be asked, and how a mistake is answered: without any Airflow.

use mg_core::Role;
use serde_json::json;

use crate::{hostile::Hostile, world::Client};

#[tokio::test]
async fn without_settings_every_tool_says_which_are_lacking() {
    let client = Client::with(Role::Editor, "").await;
    for (tool, asked) in [
        ("list_workflows", json!({})),
        ("run_workflow", json!({"dag_id": "mg_quick"})),
    ] {
        let told = client.refusal(tool, asked).await;
        assert!(
            told.contains("MG_AIRFLOW_URL") && told.contains("mg.toml"),
            "{told}"
        );
    }
    let client = Client::with(Role::Editor, "[airflow]\nurl = \"http://127.0.0.1:1\"").await;
    let told = client.refusal("list_workflows", json!({})).await;
    assert!(told.contains("[airflow.editor]"), "{told}");
}

#[tokio::test]
async fn a_mistake_is_answered_with_what_would_work_before_airflow_is_asked() {
    let hostile = Hostile::start(|_, _| Hostile::json(200, "{}")).await;
    let client = Client::of(&hostile.url(), Role::Editor, "").await;
    for (tool, asked, part) in [
        ("list_workflow_runs", json!({"since": "yesterday"}), "7d"),
        ("list_workflow_runs", json!({"state": "broken"}), "failed"),
        ("describe_workflow", json!({"dag": "x"}), "dag_id"),
        (
            "describe_workflow",
            json!({"dag_id": "../../auth"}),
            "list_workflows",
        ),
        (
            "get_workflow_run",
            json!({"dag_id": "d", "run_id": "a/b"}),
            "no run_id",
        ),
        (
            "cancel_workflow_run",
            json!({"dag_id": "d", "run_id": "r", "reason": ""}),
            "needs a reason",
        ),
        (
            "run_workflow",
            json!({"dag_id": "d", "note": "x".repeat(1001)}),
            "1000",
        ),
        (
            "run_workflow",
            json!({"dag_id": "d", "params": "months=3"}),
            "params",
        ),
    ] {
        let told = client.refusal(tool, asked.clone()).await;
        assert!(told.contains(part), "{tool} {asked}: {told}");
    }
    assert_eq!(hostile.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn the_names_that_models_guess_are_taken() {
    let hostile = Hostile::start(|line, _| match line {
        "GET /api/v2/dags/mg_x/details" => Hostile::json(404, r#"{"detail": "not found"}"#),
        _ => Hostile::token(),
    })
    .await;
    let client = Client::of(&hostile.url(), Role::Editor, "").await;
    for (tool, asked) in [
        ("describe_workflow", json!({"workflow": "mg_x"})),
        (
            "run_workflow",
            json!({"name": "mg_x", "conf": {}, "idempotency_key": null}),
        ),
    ] {
        let told = client.refusal(tool, asked).await;
        assert!(told.contains("`mg_x` was not found"), "{tool}: {told}");
    }
}
