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
        let joins = table["joins"].to_string();
        assert!(
            joins.contains("fact_permis.comm → dim_commune.comm"),
            "{}: {joins}",
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

#[tokio::test]
async fn full_detail_tells_how_far_columns_reach_their_few_values_and_what_codes_mean() {
    for engine in engines().await {
        let ask = json!({"pattern": "fact_permis", "kind": "table", "detail": "full"});
        let answer = engine.client.call("search_schema", ask).await;
        let column = |name: &str| {
            let columns = answer.data["objects"][0]["columns"].as_array().unwrap();
            columns
                .iter()
                .find(|column| column["name"] == name)
                .unwrap()
                .clone()
        };
        let day = column("date_reelle_autorisation");
        assert!(
            day["range"][0].as_str().unwrap().starts_with("2013-")
                && day["range"][1].as_str().unwrap().starts_with("2026-"),
            "{}: {day}",
            engine.name
        );
        let state = column("etat_dau");
        assert_eq!(
            state["values"],
            json!(["2", "4", "5", "6"]),
            "{}",
            engine.name
        );
        assert_eq!(state["labels"]["4"], "Annulé");
        assert_eq!(column("fichier")["range"], json!(null));
        assert!(column("comm")["values"].is_null(), "more than a few");
        assert!(
            answer
                .text
                .contains("{2 Autorisé, 4 Annulé, 5 Commencé, 6 Terminé}"),
            "{}",
            answer.text
        );
        assert!(answer.text.contains("date 2013-01-05…"), "{}", answer.text);
        let ask = json!({"pattern": "dim_commune", "kind": "table", "detail": "full"});
        let commune = engine.client.call("search_schema", ask).await.ok();
        let referenced = commune["objects"][0]["referenced_by"].to_string();
        assert!(
            referenced.contains("fact_permis.comm → dim_commune.comm"),
            "{referenced}"
        );
    }
}

#[tokio::test]
async fn values_of_hidden_columns_are_neither_asked_nor_told() {
    for engine in engines().await {
        let ask = json!({"pattern": "permis", "detail": "full"});
        let answer = engine.client.call("search_schema", ask).await;
        assert!(
            !answer.text.contains("left out"),
            "{}: {}",
            engine.name,
            answer.text
        );
        let objects = answer.data["objects"].as_array().unwrap();
        let permits = objects
            .iter()
            .find(|object| object["name"] == "fact_permis")
            .unwrap();
        assert!(permits["columns"][0]["values"].is_array(), "{permits}");
        assert!(
            !permits.to_string().contains("superficie_terrain"),
            "{permits}"
        );
    }
}

#[tokio::test]
async fn words_of_the_comments_find_tables_and_columns_in_french_and_english() {
    for engine in engines().await {
        let names = async |pattern: &str, kind: &str| -> Vec<String> {
            let ask = json!({"pattern": pattern, "kind": kind});
            let data = engine.client.call("search_schema", ask).await.ok();
            let objects = data["objects"].as_array().unwrap().iter();
            objects
                .map(|object| object["name"].as_str().unwrap().to_owned())
                .collect()
        };
        let found = names("logements commences", "table").await;
        assert_eq!(found[0], "fact_logements_annuel", "{}", engine.name);
        assert!(
            names("AUTORISATION", "table")
                .await
                .contains(&"fact_permis".to_owned())
        );
        assert!(
            names("building permits", "table")
                .await
                .contains(&"fact_permis".to_owned())
        );
        let columns = names("logements demolis", "column").await;
        assert_eq!(columns, ["fact_permis.nb_lgt_demolis"], "{}", engine.name);
    }
}
