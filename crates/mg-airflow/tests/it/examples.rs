//! The workflows of `examples/dags`, in the real Airflow.

use mg_core::Role;
use serde_json::{Value, json};

use crate::world::{Client, World, airflow};

const EXAMPLES: [&str; 3] = ["mg_backtest", "mg_dvf_refresh", "mg_sitadel_refresh"];

/// A client that may use the examples; they are unpaused, as a person does once.
async fn client<G>(world: &World<G>) -> Client {
    for dag_id in EXAMPLES {
        let unpaused = json!({"is_paused": false});
        let (status, _) = world
            .airflow
            .ask("PATCH", &format!("dags/{dag_id}"), Some(&unpaused));
        assert_eq!(status, 200, "{dag_id} is not there");
    }
    Client::of(
        &world.airflow.url(),
        Role::Editor,
        &format!("allow_dags = {EXAMPLES:?}"),
    )
    .await
}

#[tokio::test]
async fn every_example_is_loaded_with_typed_parameters_and_words() {
    let Some(world) = airflow().await else { return };
    let client = client(&world).await;
    let listed = client.ok("list_workflows", json!({})).await;
    assert_eq!(listed["total"], 3);
    assert_eq!(listed["import_errors"], Value::Null);
    for dag_id in EXAMPLES {
        let told = client
            .ok("describe_workflow", json!({"dag_id": dag_id}))
            .await;
        assert!(told["description"].as_str().unwrap().len() > 40, "{told}");
        let params = told["params"].as_array().unwrap();
        assert!(!params.is_empty());
        for param in params {
            assert!(
                param["kind"] != "any" && param["description"].is_string(),
                "{param}"
            );
        }
    }
}

#[tokio::test]
async fn a_refresh_maps_over_the_communes_and_adds_up_what_was_loaded() {
    let Some(world) = airflow().await else { return };
    let client = client(&world).await;
    let params = json!({"communes": ["77243", "77307", "77058"], "indicators": ["population"], "forecast": false});
    let run_id = client
        .run_to_end("mg_sitadel_refresh", params, "three-communes")
        .await;
    let asked = json!({"dag_id": "mg_sitadel_refresh", "run_id": run_id});
    let told = client.ok("get_workflow_run", asked).await;
    assert_eq!(told["state"], "success", "{told}");
    assert_eq!(
        told["results"]["loaded"],
        json!({"communes": 3, "inserted": 9, "updated": 3, "unchanged": 0, "rejected": 0})
    );
    assert_eq!(told["results"]["scrape"].as_array().unwrap().len(), 3);
    assert_eq!(told["results"]["refresh"]["failed"], 0, "{told}");
    assert_eq!(told["tasks"]["success"], 7);
}

#[tokio::test]
async fn a_wrong_argument_fails_at_once_and_names_its_commune() {
    let Some(world) = airflow().await else { return };
    let client = client(&world).await;
    let params =
        json!({"communes": ["77001", "77243"], "indicators": ["population"], "forecast": false});
    let run_id = client
        .run_to_end("mg_sitadel_refresh", params, "a-wrong-one")
        .await;
    let asked = json!({"dag_id": "mg_sitadel_refresh", "run_id": run_id});
    let told = client.ok("diagnose_workflow_run", asked).await;
    let failed = &told["failed_tasks"][0];
    assert_eq!(
        (&failed["task"], &failed["attempts"]),
        (&json!("scrape[77001]"), &json!(1))
    );
    let message = failed["message"].as_str().unwrap();
    assert!(
        message.contains("ended with 78") && message.contains("none of the authority"),
        "{message}"
    );
    assert_eq!(
        told["upstream_failed"],
        json!(["forecast", "loaded", "refresh"])
    );
    let seen = failed["log"].as_array().unwrap();
    assert!(
        seen.iter()
            .any(|line| line.as_str().unwrap().contains("asked: run sitadel")),
        "{failed}"
    );
}

#[tokio::test]
async fn a_backtest_runs_the_real_mg_kpi() {
    let Some(world) = airflow().await else { return };
    let client = client(&world).await;
    let params = json!({"indicators": ["emploi", "population"]});
    let run_id = client
        .run_to_end("mg_backtest", params, "two-indicators")
        .await;
    let told = client
        .ok(
            "get_workflow_run",
            json!({"dag_id": "mg_backtest", "run_id": run_id}),
        )
        .await;
    assert_eq!(told["state"], "success", "{told}");
    assert_eq!(told["results"]["summary"]["indicators"], 2, "{told}");
}
