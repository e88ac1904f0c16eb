//! The database that attacks are run against, and everything about it that none may change.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use mg_db::{
    DatabaseUrl, Engine,
    gate::{Caps, Gate, GateError, GateOptions},
};
use mg_testkit::{shared_data, shared_mariadb, shared_postgres};
use tokio_postgres::{AsyncMessage, Client, NoTls};

use crate::bench::{Bench, Rows, read};

/// What the collected statements name on SQLite.
const SQLITE_OBJECTS: &str = "CREATE TABLE victim (id INTEGER PRIMARY KEY, name TEXT, secret TEXT);
    WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 10)
      INSERT INTO victim SELECT n, 'n' || n, 's' || n FROM r;
    CREATE TABLE \"update\" (\"order\" INTEGER, \"select\" TEXT);
    INSERT INTO \"update\" VALUES (1, 'a');
    CREATE TABLE fact_permis (num_dau TEXT, commune TEXT, date_autorisation TEXT, nb_lgt INTEGER, surface REAL);
    INSERT INTO fact_permis VALUES ('PC1', 'Chelles', '2020-01-01', 1, 1.37);";

/// All that lies in the database's own keeping, in one text: rows, catalogue, rights, large objects,
/// sequences, locks held, transactions left open and the session that only waits.
const POSTGRES_STATE: &str = r#"SELECT concat_ws(' | ',
    (SELECT md5(string_agg(format('%s,%s,%s', id, name, secret), ';' ORDER BY id)) FROM victim),
    (SELECT string_agg(format('%s,%s', id, j), ';' ORDER BY id) FROM docs),
    (SELECT string_agg(format('%s,%s', "order", "select"), ';') FROM "update"),
    (SELECT md5(string_agg(format('%s,%s,%s', num_dau, nb_lgt, surface), ';' ORDER BY num_dau)) FROM fact_permis),
    (SELECT md5(string_agg(format('%s,%s,%s,%s', oid, relname, relkind, relacl), ';' ORDER BY oid)) FROM pg_class),
    (SELECT md5(string_agg(format('%s,%s,%s', oid, proname, proacl), ';' ORDER BY oid)) FROM pg_proc),
    (SELECT md5(string_agg(format('%s,%s,%s', oid, rolname, rolconfig), ';' ORDER BY oid)) FROM pg_roles WHERE rolname !~ '^(strong|viewer)_'),
    (SELECT string_agg(extname, ';' ORDER BY extname) FROM pg_extension),
    (SELECT string_agg(format('%s,%s', loid, data), ';' ORDER BY loid) FROM pg_largeobject),
    (SELECT format('%s,%s', last_value, is_called) FROM seq_v),
    (SELECT count(*) FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())),
    (SELECT count(*) FROM pg_prepared_xacts),
    (SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
      WHERE l.locktype = 'advisory' AND d.datname = current_database()),
    (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'canary'))"#;

/// What a statement could leave to the next one of its session. A language that is used for the first time
/// brings settings of its own.
const POSTGRES_SESSION: &str = "SELECT concat_ws(' | ', session_user, current_user,
    (SELECT md5(string_agg(format('%s=%s', name, setting), ';' ORDER BY name)) FROM pg_settings WHERE name !~ '^plpgsql'),
    current_setting('search_path'), current_setting('statement_timeout'), current_setting('default_transaction_read_only'),
    (SELECT string_agg(name, ';') FROM pg_prepared_statements WHERE name !~ '^s[0-9]+$'),
    (SELECT string_agg(name, ';') FROM pg_cursors WHERE name <> 'mg'),
    (SELECT string_agg(channel, ';') FROM pg_listening_channels() AS channel),
    (SELECT count(*) FROM pg_class WHERE relnamespace = pg_my_temp_schema()))";

/// The same on MariaDB, as far as it has it. A call has a connection of its own, so nothing else can stay.
const MARIADB_STATE: &str = "SELECT CONCAT_WS(' | ',
    (SELECT MD5(GROUP_CONCAT(id, name, secret ORDER BY id)) FROM victim),
    (SELECT GROUP_CONCAT(`order`, `select`) FROM `update`),
    (SELECT MD5(GROUP_CONCAT(num_dau, nb_lgt, surface ORDER BY num_dau)) FROM fact_permis),
    (SELECT GROUP_CONCAT(table_name, table_type ORDER BY table_name) FROM information_schema.tables WHERE table_schema = DATABASE()),
    (SELECT GROUP_CONCAT(routine_name, routine_type ORDER BY routine_name) FROM information_schema.routines WHERE routine_schema = DATABASE()),
    (SELECT next_not_cached_value FROM seq_v),
    @@GLOBAL.max_connections, @@GLOBAL.read_only, @@GLOBAL.general_log, @@GLOBAL.event_scheduler,
    (SELECT MD5(GROUP_CONCAT(user, host, priv ORDER BY user, host)) FROM mysql.global_priv WHERE user NOT LIKE 'viewer\\_%' AND user NOT LIKE 'strong\\_%'),
    (SELECT COUNT(*) FROM mysql.plugin), (SELECT COUNT(*) FROM mysql.func),
    COALESCE(IS_USED_LOCK('x'), IS_USED_LOCK('a'), 'no lock'))";

