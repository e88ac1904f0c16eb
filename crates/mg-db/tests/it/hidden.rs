//! What viewers do not read, on each engine: by the gate on SQLite, by grants on PostgreSQL and MariaDB.

mod statements;

use mg_db::{
    DatabaseUrl, Engine,
    gate::{Gate, GateError, GateOptions, Object},
    grants::grants,
    hidden::{self, Hidden},
    schema,
    store::Store,
};
use mg_testkit::{shared_mariadb, shared_postgres};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::bench::{caps, read};
use statements::{
    EVASIONS, MARIADB_EVASIONS, POSTGRES_EVASIONS, SQLITE_ABSENT, SQLITE_EVASIONS, WELCOME,
};

const NOW: &str = "2026-11-22T10:00:00Z";
/// In every hidden column of the person's permit, so that no answer and no message may hold it.
const SECRET: &str = "MARTIN";

const ROWS: &[&str] = &[
    "INSERT INTO dim_commune (comm, nom, dep_code, reg_code) VALUES ('77243', 'Lagny-sur-Marne', '77', '11')",
    "INSERT INTO fact_permis (type_dau, num_dau, fichier, comm, etat_dau, date_reelle_autorisation, cat_dem, cj_dem, denom_dem, siren_dem, adr_libvoie_ter, superficie_terrain, nb_lgt_tot_crees) \
     VALUES ('PC', 'MARTIN-1', 'logements', '77243', 2, '2022-03-01', 10, '1000', 'MARTIN', 'MARTIN', 'MARTIN', 500, 1)",
    "INSERT INTO fact_permis (type_dau, num_dau, fichier, comm, etat_dau, date_reelle_autorisation, cat_dem, cj_dem, denom_dem, siren_dem, nb_lgt_tot_crees) \
     VALUES ('PC', '0772432200002', 'logements', '77243', 2, '2022-04-01', 30, '5710', 'NEXITY', '123456789', 40)",
    "CREATE VIEW v_other AS SELECT comm, denom_dem FROM fact_permis",
    "CREATE VIEW v_over_public AS SELECT comm, denom_dem FROM v_permis_public",
    "CREATE TABLE guesses (denom_dem VARCHAR(120), comm CHAR(5))",
    "INSERT INTO guesses VALUES ('MARTIN', '77243')",
];

/// A database with two permits, and the gate to it as a viewer's.
struct Town {
    engine: Engine,
    store: Store,
    gate: Gate,
    everything: Gate,
    database: String,
    _folder: TempDir,
}

impl Town {
    /// Gathers the engine's statistics, as its administrator.
    fn analyse(&self) {
        match self.engine {
            Engine::Sqlite => String::new(), // done when it was made
            Engine::Postgres => shared_postgres()
                .unwrap()
                .sql(&self.database, "ANALYZE fact_permis"),
            Engine::MariaDb => shared_mariadb().unwrap().sql(
                &self.database,
                "ANALYZE TABLE fact_permis PERSISTENT FOR ALL",
            ),
        };
    }
}

async fn towns() -> Vec<Town> {
    let mut towns = vec![on_sqlite().await];
    towns.extend(on_postgres().await);
    towns.extend(on_mariadb().await);
    towns
}

fn as_viewer() -> GateOptions {
    GateOptions {
        hidden: Hidden::from_viewers(None).unwrap(),
        ..GateOptions::default()
    }
}

async fn on_sqlite() -> Town {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::sqlite(folder.path().join("town.db"));
    let town = filled(&url, &url, String::new(), folder).await;
    run(
        &town,
        "ALTER TABLE fact_permis ADD COLUMN shown AS (lower(denom_dem))",
    )
    .await;
    run(&town, "CREATE INDEX ix_hidden ON fact_permis (denom_dem)").await;
    run(
        &town,
        "CREATE INDEX ix_expression ON fact_permis (lower(denom_dem))",
    )
    .await;
    run(&town, "ANALYZE").await;
    town
}

