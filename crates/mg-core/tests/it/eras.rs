//! Both protocol eras, and what a server without prompts and resources answers.

use std::sync::Arc;

use mg_core::{Caller, Clock, Role, serve::Host};
use mg_testkit::{Era, FixtureServer, MemoryClient, assert_portable};
use serde_json::json;

async fn connect(era: Era) -> (MemoryClient, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let settings = MemoryClient::settings(Role::Editor, folder.path(), None);
    let host = Host::<FixtureServer>::new(
        Arc::new(settings),
        Caller::local(Role::Editor),
        Clock::system(),
    )
    .unwrap();
    (MemoryClient::to(era, host).await, folder)
}

#[tokio::test]
async fn both_eras_list_and_call_the_same_tools() {
    for era in [Era::Initialize, Era::Discover] {
        let (client, _folder) = connect(era).await;
        assert_eq!(
            client.peer().list_all_tools().await.unwrap().len(),
            6,
            "{era:?}"
        );
        assert_eq!(
            client.call("echo", json!({"text": "x"})).await.text,
            "x",
            "{era:?}"
        );
    }
}

#[tokio::test]
async fn a_tool_list_may_be_kept_by_this_caller_alone() {
    let (client, _folder) = connect(Era::Discover).await;
    let list = client.peer().list_tools(None).await.unwrap();
    let list = serde_json::to_value(list).unwrap();
    assert_eq!(
        (&list["cacheScope"], &list["ttlMs"]),
        (&json!("private"), &json!(300_000))
    );
}

#[tokio::test]
async fn what_is_not_offered_answers_method_not_found() {
    let (client, _folder) = connect(Era::Initialize).await;
    let peer = client.peer();
    let refusals = [
        peer.list_prompts(None).await.unwrap_err().to_string(),
        peer.list_resources(None).await.unwrap_err().to_string(),
        peer.list_resource_templates(None)
            .await
            .unwrap_err()
            .to_string(),
    ];
    for refusal in refusals {
        assert!(refusal.contains("-32601"), "{refusal}");
    }
}

#[tokio::test]
async fn the_schemas_of_the_fixture_are_portable() {
    let (client, _folder) = connect(Era::Initialize).await;
    let tools = client.peer().list_all_tools().await.unwrap();
    let tools: Vec<_> = tools
        .iter()
        .map(|tool| serde_json::to_value(tool).unwrap())
        .collect();
    assert_portable(&tools);
}