const MARIADB_SESSION: &str = "SELECT CONCAT_WS(' | ', CURRENT_USER(), DATABASE(), @evil, @a, @@tx_read_only, @@autocommit, @@sql_mode, \
    @@max_statement_time, @@group_concat_max_len, @@time_zone, @@character_set_client, LAST_INSERT_ID(), IS_USED_LOCK('x'))";

const SQLITE_SESSION: &str = "SELECT (SELECT count(*) FROM sqlite_temp_schema) || ('a' LIKE 'A') || (SELECT count(*) FROM pragma_database_list)";

/// Reads through one connection of an account, so that the next call meets what the last one left.
pub(crate) struct Target {
    pub(crate) bench: Bench,
    /// What is read with: an account without rights to write first, then one that has them.
    pub(crate) accounts: Vec<(&'static str, Gate)>,
    watch: Watch,
}

/// Who looks from outside.
enum Watch {
    /// Another connection to the file.
    File,
    Postgres(Box<PostgresWatch>),
    /// The server's root, who only reads.
    MariaDb(Gate),
}

/// A session of the reading account that listens, and the superuser's look from outside.
struct PostgresWatch {
    superuser: Client,
    heard: Arc<Mutex<Vec<String>>>,
    _canary: Client,
}

impl Target {
    /// None, with a line that says so, where the engine or the shared objects are missing.
    pub(crate) async fn new(engine: Engine) -> Option<Self> {
        match engine {
            Engine::Sqlite => Some(Self::sqlite().await),
            Engine::Postgres => Self::postgres().await,
            Engine::MariaDb => Self::mariadb().await,
        }
    }

    async fn sqlite() -> Self {
        let bench = Bench::sqlite().await;
        let connection = rusqlite::Connection::open(bench.owner.path().unwrap()).unwrap();
        connection.execute_batch(SQLITE_OBJECTS).unwrap();
        let gate = Gate::new(&bench.reader, one_connection());
        Self {
            bench,
            accounts: vec![("reader", gate)],
            watch: Watch::File,
        }
    }

    async fn mariadb() -> Option<Self> {
        let objects = std::fs::read_to_string(shared_data("sql/my_tmpl.sql")?).unwrap();
        let bench = Bench::mariadb().await?;
        let cluster = shared_mariadb()?;
        // Its first line makes a database of its own.
        let (_, objects) = objects.split_once('\n')?;
        cluster.sql(&bench.database, objects);
        cluster.sql(&bench.database, &format!("CREATE USER IF NOT EXISTS rw; GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, EXECUTE, LOCK TABLES ON `{}`.* TO rw", bench.database));
        let writes = DatabaseUrl::parse(&cluster.url("rw", &bench.database)).unwrap();
        Some(Self {
            accounts: vec![
                ("reader", Gate::new(&bench.reader, one_connection())),
                ("rw", Gate::new(&writes, one_connection())),
            ],
            watch: Watch::MariaDb(Gate::new(
                &DatabaseUrl::parse(&cluster.url("root", &bench.database)).unwrap(),
                GateOptions {
                    allow_privileged: true,
                    ..one_connection()
                },
            )),
            bench,
        })
    }

    async fn postgres() -> Option<Self> {
        let objects = shared_data("sql/tmpl.sql")?;
        let bench = Bench::postgres().await?;
        let cluster = shared_postgres()?;
        for role in ["ro", "rw", "pwuser"] {
            let made = format!(
                "DO $$BEGIN CREATE ROLE {role} LOGIN PASSWORD 'x'; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END$$"
            );
            cluster.sql("postgres", &made);
        }
        cluster.sql(&bench.database, &std::fs::read_to_string(objects).unwrap());
        cluster.sql(
            &bench.database,
            "CREATE EXTENSION unaccent; CREATE EXTENSION pg_trgm; CREATE EXTENSION tablefunc",
        );
        cluster.sql(
            &bench.database,
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO ro",
        );
        let gate = |login: &str| {
            Gate::new(
                &DatabaseUrl::parse(&cluster.url(login, &bench.database)).unwrap(),
                one_connection(),
            )
        };
        let accounts = vec![("ro", gate("ro")), ("rw", gate("rw"))];
        let heard = Arc::default();
        let canary = connect(&bench.database, "ro", Arc::clone(&heard)).await;
        canary
            .batch_execute("SET application_name = 'canary'; LISTEN jobs; LISTEN evil")
            .await
            .unwrap();
        let superuser = connect(&bench.database, "postgres", Arc::default()).await;
        let watch = Watch::Postgres(Box::new(PostgresWatch {
            superuser,
            heard,
            _canary: canary,
        }));
        Some(Self {
            bench,
            accounts,
            watch,
        })
    }

