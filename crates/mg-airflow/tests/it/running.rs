//! `run_workflow` and `get_workflow_run`.

use mg_core::Role;
use serde_json::{Value, json};

use crate::world::{World, airflow};

/// The ids of the runs of a workflow, past our server.
fn runs<G>(world: &World<G>, dag_id: &str) -> Vec<String> {
    let (_, found) = world
        .airflow
        .ask("GET", &format!("dags/{dag_id}/dagRuns"), None);
    let found = found["dag_runs"].as_array().unwrap().iter();
    found
        .map(|run| run["dag_run_id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_run_succeeds_and_tells_what_its_tasks_returned() {
    let Some(world) = airflow().await else { return };
    let client = world.client(Role::Editor).await;
    let params = json!({"commune": "77307", "months": 3});
    let run_id = client
        .run_to_end("mg_quick", params.clone(), "a-quick-one")
        .await;
    assert_eq!(run_id, "mcp__a-quick-one");
    let answer = client
        .call(
            "get_workflow_run",
            json!({"dag_id": "mg_quick", "run_id": run_id}),
        )
        .await;
    let text = answer.text.clone();
    let told = answer.ok();
    assert_eq!(
        (&told["state"], &told["params"]),
        (&json!("success"), &params)
    );
    assert_eq!(told["tasks"], json!({"success": 2}));
    assert_eq!(
        told["results"],
        json!({"extract": 3, "total": {"commune": "77307", "loaded": 30}})
    );
    assert!(told["seconds"].as_f64().unwrap() > 0.0);
    assert!(
        text.contains("succeeded") && text.contains("<untrusted"),
        "{text}"
    );
}

#[tokio::test]
async fn the_same_wish_starts_one_run() {
    let Some(world) = airflow().await else { return };
    let client = world.client(Role::Editor).await;
    let wish = json!({"dag_id": "mg_quick", "params": {"months": 7}, "note": "asked twice"});
    let (one, two) = tokio::join!(
        client.ok("run_workflow", wish.clone()),
        client.ok("run_workflow", wish.clone())
    );
    assert_eq!(one["run_id"], two["run_id"]);
    assert_ne!(one["created"], two["created"], "{one} {two}");
    let again = client.ok("run_workflow", wish).await;
    assert_eq!(
        (&again["run_id"], &again["created"]),
        (&one["run_id"], &json!(false))
    );
    let notes = again["notes"].to_string();
    assert!(notes.contains("there already"), "{notes}");
    assert_eq!(again["note"], "asked twice");
    let of_it = runs(&world, "mg_quick").into_iter();
    assert_eq!(of_it.filter(|id| one["run_id"] == id.as_str()).count(), 1);
}

#[tokio::test]
async fn a_key_that_named_another_wish_is_refused() {
    let Some(world) = airflow().await else { return };
    let client = world.client(Role::Editor).await;
    let wish = |months: Value| json!({"dag_id": "mg_quick", "params": {"months": months}, "idempotency_key": "one-key"});
    assert_eq!(
        client.ok("run_workflow", wish(json!(4))).await["created"],
        true
    );
    assert_eq!(
        client.ok("run_workflow", wish(json!(4))).await["created"],
        false
    );
    let told = client.refusal("run_workflow", wish(json!(5))).await;
    for part in [
        "nothing was started",
        "mcp__one-key",
        "{\"months\":4}",
        "another key",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[tokio::test]
async fn bad_parameters_start_nothing_and_are_told_with_what_would_work() {
    let Some(world) = airflow().await else { return };
    let client = world.client(Role::Editor).await;
    for (params, part) in [
        (json!({"comune": "77243"}), "did you mean `commune`"),
        (json!({"commune": "abc"}), "pattern ^\\d{5}$"),
        (json!({"months": 61}), "maximum 60"),
        (json!({"months": "3"}), "integer"),
        (json!({"mode": "fast"}), "enum"),
    ] {
        let asked = json!({"dag_id": "mg_quick", "params": params, "idempotency_key": "never"});
        let told = client.refusal("run_workflow", asked).await;
        assert!(
            told.contains(part) && told.contains("nothing was started"),
            "{params}: {told}"
        );
    }
    assert!(!runs(&world, "mg_quick").contains(&"mcp__never".to_owned()));
}

#[tokio::test]
async fn a_paused_workflow_is_told_and_not_queued() {
    let Some(world) = airflow().await else { return };
    let client = world.client(Role::Editor).await;
    let told = client
        .refusal("run_workflow", json!({"dag_id": "mg_paused"}))
        .await;
    assert!(
        told.contains("paused") && told.contains("/dags/mg_paused"),
        "{told}"
    );
    assert!(runs(&world, "mg_paused").is_empty());
    let (_, dag) = world.airflow.ask("GET", "dags/mg_paused", None);
    assert_eq!(dag["is_paused"], true, "it is left paused");
}

#[tokio::test]
async fn what_is_not_allowed_can_neither_be_run_nor_looked_at() {
    let Some(world) = airflow().await else { return };
    let client = world.client(Role::Editor).await;
    let run = json!({"dag_id": "secret_payroll", "run_id": "x"});
    let mut cancel = run.clone();
    cancel["reason"] = json!("no");
    for (tool, asked) in [
        ("run_workflow", json!({"dag_id": "secret_payroll"})),
        ("get_workflow_run", run.clone()),
        ("diagnose_workflow_run", run),
        ("cancel_workflow_run", cancel),
        ("list_workflow_runs", json!({"dag_id": "secret_payroll"})),
    ] {
        let told = client.refusal(tool, asked).await;
        assert!(
            told.contains("not found or is not allowed"),
            "{tool}: {told}"
        );
    }
    assert!(runs(&world, "secret_payroll").is_empty());
}
