//! Resources, completions and prompts.

use rmcp::model::{
    ArgumentInfo, CompleteRequestParams, GetPromptRequestParams, ReadResourceRequestParams,
    Reference,
};
use serde_json::{Value, json};

use crate::engines::{Engine, engines};

#[tokio::test]
async fn a_table_can_be_read_as_a_resource() {
    for engine in engines().await {
        let peer = engine.client.peer();
        let listed = peer.list_all_resources().await.unwrap();
        assert!(
            listed
                .iter()
                .any(|resource| resource.uri == "mg://schema/fact_permis"),
            "{}",
            engine.name
        );
        let read = peer
            .read_resource(ReadResourceRequestParams::new("mg://schema/dim_commune"))
            .await
            .unwrap();
        let text = serde_json::to_value(read).unwrap()["contents"][0]["text"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(text.contains("siren_commune"), "{}", engine.name);
    }
}

#[tokio::test]
async fn the_pages_of_a_result_can_be_read_as_resources() {
    for engine in engines().await {
        let query = "SELECT date_id, annee FROM dim_date ORDER BY date_id";
        let data = engine
            .client
            .call("run_sql", json!({"query": query, "max_rows": 10}))
            .await
            .ok();
        let mut uri = format!("mg://results/{}", data["next_cursor"].as_str().unwrap());
        let mut days = Vec::new();
        for _page in 0..3 {
            let read = engine.client.peer();
            let read = read.read_resource(ReadResourceRequestParams::new(&uri));
            let read = serde_json::to_value(read.await.unwrap()).unwrap();
            let text = read["contents"][0]["text"].as_str().unwrap();
            assert!(text.chars().count() <= 40_000, "{}", text.len());
            let page: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(page["columns"][0]["name"], "date_id");
            let rows = page["rows"].as_array().unwrap();
            days.extend(rows.iter().map(|row| row[0].as_str().unwrap().to_owned()));
            uri = page["next"].as_str().unwrap().to_owned();
        }
        assert_eq!(days[0], "2011-01-11", "{}", engine.name);
        assert!(days.len() > 1_000 && days.is_sorted(), "{}", days.len());
        assert_eq!(
            days.iter().collect::<std::collections::HashSet<_>>().len(),
            days.len()
        );
        let unknown = ReadResourceRequestParams::new("mg://results/0");
        let refusal = engine
            .client
            .peer()
            .read_resource(unknown)
            .await
            .unwrap_err();
        assert!(
            refusal.to_string().contains("run the query again"),
            "{refusal}"
        );
    }
}

#[tokio::test]
async fn an_unknown_resource_is_told_by_its_address() {
    for engine in engines().await {
        let refusal = engine
            .client
            .peer()
            .read_resource(ReadResourceRequestParams::new("mg://schema/nope"))
            .await
            .unwrap_err();
        assert!(
            refusal.to_string().contains("mg://schema/nope"),
            "{refusal}"
        );
    }
}

async fn completed(engine: &Engine, argument: &str, typed: &str) -> Vec<String> {
    let mut found = Vec::new();
    for reference in [
        Reference::for_resource("mg://schema/{table}"),
        Reference::for_prompt("explore_table"),
    ] {
        let argument = ArgumentInfo::new(argument, typed);
        let request = CompleteRequestParams::new(reference, argument);
        let completed = engine.client.peer().complete(request).await.unwrap();
        found.push(completed.completion.values);
    }
    assert_eq!(found[0], found[1], "{}: {typed}", engine.name);
    found.remove(0)
}

#[tokio::test]
async fn table_names_are_completed_by_their_beginning_or_else_by_likeness() {
    for engine in engines().await {
        for (argument, typed, expected) in [
            ("table", "fact_per", &["fact_permis"][..]),
            ("table", "fact_permit", &["fact_permis"]),
            ("table", "", &["dim_code", "dim_commune", "fact_permis"]),
            ("table", "nothing of the kind", &[]),
            ("year", "20", &[]),
        ] {
            let found = completed(&engine, argument, typed).await;
            let has = |name: &&str| found.iter().any(|found| found == name);
            assert!(
                expected.iter().all(has),
                "{}: {typed}: {found:?}",
                engine.name
            );
            assert_eq!(found.is_empty(), expected.is_empty(), "{typed}: {found:?}");
            // What begins alike is all that is told.
            assert!(typed != "fact_per" || found == expected, "{found:?}");
        }
    }
}

async fn prompt(engine: &Engine, name: &str, arguments: Value) -> String {
    let mut request = GetPromptRequestParams::new(name);
    request.arguments = arguments.as_object().cloned();
    let prompt = engine.client.peer().get_prompt(request).await.unwrap();
    let prompt = serde_json::to_value(prompt).unwrap();
    let text = prompt["messages"][0]["content"]["text"].as_str();
    text.unwrap().to_owned()
}

#[tokio::test]
async fn prompts_are_filled_in_french_and_by_their_defaults() {
    let engine = engines().await.remove(0);
    let listed = engine.client.peer().list_all_prompts().await.unwrap();
    assert_eq!(listed.len(), 2);
    for (name, arguments, told) in [
        (
            "permits_by_commune",
            json!({"year": "2023"}),
            "logements autorisés en 2023",
        ),
        (
            "permits_by_commune",
            json!({}),
            "logements autorisés en 2022",
        ),
        (
            "explore_table",
            json!({"table": "dim_commune"}),
            "la table dim_commune",
        ),
        ("explore_table", json!({}), "la table fact_permis"),
    ] {
        let text = prompt(&engine, name, arguments).await;
        assert!(text.contains(told), "{text}");
    }
}
