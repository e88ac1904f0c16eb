//! The demo database on each engine that is here, and loads into it.

use std::collections::BTreeMap;

use jiff::civil::Date;
use mg_core::{Clock, Role, Settings};
use mg_db::{
    DatabaseUrl, Value,
    demo::DemoOptions,
    embedded, fill,
    gate::{Gate, GateOptions},
    grants,
    hidden::Hidden,
    schema,
    store::{Row, Store},
};
use mg_kpi::KpiServer;
use mg_scrape::{
    definition::{Bound, LimitsGiven, parse},
    item,
    load::{Loader, Release, Staged, Summary, SwapError, Swapped},
};
use mg_testkit::{MemoryClient, shared_mariadb, shared_postgres};
use tempfile::TempDir;

const NOW: &str = "2026-11-22T10:00:00Z";

/// A database with the demo rows.
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    pub(crate) owner: DatabaseUrl,
    reader: Option<String>,
    writer: Option<String>,
    folder: TempDir,
}

/// Every engine that is here, over rows of the test's own.
pub(crate) async fn engines() -> Vec<Engine> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mg.db");
    embedded::ensure(&path, NOW).await.unwrap();
    let owner = DatabaseUrl::sqlite(path);
    let mut engines = vec![Engine {
        name: "sqlite",
        owner,
        reader: None,
        writer: None,
        folder,
    }];
    if let Some(cluster) = shared_postgres() {
        let database = cluster.create_database();
        let owner = cluster.url("owner", &database);
        filled(&owner).await;
        cluster.sql(
            &database,
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
        );
        engines.push(server("postgres", &owner, cluster.url("reader", &database)));
    }
    if let Some(cluster) = shared_mariadb() {
        let database = cluster.create_database();
        let owner = cluster.url("owner", &database);
        filled(&owner).await;
        let rights = grants::reading(mg_db::Engine::MariaDb, "reader", &[]).unwrap();
        cluster.sql(&database, &rights);
        engines.push(server("mariadb", &owner, cluster.url("reader", &database)));
    }
    engines
}

fn server(name: &'static str, owner: &str, reader: String) -> Engine {
    Engine {
        name,
        owner: DatabaseUrl::parse(owner).unwrap(),
        reader: Some(reader),
        writer: Some(owner.to_owned()),
        folder: tempfile::tempdir().unwrap(),
    }
}

