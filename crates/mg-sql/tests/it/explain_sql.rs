//! `explain_sql`: plans of statements that are never run.

use serde_json::json;

use crate::engines::engines;

#[tokio::test]
async fn a_plan_names_its_steps_and_what_the_engine_estimates() {
    for engine in engines().await {
        let query = "SELECT COUNT(*) FROM fact_permis WHERE comm = '77243'";
        let answer = engine
            .client
            .call("explain_sql", json!({"query": query}))
            .await;
        let steps = answer.data["plan"].to_string();
        assert!(
            steps.contains("ix_permis_comm_date") || steps.contains("fact_permis"),
            "{}: {steps}",
            engine.name
        );
        assert_eq!(
            answer.data["cost"].is_null(),
            engine.name != "postgres",
            "{}",
            engine.name
        );
        assert_eq!(
            answer.data["estimated_rows"].is_null(),
            engine.name == "sqlite",
            "{}",
            engine.name
        );
        assert!(
            answer
                .text
                .contains(answer.data["plan"][0].as_str().unwrap()),
            "{}",
            answer.text
        );
    }
}

#[tokio::test]
async fn parameters_are_planned_too() {
    for engine in engines().await {
        let query = format!("SELECT * FROM dim_commune WHERE comm = {}", engine.mark(1));
        let data = engine
            .client
            .call("explain_sql", json!({"query": query, "params": ["77243"]}))
            .await
            .ok();
        assert!(
            data["plan"].to_string().contains("dim_commune"),
            "{}: {data}",
            engine.name
        );
    }
}

#[tokio::test]
async fn a_statement_that_would_never_end_is_planned_at_once() {
    for engine in engines().await {
        let endless = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT COUNT(*) FROM r";
        assert!(
            !engine
                .client
                .call("explain_sql", json!({"query": endless}))
                .await
                .is_error,
            "{}",
            engine.name
        );
    }
}

#[tokio::test]
async fn a_second_statement_and_a_misspelt_table_are_refused() {
    for engine in engines().await {
        let ask = async |query: &str| {
            engine
                .client
                .call("explain_sql", json!({"query": query}))
                .await
                .refusal()
        };
        assert!(
            ask("SELECT 1; DROP TABLE dim_zac").await.len() > 20,
            "{}",
            engine.name
        );
        assert!(
            ask("SELECT * FROM dim_comune")
                .await
                .contains("nearest tables: dim_commune"),
            "{}",
            engine.name
        );
    }
}