async fn on_postgres() -> Option<Town> {
    let cluster = shared_postgres()?;
    let database = cluster.create_database();
    // A login of its own: rights and settings of a shared one cannot be changed by tests at once.
    let viewer = format!("viewer_of_{database}");
    cluster.sql(&database, &format!("CREATE ROLE {viewer} LOGIN"));
    let url = |role: &str| DatabaseUrl::parse(&cluster.url(role, &database)).unwrap();
    let town = filled(
        &url("owner"),
        &url(&viewer),
        database.clone(),
        tempfile::tempdir().unwrap(),
    )
    .await;
    let granted = grants(Engine::Postgres, &viewer, "writer", &hidden::defaults()).unwrap();
    cluster.sql(&database, &granted);
    cluster.sql(
        &database,
        &format!("GRANT SELECT ON guesses, v_over_public TO {viewer}"),
    );
    Some(town)
}

async fn on_mariadb() -> Option<Town> {
    let cluster = shared_mariadb()?;
    let database = cluster.create_database();
    let viewer = format!("viewer_of_{database}");
    cluster.sql(&database, &format!("CREATE USER {viewer}"));
    let url = |role: &str| DatabaseUrl::parse(&cluster.url(role, &database)).unwrap();
    let town = filled(
        &url("owner"),
        &url(&viewer),
        database.clone(),
        tempfile::tempdir().unwrap(),
    )
    .await;
    let granted = grants(Engine::MariaDb, &viewer, "writer", &hidden::defaults()).unwrap();
    cluster.sql(&database, &granted);
    let more =
        format!("GRANT SELECT ON guesses TO {viewer}; GRANT SELECT ON v_over_public TO {viewer}");
    cluster.sql(&database, &more);
    Some(town)
}

async fn filled(
    owner: &DatabaseUrl,
    reader: &DatabaseUrl,
    database: String,
    folder: TempDir,
) -> Town {
    let store = Store::creator(owner);
    schema::init(&store, NOW).await.unwrap();
    let town = Town {
        engine: owner.engine(),
        store,
        gate: Gate::new(reader, as_viewer()),
        everything: Gate::new(owner, GateOptions::default()),
        database,
        _folder: folder,
    };
    for sql in ROWS {
        run(&town, sql).await;
    }
    town
}

/// Runs a statement that writes, as the owner.
async fn run(town: &Town, sql: &str) {
    let mut transaction = town.store.begin().await.unwrap();
    transaction.execute(sql, &[]).await.unwrap();
    transaction.commit().await.unwrap();
}

async fn refusal(town: &Town, sql: &str) -> GateError {
    match read(&town.gate, sql, &[], caps()).await {
        Err(error) => {
            // What the caller wrote may come back; what the column holds may not.
            let told = error.to_string().replace(sql, "");
            let quoted = town.engine == Engine::MariaDb && sql.contains(SECRET);
            assert!(
                (quoted || !told.contains(SECRET)) && !told.contains("NEXITY"),
                "{sql}: {told}"
            );
            error
        }
        Ok((rows, _)) => panic!("{}: {sql}: {:?}", town.engine, rows.values),
    }
}

async fn rows(gate: &Gate, sql: &str) -> Json {
    let (rows, _) =
        (read(gate, sql, &[], caps()).await).unwrap_or_else(|error| panic!("{sql}: {error}"));
    json!(rows.values)
}

fn named<'a>(objects: &'a [Object], name: &str) -> Option<&'a Object> {
    objects.iter().find(|object| object.name == name)
}

#[tokio::test]
async fn no_form_of_statement_reaches_a_hidden_column() {
    for town in towns().await {
        let own = match town.engine {
            Engine::Sqlite => SQLITE_EVASIONS,
            Engine::Postgres => POSTGRES_EVASIONS,
            Engine::MariaDb => MARIADB_EVASIONS,
        };
        for sql in EVASIONS.iter().chain(own) {
            let error = refusal(&town, sql).await;
            // Double quotes are text on MariaDB, some forms are not of its grammar, and joins that
            // pass by its grants are refused before it sees them.
            let elsewhere = town.engine == Engine::MariaDb
                && matches!(error, GateError::Statement(_) | GateError::Refused(_));
            assert!(
                elsewhere || matches!(error, GateError::Denied { .. }),
                "{}: {sql}: {error:?}",
                town.engine
            );
        }
    }
}

