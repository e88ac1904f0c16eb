//! `search_schema`: discovery with progressive detail.

use serde_json::json;

use crate::engines::engines;

#[tokio::test]
async fn a_word_finds_tables_and_views_by_name_best_first() {
    for engine in engines().await {
        let data = engine
            .client
            .call(
                "search_schema",
                json!({"pattern": "permis", "detail": "names"}),
            )
            .await
            .ok();
        let names: Vec<_> = data["objects"]
            .as_array()
            .unwrap()
            .iter()
            .map(|object| object["name"].as_str().unwrap())
            .collect();
        assert!(
            names.starts_with(&["fact_permis"]) && names.contains(&"v_permis_public"),
            "{}: {names:?}",
            engine.name
        );
        assert_eq!(
            (&data["total"], &data["truncated"]),
            (&json!(names.len()), &json!(false))
        );
    }
}

#[tokio::test]
async fn columns_are_found_by_kind() {
    for engine in engines().await {
        let data = engine
            .client
            .call(
                "search_schema",
                json!({"pattern": "etat_dau", "kind": "column"}),
            )
            .await
            .ok();
        assert_eq!(
            data["objects"][0]["name"], "fact_permis.etat_dau",
            "{}",
            engine.name
        );
        assert_eq!(data["objects"][0]["kind"], "column");
    }
}

#[tokio::test]
async fn full_detail_tells_keys_indexes_and_references() {
    for engine in engines().await {
        let data = engine
            .client
            .call(
                "search_schema",
                json!({"pattern": "fact_permis", "kind": "table", "detail": "full"}),
            )
            .await
            .ok();
        let table = &data["objects"][0];
        let keys: Vec<_> = table["columns"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|column| column["primary_key"] == true)
            .collect();
        // The third, the permit's number, is hidden.
        assert_eq!(keys.len(), 2, "{}", engine.name);
        assert!(
            table["foreign_keys"].to_string().contains("dim_commune"),
            "{}",
            engine.name
        );
        assert!(
            table["indexes"].to_string().contains("ix_permis_comm_date"),
            "{}",
            engine.name
        );
        assert!(
            table["estimated_rows"].as_i64().unwrap() > 1000,
            "{}: {}",
            engine.name,
            table["estimated_rows"]
        );
    }
}

#[tokio::test]
async fn what_matches_nothing_is_answered_with_near_names() {
    for engine in engines().await {
        let answer = engine
            .client
            .call("search_schema", json!({"pattern": "fact_permi5"}))
            .await;
        assert_eq!(answer.data["total"], 0);
        assert!(
            answer.text.contains("nearest names: fact_permis"),
            "{}: {}",
            engine.name,
            answer.text
        );
    }
}

#[tokio::test]
async fn the_limit_cuts_and_the_total_says_so() {
    for engine in engines().await {
        let data = engine
            .client
            .call("search_schema", json!({"limit": 3, "detail": "names"}))
            .await
            .ok();
        assert_eq!(
            (
                data["objects"].as_array().unwrap().len(),
                &data["truncated"]
            ),
            (3, &json!(true))
        );
        assert!(data["total"].as_u64().unwrap() > 15, "{}", engine.name);
    }
}

#[tokio::test]
async fn everything_at_once_stays_within_the_budget() {
    for engine in engines().await {
        let answer = engine
            .client
            .call("search_schema", json!({"detail": "full", "limit": 500}))
            .await;
        let size = answer.text.chars().count() + answer.data.to_string().chars().count();
        assert!(
            !answer.is_error && size <= 40_000,
            "{}: {size}",
            engine.name
        );
    }
}
