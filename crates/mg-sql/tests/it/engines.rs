//! The demo database on each engine that is here, with a client of mg-sql on top.

use mg_core::{Clock, Role};
use mg_db::{DatabaseUrl, demo::DemoOptions, fill, schema, store::Store};
use mg_sql::SqlServer;
use mg_testkit::{MemoryClient, shared_mariadb, shared_postgres};
use tokio::sync::OnceCell;

/// A client of mg-sql on the demo rows of one engine.
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    pub(crate) client: MemoryClient,
    _folder: tempfile::TempDir,
}

impl Engine {
    /// A parameter's mark in this engine's SQL.
    pub(crate) fn mark(&self, number: usize) -> String {
        if self.name == "postgres" {
            format!("${number}")
        } else {
            "?".into()
        }
    }
}

/// Every engine that is here, for a viewer.
pub(crate) async fn engines() -> Vec<Engine> {
    let mut engines = vec![client("sqlite", None, "").await];
    if let Some(url) = postgres_demo().await {
        engines.push(client("postgres", Some(&url), "").await);
    }
    if let Some(url) = mariadb_demo().await {
        engines.push(client("mariadb", Some(&url), "").await);
    }
    engines
}

/// A client with a settings file of one's own.
pub(crate) async fn client(name: &'static str, url: Option<&str>, file: &str) -> Engine {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mg.toml"), file).unwrap();
    let settings = MemoryClient::settings(Role::Viewer, folder.path(), url);
    let client = MemoryClient::connect::<SqlServer>(settings, Clock::system()).await;
    Engine {
        name,
        client,
        _folder: folder,
    }
}

/// The reader's URL of a PostgreSQL database with the demo rows, made once a process.
pub(crate) async fn postgres_demo() -> Option<String> {
    static DATABASE: OnceCell<String> = OnceCell::const_new();
    let cluster = shared_postgres()?;
    let database = DATABASE.get_or_init(|| async {
        let database = cluster.create_database();
        cluster.sql(
            &database,
            "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT ON TABLES TO reader",
        );
        fill(&cluster.url("owner", &database)).await;
        database
    });
    Some(cluster.url("reader", database.await))
}

/// The reader's URL of a MariaDB database with the demo rows, made once a process.
pub(crate) async fn mariadb_demo() -> Option<String> {
    static DATABASE: OnceCell<String> = OnceCell::const_new();
    let cluster = shared_mariadb()?;
    let database = DATABASE.get_or_init(|| async {
        let database = cluster.create_database();
        cluster.sql(
            &database,
            &format!("GRANT SELECT, SHOW VIEW ON `{database}`.* TO reader"),
        );
        fill(&cluster.url("owner", &database)).await;
        // What the engine does by itself a little later.
        cluster.sql(&database, "ANALYZE TABLE dim_commune, fact_permis");
        database
    });
    Some(cluster.url("reader", database.await))
}

async fn fill(owner: &str) {
    let store = Store::writer(&DatabaseUrl::parse(owner).unwrap());
    schema::init(&store, "2026-11-22T10:00:00Z").await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    let options = DemoOptions {
        extra_permits: 0,
        loaded_at: "2026-11-22T10:00:00Z".into(),
    };
    fill::demo(&mut transaction, &options).await.unwrap();
    transaction.commit().await.unwrap();
    store.close().await;
}
