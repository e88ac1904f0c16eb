//! The one Airflow of this test process, and clients of our server before it.

use std::{path::Path, sync::LazyLock};

use mg_airflow::AirflowServer;
use mg_core::{Clock, Role};
use mg_testkit::{Airflow, MemoryClient, Process, ToolAnswer, workspace_root};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Tests that only use Airflow share it; one that stops it has it alone.
static USE: RwLock<()> = RwLock::const_new(());

/// The shared Airflow; `None`, with a line that says so, where it is not installed.
fn shared() -> Option<&'static Airflow> {
    static SHARED: LazyLock<Option<Airflow>> = LazyLock::new(|| {
        let root = workspace_root();
        let tests = root.join("crates/mg-airflow/tests");
        let workflows = [tests.join("dags"), root.join("examples/dags")];
        let (scripts, server) = (tests.join("bin"), mg_testkit::binary("mg-airflow"));
        let binaries = server.parent().unwrap();
        let _built = ["mg-scrape", "mg-kpi"].map(mg_testkit::binary);
        Airflow::start(
            &workflows,
            &[("MG_BIN", &scripts), ("MG_TEST_BINARIES", binaries)],
        )
    });
    SHARED.as_ref()
}

/// Airflow, used beside other tests or alone.
pub(crate) struct World<G> {
    pub(crate) airflow: &'static Airflow,
    _use: G,
}

/// Airflow, shared with other tests.
pub(crate) async fn airflow() -> Option<World<RwLockReadGuard<'static, ()>>> {
    let guard = USE.read().await;
    let airflow = tokio::task::spawn_blocking(shared).await.unwrap()?;
    Some(World {
        airflow,
        _use: guard,
    })
}

/// Airflow for one test alone, which may stop it.
pub(crate) async fn airflow_alone() -> Option<World<RwLockWriteGuard<'static, ()>>> {
    let guard = USE.write().await;
    let airflow = tokio::task::spawn_blocking(shared).await.unwrap()?;
    Some(World {
        airflow,
        _use: guard,
    })
}

impl<G> World<G> {
    /// A client in a role, which sees the workflows of the tests but one.
    pub(crate) async fn client(&self, role: Role) -> Client {
        let allowed =
            "allow_dags = [\"mg_fails\", \"mg_p*\", \"mg_quick\", \"*_slow\", \"mg_test_*\"]";
        Client::of(&self.airflow.url(), role, allowed).await
    }

    /// The same as a process, for what is told while a call runs.
    pub(crate) fn process(&self, home: &Path) -> Process {
        let url = self.airflow.url();
        let variables = [
            ("MG_AIRFLOW_URL", url.as_str()),
            ("MG_AIRFLOW_USERNAME", "mg_editor"),
            ("MG_AIRFLOW_PASSWORD", "mg_editor-password"),
            ("MG_ROLE", "editor"),
            ("MG_LANG", "en"),
        ];
        let mut process = Process::start("mg-airflow", &[], &variables, home);
        process.initialize();
        process
    }
}

/// A connected client with its folder of settings.
pub(crate) struct Client {
    pub(crate) inner: MemoryClient,
    _folder: TempDir,
}

impl Client {
    /// Of an Airflow at this address; `more` stands in `[airflow]`.
    pub(crate) async fn of(url: &str, role: Role, more: &str) -> Self {
        let accounts = "[airflow.viewer]\nusername = \"mg_viewer\"\npassword = \"mg_viewer-password\"\n\
            [airflow.editor]\nusername = \"mg_editor\"\npassword = \"mg_editor-password\"\n";
        let file = format!("lang = \"en\"\n[airflow]\nurl = \"{url}\"\n{more}\n{accounts}");
        Self::with(role, &file).await
    }

    /// With this mg.toml.
    pub(crate) async fn with(role: Role, file: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mg.toml"), file).unwrap();
        let settings = MemoryClient::settings(role, folder.path(), None);
        Self {
            inner: MemoryClient::connect::<AirflowServer>(settings, Clock::system()).await,
            _folder: folder,
        }
    }

    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> ToolAnswer {
        self.inner.call(tool, arguments).await
    }

    pub(crate) async fn ok(&self, tool: &str, arguments: Value) -> Value {
        self.call(tool, arguments).await.ok()
    }

    pub(crate) async fn refusal(&self, tool: &str, arguments: Value) -> String {
        self.call(tool, arguments).await.refusal()
    }

    /// Runs a workflow under a key of its own and waits until the run has ended; answers its id. An Airflow that a busy machine
    /// makes slow is asked again, as the refusal says.
    pub(crate) async fn run_to_end(&self, dag_id: &str, params: Value, key: &str) -> String {
        let asked =
            json!({"dag_id": dag_id, "params": params, "idempotency_key": key, "wait_s": 45});
        let mut launched = self.call("run_workflow", asked.clone()).await;
        for _ in 0..3 {
            if launched.is_error {
                launched = self.call("run_workflow", asked.clone()).await;
            }
        }
        let run_id = launched.ok()["run_id"].as_str().unwrap().to_owned();
        let asked = json!({"dag_id": dag_id, "run_id": run_id, "wait_s": 45});
        for _ in 0..6 {
            let told = self.call("get_workflow_run", asked.clone()).await;
            if !told.is_error
                && ["success", "failed"]
                    .iter()
                    .any(|state| told.data["state"] == *state)
            {
                return run_id;
            }
        }
        unreachable!("{run_id} does not end")
    }
}
