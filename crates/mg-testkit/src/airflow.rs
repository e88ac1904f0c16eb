//! A real Airflow for tests: its own home, PostgreSQL, port and accounts, gone with the test process.
//!
//! `tests/run.sh` installs it into `target/test-tools/airflow` (or `MG_TEST_TOOLS`). Its metadata are in PostgreSQL, not in
//! SQLite: there one task that writes keeps all others, and the API, waiting.

mod environment;
mod http;
mod processes;

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{PostgresCluster, require_or_skip, workspace_root};
use environment::{Executor, Place, SECRET};
use processes::Processes;

/// Until everything is healthy, on a machine that has other work.
const PATIENCE: Duration = Duration::from_mins(4);
/// The login and role of each account; the password of `mg_viewer` is `mg_viewer-password`.
const ACCOUNTS: [(&str, &str); 3] = [
    ("mg_admin", "admin"),
    ("mg_editor", "user"),
    ("mg_viewer", "viewer"),
];

/// A running Airflow on a free port of the loopback interface: API server, scheduler, DAG processor, database. Ended when
/// dropped, and by a watchdog when the process that started it ends in any way.
#[derive(Debug)]
pub struct Airflow {
    folder: TempDir,
    port: u16,
    processes: Processes,
    database: PostgresCluster,
}

impl Airflow {
    /// Starts an Airflow of its own with the workflows of these folders and further variables for its tasks, which are
    /// processes of its scheduler; `None`, with a line that says so, where Airflow or PostgreSQL is not installed.
    #[must_use]
    pub fn start(workflows: &[PathBuf], variables: &[(&str, &Path)]) -> Option<Self> {
        let airflow = Self::prepared(workflows, variables, Executor::Local)?;
        airflow.begin();
        Some(airflow)
    }

    /// The same with Celery and a Redis of its own; tasks run once there is a worker. `None` also where Redis is not installed.
    #[must_use]
    pub fn start_on_celery(workflows: &[PathBuf], variables: &[(&str, &Path)]) -> Option<Self> {
        let there = Command::new("redis-server").arg("--version").output();
        require_or_skip(there.is_ok(), "redis-server is not installed").then_some(())?;
        let redis = free_port();
        let airflow = Self::prepared(workflows, variables, Executor::Celery { redis })?;
        let arguments = [
            "--port",
            &redis.to_string(),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
        ];
        airflow
            .processes
            .start("redis", Path::new("redis-server"), &arguments, &[]);
        airflow.begin();
        Some(airflow)
    }

    /// Starts a worker of Celery, as another host would, which works on so many tasks at once.
    pub fn start_worker(&self, name: &str, slots: usize, variables: &[(&str, &str)]) {
        let host = format!("{name}@%h");
        let pid = self.folder().join(format!("{name}.celery"));
        let arguments = [
            "celery",
            "worker",
            "--celery-hostname",
            &host,
            "--concurrency",
            &slots.to_string(),
            "--pid",
            &pid.display().to_string(),
        ];
        let port = free_port().to_string();
        let mut all = vec![("AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT", port.as_str())];
        all.extend(variables);
        self.processes.airflow(name, &arguments, &all);
        self.wait_until(|| self.processes.log(name).contains(" ready."));
    }

    /// Ends a worker with its tasks as a power cut would.
    pub fn kill_worker(&self, name: &str) {
        self.processes.kill(name);
    }

    /// The server that holds the metadata; tests may have databases of their own in it.
    #[must_use]
    pub const fn database(&self) -> &PostgresCluster {
        &self.database
    }

    /// The folder and the database, with nothing started but PostgreSQL.
    fn prepared(
        workflows: &[PathBuf],
        variables: &[(&str, &Path)],
        executor: Executor,
    ) -> Option<Self> {
        let venv = installed()?;
        let database = PostgresCluster::start()?;
        let folder = tempfile::Builder::new().prefix("mg-af-").tempdir().unwrap();
        let home = folder.path();
        copy_python(workflows, &home.join("dags"));
        fs::write(home.join("mg.toml"), "lang = \"en\"\n").unwrap();
        fs::write(home.join("passwords.json"), passwords().to_string()).unwrap();
        let port = free_port();
        let place = Place {
            venv: &venv,
            home,
            port,
            database: &format!(
                "postgres@127.0.0.1:{}/{}",
                database.port(),
                database.create_database()
            ),
            accounts: &ACCOUNTS
                .map(|(name, role)| format!("{name}:{role}"))
                .join(","),
        };
        let mut environment = environment::variables(&place, executor);
        let more = variables.iter();
        environment.extend(more.map(|(name, value)| ((*name).into(), value.display().to_string())));
        Some(Self {
            processes: Processes::new(&venv, home, environment),
            folder,
            port,
            database,
        })
    }

