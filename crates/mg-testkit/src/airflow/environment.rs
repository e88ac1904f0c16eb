//! The variables that make an Airflow of tests.

use std::path::Path;

use super::free_port;

/// Signs tokens; at least 64 bytes.
pub(super) const SECRET: &str =
    "of-tests-only-0123456789abcdef0123456789abcdef0123456789abcdef0123456789";

/// What runs the tasks.
#[derive(Clone, Copy, Debug)]
pub(super) enum Executor {
    /// Processes of the scheduler.
    Local,
    /// Workers that are started one by one, told of their work through the Redis on this port.
    Celery { redis: u16 },
}

/// Where an Airflow lives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) venv: &'a Path,
    pub(super) home: &'a Path,
    pub(super) port: u16,
    /// The metadata database, as `postgres@127.0.0.1:1234/airflow`.
    pub(super) database: &'a str,
    /// Logins and their roles, as `name:role,name:role`.
    pub(super) accounts: &'a str,
}

/// Everything that the processes of Airflow find in their environment.
pub(super) fn variables(place: &Place<'_>, executor: Executor) -> Vec<(String, String)> {
    let settings = common(place).into_iter().chain(match executor {
        Executor::Local => local(),
        Executor::Celery { redis } => celery(place, redis),
    });
    let settings = settings.map(|(name, value)| (format!("AIRFLOW__{name}"), value));
    let own = own(place);
    settings
        .chain(own.map(|(name, value)| (name.to_owned(), value)))
        .collect()
}

/// Small, quick, silent and private.
fn common(place: &Place<'_>) -> Vec<(&'static str, String)> {
    let url = format!("http://127.0.0.1:{}", place.port);
    let within = |name: &str| place.home.join(name).display().to_string();
    vec![
        ("CORE__DAGS_FOLDER", within("dags")),
        ("CORE__LOAD_EXAMPLES", "False".into()),
        ("CORE__SIMPLE_AUTH_MANAGER_USERS", place.accounts.into()),
        (
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE",
            within("passwords.json"),
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
            format!("postgresql+psycopg2://{}", place.database),
        ),
        ("DATABASE__LOAD_DEFAULT_CONNECTIONS", "False".into()),
        ("API__HOST", "127.0.0.1".into()),
        ("API__PORT", place.port.to_string()),
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
    ]
}

fn local() -> Vec<(&'static str, String)> {
    vec![
        ("CORE__EXECUTOR", "LocalExecutor".into()),
        ("CORE__PARALLELISM", "3".into()),
    ]
}

/// A task that says nothing for 15 s is taken for lost; five minutes by default.
fn celery(place: &Place<'_>, redis: u16) -> Vec<(&'static str, String)> {
    let results = format!("db+postgresql+psycopg2://{}", place.database);
    vec![
        ("CORE__EXECUTOR", "CeleryExecutor".into()),
        ("CELERY__BROKER_URL", format!("redis://127.0.0.1:{redis}/0")),
        ("CELERY__RESULT_BACKEND", results),
        ("SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT", "15".into()),
        (
            "SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL",
            "3".into(),
        ),
        ("SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC", "2".into()),
    ]
}

/// What is not Airflow's own; the home is also that of the binaries that tasks run.
fn own(place: &Place<'_>) -> [(&'static str, String); 10] {
    let home = place.home.display().to_string();
    let programs = place.venv.join("bin").display().to_string();
    [
        ("AIRFLOW_HOME", home.clone()),
        ("HOME", home.clone()),
        (
            "MG_CONFIG",
            place.home.join("mg.toml").display().to_string(),
        ),
        ("MG_DATA_DIR", home),
        ("PATH", format!("{programs}:/usr/local/bin:/usr/bin:/bin")),
        ("NO_PROXY", "127.0.0.1,localhost".into()),
        ("NO_COLOR", "1".into()),
        ("PYTHONWARNINGS", "ignore".into()),
        ("LANG", "C.UTF-8".into()),
        ("C_FORCE_ROOT", "1".into()), // Celery refuses root, which containers of CI are
    ]
}