async fn filled(owner: &str) {
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

impl Engine {
    pub(crate) fn settings(&self, role: Role) -> Settings {
        let writes = self
            .writer
            .as_ref()
            .map(|url| format!("[database]\nwrite_url = \"{url}\""));
        std::fs::write(
            self.folder.path().join("mg.toml"),
            writes.unwrap_or_default(),
        )
        .unwrap();
        MemoryClient::settings(role, self.folder.path(), self.reader.as_deref())
    }

    pub(crate) async fn loader(&self, bound: &Bound, run_id: &str) -> Loader {
        Loader::open(&self.settings(Role::Editor), bound, run_id)
            .await
            .unwrap()
    }

    /// A client of mg-kpi for a viewer.
    pub(crate) async fn indicators(&self) -> MemoryClient {
        MemoryClient::connect::<KpiServer>(self.settings(Role::Viewer), Clock::system()).await
    }

    pub(crate) async fn rows(&self, sql: &str) -> Vec<Row> {
        let store = Store::reader(&self.owner);
        let rows = store
            .fetch(sql, &[])
            .await
            .unwrap_or_else(|error| panic!("{}: {sql}: {error}", self.name));
        store.close().await;
        rows
    }

    /// All cells of all rows as text, numbers without trailing zeros, codes without padding.
    pub(crate) async fn told(&self, sql: &str) -> Vec<Vec<String>> {
        let rows = self.rows(sql).await;
        rows.iter()
            .map(|row| row.values().iter().map(told).collect())
            .collect()
    }

    pub(crate) async fn count(&self, table_and_condition: &str) -> i64 {
        let rows = self
            .rows(&format!("SELECT COUNT(*) FROM {table_and_condition}"))
            .await;
        rows[0].integer(0).unwrap()
    }

    /// Whether a viewer may read this, once what `mgctl db grants` prints was run.
    pub(crate) async fn is_read(&self, sql: &str) -> bool {
        let Some(reader) = &self.reader else {
            let options = GateOptions {
                hidden: Hidden::from_viewers(None).unwrap(),
                ..GateOptions::default()
            };
            let gate = Gate::new(&self.owner, options);
            let shown = gate.objects().await.unwrap();
            let table = sql.rsplit(' ').next().unwrap();
            let column = sql.split(' ').nth(1).unwrap();
            return shown.iter().any(|object| {
                object.name == table && object.columns.iter().any(|known| known.name == column)
            });
        };
        if let Some(cluster) = shared_mariadb().filter(|_| self.name == "mariadb") {
            let store = Store::reader(&self.owner);
            let rights = grants::of_spiders(&store, "reader").await.unwrap();
            let database = reader.rsplit('/').next().unwrap();
            cluster.sql(database, &rights);
        }
        let reader = DatabaseUrl::parse(reader).unwrap();
        Store::reader(&reader).fetch(sql, &[]).await.is_ok()
    }

    pub(crate) async fn change(&self, sql: &str) {
        let store = Store::writer(&self.owner);
        let mut transaction = store.begin().await.unwrap();
        transaction.execute(sql, &[]).await.unwrap();
        transaction.commit().await.unwrap();
        store.close().await;
    }
}

fn told(value: &Value) -> String {
    match value {
        Value::Null => "∅".into(),
        Value::Integer(value) => value.to_string(),
        Value::Real(value) => value.to_string(),
        Value::Decimal(value) => value.normalize().to_string(),
        Value::Text(text) => text.trim_end().to_owned(),
    }
}

/// A spider with parameters put in.
pub(crate) fn bound(name: &str, toml: &str, params: &[(&str, &str)]) -> Bound {
    let spider = parse(name, toml).unwrap_or_else(|problem| panic!("{problem:?}"));
    let params: BTreeMap<String, String> = params
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    spider.bind(None, &params, &LimitsGiven::default()).unwrap()
}

/// A page of the first target, its values in the order of the target's columns.
pub(crate) fn page(number: i64, rows: Vec<Vec<item::Value>>) -> Staged {
    Staged {
        page: number,
        first: 0,
        url: format!("https://www.ville.fr/avis/{number}"),
        fetched_at: NOW.into(),
        items: rows
            .into_iter()
            .map(|values| item::Item { target: 0, values })
            .collect(),
        unchanged: false,
    }
}

pub(crate) fn summary(releases: &[&str]) -> Summary {
    Summary {
        url: "test".into(),
        requested_by: "test".into(),
        started: NOW.into(),
        ended: "2026-11-22T10:01:00Z".into(),
        pages: 1,
        releases: releases
            .iter()
            .map(|month| Release::still(Some((*month).to_owned())))
            .collect(),
        ..Summary::default()
    }
}

/// Stages pages and swaps them in, as a run of its own.
pub(crate) async fn load(
    engine: &Engine,
    bound: &Bound,
    run_id: &str,
    pages: &[Staged],
    releases: &[&str],
) -> Result<Swapped, SwapError> {
    let loader = engine.loader(bound, run_id).await;
    loader.stage(pages).await.unwrap();
    let asked: Vec<&str> = bound
        .start
        .iter()
        .map(|request| request.url.as_str())
        .collect();
    let told = Summary {
        url: asked.join(" "),
        ..summary(releases)
    };
    let swapped = loader.swap(&told).await?;
    loader.discard().await.unwrap();
    Ok(swapped)
}

pub(crate) fn text(text: &str) -> item::Value {
    item::Value::Text(text.to_owned())
}

pub(crate) fn day(text: &str) -> item::Value {
    item::Value::Date(text.parse::<Date>().unwrap())
}