#[tokio::test]
async fn what_is_not_hidden_stays_readable_and_a_trusted_view_shows_its_part() {
    for town in towns().await {
        for (sql, expected) in WELCOME {
            if town.engine == Engine::MariaDb && (sql.contains("NATURAL") || sql.contains("USING"))
            {
                let refused = refusal(&town, sql).await;
                assert!(
                    matches!(refused, GateError::Refused(_)),
                    "{sql}: {refused:?}"
                );
                continue;
            }
            assert_eq!(
                rows(&town.gate, sql).await.to_string(),
                *expected,
                "{}: {sql}",
                town.engine
            );
        }
    }
}

#[tokio::test]
async fn a_denial_names_table_and_column_where_the_engine_tells_them() {
    for town in towns().await {
        let error = refusal(&town, "SELECT p.denom_dem FROM fact_permis AS p").await;
        let column = (town.engine != Engine::Postgres).then(|| "denom_dem".to_owned());
        assert_eq!(
            error,
            GateError::Denied {
                table: "fact_permis".into(),
                column
            }
        );
    }
    let town = on_sqlite().await;
    let error = refusal(
        &town,
        "SELECT COUNT(*) FROM fact_permis JOIN guesses USING (denom_dem)",
    )
    .await;
    assert_eq!(
        error.to_string(),
        "permission denied for fact_permis.denom_dem"
    );
}

#[tokio::test]
async fn statistics_and_internal_tables_are_not_there_for_a_viewer_on_sqlite() {
    let town = on_sqlite().await;
    for sql in SQLITE_ABSENT {
        refusal(&town, sql).await;
    }
    // They are there, with samples of the column.
    let samples = rows(
        &town.everything,
        "SELECT COUNT(*) > 0 FROM sqlite_stat4 WHERE idx = 'ix_hidden'",
    )
    .await;
    assert_eq!(samples, json!([[1]]));
}

/// Where engines keep samples of columns, or the text of what others asked.
const STATISTICS: &[(Engine, &str)] = &[
    (
        Engine::Postgres,
        "SELECT * FROM pg_stats WHERE tablename = 'fact_permis'",
    ),
    (Engine::Postgres, "SELECT * FROM pg_stats_ext_exprs"),
    (Engine::Postgres, "SELECT * FROM pg_statistic"),
    (
        Engine::Postgres,
        "SELECT query FROM pg_stat_activity WHERE usename <> current_user",
    ),
    (
        Engine::Postgres,
        "SELECT schema_to_xml('public', true, false, '')",
    ),
    (Engine::Postgres, "SELECT database_to_xml(true, false, '')"),
    (
        Engine::Postgres,
        "SELECT pg_get_expr(indexprs, indrelid) FROM pg_index",
    ),
    (Engine::MariaDb, "SELECT * FROM mysql.column_stats"),
    (Engine::MariaDb, "SELECT * FROM mysql.table_stats"),
    (
        Engine::MariaDb,
        "SELECT * FROM information_schema.statistics",
    ),
    (
        Engine::MariaDb,
        "SELECT * FROM information_schema.columns WHERE table_name = 'fact_permis'",
    ),
    (Engine::MariaDb, "SHOW INDEX FROM fact_permis"),
    (Engine::MariaDb, "SHOW FULL COLUMNS FROM fact_permis"),
    (Engine::MariaDb, "SHOW TABLE STATUS"),
    (Engine::Sqlite, "SELECT * FROM sqlite_stat1"),
    (Engine::Sqlite, "SELECT * FROM sqlite_stat4"),
    (Engine::Sqlite, "SELECT * FROM sqlite_schema"),
    (
        Engine::Sqlite,
        "SELECT * FROM bytecode('SELECT denom_dem FROM fact_permis')",
    ),
    (Engine::Sqlite, "SELECT * FROM sqlite_stmt"),
    (Engine::Sqlite, "PRAGMA integrity_check"),
    (Engine::Sqlite, "PRAGMA foreign_key_check"),
    (Engine::Sqlite, "EXPLAIN SELECT comm FROM fact_permis"),
];

