//! More than one machine: Airflow on Celery with two workers as two hosts, one of which dies at work; Airflow's own data and
//! the analytics in PostgreSQL.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use mg_core::Role;
use mg_testkit::{Airflow, binary, workspace_root};
use serde_json::{Value, json};

use crate::world::{Client, airflow_alone};

/// The table of who tried what, and of what was done: a second attempt replaces the row of the first.
const WORK: &str = "CREATE TABLE attempt (run text, number int, attempt int, worker text); \
    CREATE TABLE done (run text, number int, worker text, PRIMARY KEY (run, number))";
const INDICATORS: [&str; 2] = ["logements_autorises", "permis_autorises"];

/// An Airflow with two workers of two slots each.
struct Cluster {
    airflow: Airflow,
    /// What `shared_work` writes into.
    work: String,
    /// Where the tables of the platform are.
    analytics: String,
}

impl Cluster {
    fn start() -> Option<Self> {
        let root = workspace_root();
        let workflows = [root.join("bench/celery/dags"), root.join("examples/dags")];
        let _built = binary("mg-kpi");
        let binaries = binary("mgctl").parent().unwrap().to_owned();
        let airflow = Airflow::start_on_celery(&workflows, &[("MG_BIN", &binaries)])?;
        let [work, analytics] = [(); 2].map(|()| airflow.database().create_database());
        airflow.database().sql(&work, WORK);
        let cluster = Self {
            airflow,
            work,
            analytics,
        };
        cluster.fill();
        for name in ["worker1", "worker2"] {
            cluster.start_worker(name);
        }
        Some(cluster)
    }

    fn url(&self, database: &str) -> String {
        self.airflow.database().url("owner", database)
    }

    /// The tables of the platform with the rows of the demo.
    fn fill(&self) {
        let url = self.url(&self.analytics);
        let made = Command::new(binary("mgctl"))
            .args(["db", "init", "--demo"])
            .env("MG_DATABASE_URL", &url)
            .env("MG_DATABASE_WRITE_URL", &url)
            .env("MG_DATA_DIR", self.airflow.folder())
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
    }

    fn start_worker(&self, name: &str) {
        let work = (self.airflow.database()).url("postgres", &self.work);
        let url = self.url(&self.analytics);
        let variables = [
            ("WORKER", name),
            ("WORK_DATABASE", work.as_str()),
            ("MG_DATABASE_URL", url.as_str()),
            ("MG_DATABASE_WRITE_URL", url.as_str()),
        ];
        self.airflow.start_worker(name, 2, &variables);
    }

    /// One number from the table of what was tried and done.
    fn count(&self, what: &str) -> u64 {
        let sql = format!("SELECT count(*) FROM {what}");
        let told = self.airflow.database().sql(&self.work, &sql);
        told.parse().unwrap()
    }

    async fn wait_until_begun(&self, worker: &str) {
        let began = Instant::now();
        while self.count(&format!("attempt WHERE worker = '{worker}'")) == 0 {
            assert!(
                began.elapsed() < Duration::from_mins(2),
                "{worker} got no task"
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// What a forecast of each indicator leaves: runs, their points, stored values.
    fn stored(&self) -> String {
        let sql = "SELECT (SELECT count(*) FROM forecast_run), (SELECT count(*) FROM forecast_value), \
            (SELECT count(*) FROM kpi_value)";
        self.airflow.database().sql(&self.analytics, sql)
    }
}

async fn outcome(client: &Client, dag_id: &str, params: Value, key: &str) -> Value {
    let run_id = client.run_to_end(dag_id, params, key).await;
    let asked = json!({"dag_id": dag_id, "run_id": run_id});
    let told = client.ok("get_workflow_run", asked).await;
    assert_eq!(told["state"], "success", "{told:#}");
    told
}

#[tokio::test]
async fn two_workers_share_the_work_and_what_a_killed_one_held_is_done_once_by_the_other() {
    let Some(_alone) = airflow_alone().await else {
        return;
    };
    let Some(cluster) = tokio::task::spawn_blocking(Cluster::start).await.unwrap() else {
        return;
    };
    let unpaused = json!({"is_paused": false});
    let _ = (cluster.airflow).ask("PATCH", "dags/mg_backtest", Some(&unpaused));
    let allowed = "allow_dags = [\"shared_work\", \"mg_backtest\"]";
    let client = Client::of(&cluster.airflow.url(), Role::Editor, allowed).await;

    // Two runs at once of the same forecasts leave what one leaves.
    let backtest = || json!({"indicators": INDICATORS});
    let (one, two) = tokio::join!(
        outcome(&client, "mg_backtest", backtest(), "one"),
        outcome(&client, "mg_backtest", backtest(), "two"),
    );
    for told in [one, two] {
        assert_eq!(told["results"]["summary"]["indicators"], 2, "{told:#}");
    }
    let stored = cluster.stored();
    assert!(!stored.starts_with('0'), "{stored}");
    outcome(&client, "mg_backtest", backtest(), "three").await;
    assert_eq!(cluster.stored(), stored);

    let asked = json!({"dag_id": "shared_work", "params": {"tasks": 8, "seconds": 6}, "idempotency_key": "shared"});
    client.ok("run_workflow", asked.clone()).await;
    for worker in ["worker1", "worker2"] {
        cluster.wait_until_begun(worker).await;
    }
    cluster.airflow.kill_worker("worker2");
    let told = outcome(&client, "shared_work", asked["params"].clone(), "shared").await;
    assert_eq!(told["tasks"], json!({"success": 9}));
    assert_eq!(cluster.count("done"), 8);
    let taken_over = "attempt a JOIN done d USING (run, number) \
        WHERE a.worker = 'worker2' AND a.attempt = 1 AND d.worker = 'worker1'";
    assert!(cluster.count(taken_over) > 0);
    assert!(cluster.count("attempt") > 8);
}
