//! `cancel_workflow_run`, where there is nothing to cancel.

use mg_core::Role;
use serde_json::json;

use crate::world::airflow;

#[tokio::test]
async fn a_reason_and_a_run_are_needed() {
    let Some(world) = airflow().await else { return };
    let client = world.client(Role::Editor).await;
    let run_id = client
        .run_to_end("mg_quick", json!({}), "ended-long-ago")
        .await;
    let cancel = |run_id: &str, reason: &str| json!({"dag_id": "mg_quick", "run_id": run_id, "reason": reason});
    let told = client
        .refusal("cancel_workflow_run", cancel(&run_id, "  "))
        .await;
    assert!(told.contains("needs a reason"), "{told}");
    let told = client
        .refusal("cancel_workflow_run", cancel("mcp__nowhere", "no"))
        .await;
    assert!(
        told.contains("has no run `mcp__nowhere`") && told.contains("its newest: "),
        "{told}"
    );
    let left = client
        .ok("cancel_workflow_run", cancel(&run_id, "too late"))
        .await;
    assert_eq!(
        (&left["state"], &left["cancelled"]),
        (&json!("success"), &json!(false))
    );
    assert!(left["note"].is_null(), "{left}");
}