#[tokio::test]
async fn statistics_tell_a_viewer_nothing_of_a_hidden_column() {
    for town in towns().await {
        town.analyse();
        for (engine, sql) in STATISTICS {
            if *engine != town.engine {
                continue;
            }
            let told = match read(&town.gate, sql, &[], caps()).await {
                Ok((rows, _)) => json!(rows.values).to_string(),
                Err(error) => error.to_string(),
            };
            // The number of the person's permit, which no table and no view shows.
            assert!(!told.contains("MARTIN-1"), "{engine}: {sql}: {told}");
        }
    }
}

#[tokio::test]
async fn an_editor_reads_everything() {
    for town in towns().await {
        let names = rows(
            &town.everything,
            "SELECT denom_dem FROM fact_permis ORDER BY 1",
        )
        .await;
        assert_eq!(names, json!([["MARTIN"], ["NEXITY"]]), "{}", town.engine);
        let objects = town.everything.objects().await.unwrap();
        // The owner of MariaDB's databases reads those of other tests too.
        let permits = objects.iter().filter(|object| object.name == "fact_permis");
        assert!(
            permits
                .flat_map(|permits| &permits.columns)
                .any(|column| column.name == "denom_dem")
        );
    }
}

#[tokio::test]
async fn objects_are_told_without_what_is_hidden() {
    for town in towns().await {
        let objects = town.gate.objects().await.unwrap();
        let permits = named(&objects, "fact_permis").unwrap();
        let hidden = Hidden::from_viewers(None).unwrap();
        let columns: Vec<&str> = permits
            .columns
            .iter()
            .map(|column| column.name.as_str())
            .collect();
        assert!(
            columns.len() > 40 && columns.contains(&"etat_dau"),
            "{columns:?}"
        );
        assert!(
            !columns
                .iter()
                .any(|column| hidden.covers("fact_permis", column) || *column == "shown"),
            "{columns:?}"
        );
        let indexes: Vec<&str> = permits
            .indexes
            .iter()
            .map(|index| index.name.as_str())
            .collect();
        assert!(indexes.contains(&"ix_permis_comm_date"), "{indexes:?}");
        let told = serde_json::to_string(permits).unwrap();
        for word in ["denom_dem", "num_dau", "ix_hidden", "ix_expression"] {
            assert!(!told.contains(word), "{}: {word}: {told}", town.engine);
        }
        assert!(
            told.contains("dim_commune"),
            "references that hide nothing stay"
        );
        assert!(
            named(&objects, "v_other").is_none(),
            "a view that cannot be read is no object"
        );
        assert!(named(&objects, "v_permis_public").is_some_and(|view| view.columns.len() > 20));
        assert!(named(&objects, "v_over_public").is_some());
    }
}

