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
        match url.engine() {
            Engine::Sqlite => {}
            Engine::Postgres => only_the_granted_columns(&database).await,
            Engine::MariaDb => only_the_granted_columns_of_mariadb(&database).await,
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

async fn only_the_granted_columns_of_mariadb(database: &str) {
    let cluster = shared_mariadb().unwrap();
    cluster.sql(
        database,
        "CREATE USER viewer_of_columns; CREATE USER writer_of_rows",
    );
    let sql = grants(
        Engine::MariaDb,
        "viewer_of_columns",
        "writer_of_rows",
        &hidden::defaults(),
    )
    .unwrap();
    cluster.sql(database, &sql);
    let url = |role| DatabaseUrl::parse(&cluster.url(role, database)).unwrap();
    let gate = Gate::new(&url("viewer_of_columns"), GateOptions::default());
    let account = gate.account().await.unwrap();
    assert_eq!((account.privileged, account.may_write), (None, false));
    let cell = async |sql: &str| {
        let rows = read(&gate, sql, &[], caps()).await;
        rows.map(|(rows, _)| rows.values[0][0].clone())
    };
    assert!(
        cell("SELECT COUNT(*) FROM fact_permis")
            .await
            .unwrap()
            .as_i64()
            > Some(300)
    );
    assert!(
        cell("SELECT comm FROM fact_permis WHERE etat_dau = 4")
            .await
            .is_ok()
    );
    for sql in [
        "SELECT denom_dem FROM fact_permis",
        "SELECT num_dau FROM fact_permis",
        "SELECT adr_num_ter FROM fact_permis",
        "SELECT * FROM fact_permis",
        "SELECT p.* FROM fact_permis AS p",
        "SELECT comm FROM fact_permis WHERE siren_dem = '200000000'",
        "SELECT comm FROM fact_permis ORDER BY denom_dem",
        "SELECT comm FROM fact_permis GROUP BY comm HAVING MAX(denom_dem) > 'M'",
        "SELECT COUNT(denom_dem) FROM fact_permis",
        "WITH v_permis_public AS (SELECT denom_dem FROM fact_permis) SELECT * FROM v_permis_public",
        "SELECT c.nom FROM dim_commune AS c WHERE EXISTS (SELECT 1 FROM fact_permis WHERE denom_dem = c.nom)",
        "EXPLAIN SELECT denom_dem FROM fact_permis",
        "ANALYZE SELECT denom_dem FROM fact_permis",
        "SHOW CREATE TABLE fact_permis",
        "SHOW CREATE VIEW v_permis_public",
    ] {
        let told = cell(sql).await.unwrap_err().to_string();
        assert!(
            told.starts_with("permission denied for ") || told.contains("command denied to user"),
            "{sql}: {told}"
        );
    }
    // The server itself would answer these, and so whether a guess is right.
    for sql in [
        "SELECT 1 FROM fact_permis JOIN (SELECT '200000000' AS siren_dem) AS g USING (siren_dem)",
        "SELECT 1 FROM fact_permis NATURAL JOIN (SELECT '200000000' AS siren_dem) AS g",
    ] {
        let told = cell(sql).await.unwrap_err().to_string();
        assert!(told.contains("write JOIN … ON"), "{sql}: {told}");
    }
    for sql in [
        "SELECT COUNT(*) FROM information_schema.columns WHERE table_name = 'fact_permis' AND column_name IN ('denom_dem', 'num_dau')",
        "SELECT COUNT(*) FROM information_schema.statistics WHERE column_name = 'num_dau'",
        "SELECT COUNT(*) FROM information_schema.key_column_usage WHERE column_name = 'num_dau'",
    ] {
        assert_eq!(cell(sql).await, Ok(serde_json::json!(0)), "{sql}");
    }
    let public = "SELECT COUNT(denom_dem) > 0 FROM v_permis_public";
    assert_eq!(cell(public).await, Ok(serde_json::json!(1)));
    let mut writer = Store::writer(&url("writer_of_rows")).begin().await.unwrap();
    for sql in [
        "UPDATE dim_zac SET nom = nom",
        "CREATE TABLE web_test (a INTEGER)",
        "DROP TABLE web_test",
    ] {
        assert!(writer.execute(sql, &[]).await.is_ok(), "{sql}");
    }
}

#[tokio::test]
async fn tables_that_were_half_made_on_mariadb_are_finished_by_the_next_attempt() {
    let Some(cluster) = shared_mariadb() else {
        return;
    };
    // Broken off at moments from "hardly begun" to "almost done".
    for wait in [0, 3, 10, 30, 60, 120, 250, 500] {
        let database = cluster.create_database();
        let url = DatabaseUrl::parse(&cluster.url("owner", &database)).unwrap();
        let store = Store::creator(&url);
        let begun = schema::init(&store, NOW);
        let _ = tokio::time::timeout(std::time::Duration::from_millis(wait), begun).await;
        match schema::init(&Store::creator(&url), NOW).await {
            Ok(status) => assert_eq!(status.advice(), None),
            Err(error) => assert!(error.to_string().contains("already there"), "{error}"),
        }
        complete(&store).await;
    }
}

#[tokio::test]
async fn what_an_attempt_on_mariadb_has_made_is_told_from_what_others_have() {
    let Some(cluster) = shared_mariadb() else {
        return;
    };
    let database = cluster.create_database();
    let url = DatabaseUrl::parse(&cluster.url("owner", &database)).unwrap();
    let store = Store::creator(&url);
    schema::init(&store, NOW).await.unwrap();
    // As if it had ended before: a row that is there shows that nothing is made anew.
    cluster.sql(&database, "INSERT INTO dim_territoire VALUES ('FR', 'pays', 'France', NULL); DELETE FROM schema_version; DROP TABLE scrape_run; DROP VIEW v_logements_mensuel; DROP INDEX ix_permis_doc ON fact_permis; DROP TABLE kpi_cible; CREATE TABLE kpi_cible (a INT)");
    let error = schema::init(&store, NOW).await.unwrap_err();
    assert!(error.to_string().contains("(kpi_cible)"), "{error}");
    cluster.sql(&database, "DROP TABLE kpi_cible");
    schema::init(&store, NOW).await.unwrap();
    complete(&store).await;
    assert_eq!(
        cluster.sql(&database, "SELECT nom FROM dim_territoire"),
        "France"
    );
}

#[tokio::test]
async fn of_two_attempts_at_once_one_makes_the_tables() {
    let (_folder, urls) = empty();
    for (url, _) in urls
        .into_iter()
        .filter(|(url, _)| url.engine() != Engine::Sqlite)
    {
        let (one, other) = (Store::creator(&url), Store::creator(&url));
        let (one, other) = tokio::join!(schema::init(&one, NOW), schema::init(&other, NOW));
        let told = match (one, other) {
            (Ok(_), Err(error)) | (Err(error), Ok(_)) => error.to_string(),
            both => panic!("{}: {both:?}", url.engine()),
        };
        assert!(told.contains("already there"), "{told}");
    }
}

/// Every table, view and index is there, and one version.
async fn complete(store: &Store) {
    for (table, columns) in schema::columns().unwrap() {
        let sql = format!("SELECT {} FROM {table} WHERE 1 = 0", columns.join(", "));
        assert!(store.fetch(&sql, &[]).await.is_ok(), "{table}");
    }
    let indexes = "SELECT COUNT(DISTINCT index_name) FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name LIKE 'ix\\_%'";
    assert_eq!(
        store.fetch(indexes, &[]).await.unwrap()[0].integer(0),
        Ok(2)
    );
    let versions = store
        .fetch("SELECT version FROM schema_version", &[])
        .await
        .unwrap();
    assert_eq!(versions.len(), 1);
}