    /// Makes the tables and starts the three parts of Airflow.
    fn begin(&self) {
        self.processes.run(&["db", "migrate"]);
        for part in ["api-server", "scheduler", "dag-processor"] {
            self.processes.airflow(part, &[part], &[]);
        }
        self.wait_until_ready();
    }

    /// The base address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its folder, which is also the home of the binaries that its tasks run: `mg.toml`, `mg.db`, `spiders/`.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Ends the API server, which is all that clients see of Airflow.
    pub fn stop(&self) {
        self.processes.stop("api-server");
    }

    /// Starts the API server again, on the same port.
    pub fn restart(&self) {
        self.processes.airflow("api-server", &["api-server"], &[]);
        self.wait_until_ready();
    }

    /// Starts the API server again with another secret: the tokens it gave before are good no longer.
    pub fn restart_with_another_secret(&self) {
        let other = SECRET.chars().rev().collect::<String>();
        let other = [("AIRFLOW__API_AUTH__JWT_SECRET", other.as_str())];
        self.processes
            .airflow("api-server", &["api-server"], &other);
        self.wait_until_ready();
    }

    /// Asks the API as `mg_admin`; answers status and JSON.
    #[must_use]
    pub fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let login = json!({"username": "mg_admin", "password": password("mg_admin")});
        let (_, given) = self.answered("POST", "/auth/token", None, Some(&login));
        let token = given["access_token"].as_str().expect("a token");
        self.answered(method, &format!("/api/v2/{path}"), Some(token), body)
    }

    /// Asks again where Airflow fails or keeps silent, as a machine with other work may make it.
    fn answered(
        &self,
        method: &str,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> (u16, Value) {
        for _ in 0..5 {
            match http::ask(self.port, method, path, token, body) {
                Some((status, answer)) if status < 500 => return (status, answer),
                _ => {}
            }
            thread::sleep(Duration::from_millis(500));
        }
        panic!("Airflow fails again and again: {method} {path}");
    }

    fn wait_until_ready(&self) {
        self.wait_until(|| self.is_healthy() && self.parsed() > 0);
    }

    fn wait_until(&self, ready: impl Fn() -> bool) {
        let began = Instant::now();
        while !ready() {
            self.processes.assert_alive();
            assert!(
                began.elapsed() < PATIENCE,
                "Airflow is not ready: {}",
                self.processes.logs()
            );
            thread::sleep(Duration::from_millis(250));
        }
    }

    fn is_healthy(&self) -> bool {
        let told = http::ask(self.port, "GET", "/api/v2/monitor/health", None, None);
        told.is_some_and(|(_, health)| {
            ["metadatabase", "scheduler", "dag_processor"]
                .iter()
                .all(|part| health[part]["status"] == "healthy")
        })
    }

    /// How many workflows are known.
    fn parsed(&self) -> u64 {
        let (_, dags) = self.ask("GET", "dags?limit=1", None);
        dags["total_entries"].as_u64().unwrap_or(0)
    }
}

impl Drop for Airflow {
    fn drop(&mut self) {
        self.processes.end();
        let _gone = fs::remove_dir_all(self.folder.path());
    }
}

/// Puts the Python files of these folders into a new one.
fn copy_python(from: &[PathBuf], to: &Path) {
    fs::create_dir(to).unwrap();
    let entries = from.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    for file in entries.map(|entry| entry.unwrap().path()) {
        if file.extension().is_some_and(|ending| ending == "py") {
            fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
        }
    }
}

/// The password of every account, by its name.
fn passwords() -> Value {
    let all = ACCOUNTS.map(|(name, _)| (name.to_owned(), password(name).into()));
    Value::Object(all.into_iter().collect())
}

/// The password of an account.
fn password(account: &str) -> String {
    format!("{account}-password")
}

/// The virtual environment that holds it.
fn installed() -> Option<PathBuf> {
    let tools = std::env::var_os("MG_TEST_TOOLS")
        .map_or_else(|| workspace_root().join("target/test-tools"), PathBuf::from);
    let venv = tools.join("airflow");
    let there = venv.join("bin/airflow").is_file();
    require_or_skip(there, "Airflow is not installed; tests/run.sh does it").then_some(venv)
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
