//! From launch_scraper to get_indicator, through the real binaries; and kills on the way.

use std::path::Path;

use mg_db::{DatabaseUrl, Value as Cell, embedded, store::Store};
use mg_testkit::{DidoServer, Exit, Process, binary};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::portal::{redirected, small};

const API: &str = include_str!("../../spiders/sitadel.toml");
const CSV: &str = include_str!("../../spiders/sitadel_csv.toml");
/// The permits that the small lists have.
const PERMITS: usize = 12;

/// A home folder with the demo, and sites in the place of the real ones.
pub(crate) struct Home(TempDir);

impl Home {
    /// With spiders that stand in for those that come along.
    pub(crate) fn with(texts: &[(&str, String)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mg.toml"), "lang = \"en\"\n").unwrap();
        let spiders = folder.path().join("spiders");
        std::fs::create_dir(&spiders).unwrap();
        for (name, text) in texts {
            std::fs::write(spiders.join(format!("{name}.toml")), text).unwrap();
        }
        let home = Self(folder);
        let database = home.database();
        let ensured = embedded::ensure(&database, "2026-11-22T10:00:00Z");
        runtime().block_on(ensured).unwrap();
        home
    }

    fn new(portal: &DidoServer) -> Self {
        let quick = |text| {
            redirected(text, portal).replace(
                "delay_ms = 250",
                "delay_ms = 0\nretry = { times = 3, max_wait_s = 1 }",
            )
        };
        let home = Self::with(&[("sitadel", quick(API)), ("sitadel_csv", quick(CSV))]);
        runtime().block_on(async {
            let store = Store::writer(&DatabaseUrl::sqlite(home.database()));
            let mut transaction = store.begin().await.unwrap();
            let town = "INSERT INTO dim_commune (comm, nom, dep_code, reg_code) VALUES ('31555', 'Toulouse', '31', '76')";
            transaction.execute(town, &[]).await.unwrap();
            transaction.commit().await.unwrap();
        });
        home
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn database(&self) -> std::path::PathBuf {
        self.path().join("mg.db")
    }

    pub(crate) fn process(
        &self,
        program: &str,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Process {
        let config = self.path().join("mg.toml");
        let mut all = vec![
            ("MG_CONFIG", config.to_str().unwrap()),
            ("PATH", "/usr/bin:/bin"),
        ];
        all.extend_from_slice(variables);
        Process::start(program, arguments, &all, self.path())
    }

    /// Runs a spider for Toulouse to its end.
    fn run(&self, spider: &str, variables: &[(&str, &str)]) -> (Exit, Value) {
        self.command(
            &["run", spider, "--param", "commune=31555", "--json"],
            variables,
        )
    }

    /// Runs a command to its end; what it printed as JSON.
    pub(crate) fn command(&self, arguments: &[&str], variables: &[(&str, &str)]) -> (Exit, Value) {
        let exit = self.process("mg-scrape", arguments, variables).finish();
        let printed = serde_json::from_str(&exit.unread.join("\n")).unwrap_or(Value::Null);
        (exit, printed)
    }

    /// All cells of the rows of a query.
    pub(crate) fn rows(&self, sql: &str) -> Vec<Vec<Cell>> {
        runtime().block_on(async {
            let store = Store::reader(&DatabaseUrl::sqlite(self.database()));
            let rows = store.fetch(sql, &[]).await.unwrap();
            rows.iter().map(|row| row.values().to_vec()).collect()
        })
    }

    fn success(&self, spider: &str) -> Value {
        let (exit, report) = self.run(spider, &[]);
        assert_eq!(exit.code, Some(0), "{report:#} {}", exit.stderr);
        report
    }

    /// Every permit of Toulouse with all its columns, and what its files cover.
    fn told(&self) -> Vec<Vec<Cell>> {
        [
            "SELECT * FROM fact_permis WHERE comm = '31555' ORDER BY fichier, type_dau, num_dau",
            "SELECT * FROM source_couverture WHERE territoire = '31555' ORDER BY fichier_id, mesure",
            "SELECT fichier_id, millesime, nb_lignes, synthetique FROM source_fichier ORDER BY fichier_id",
        ]
        .iter()
        .flat_map(|sql| self.rows(sql))
        .collect()
    }

    fn permits(&self) -> usize {
        let told = self.told();
        told.iter().filter(|row| row.len() > 20).count()
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

#[test]
fn a_launch_ends_in_an_indicator() {
    let _built = binary("mg-kpi");
    let portal = DidoServer::start(small(), "2026-01");
    // The portal takes smaller pages only, and is out of order for a moment.
    portal.largest_page(50);
    portal.fail(1);
    let home = Home::new(&portal);
    let mut server = home.process("mg-scrape", &[], &[("MG_ROLE", "editor")]);
    server.initialize();
    let launched = server.call(
        "launch_scraper",
        &json!({"spider": "sitadel", "params": {"commune": "31555"}}),
    );
    assert_eq!(launched.data["table"], "fact_permis", "{}", launched.text);
    let mut followed = server.call(
        "get_scrape_run",
        &json!({"run_id": launched.data["run_id"], "wait_s": 45}),
    );
    for _ in 0..4 {
        if followed.data["state"] != "running" {
            break;
        }
        followed = server.call(
            "get_scrape_run",
            &json!({"run_id": launched.data["run_id"], "wait_s": 45}),
        );
    }
    assert_eq!(followed.data["state"], "succeeded", "{}", followed.text);
    assert_eq!(
        followed.data["rows"]["inserted"],
        json!(PERMITS),
        "{}",
        followed.text
    );
    assert!(
        !followed.text.contains("0315551"),
        "a permit's number is no viewer's: {}",
        followed.text
    );
    assert!(
        portal
            .asked()
            .iter()
            .any(|asked| asked.contains("pageSize=50"))
    );
    let mut indicators = home.process("mg-kpi", &[], &[]);
    indicators.initialize();
    let answer = indicators.call(
        "get_indicator",
        &json!({"name": "logements_autorises", "date": "2013-09", "territory": "31555"}),
    );
    assert_eq!(
        (&answer.data["value"], &answer.data["vintage"]),
        (&json!(37), &json!("2026-01")),
        "{}",
        answer.text
    );
    assert_eq!(answer.data["synthetic"], json!(false), "{}", answer.text);
    // Again: nothing new.
    let again = home.success("sitadel");
    assert_eq!(again["rows"]["unchanged"], json!(PERMITS), "{again:#}");
    assert!(again["change_report"].is_null(), "{again:#}");
    // The files of the whole country say the same.
    let files = home.success("sitadel_csv");
    assert_eq!(
        (&files["rows"]["inserted"], &files["rows"]["updated"]),
        (&json!(0), &json!(0)),
        "{files:#}"
    );
}

#[test]
fn a_kill_in_each_step_ends_in_the_same_table() {
    let undisturbed = {
        let portal = DidoServer::start(small(), "2026-01");
        let home = Home::new(&portal);
        home.success("sitadel");
        home.told()
    };
    for step in ["page_fetched", "staged", "before_swap", "in_swap"] {
        let portal = DidoServer::start(small(), "2026-01");
        let home = Home::new(&portal);
        let (exit, report) = home.run("sitadel", &[("MG_SCRAPE_STOP_AT", step)]);
        assert_eq!(
            (exit.code, &report["state"]),
            (Some(75), &json!("interrupted")),
            "{step}: {}",
            exit.stderr
        );
        assert_eq!(home.permits(), 0, "{step}");
        let again = home.success("sitadel");
        assert_eq!(again["run_id"], report["run_id"], "{step}");
        assert_eq!(home.told(), undisturbed, "{step}");
    }
}

#[test]
fn a_release_that_moves_meanwhile_is_fetched_anew() {
    let portal = DidoServer::start(small(), "2026-01");
    portal.release_after(2, "2026-02");
    let home = Home::new(&portal);
    let report = home.success("sitadel");
    assert_eq!(report["rows"]["inserted"], json!(PERMITS), "{report:#}");
    let files: Vec<_> = home
        .told()
        .into_iter()
        .filter(|row| row.len() == 4)
        .collect();
    let releases = files
        .iter()
        .filter(|row| row[0] != Cell::Null && format!("{:?}", row[0]).contains("sitadel_"))
        .filter(|row| row[1] == Cell::from("2026-02"));
    assert_eq!(releases.count(), 4, "{files:?}");
}

#[test]
fn a_download_that_stalls_or_fails_is_asked_for_again() {
    let portal = DidoServer::start(small(), "2026-01");
    let home = Home::new(&portal);
    portal.stall(1);
    let report = home.success("sitadel_csv");
    assert_eq!(report["rows"]["inserted"], json!(PERMITS), "{report:#}");
    assert_eq!(home.permits(), PERMITS);
}
