//! The list of tools, completions, prompts, and `--check`.

use mg_core::Role;
use mg_testkit::{Process, assert_portable};
use rmcp::model::{ArgumentInfo, CompleteRequestParams, GetPromptRequestParams, Reference};
use serde_json::{Value, json};

use crate::world::{Client, airflow};

async fn tools(role: Role) -> Vec<Value> {
    let client = Client::with(role, "").await;
    let tools = client.inner.peer().list_all_tools().await.unwrap();
    tools
        .iter()
        .map(|tool| serde_json::to_value(tool).unwrap())
        .collect()
}

#[tokio::test]
async fn an_editor_has_the_tools_of_a_viewer_and_those_that_start_and_stop() {
    let names = async |role| {
        let tools = tools(role).await;
        let names = tools
            .iter()
            .map(|tool| tool["name"].as_str().unwrap().to_owned());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    let (viewer, editor) = (names(Role::Viewer).await, names(Role::Editor).await);
    let more: Vec<_> = editor.difference(&viewer).collect();
    assert_eq!(more, ["cancel_workflow_run", "run_workflow"]);
    assert_eq!(viewer.len(), 5);
}

#[tokio::test]
async fn every_client_can_read_the_list_of_tools() {
    let tools = tools(Role::Editor).await;
    assert_portable(&tools);
    for tool in &tools {
        let writes =
            ["run_workflow", "cancel_workflow_run"].contains(&tool["name"].as_str().unwrap());
        assert_eq!(tool["annotations"]["readOnlyHint"], !writes);
    }
}

#[tokio::test]
async fn prompts_ask_in_the_language_of_the_settings() {
    let client = Client::with(Role::Viewer, "").await;
    assert_eq!(
        client.inner.peer().list_all_prompts().await.unwrap().len(),
        3
    );
    let request = GetPromptRequestParams::new("failed_overnight");
    let prompt = client.inner.peer().get_prompt(request).await.unwrap();
    let prompt = serde_json::to_value(prompt).unwrap();
    let text = prompt["messages"][0]["content"]["text"].as_str().unwrap();
    assert!(
        text.contains("depuis 24h") && text.contains("list_workflow_runs"),
        "{text}"
    );
}

#[tokio::test]
async fn workflows_that_may_be_seen_are_completed() {
    let Some(world) = airflow().await else { return };
    let client = world.client(Role::Viewer).await;
    let completed = async |typed: &str| {
        let argument = json!({"name": "dag_id", "value": typed});
        let argument: ArgumentInfo = serde_json::from_value(argument).unwrap();
        let request = CompleteRequestParams::new(Reference::for_prompt("run_and_follow"), argument);
        client
            .inner
            .peer()
            .complete(request)
            .await
            .unwrap()
            .completion
            .values
    };
    assert_eq!(completed("mg_q").await, ["mg_quick"]);
    assert!(completed("secret").await.is_empty());
}

#[tokio::test]
async fn check_tells_whether_airflow_lets_the_role_in() {
    let check = |variables: &[(&str, &str)]| {
        let home = tempfile::tempdir().unwrap();
        let mut command = Process::command("mg-airflow", &["--check"], variables, home.path());
        let output = command.output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, told) = check(&[]);
    assert!(
        code == Some(0) && told.contains("no Airflow is configured"),
        "{told}"
    );
    let account = [
        ("MG_AIRFLOW_USERNAME", "mg_viewer"),
        ("MG_AIRFLOW_PASSWORD", "hunter2"),
    ];
    let at = |url| [("MG_AIRFLOW_URL", url), account[0], account[1]];
    let (code, told) = check(&at("http://127.0.0.1:1"));
    assert!(
        code == Some(69) && told.contains("down") && !told.contains("hunter2"),
        "{told}"
    );
    let (code, told) = check(&[("MG_AIRFLOW_URL", "https://127.0.0.1:1")]);
    assert!(
        code == Some(78) && told.contains("airflow.viewer"),
        "{told}"
    );
    let (code, _) = check(&at("http://airflow.example.org"));
    assert_eq!(code, Some(78), "plain http to another machine");
    let Some(world) = airflow().await else { return };
    let url = world.airflow.url();
    let (code, told) = check(&at(&url));
    assert!(code == Some(69) && told.contains("does not let"), "{told}");
    let known = [
        ("MG_AIRFLOW_PASSWORD", "mg_viewer-password"),
        account[0],
        ("MG_AIRFLOW_URL", &url),
    ];
    let (code, told) = check(&known);
    assert!(
        code == Some(0) && told.contains("Airflow 3.") && told.contains("8 workflows"),
        "{told}"
    );
}
