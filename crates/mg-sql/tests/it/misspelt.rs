//! What is answered to names that are nearly right.

use serde_json::json;

use crate::engines::engines;

#[tokio::test]
async fn a_misspelt_table_is_told_in_the_engines_own_words() {
    for engine in engines().await {
        let refusal = engine
            .client
            .call("run_sql", json!({"query": "SELECT * FROM dim_comune"}))
            .await
            .refusal();
        assert!(refusal.contains("dim_comune"), "{}: {refusal}", engine.name);
    }
}

#[tokio::test]
async fn misspelt_names_are_answered_with_their_neighbours() {
    for engine in engines().await {
        let ask = async |query: &str| {
            engine
                .client
                .call("run_sql", json!({"query": query}))
                .await
                .refusal()
        };
        let table = ask("SELECT * FROM dim_comune").await;
        assert!(
            table.contains("nearest tables: dim_commune"),
            "{}: {table}",
            engine.name
        );
        let column = ask("SELECT etat FROM fact_permis").await;
        assert!(
            column.contains("nearest columns: etat_dau"),
            "{}: {column}",
            engine.name
        );
        let other = ask("SELECT weather FROM fact_permis").await;
        assert!(!other.contains("nearest"), "{}: {other}", engine.name);
        let alias = ask("SELECT q.comm FROM fact_permis AS p").await;
        assert!(
            alias.contains("its FROM has: p"),
            "{}: {alias}",
            engine.name
        );
    }
}
