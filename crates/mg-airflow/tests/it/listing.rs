//! `list_workflows`.

use mg_core::Role;
use serde_json::{Value, json};

use crate::world::airflow;

fn ids(listed: &Value) -> Vec<&str> {
    let workflows = listed["workflows"].as_array().unwrap();
    workflows
        .iter()
        .map(|one| one["dag_id"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn allowed_workflows_are_listed_with_what_an_agent_needs() {
    let Some(world) = airflow().await else { return };
    let client = world.client(Role::Viewer).await;
    let answer = client.call("list_workflows", json!({})).await;
    let text = answer.text.clone();
    let listed = answer.ok();
    assert_eq!(
        ids(&listed),
        ["mg_fails", "mg_paused", "mg_quick", "mg_slow"]
    );
    assert_eq!(
        (&listed["total"], &listed["truncated"]),
        (&json!(4), &json!(false))
    );
    let paused = &listed["workflows"][1];
    assert_eq!(
        (&paused["paused"], &paused["schedule"]),
        (&json!(true), &json!("0 0 * * *"))
    );
    assert_eq!(listed["workflows"][2]["description"], "Adds up dwellings");
    assert!(
        text.contains("paused") && text.contains("Adds up dwellings"),
        "{text}"
    );
    assert!(!listed.to_string().contains("payroll"), "{listed}");
}

#[tokio::test]
async fn a_file_that_airflow_cannot_load_is_told_with_its_error() {
    let Some(world) = airflow().await else { return };
    let client = world.client(Role::Viewer).await;
    let listed = client.ok("list_workflows", json!({})).await;
    let error = &listed["import_errors"][0];
    assert_eq!(error["file"], "mg_test_broken.py");
    let told = error["error"].as_str().unwrap();
    assert!(
        told.contains("a_module_that_is_nowhere") && told.contains("(line 5)"),
        "{told}"
    );
}

#[tokio::test]
async fn words_narrow_the_list_in_any_spelling() {
    let Some(world) = airflow().await else { return };
    let client = world.client(Role::Viewer).await;
    for (filter, expected) in [
        ("DWELLINGS", vec!["mg_quick"]),
        ("slow", vec!["mg_slow"]),
        ("payroll", vec![]),
    ] {
        let listed = client.ok("list_workflows", json!({"filter": filter})).await;
        assert_eq!(ids(&listed), expected, "{filter}");
    }
    let listed = client.ok("list_workflows", json!({"limit": 1})).await;
    assert_eq!((ids(&listed).len(), &listed["total"]), (1, &json!(4)));
    assert_eq!(listed["truncated"], true);
}
