//! What is told when the database is not as it should be.

use mg_db::{DatabaseUrl, grants, hidden, store::Store};
use mg_testkit::{PostgresCluster, shared_mariadb, shared_postgres};
use serde_json::json;

use crate::engines::{
    Engine, connect, engines_of_its_own, filled, filled_mariadb, postgres, sqlite,
};

#[tokio::test]
async fn a_database_without_our_tables_is_answered_with_the_command_that_makes_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let url = DatabaseUrl::sqlite(&path);
    let store = Store::creator(&url);
    let mut transaction = store.begin().await.unwrap();
    transaction
        .execute("CREATE TABLE other (n INTEGER)", &[])
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let engine = connect(
        "sqlite",
        folder,
        url,
        Some(&format!("sqlite:{}", path.display())),
        "",
    )
    .await;
    let refusal = engine
        .ask(json!({"name": "logements_autorises"}))
        .await
        .refusal();
    assert!(refusal.contains("mgctl db init"), "{refusal}");
}

#[tokio::test]
async fn another_version_of_our_tables_is_answered_with_what_to_run() {
    for engine in engines_of_its_own().await {
        engine
            .change("UPDATE schema_version SET version = 0", &[])
            .await;
        let ask = async || {
            engine
                .ask(json!({"name": "logements_autorises", "date": "2022"}))
                .await
        };
        let refusal = ask().await.refusal();
        assert!(refusal.contains("mgctl db migrate"), "{refusal}");
        engine
            .change("UPDATE schema_version SET version = 1", &[])
            .await;
        assert_eq!(ask().await.ok()["value"], 1564, "the next call looks again");
    }
}

#[tokio::test]
async fn a_database_that_is_gone_is_told_and_the_next_call_works_once_it_is_back() {
    let Some(cluster) = PostgresCluster::start() else {
        return;
    };
    let database = filled(&cluster).await;
    let engine = postgres(&cluster, &database, "reader", "").await;
    let ask = async || {
        engine
            .ask(json!({"name": "logements_autorises", "date": "2022"}))
            .await
    };
    assert_eq!(ask().await.ok()["value"], 1564);
    cluster.stop();
    let refusal = ask().await.refusal();
    assert!(
        refusal.len() > 30 && !refusal.contains("reader@"),
        "{refusal}"
    );
    cluster.restart();
    assert_eq!(ask().await.ok()["value"], 1564);
}

#[tokio::test]
async fn an_account_that_lacks_a_table_is_told_which_and_how_it_is_granted() {
    let Some(cluster) = shared_postgres() else {
        return;
    };
    let database = filled(cluster).await;
    cluster.sql(&database, "REVOKE SELECT ON fact_permis FROM reader");
    let engine = postgres(cluster, &database, "reader", "").await;
    assert_eq!(
        engine.get("logements_autorises", "2021").await["value"],
        1124,
        "the annual table is enough for years"
    );
    let refusal = engine
        .ask(json!({"name": "permis_autorises", "date": "2022"}))
        .await
        .refusal();
    for part in [
        "`permis_autorises`",
        "fact_permis",
        "mgctl db grants",
        "kpi.database_url",
    ] {
        assert!(refusal.contains(part), "{part}: {refusal}");
    }
    let own = format!(
        "[kpi]\ndatabase_url = \"{}\"",
        cluster.url("owner", &database)
    );
    let engine = postgres(cluster, &database, "reader", &own).await;
    assert!(engine.get("permis_autorises", "2022").await["value"].is_i64());
}

/// The account of viewers, with the rights that `mgctl db grants` prints for it, on the engines that have accounts: as
/// mg-kpi meets it without an account of its own and with one.
async fn viewers() -> Vec<[Engine; 2]> {
    const VIEWER: &str = "kpi_viewer";
    let rights = |engine| grants::reading(engine, VIEWER, &hidden::defaults()).unwrap();
    let mut viewers = Vec::new();
    if let Some(cluster) = shared_postgres() {
        let database = filled(cluster).await;
        cluster.sql(&database, &format!("CREATE ROLE {VIEWER} LOGIN"));
        cluster.sql(&database, &rights(mg_db::Engine::Postgres));
        let url = |role| cluster.url(role, &database);
        viewers.push(both("postgres", &url(VIEWER), &url("owner")).await);
    }
    if let Some(cluster) = shared_mariadb() {
        let database = filled_mariadb(cluster).await;
        cluster.sql(&database, &format!("CREATE USER {VIEWER}"));
        cluster.sql(&database, &rights(mg_db::Engine::MariaDb));
        let url = |role| cluster.url(role, &database);
        viewers.push(both("mariadb", &url(VIEWER), &url("owner")).await);
    }
    viewers
}

async fn both(name: &'static str, viewer: &str, owner: &str) -> [Engine; 2] {
    let own = format!("[kpi]\ndatabase_url = \"{owner}\"");
    let of = async |file: &str| {
        let (folder, owner) = (tempfile::tempdir().unwrap(), DatabaseUrl::parse(owner));
        connect(name, folder, owner.unwrap(), Some(viewer), file).await
    };
    [of("").await, of(&own).await]
}

#[tokio::test]
async fn a_viewers_account_without_hidden_columns_is_told_the_grant_and_the_account_that_helps() {
    for [viewer, own] in viewers().await {
        let value = viewer.get("logements_autorises", "2022-03").await["value"].clone();
        assert!(value.is_i64(), "{}: no hidden column: {value}", viewer.name);
        for name in ["densite_operation", "permis_autorises"] {
            let asked = json!({"name": name, "date": "2022"});
            let refusal = viewer.ask(asked.clone()).await.refusal();
            for part in [name, "fact_permis", "mgctl db grants", "kpi.database_url"] {
                assert!(refusal.contains(part), "{} {part}: {refusal}", viewer.name);
            }
            let told = own.ask(asked).await.ok();
            assert!(told["value"].is_number(), "{} {told}", own.name);
        }
    }
}

#[tokio::test]
async fn the_smallest_cell_is_the_operators() {
    let engine = sqlite("[kpi]\nmin_cell = 1").await;
    let mut told = Vec::new();
    for month in 1..=12 {
        told.push(
            engine
                .at("part_collectif", &format!("2022-{month:02}"), "Lesches")
                .await["status"]
                .clone(),
        );
    }
    assert!(told.iter().all(|status| status != "secret"), "{told:?}");
}

#[tokio::test]
async fn calls_at_once_are_all_answered() {
    let engine = sqlite("").await;
    let ask = async |year: i32| {
        engine.get("logements_autorises", &year.to_string()).await["value"].clone()
    };
    let values = futures::future::join_all((2011..=2024).map(ask)).await;
    assert_eq!(
        values
            .iter()
            .filter_map(serde_json::Value::as_i64)
            .sum::<i64>(),
        18_099
    );
}
