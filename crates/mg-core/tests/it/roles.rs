//! The role gate on the shared call path.

use mg_core::Role;
use serde_json::json;

use crate::fixture;

#[tokio::test]
async fn a_viewer_does_not_see_what_only_editors_may_call() {
    let (client, _folder) = fixture(Role::Viewer).await;
    let tools = client.peer().list_all_tools().await.unwrap();
    assert!(tools.iter().all(|tool| tool.name != "writes") && tools.len() == 5);
}

#[tokio::test]
async fn a_hidden_tool_answers_a_viewer_like_an_unknown_one() {
    let (client, _folder) = fixture(Role::Viewer).await;
    let hidden = client.call("writes", json!({})).await.refusal();
    let unknown = client.call("wrotes", json!({})).await.refusal();
    assert_eq!(
        hidden.replace("writes", "x"),
        unknown.replace("wrotes", "x")
    );
    assert!(hidden.contains("echo"), "{hidden}");
}

#[tokio::test]
async fn an_editor_sees_and_calls_it() {
    let (client, _folder) = fixture(Role::Editor).await;
    let tools = client.peer().list_all_tools().await.unwrap();
    assert!(tools.iter().any(|tool| tool.name == "writes"));
    assert_eq!(
        client.call("writes", json!({})).await.text,
        "written by local"
    );
}
