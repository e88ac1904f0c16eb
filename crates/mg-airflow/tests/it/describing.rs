//! `describe_workflow`.

use mg_core::Role;
use serde_json::json;

use crate::world::airflow;

#[tokio::test]
async fn a_workflow_is_described_with_its_parameters_and_tasks() {
    let Some(world) = airflow().await else { return };
    let client = world.client(Role::Viewer).await;
    let answer = client
        .call("describe_workflow", json!({"dag_id": "mg_quick"}))
        .await;
    let text = answer.text.clone();
    let told = answer.ok();
    let params = told["params"].as_array().unwrap();
    let commune = params.iter().find(|one| one["name"] == "commune").unwrap();
    assert_eq!(
        commune,
        &json!({"name": "commune", "kind": "string", "required": false, "default": "77243",
            "constraints": ["pattern ^\\d{5}$"], "description": "INSEE code"})
    );
    let months = params.iter().find(|one| one["name"] == "months").unwrap();
    assert_eq!(months["constraints"], json!(["maximum 60", "minimum 1"]));
    assert_eq!(
        told["description"],
        "Loads and adds up. Nothing is written."
    );
    assert_eq!(
        told["tasks"][0],
        json!({"task": "extract", "mapped": false, "then": ["total"]})
    );
    assert!(told["url"].as_str().unwrap().ends_with("/dags/mg_quick"));
    for shown in ["|months|integer|12|", "extract → total", "INSEE code"] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
}

#[tokio::test]
async fn a_workflow_that_is_not_there_is_told_like_one_that_is_not_allowed() {
    let Some(world) = airflow().await else { return };
    let client = world.client(Role::Viewer).await;
    let absent = client
        .refusal("describe_workflow", json!({"dag_id": "mg_nowhere"}))
        .await;
    let hidden = client
        .refusal("describe_workflow", json!({"dag_id": "secret_payroll"}))
        .await;
    assert!(absent.contains("list_workflows"), "{absent}");
    assert_eq!(
        absent.replace("mg_nowhere", "x"),
        hidden.replace("secret_payroll", "x")
    );
}
