//! The demo database on each engine that is here, with a client of mg-sql on top.

use mg_core::{Clock, Role};
use mg_db::{DatabaseUrl, demo::DemoOptions, fill, grants::grants, hidden, schema, store::Store};
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
    engines_with("").await
}

/// The same with a settings file.
pub(crate) async fn engines_with(file: &str) -> Vec<Engine> {
    let mut engines = vec![client("sqlite", None, file).await];
    if let Some(url) = postgres_demo().await {
        engines.push(client("postgres", Some(&url), file).await);
    }
    if let Some(url) = mariadb_demo().await {
        engines.push(client("mariadb", Some(&url), file).await);
    }
    engines
}

/// Every engine that is here, for an editor.
pub(crate) async fn engines_of_an_editor() -> Vec<Engine> {
    let mut engines = vec![client_as(Role::Editor, "sqlite", None, "").await];
    let of_servers = [
        (
            "postgres",
            postgres_demo().await,
            postgres_as("reader").await,
        ),
        ("mariadb", mariadb_demo().await, mariadb_as("reader").await),
    ];
    for (name, viewer, editor) in of_servers {
        if let (Some(viewer), Some(editor)) = (viewer, editor) {
            let file = format!("[database]\neditor_url = \"{editor}\"");
            engines.push(client_as(Role::Editor, name, Some(&viewer), &file).await);
        }
    }
    engines
}

/// A viewer's client with a settings file of one's own.
pub(crate) async fn client(name: &'static str, url: Option<&str>, file: &str) -> Engine {
    client_as(Role::Viewer, name, url, file).await
}

async fn client_as(role: Role, name: &'static str, url: Option<&str>, file: &str) -> Engine {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mg.toml"), file).unwrap();
    let settings = MemoryClient::settings(role, folder.path(), url);
    let client = MemoryClient::connect::<SqlServer>(settings, Clock::system()).await;
    Engine {
        name,
        client,
        _folder: folder,
    }
}

/// The account of viewers, with the grants that `mgctl db grants` prints.
const VIEWER: &str = "granted_viewer";

/// The viewers' URL of a PostgreSQL database with the demo rows, made once a process.
pub(crate) async fn postgres_demo() -> Option<String> {
    postgres_as(VIEWER).await
}

async fn postgres_as(login: &str) -> Option<String> {
    static DATABASE: OnceCell<String> = OnceCell::const_new();
    let cluster = shared_postgres()?;
    let database = DATABASE.get_or_init(|| async {
        let database = cluster.create_database();
        cluster.sql(
            &database,
            "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT ON TABLES TO reader",
        );
        fill(&cluster.url("owner", &database)).await;
        cluster.sql(&database, &format!("CREATE ROLE {VIEWER} LOGIN"));
        cluster.sql(&database, &rights(mg_db::Engine::Postgres));
        database
    });
    Some(cluster.url(login, database.await))
}

/// The viewers' URL of a MariaDB database with the demo rows, made once a process.
pub(crate) async fn mariadb_demo() -> Option<String> {
    mariadb_as(VIEWER).await
}

async fn mariadb_as(login: &str) -> Option<String> {
    static DATABASE: OnceCell<String> = OnceCell::const_new();
    let cluster = shared_mariadb()?;
    let database = DATABASE.get_or_init(|| async {
        let database = cluster.create_database();
        cluster.sql(
            &database,
            &format!("GRANT SELECT, SHOW VIEW ON `{database}`.* TO reader; CREATE USER {VIEWER}"),
        );
        fill(&cluster.url("owner", &database)).await;
        cluster.sql(&database, &rights(mg_db::Engine::MariaDb));
        // What the engine does by itself a little later.
        cluster.sql(&database, "ANALYZE TABLE dim_commune, fact_permis");
        database
    });
    Some(cluster.url(login, database.await))
}

/// What `mgctl db grants` prints.
fn rights(engine: mg_db::Engine) -> String {
    grants(engine, VIEWER, "writer", &hidden::defaults()).unwrap()
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