#[tokio::test]
async fn a_changed_schema_is_seen_by_the_next_statement() {
    let town = on_sqlite().await;
    assert_eq!(
        rows(&town.gate, "SELECT COUNT(*) FROM fact_permis").await,
        json!([[2]])
    );
    for sql in [
        "ALTER TABLE fact_permis ADD COLUMN adr_new TEXT",
        "ALTER TABLE fact_permis ADD COLUMN plain INTEGER DEFAULT 7",
        "CREATE TABLE fresh (a INTEGER)",
        "DROP VIEW v_permis_public",
        "CREATE TABLE v_permis_public (denom_dem TEXT)",
        "DROP VIEW v_over_public",
        "CREATE VIEW v_over_public AS SELECT denom_dem FROM fact_permis",
    ] {
        run(&town, sql).await;
    }
    let error = refusal(&town, "SELECT adr_new FROM fact_permis").await;
    assert!(matches!(error, GateError::Denied { .. }), "{error:?}");
    let error = refusal(&town, "SELECT denom_dem FROM v_over_public").await;
    assert!(matches!(error, GateError::Denied { .. }), "{error:?}");
    assert_eq!(
        rows(&town.gate, "SELECT plain FROM fact_permis LIMIT 1").await,
        json!([[7]])
    );
    assert_eq!(
        rows(&town.gate, "SELECT COUNT(*) FROM fresh").await,
        json!([[0]])
    );
    assert_eq!(
        rows(&town.gate, "SELECT COUNT(*) FROM v_permis_public").await,
        json!([[0]])
    );
}

#[tokio::test]
async fn whole_tables_keys_and_views_can_be_hidden_and_virtual_tables_stay_readable() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::sqlite(folder.path().join("own.db"));
    let store = Store::creator(&url);
    let mut transaction = store.begin().await.unwrap();
    for sql in [
        "CREATE TABLE secrets (a TEXT, b TEXT)",
        "INSERT INTO secrets VALUES ('MARTIN', 'MARTIN')",
        "CREATE TABLE people (id INTEGER PRIMARY KEY, town TEXT)",
        "INSERT INTO people VALUES (4711, 'Lagny')",
        "CREATE VIEW towns AS SELECT id AS number, town FROM people",
        "CREATE VIRTUAL TABLE notes USING fts5(body)",
        "INSERT INTO notes VALUES ('un permis de construire')",
        "CREATE TABLE tight (code TEXT PRIMARY KEY, label TEXT) WITHOUT ROWID",
        "INSERT INTO tight VALUES ('a', 'A')",
    ] {
        transaction.execute(sql, &[]).await.unwrap();
    }
    transaction.commit().await.unwrap();
    let columns = ["secrets.*", "people.id", "towns.number"];
    let hidden = Hidden {
        columns: columns.iter().map(|text| text.parse().unwrap()).collect(),
        trusted_views: vec![],
    };
    let gate = Gate::new(
        &url,
        GateOptions {
            hidden,
            ..GateOptions::default()
        },
    );
    for sql in [
        "SELECT COUNT(*) FROM secrets",
        "SELECT a FROM secrets",
        "SELECT COUNT(*) FROM people NATURAL JOIN secrets",
        "SELECT rowid FROM people",
        "SELECT town FROM people WHERE oid = 4711",
        "SELECT town FROM people NATURAL JOIN (SELECT 4711 AS id)",
        "SELECT number FROM towns",
        "SELECT COUNT(*) FROM towns NATURAL JOIN (SELECT 4711 AS number)",
        "SELECT (SELECT rowid FROM tight) FROM people",
    ] {
        let error = read(&gate, sql, &[], caps()).await.unwrap_err();
        assert!(
            !matches!(error, GateError::Unavailable(_)),
            "{sql}: {error:?}"
        );
        assert!(!error.to_string().contains("4711"), "{sql}: {error}");
    }
    for (sql, expected) in [
        ("SELECT town FROM people", json!([["Lagny"]])),
        (
            "SELECT rowid, body FROM notes WHERE notes MATCH 'permis'",
            json!([[1, "un permis de construire"]]),
        ),
        (
            "SELECT highlight(notes, 0, '[', ']') FROM notes('permis') ORDER BY rank",
            json!([["un [permis] de construire"]]),
        ),
        ("SELECT label FROM tight", json!([["A"]])),
    ] {
        assert_eq!(rows(&gate, sql).await, expected, "{sql}");
    }
    let objects = gate.objects().await.unwrap();
    assert!(named(&objects, "secrets").is_none());
    assert_eq!(named(&objects, "people").unwrap().columns.len(), 1);
}
