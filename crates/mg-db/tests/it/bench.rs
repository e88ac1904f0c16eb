//! The databases that tests run on: a small table, a gate that reads it, a store that writes it.

use std::time::Duration;

use mg_db::{
    DatabaseUrl, Engine, Value,
    gate::{Caps, Cell, Column, Flow, Gate, GateError, GateOptions, Outcome, RowSink, Statement},
    store::Store,
};
use mg_testkit::{shared_mariadb, shared_postgres};
use serde_json::{Value as Json, json, value::RawValue};
use tempfile::TempDir;

/// One database of one engine.
pub(crate) struct Bench {
    pub(crate) engine: Engine,
    /// The account that owns the tables: what it cannot do through the gate, the gate refuses.
    pub(crate) owner: DatabaseUrl,
    /// The account that may only read.
    pub(crate) reader: DatabaseUrl,
    pub(crate) gate: Gate,
    pub(crate) store: Store,
    /// The database's name on the shared cluster.
    pub(crate) database: String,
    _folder: Option<TempDir>,
}

/// A database of each engine that is here.
pub(crate) async fn benches() -> Vec<Bench> {
    let mut benches = vec![Bench::sqlite().await];
    benches.extend(Bench::postgres().await);
    benches.extend(Bench::mariadb().await);
    benches
}

impl Bench {
    pub(crate) async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::sqlite(folder.path().join("bench.db"));
        Self::seeded(url.clone(), url, String::new(), Some(folder)).await
    }

    pub(crate) async fn postgres() -> Option<Self> {
        let cluster = shared_postgres()?;
        let database = cluster.create_database();
        let url = |role| DatabaseUrl::parse(&cluster.url(role, &database)).unwrap();
        let (owner, reader) = (url("owner"), url("reader"));
        cluster.sql(
            &database,
            "ALTER DEFAULT PRIVILEGES FOR ROLE owner GRANT SELECT ON TABLES TO reader",
        );
        Some(Self::seeded(owner, reader, database, None).await)
    }

    pub(crate) async fn mariadb() -> Option<Self> {
        let cluster = shared_mariadb()?;
        let database = cluster.create_database();
        let url = |role| DatabaseUrl::parse(&cluster.url(role, &database)).unwrap();
        let (owner, reader) = (url("owner"), url("reader"));
        cluster.sql(
            &database,
            &format!("GRANT SELECT, SHOW VIEW ON `{database}`.* TO reader"),
        );
        Some(Self::seeded(owner, reader, database, None).await)
    }

    async fn seeded(
        owner: DatabaseUrl,
        reader: DatabaseUrl,
        database: String,
        folder: Option<TempDir>,
    ) -> Self {
        let store = Store::creator(&owner);
        let mut transaction = store.begin().await.unwrap();
        let table = "CREATE TABLE things (id INTEGER NOT NULL PRIMARY KEY, label VARCHAR(40), amount DECIMAL(12,2), day DATE)";
        transaction.execute(table, &[]).await.unwrap();
        let day = |id: i64| format!("2024-03-{id:02}");
        let rows: Vec<Vec<Value>> = (1..=5)
            .map(|id| {
                vec![
                    id.into(),
                    format!("thing {id}").into(),
                    Value::Real(1.5),
                    day(id).into(),
                ]
            })
            .collect();
        let columns = ["id", "label", "amount", "day"];
        transaction.insert("things", &columns, &rows).await.unwrap();
        transaction.commit().await.unwrap();
        let gate = Gate::new(&owner, GateOptions::default());
        Self {
            engine: owner.engine(),
            owner,
            reader,
            gate,
            store,
            database,
            _folder: folder,
        }
    }

    /// Reads through the gate with room for 100 rows and ten seconds; `$1` and `$2` mark parameters.
    pub(crate) async fn read(&self, sql: &str, params: &[Json]) -> Result<Rows, GateError> {
        let sql = match self.engine {
            Engine::Sqlite | Engine::Postgres => sql.to_owned(),
            Engine::MariaDb => sql.replace("$1", "?").replace("$2", "?"),
        };
        read(&self.gate, &sql, params, caps())
            .await
            .map(|(rows, _)| rows)
    }

    /// The first cell that the statement answers.
    pub(crate) async fn cell(&self, sql: &str, params: &[Json]) -> Json {
        let rows = self.read(sql, params).await;
        let rows = rows.unwrap_or_else(|error| panic!("{}: {sql}: {error}", self.engine));
        rows.values[0][0].clone()
    }

    /// What a write would change: the rows, and the tables and views that exist.
    pub(crate) async fn fingerprint(&self) -> String {
        let rows = self
            .store
            .fetch("SELECT id, label, amount, day FROM things ORDER BY id", &[]);
        let objects = match self.engine {
            Engine::Sqlite => "SELECT name, sql FROM sqlite_schema ORDER BY name",
            Engine::MariaDb => {
                "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name"
            }
            Engine::Postgres => {
                "SELECT CAST(relname AS TEXT), CAST(relkind AS TEXT) FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1"
            }
        };
        let objects = self.store.fetch(objects, &[]).await.unwrap();
        format!("{:?} {objects:?}", rows.await.unwrap())
    }
}

pub(crate) fn caps() -> Caps {
    Caps {
        time: Duration::from_secs(10),
        rows: 100,
    }
}

/// The same with time for what is slow on a loaded machine.
pub(crate) fn patient() -> Caps {
    Caps {
        time: Duration::from_mins(2),
        ..caps()
    }
}

pub(crate) async fn read(
    gate: &Gate,
    sql: &str,
    params: &[Json],
    caps: Caps,
) -> Result<(Rows, Outcome), GateError> {
    let statement = Statement {
        sql: sql.to_owned(),
        params: params.to_vec(),
    };
    gate.read(statement, caps, Rows::default()).await
}

/// Keeps everything it is given; full after `room` rows where that is set.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) columns: Vec<Column>,
    pub(crate) values: Vec<Vec<Json>>,
    pub(crate) room: Option<usize>,
}

impl RowSink for Rows {
    fn columns(&mut self, columns: &[Column]) {
        assert!(
            self.columns.is_empty() && self.values.is_empty(),
            "columns are told once, first"
        );
        self.columns = columns.to_vec();
    }

    fn row(&mut self, cells: &[Cell<'_>]) -> Flow {
        if self.room == Some(self.values.len()) {
            return Flow::Full;
        }
        assert_eq!(cells.len(), self.columns.len());
        self.values.push(cells.iter().map(json).collect());
        Flow::More
    }
}

/// An array as a list; its numbers are read as Rust reads them, to the nearest double.
fn list(text: &str) -> Json {
    let elements: Vec<&RawValue> = serde_json::from_str(text).unwrap();
    let element = |raw: &&RawValue| match raw.get() {
        nested if nested.starts_with('[') => list(nested),
        number if number.contains(['.', 'e']) && number.parse::<f64>().is_ok() => {
            number.parse::<f64>().unwrap().into()
        }
        other => serde_json::from_str(other).unwrap(),
    };
    elements.iter().map(element).collect()
}

/// A cell as JSON; a document stays text under the key `document`.
fn json(cell: &Cell<'_>) -> Json {
    match *cell {
        Cell::Null => Json::Null,
        Cell::Boolean(value) => value.into(),
        Cell::Integer(value) => value.into(),
        Cell::Real(value) => value.into(),
        Cell::Text(text) => text.into(),
        Cell::Json(text) => json!({ "document": text }),
        Cell::Array(text) => list(text),
    }
}
