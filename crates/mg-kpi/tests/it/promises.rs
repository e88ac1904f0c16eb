//! Every answer keeps to the output schema of its tool: clients check that, and drop what does not.

use serde_json::{Value, json};

use crate::engines::sqlite;

/// Where a value breaks a schema of the plain kind.
fn broken(schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    if let Some(alternatives) = schema["anyOf"].as_array() {
        let fits = |alternative: &Value| {
            let mut inner = Vec::new();
            broken(alternative, value, path, &mut inner);
            inner.is_empty()
        };
        if !alternatives.iter().any(fits) {
            found.push(format!("{path}: {value} is none of {alternatives:?}"));
        }
        return;
    }
    let fits = match schema["type"].as_str() {
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        Some("null") => value.is_null(),
        _ => true,
    };
    let named = schema["enum"]
        .as_array()
        .is_none_or(|names| names.contains(value));
    if !fits || !named {
        found.push(format!("{path}: {value} is no {}", schema["type"]));
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        if value.get(name.as_str().unwrap()).is_none() {
            found.push(format!("{path}/{name} is absent"));
        }
    }
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(field) = value.get(name) {
            broken(inner, field, &format!("{path}/{name}"), found);
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        broken(&schema["items"], item, &format!("{path}/{index}"), found);
    }
}

#[tokio::test]
async fn answers_keep_to_the_schemas_they_are_announced_with() {
    let engine = sqlite("").await;
    let tools = engine.client.peer().list_all_tools().await.unwrap();
    for (name, arguments) in [
        ("list_indicators", json!({})),
        ("list_indicators", json!({"name": "logements_autorises"})),
        (
            "get_indicator",
            json!({"name": "logements_autorises", "date": "2022"}),
        ),
        (
            "get_indicator",
            json!({"name": "logements_commences", "date": "2024"}),
        ),
        (
            "get_series",
            json!({"name": "logements_autorises", "grain": "year"}),
        ),
        (
            "get_series",
            json!({"name": "logements_commences", "from": "2023", "to": "2024"}),
        ),
        (
            "compare_territories",
            json!({"name": "logements_autorises", "date": "2022"}),
        ),
        (
            "compare_territories",
            json!({"name": "part_collectif", "date": "2022-03"}),
        ),
        (
            "forecast_kpi",
            json!({"name": "logements_autorises_cumul12", "territory": "FR"}),
        ),
        ("detect_anomalies", json!({"name": "logements_commences"})),
    ] {
        let tool = tools.iter().find(|tool| tool.name == name).unwrap();
        let schema = serde_json::to_value(tool).unwrap()["outputSchema"].clone();
        let answer = engine.client.call(name, arguments.clone()).await.ok();
        let mut found = Vec::new();
        broken(&schema, &answer, "", &mut found);
        assert!(found.is_empty(), "{name} {arguments}: {found:?}");
    }
}
