//! From an agent's call to a forecast in the database: the example workflow with the real binaries, and a portal that speaks
//! as the publisher's does.

use std::{fs, path::PathBuf};

use mg_core::Role;
use mg_db::{DatabaseUrl, Value as Cell, embedded, store::Store};
use mg_testkit::{DidoList, DidoServer, shared_data};
use serde_json::{Value, json};

use crate::world::{Client, World, airflow};

const SPIDER: &str = include_str!("../../../mg-scrape/spiders/sitadel.toml");
const LOCAUX: &str = include_str!("../../../mg-scrape/tests/load/data/locaux.csv");
const HOST: &str = "data.statistiques.developpement-durable.gouv.fr";
const DAG: &str = "mg_sitadel_refresh";

/// The real lists of Toulouse, with a small one of premises; `None` where they are not there.
fn lists() -> Option<Vec<DidoList>> {
    let read = |rid, name: &str| {
        let path = shared_data(&format!("domain/{name}"))?;
        Some(DidoList::new(rid, &fs::read_to_string(path).unwrap()))
    };
    Some(vec![
        read(
            "8b35affb-55fc-4c1f-915b-7750f974446a",
            "sitadel_logements_2026-01_toulouse_EXTRAIT.csv",
        )?,
        DidoList::new("f8f0700f-806c-40a7-83b1-f21cf507e7c4", LOCAUX),
        read(
            "96883f50-538b-41f9-a059-c6eb97e6a23a",
            "Liste-des-permis-damenager.2026-01.csv",
        )?,
        read(
            "1a9a2f0c-56fe-4e69-84a7-fbbda2121f02",
            "Liste-des-permis-de-demolir.2026-01.csv",
        )?,
    ])
}

/// The home of the binaries that the tasks run: the demo with Toulouse, and the spider at the portal of the test.
async fn home<G>(world: &World<G>, portal: &DidoServer) -> PathBuf {
    let folder = world.airflow.folder();
    let base = portal.base();
    let host = base.trim_start_matches("http://");
    let spider = SPIDER
        .replace(&format!("https://{HOST}"), &base)
        .replace(
            &format!("allow_hosts = [\"{HOST}\"]"),
            &format!("allow_hosts = [\"{host}\"]\nallow_private = true"),
        )
        .replace("delay_ms = 250", "delay_ms = 0");
    fs::create_dir_all(folder.join("spiders")).unwrap();
    fs::write(folder.join("spiders/sitadel.toml"), spider).unwrap();
    let database = folder.join("mg.db");
    embedded::ensure(&database, "2026-11-22T10:00:00Z")
        .await
        .unwrap();
    let store = Store::writer(&DatabaseUrl::sqlite(database.clone()));
    let mut transaction = store.begin().await.unwrap();
    let town = "INSERT INTO dim_commune (comm, nom, dep_code, reg_code) VALUES ('31555', 'Toulouse', '31', '76')";
    transaction.execute(town, &[]).await.unwrap();
    transaction.commit().await.unwrap();
    database
}

/// Everything that a run is to leave the same: permits, values, forecasts.
async fn told(database: &std::path::Path) -> [Vec<Vec<Cell>>; 3] {
    let store = Store::reader(&DatabaseUrl::sqlite(database.to_owned()));
    let mut all = Vec::new();
    for sql in [
        "SELECT * FROM fact_permis WHERE comm = '31555' ORDER BY fichier, type_dau, num_dau",
        "SELECT territoire, periode, grain, millesime, valeur, statut FROM kpi_value \
         WHERE kpi_code = 'logements_autorises' ORDER BY territoire, periode, grain, millesime",
        "SELECT v.run_id, v.periode, v.niveau, v.prevision, v.borne_basse, v.borne_haute FROM forecast_value v \
         JOIN forecast_run r ON r.run_id = v.run_id WHERE r.kpi_code = 'logements_autorises' \
         ORDER BY v.run_id, v.periode, v.niveau",
    ] {
        let rows = store.fetch(sql, &[]).await.unwrap();
        all.push(rows.iter().map(|row| row.values().to_vec()).collect());
    }
    all.try_into().unwrap()
}

/// Launches the workflow as an agent does; what its tasks returned.
async fn run(client: &Client, key: &str) -> Value {
    let params = json!({"communes": ["31555"], "indicators": ["logements_autorises"]});
    let run_id = client.run_to_end(DAG, params, key).await;
    let asked = json!({"dag_id": DAG, "run_id": run_id});
    let told = client.ok("get_workflow_run", asked).await;
    assert_eq!(told["state"], "success", "{told:#}");
    told["results"].clone()
}

#[tokio::test]
async fn permits_of_the_publisher_end_in_a_forecast_and_a_second_run_changes_nothing() {
    let Some(lists) = lists() else { return };
    let Some(world) = airflow().await else { return };
    let portal = DidoServer::start(lists, "2026-01");
    let database = home(&world, &portal).await;
    let unpaused = json!({"is_paused": false});
    let _ = world
        .airflow
        .ask("PATCH", &format!("dags/{DAG}"), Some(&unpaused));
    let allowed = format!("allow_dags = [\"{DAG}\"]");
    let client = Client::of(&world.airflow.url(), Role::Editor, &allowed).await;

    let results = run(&client, "end-to-end-1").await;
    let first = told(&database).await;
    let [permits, values, forecasts] = &first;
    assert!(permits.len() > 1_900, "{} permits", permits.len());
    assert_eq!(results["loaded"]["inserted"], permits.len(), "{results:#}");
    assert!(!values.is_empty() && !forecasts.is_empty());

    let results = run(&client, "end-to-end-2").await;
    assert_eq!(
        (
            &results["loaded"]["inserted"],
            &results["loaded"]["updated"]
        ),
        (&json!(0), &json!(0)),
        "{results:#}"
    );
    assert!(
        told(&database).await == first,
        "the second run changed something"
    );
}
