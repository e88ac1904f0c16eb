//! A real Airflow for tests: its own home, database, port and accounts, gone with the test process.
//!
//! `tests/run.sh` installs it into `target/test-tools/airflow` (or `MG_TEST_TOOLS`), with a migrated, empty database.

mod http;
mod processes;

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{require_or_skip, workspace_root};
use processes::Processes;

/// Until everything is healthy, on a machine that has other work.
const PATIENCE: Duration = Duration::from_mins(4);
/// Signs tokens; at least 64 bytes.
const SECRET: &str = "of-tests-only-0123456789abcdef0123456789abcdef0123456789abcdef0123456789";
/// The login and role of each account; the password of `mg_viewer` is `mg_viewer-password`.
const ACCOUNTS: [(&str, &str); 3] = [
    ("mg_admin", "admin"),
    ("mg_editor", "user"),
    ("mg_viewer", "viewer"),
];

/// A running Airflow on a free port of the loopback interface: API server, scheduler with a local executor, DAG
/// processor. Ended when dropped, and by a watchdog when the process that started it ends in any way.
#[derive(Debug)]
pub struct Airflow {
    folder: TempDir,
    port: u16,
    processes: Processes,
}

impl Airflow {
    /// Starts an Airflow of its own with the workflows of these folders and further variables for its tasks; `None`, with a
    /// line that says so, where it is not installed.
    #[must_use]
    pub fn start(workflows: &[PathBuf], variables: &[(&str, &Path)]) -> Option<Self> {
        let venv = installed()?;
        let folder = tempfile::Builder::new().prefix("mg-af-").tempdir().unwrap();
        let dags = folder.path().join("dags");
        copy_python(workflows, &dags);
        fs::copy(venv.join("empty.db"), folder.path().join("airflow.db")).unwrap();
        fs::write(folder.path().join("mg.toml"), "lang = \"en\"\n").unwrap();
        let passwords = ACCOUNTS.map(|(name, _)| (name.to_owned(), password(name).into()));
        let passwords: serde_json::Map<String, Value> = passwords.into_iter().collect();
        fs::write(
            folder.path().join("passwords.json"),
            json!(passwords).to_string(),
        )
        .unwrap();
        let port = free_port();
        let mut environment = environment(&venv, folder.path(), &dags, port);
        environment.extend(
            variables
                .iter()
                .map(|(name, value)| ((*name).into(), value.display().to_string())),
        );
        let airflow = Self {
            processes: Processes::new(&venv, folder.path(), environment),
            folder,
            port,
        };
        for part in ["api-server", "scheduler", "dag-processor"] {
            airflow.processes.start(part, &[]);
        }
        airflow.wait_until_ready();
        Some(airflow)
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
        self.processes.start("api-server", &[]);
        self.wait_until_ready();
    }

    /// Starts the API server again with another secret: the tokens it gave before are good no longer.
    pub fn restart_with_another_secret(&self) {
        let other = SECRET.chars().rev().collect::<String>();
        self.processes
            .start("api-server", &[("AIRFLOW__API_AUTH__JWT_SECRET", &other)]);
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

    /// Asks again where Airflow fails or keeps silent, which it does while its database is busy.
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
        let began = Instant::now();
        while !self.is_healthy() || self.parsed() == 0 {
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

/// The password of an account.
fn password(account: &str) -> String {
    format!("{account}-password")
}

/// The virtual environment that holds it.
fn installed() -> Option<PathBuf> {
    let tools = std::env::var_os("MG_TEST_TOOLS")
        .map_or_else(|| workspace_root().join("target/test-tools"), PathBuf::from);
    let venv = tools.join("airflow");
    let there = venv.join("bin/airflow").is_file() && venv.join("empty.db").is_file();
    require_or_skip(there, "Airflow is not installed; tests/run.sh does it").then_some(venv)
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// What makes an Airflow small, quick, silent and private.
fn environment(venv: &Path, home: &Path, dags: &Path, port: u16) -> Vec<(String, String)> {
    let path = |path: &Path| path.display().to_string();
    let url = format!("http://127.0.0.1:{port}");
    let accounts = ACCOUNTS
        .map(|(name, role)| format!("{name}:{role}"))
        .join(",");
    let settings = [
        ("CORE__DAGS_FOLDER", path(dags)),
        ("CORE__LOAD_EXAMPLES", "False".into()),
        ("CORE__EXECUTOR", "LocalExecutor".into()),
        ("CORE__PARALLELISM", "3".into()),
        ("CORE__SIMPLE_AUTH_MANAGER_USERS", accounts),
        (
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE",
            path(&home.join("passwords.json")),
        ),
        (
            "CORE__EXECUTION_API_SERVER_URL",
            format!("{url}/execution/"),
        ), // tasks report there
        (
            "CORE__HOSTNAME_CALLABLE",
            "airflow.utils.net.get_host_ip_address".into(),
        ), // no name is looked up
        (
            "DATABASE__SQL_ALCHEMY_CONN",
            format!("sqlite:///{}?timeout=30", path(&home.join("airflow.db"))),
        ),
        ("DATABASE__LOAD_DEFAULT_CONNECTIONS", "False".into()),
        ("API__HOST", "127.0.0.1".into()),
        ("API__PORT", port.to_string()),
        ("API__BASE_URL", url),
        ("API__WORKERS", "1".into()),
        ("API__SECRET_KEY", SECRET.into()),
        ("API_AUTH__JWT_SECRET", SECRET.into()),
        ("DAG_PROCESSOR__PARSING_PROCESSES", "1".into()),
        ("DAG_PROCESSOR__REFRESH_INTERVAL", "600".into()),
        ("DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL", "600".into()),
        ("SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME", "0.3".into()),
        // A workflow that is unpaused would begin with its last scheduled run.
        ("SCHEDULER__USE_JOB_SCHEDULE", "False".into()),
        ("LOGGING__WORKER_LOG_SERVER_PORT", free_port().to_string()),
        ("USAGE_DATA_COLLECTION__ENABLED", "False".into()),
    ];
    let settings = settings.map(|(name, value)| (format!("AIRFLOW__{name}"), value));
    let own = [
        ("AIRFLOW_HOME", path(home)),
        ("HOME", path(home)),
        ("MG_CONFIG", path(&home.join("mg.toml"))),
        ("MG_DATA_DIR", path(home)),
        (
            "PATH",
            format!("{}:/usr/local/bin:/usr/bin:/bin", path(&venv.join("bin"))),
        ),
        ("NO_PROXY", "127.0.0.1,localhost".into()),
        ("NO_COLOR", "1".into()),
        ("PYTHONWARNINGS", "ignore".into()),
        ("LANG", "C.UTF-8".into()),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    settings.into_iter().chain(own).collect()
}