    /// Everything that no statement of a caller may change, sessions excepted.
    pub(crate) async fn state(&self) -> String {
        match &self.watch {
            Watch::Postgres(watch) => {
                let state = watch
                    .superuser
                    .query_one(POSTGRES_STATE, &[])
                    .await
                    .unwrap();
                format!(
                    "{} | {:?}",
                    state.get::<_, String>(0),
                    watch.heard.lock().unwrap()
                )
            }
            Watch::File => sqlite_state(&self.bench),
            Watch::MariaDb(gate) => {
                let (rows, _) = read(gate, MARIADB_STATE, &[], CAPS).await.unwrap();
                rows.values[0][0].to_string()
            }
        }
    }

    /// What the next call of the same session meets.
    pub(crate) async fn session(&self, gate: &Gate) -> String {
        let sql = match self.bench.engine {
            Engine::Sqlite => SQLITE_SESSION,
            Engine::Postgres => POSTGRES_SESSION,
            Engine::MariaDb => MARIADB_SESSION,
        };
        for _ in 0..120 {
            match read(gate, sql, &[], CAPS).await {
                // A step of SQLite that no deadline interrupts still has its thread, on a busy machine for a while.
                Err(GateError::Busy(_)) => tokio::time::sleep(Duration::from_millis(250)).await,
                answer => return answer.unwrap().0.values[0][0].to_string(),
            }
        }
        panic!("{}: all readers stay in use", self.bench.engine)
    }

    /// Runs a statement; one that is not over soon after its deadline fails the test.
    pub(crate) async fn attack(&self, gate: &Gate, sql: &str) -> Result<Rows, GateError> {
        let bound = CAPS.time + self.grace() + SLACK;
        let answer = tokio::time::timeout(bound, read(gate, sql, &[], CAPS)).await;
        let answer = answer
            .unwrap_or_else(|_| panic!("{}: not over in {bound:?}: {sql}", self.bench.engine));
        answer.map(|(rows, _)| rows)
    }

    /// What the gate gives its engine beyond a deadline before it waits no more.
    fn grace(&self) -> Duration {
        match self.bench.engine {
            Engine::Sqlite => Duration::from_secs(4),
            Engine::Postgres | Engine::MariaDb => Duration::from_secs(2),
        }
    }
}

/// What a busy machine may take for the way there and back.
const SLACK: Duration = Duration::from_secs(15);

pub(crate) const CAPS: Caps = Caps {
    time: Duration::from_secs(1),
    rows: 200,
};

fn one_connection() -> GateOptions {
    GateOptions {
        connections: 1,
        ..GateOptions::default()
    }
}

async fn connect(database: &str, login: &str, heard: Arc<Mutex<Vec<String>>>) -> Client {
    let url = shared_postgres().unwrap().url(login, database);
    let (client, mut connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(async move {
        while let Some(Ok(message)) =
            std::future::poll_fn(|context| connection.poll_message(context)).await
        {
            if let AsyncMessage::Notification(notification) = message {
                heard
                    .lock()
                    .unwrap()
                    .push(notification.channel().to_owned());
            }
        }
    });
    client
}

/// The schema and rows, the files beside the database, and that another connection may still write.
fn sqlite_state(bench: &Bench) -> String {
    let path = bench.owner.path().unwrap();
    let connection = rusqlite::Connection::open(path).unwrap();
    connection
        .execute_batch("BEGIN IMMEDIATE; ROLLBACK")
        .unwrap();
    let dump = "SELECT group_concat(line, ';') FROM (
        SELECT name || sql AS line FROM sqlite_schema UNION ALL SELECT id || name || secret FROM victim
        UNION ALL SELECT \"order\" || \"select\" FROM \"update\" UNION ALL SELECT num_dau || nb_lgt FROM fact_permis)";
    let rows: String = connection.query_one(dump, [], |row| row.get(0)).unwrap();
    let pragma = |name: &str| {
        connection.query_one(&format!("PRAGMA {name}"), [], |row| {
            row.get::<_, rusqlite::types::Value>(0)
        })
    };
    let pragmas: Vec<_> = ["user_version", "application_id", "journal_mode"]
        .map(pragma)
        .into_iter()
        .collect();
    let mut files: Vec<PathBuf> = std::fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files.retain(|file| {
        file.extension()
            .is_some_and(|kind| kind != "db-wal" && kind != "db-shm")
    });
    format!("{rows} {pragmas:?} {files:?}")
}
