//! Airflow goes away, comes back, and forgets the tokens it gave.

use mg_core::Role;
use serde_json::json;

use crate::world::airflow_alone;

#[tokio::test]
async fn airflow_may_stop_and_start_between_calls_and_forget_its_tokens() {
    let Some(world) = airflow_alone().await else {
        return;
    };
    let client = world.client(Role::Viewer).await;
    assert_eq!(client.ok("list_workflows", json!({})).await["total"], 4);
    let airflow = world.airflow;
    tokio::task::spawn_blocking(move || airflow.stop())
        .await
        .unwrap();
    let told = client.refusal("list_workflows", json!({})).await;
    assert!(
        told.contains("cannot be reached") && told.contains("--check"),
        "{told}"
    );
    tokio::task::spawn_blocking(move || airflow.restart_with_another_secret())
        .await
        .unwrap();
    // The token of before is refused with 403 now, and a new one asked for.
    assert_eq!(client.ok("list_workflows", json!({})).await["total"], 4);
    tokio::task::spawn_blocking(move || {
        airflow.stop();
        airflow.restart();
    })
    .await
    .unwrap();
    assert_eq!(client.ok("list_workflows", json!({})).await["total"], 4);
}
