//! The list of tools, resources, completions and prompts.

use mg_core::{Clock, Role};
use mg_kpi::KpiServer;
use mg_testkit::{Era, MemoryClient, assert_portable};
use rmcp::model::{
    ArgumentInfo, CompleteRequestParams, GetPromptRequestParams, ReadResourceRequestParams,
    Reference,
};
use serde_json::{Value, json};

use crate::engines::sqlite;

async fn tools(role: Role) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let settings = MemoryClient::settings(role, folder.path(), None);
    let client =
        MemoryClient::connect_in::<KpiServer>(Era::Discover, settings, Clock::system()).await;
    let tools = client.peer().list_all_tools().await.unwrap();
    assert!(
        !folder.path().join("mg.db").exists(),
        "listing opens nothing"
    );
    tools
        .iter()
        .map(|tool| serde_json::to_value(tool).unwrap())
        .collect()
}

#[tokio::test]
async fn an_editor_has_the_tools_of_a_viewer_and_the_one_that_writes() {
    let names = async |role| {
        let tools = tools(role).await;
        let names = tools
            .iter()
            .map(|tool| tool["name"].as_str().unwrap().to_owned());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    let (viewer, editor) = (names(Role::Viewer).await, names(Role::Editor).await);
    let more: Vec<_> = editor.difference(&viewer).collect();
    assert_eq!(more, ["refresh_indicators"]);
    assert!(viewer.is_subset(&editor));
}

#[tokio::test]
async fn every_client_can_read_the_list_of_tools() {
    assert_portable(&tools(Role::Editor).await);
}

#[tokio::test]
async fn a_definition_can_be_read_as_a_resource() {
    let engine = sqlite("").await;
    let listed = engine.client.peer().list_all_resources().await.unwrap();
    assert!(
        listed
            .iter()
            .any(|resource| resource.uri == "mg://kpi/logements_autorises")
    );
    let request = ReadResourceRequestParams::new("mg://kpi/part_collectif");
    let read =
        serde_json::to_value(engine.client.peer().read_resource(request).await.unwrap()).unwrap();
    assert!(
        read["contents"][0]["text"]
            .as_str()
            .unwrap()
            .contains("nb_lgt_col_hors_res"),
        "{read}"
    );
    let unknown = ReadResourceRequestParams::new("mg://kpi/part_collectifs");
    assert!(
        engine
            .client
            .peer()
            .read_resource(unknown)
            .await
            .unwrap_err()
            .to_string()
            .contains("part_collectif")
    );
}

async fn completed(argument: &str, typed: &str) -> Vec<String> {
    let engine = sqlite("").await;
    let argument: ArgumentInfo =
        serde_json::from_value(json!({"name": argument, "value": typed})).unwrap();
    let request = CompleteRequestParams::new(Reference::for_prompt("housing_report"), argument);
    engine
        .client
        .peer()
        .complete(request)
        .await
        .unwrap()
        .completion
        .values
}

#[tokio::test]
async fn names_of_indicators_and_territories_are_completed() {
    assert_eq!(
        completed("name", "logements_a").await,
        [
            "logements_acheves",
            "logements_autorises",
            "logements_autorises_cumul12",
            "logements_autorises:avec_annules"
        ]
    );
    assert_eq!(
        completed("territory", "bussy").await,
        ["Bussy-Saint-Georges", "Bussy-Saint-Martin"]
    );
    assert!(completed("date", "20").await.is_empty());
}

#[tokio::test]
async fn prompts_ask_in_the_language_of_the_settings() {
    let engine = sqlite("").await;
    let prompts = engine.client.peer().list_all_prompts().await.unwrap();
    assert_eq!(prompts.len(), 3);
    let arguments = json!({"territory": "Lagny"}).as_object().cloned().unwrap();
    let request = GetPromptRequestParams::new("housing_report").with_arguments(arguments);
    let prompt =
        serde_json::to_value(engine.client.peer().get_prompt(request).await.unwrap()).unwrap();
    let text = prompt["messages"][0]["content"]["text"].as_str().unwrap();
    assert!(
        text.contains("Lagny") && text.contains("n'est pas un zéro"),
        "{text}"
    );
}
