//! The demo database on each engine that is here, with a client of mg-kpi on top.

use mg_core::{Clock, Role};
use mg_db::{DatabaseUrl, Value as Cell, demo::DemoOptions, embedded, fill, schema, store::Store};
use mg_kpi::KpiServer;
use mg_testkit::{
    MariaDbCluster, MemoryClient, PostgresCluster, ToolAnswer, shared_mariadb, shared_postgres,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::OnceCell;

pub(crate) const NOW: &str = "2026-11-22T10:00:00Z";
pub(crate) const AUTHORITY: &str = "247700594";

/// A client of mg-kpi on the demo rows of one engine.
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    pub(crate) client: MemoryClient,
    pub(crate) folder: TempDir,
    writer: String,
    /// The account that owns the rows.
    pub(crate) owner: DatabaseUrl,
    /// The account that reads them; empty for the embedded database.
    pub(crate) reader: String,
}

impl Engine {
    /// Calls get_indicator.
    pub(crate) async fn ask(&self, arguments: Value) -> ToolAnswer {
        self.client.call("get_indicator", arguments).await
    }

    /// The data of get_indicator for the whole authority.
    pub(crate) async fn get(&self, name: &str, date: &str) -> Value {
        self.at(name, date, AUTHORITY).await
    }

    /// The data of get_indicator for a territory.
    pub(crate) async fn at(&self, name: &str, date: &str, territory: &str) -> Value {
        self.ask(json!({"name": name, "date": date, "territory": territory}))
            .await
            .ok()
    }

    /// The first cell of a query that does not go through mg-kpi, as a number.
    pub(crate) async fn number(&self, sql: &str) -> f64 {
        let rows = Store::reader(&self.owner).fetch(sql, &[]).await.unwrap();
        rows[0].decimal(0).unwrap().to_string().parse().unwrap()
    }

    /// Changes the rows that this engine's client reads.
    pub(crate) async fn change(&self, sql: &str, params: &[Cell]) {
        let store = Store::writer(&self.owner);
        let mut transaction = store.begin().await.unwrap();
        transaction.execute(sql, params).await.unwrap();
        transaction.commit().await.unwrap();
        store.close().await;
    }
}

/// Every engine that is here, in French, over rows that no test changes.
pub(crate) async fn engines() -> Vec<Engine> {
    let mut engines = vec![sqlite("").await];
    if let Some(cluster) = shared_postgres() {
        static DATABASE: OnceCell<String> = OnceCell::const_new();
        let database = DATABASE.get_or_init(|| filled(cluster)).await;
        engines.push(postgres(cluster, database, "reader", "").await);
    }
    if let Some(cluster) = shared_mariadb() {
        static DATABASE: OnceCell<String> = OnceCell::const_new();
        let database = DATABASE.get_or_init(|| filled_mariadb(cluster)).await;
        engines.push(mariadb(cluster, database).await);
    }
    engines
}

/// Every engine, over rows of the test's own.
pub(crate) async fn engines_of_its_own() -> Vec<Engine> {
    let mut engines = vec![sqlite("").await];
    if let Some(cluster) = shared_postgres() {
        let database = filled(cluster).await;
        let writer = cluster.url("owner", &database);
        let engine = postgres(cluster, &database, "reader", "").await;
        engines.push(Engine { writer, ..engine });
    }
    if let Some(cluster) = shared_mariadb() {
        let database = filled_mariadb(cluster).await;
        let writer = cluster.url("owner", &database);
        let engine = mariadb(cluster, &database).await;
        engines.push(Engine { writer, ..engine });
    }
    engines
}

/// Every engine, over rows of the test's own, for an editor with an account that writes.
pub(crate) async fn editors() -> Vec<Engine> {
    let mut editors = Vec::new();
    for engine in engines_of_its_own().await {
        let writes = match engine.writer.as_str() {
            "" => String::new(),
            url => format!("[database]\nwrite_url = \"{url}\""),
        };
        let reader = Some(engine.reader.as_str()).filter(|reader| !reader.is_empty());
        let settings = settings(Role::Editor, engine.folder.path(), reader, &writes);
        let client = MemoryClient::connect::<KpiServer>(settings, Clock::system()).await;
        editors.push(Engine { client, ..engine });
    }
    editors
}

/// The embedded database, with a settings file.
pub(crate) async fn sqlite(file: &str) -> Engine {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mg.db");
    embedded::ensure(&path, NOW).await.unwrap();
    connect("sqlite", folder, DatabaseUrl::sqlite(path), None, file).await
}

/// A PostgreSQL database as one of its roles.
pub(crate) async fn postgres(
    cluster: &PostgresCluster,
    database: &str,
    role: &str,
    file: &str,
) -> Engine {
    let owner = DatabaseUrl::parse(&cluster.url("owner", database)).unwrap();
    let url = cluster.url(role, database);
    connect(
        "postgres",
        tempfile::tempdir().unwrap(),
        owner,
        Some(&url),
        file,
    )
    .await
}

/// A MariaDB database as its reader.
async fn mariadb(cluster: &MariaDbCluster, database: &str) -> Engine {
    let owner = DatabaseUrl::parse(&cluster.url("owner", database)).unwrap();
    let url = cluster.url("reader", database);
    let folder = tempfile::tempdir().unwrap();
    connect("mariadb", folder, owner, Some(&url), "").await
}

/// A folder with files, a server on it, a client.
pub(crate) async fn connect(
    name: &'static str,
    folder: TempDir,
    owner: DatabaseUrl,
    url: Option<&str>,
    file: &str,
) -> Engine {
    let settings = settings(Role::Viewer, folder.path(), url, file);
    let client = MemoryClient::connect::<KpiServer>(settings, Clock::system()).await;
    Engine {
        name,
        client,
        folder,
        writer: String::new(),
        reader: url.unwrap_or_default().to_owned(),
        owner,
    }
}

fn settings(
    role: Role,
    folder: &std::path::Path,
    url: Option<&str>,
    file: &str,
) -> mg_core::Settings {
    std::fs::write(folder.join("mg.toml"), file).unwrap();
    MemoryClient::settings(role, folder, url)
}

/// A new database with the demo rows; `reader` may read all of it.
pub(crate) async fn filled(cluster: &PostgresCluster) -> String {
    let database = cluster.create_database();
    cluster.sql(
        &database,
        "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT ON TABLES TO reader",
    );
    fill(&cluster.url("owner", &database)).await;
    database
}

pub(crate) async fn filled_mariadb(cluster: &MariaDbCluster) -> String {
    let database = cluster.create_database();
    cluster.sql(
        &database,
        &format!("GRANT SELECT ON `{database}`.* TO reader"),
    );
    fill(&cluster.url("owner", &database)).await;
    database
}

async fn fill(owner: &str) {
    let store = Store::writer(&DatabaseUrl::parse(owner).unwrap());
    schema::init(&store, NOW).await.unwrap();
    let mut transaction = store.begin().await.unwrap();
    let options = DemoOptions {
        extra_permits: 0,
        loaded_at: NOW.into(),
    };
    fill::demo(&mut transaction, &options).await.unwrap();
    transaction.commit().await.unwrap();
    store.close().await;
}
