//! The demo database on each engine that is here, with a client of mg-sql on top.

use std::sync::LazyLock;

use mg_core::{Clock, Role};
use mg_db::{DatabaseUrl, demo::DemoOptions, fill, grants::grants, hidden, schema, store::Store};
use mg_sql::SqlServer;
use mg_testkit::{MemoryClient, PostgresCluster, shared_postgres};
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
        if self.name == "sqlite" {
            "?".into()
        } else {
            format!("${number}")
        }
    }
}

/// Every engine that is here, for a viewer.
pub(crate) async fn engines() -> Vec<Engine> {
    let mut engines = vec![client("sqlite", None, "").await];
    if let Some(url) = postgres_demo().await {
        engines.push(client("postgres", Some(&url), "").await);
    }
    engines
}

/// Every engine that is here, for an editor.
pub(crate) async fn engines_of_an_editor() -> Vec<Engine> {
    let mut engines = vec![client_as(Role::Editor, "sqlite", None, "").await];
    if let (Some(viewer), Some(editor)) = (postgres_demo().await, postgres_as("reader").await) {
        let file = format!("[database]\neditor_url = \"{editor}\"");
        engines.push(client_as(Role::Editor, "postgres", Some(&viewer), &file).await);
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
    static DATABASE: LazyLock<OnceCell<Option<String>>> = LazyLock::new(OnceCell::new);
    let database = DATABASE
        .get_or_init(|| async { fill_postgres(shared_postgres()?).await.into() })
        .await;
    let cluster = shared_postgres()?;
    Some(cluster.url(login, database.as_ref()?))
}

async fn fill_postgres(cluster: &PostgresCluster) -> String {
    let database = cluster.create_database();
    cluster.sql(
        &database,
        "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT ON TABLES TO reader",
    );
    let store = Store::writer(&DatabaseUrl::parse(&cluster.url("owner", &database)).unwrap());
    schema::init(&store, "2026-11-22T10:00:00Z").await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    let options = DemoOptions {
        extra_permits: 0,
        loaded_at: "2026-11-22T10:00:00Z".into(),
    };
    fill::demo(&mut transaction, &options).await.unwrap();
    transaction.commit().await.unwrap();
    store.close().await;
    cluster.sql(&database, &format!("CREATE ROLE {VIEWER} LOGIN"));
    let rights = grants(
        mg_db::Engine::Postgres,
        VIEWER,
        "writer",
        &hidden::defaults(),
    );
    cluster.sql(&database, &rights.unwrap());
    database
}
