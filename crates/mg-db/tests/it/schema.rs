//! Our tables on every engine: made once, upgraded, filled with the demo.

use mg_db::{
    DatabaseUrl, Engine, Value,
    demo::DemoOptions,
    fill,
    gate::{Gate, GateOptions},
    grants::grants,
    hidden,
    schema::{self, SchemaStatus},
    store::{Store, StoreError},
};
use mg_testkit::{shared_mariadb, shared_postgres};
use tempfile::TempDir;

use crate::bench::{caps, read};

const NOW: &str = "2026-11-22T10:00:00Z";

/// An empty database of each engine; the folder holds the SQLite file.
fn empty() -> (TempDir, Vec<(DatabaseUrl, String)>) {
    let folder = tempfile::tempdir().unwrap();
    let mut urls = vec![(
        DatabaseUrl::sqlite(folder.path().join("empty.db")),
        String::new(),
    )];
    if let Some(cluster) = shared_postgres() {
        let database = cluster.create_database();
        let url = DatabaseUrl::parse(&cluster.url("owner", &database)).unwrap();
        urls.push((url, database));
    }
    if let Some(cluster) = shared_mariadb() {
        let database = cluster.create_database();
        let url = DatabaseUrl::parse(&cluster.url("owner", &database)).unwrap();
        urls.push((url, database));
    }
    (folder, urls)
}

#[tokio::test]
async fn the_tables_are_made_once_and_migrating_again_changes_nothing() {
    let (_folder, urls) = empty();
    for (url, _) in urls {
        let store = Store::creator(&url);
        let expected = schema::expected_version();
        let made = SchemaStatus {
            version: Some(expected),
            expected,
        };
        if url.engine() != Engine::Sqlite {
            assert_eq!(schema::status(&store).await.unwrap().version, None);
        }
        let error = schema::migrate(&store, NOW).await.unwrap_err();
        assert!(error.to_string().contains("`mgctl db init`"), "{error}");
        assert_eq!(schema::init(&store, NOW).await, Ok(made));
        for _ in 0..2 {
            assert_eq!(schema::migrate(&store, NOW).await, Ok(made));
        }
        let error = schema::init(&store, NOW).await.unwrap_err();
        assert!(matches!(error, StoreError::Schema(_)), "{error:?}");
        let rows = store
            .fetch("SELECT version, applique_le FROM schema_version", &[])
            .await
            .unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].values(), [Value::Integer(1), NOW.into()]);
        assert_eq!(schema::status(&Store::reader(&url)).await, Ok(made));
    }
}

#[tokio::test]
async fn every_table_and_view_can_be_read() {
    let (_folder, urls) = empty();
    for (url, _) in urls {
        let store = Store::creator(&url);
        schema::init(&store, NOW).await.unwrap();
        for (table, columns) in schema::columns().unwrap() {
            let sql = format!("SELECT {} FROM {table}", columns.join(", "));
            let rows = store.fetch(&sql, &[]).await;
            assert!(rows.is_ok(), "{}: {table}: {rows:?}", url.engine());
        }
    }
}

#[tokio::test]
async fn tables_of_somebody_else_are_not_touched() {
    let (_folder, urls) = empty();
    for (url, _) in urls {
        let store = Store::creator(&url);
        let mut transaction = store.begin().await.unwrap();
        transaction
            .execute("CREATE TABLE dim_zac (a INTEGER)", &[])
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        let error = schema::init(&store, NOW).await.unwrap_err();
        assert!(
            matches!(&error, StoreError::Schema(told) if told.contains("(dim_zac)")),
            "{error:?}"
        );
        assert_eq!(schema::status(&store).await.unwrap().version, None);
        assert!(store.fetch("SELECT a FROM dim_zac", &[]).await.is_ok());
    }
}

#[tokio::test]
async fn a_newer_schema_is_left_to_a_newer_program() {
    let (_folder, urls) = empty();
    for (url, _) in urls {
        let store = Store::creator(&url);
        schema::init(&store, NOW).await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        let row = vec![Value::Integer(99), NOW.into()];
        transaction
            .insert("schema_version", &["version", "applique_le"], &[row])
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        let error = schema::migrate(&store, NOW).await.unwrap_err();
        assert!(error.to_string().ends_with("update the program"), "{error}");
    }
}

#[tokio::test]
async fn the_demo_is_the_same_on_every_engine_and_the_reader_sees_what_it_is_granted() {
    let (_folder, urls) = empty();
    let mut answers = Vec::new();
    for (url, database) in urls {
        let store = Store::creator(&url);
        schema::init(&store, NOW).await.unwrap();
        let mut transaction = store.begin().await.unwrap();
        let options = DemoOptions {
            extra_permits: 0,
            loaded_at: NOW.into(),
        };
        assert!(fill::demo(&mut transaction, &options).await.unwrap() > 1_000);
        transaction.commit().await.unwrap();
        let year = "SELECT COUNT(*), SUM(nb_lgt_tot_crees) FROM fact_permis JOIN dim_commune ON dim_commune.comm = fact_permis.comm WHERE fichier = 'logements' AND etat_dau <> 4 AND date_reelle_autorisation BETWEEN ? AND ?";
        let rows = store
            .fetch(year, &["2022-01-01".into(), "2022-12-31".into()])
            .await
            .unwrap();
        assert_eq!(rows[0].integer(1), Ok(1564));
        answers.push((rows[0].integer(0), rows[0].integer(1)));
        if url.engine() == Engine::Postgres {
            only_the_granted_columns(&database).await;
        }
    }
    assert!(
        answers.windows(2).all(|pair| pair[0] == pair[1]),
        "{answers:?}"
    );
}

async fn only_the_granted_columns(database: &str) {
    let cluster = shared_postgres().unwrap();
    let sql = grants(Engine::Postgres, "reader", "writer", &hidden::defaults()).unwrap();
    cluster.sql(database, &sql);
    let url = |role| DatabaseUrl::parse(&cluster.url(role, database)).unwrap();
    let gate = Gate::new(&url("reader"), GateOptions::default());
    assert!(!gate.account().await.unwrap().may_write);
    let permits = read(&gate, "SELECT comm, etat_dau FROM fact_permis", &[], caps())
        .await
        .unwrap();
    assert!(permits.1.truncated);
    for hidden in ["denom_dem", "num_dau", "adr_num_ter", "*"] {
        let error = read(
            &gate,
            &format!("SELECT {hidden} FROM fact_permis"),
            &[],
            caps(),
        )
        .await
        .unwrap_err();
        assert_eq!(error.to_string(), "permission denied for fact_permis");
    }
    let public = "SELECT count(denom_dem) > 0 FROM v_permis_public";
    assert_eq!(
        read(&gate, public, &[], caps()).await.unwrap().0.values,
        [[serde_json::json!(true)]]
    );
    let mut writer = Store::writer(&url("writer")).begin().await.unwrap();
    assert!(
        writer
            .execute("UPDATE dim_zac SET nom = nom", &[])
            .await
            .is_ok()
    );
    assert!(
        writer
            .execute("CREATE TABLE web_test (a INTEGER)", &[])
            .await
            .is_ok()
    );
}
