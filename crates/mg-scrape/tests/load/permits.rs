//! The lists of SITADEL into `fact_permis`.

use mg_core::kpi::Status;
use mg_scrape::{
    definition::Bound,
    load::{Release, SwapError},
};
use mg_testkit::{DidoList, DidoServer};
use serde_json::{Value as Json, json};

use crate::{
    engines::{Engine, bound, engines, load, summary},
    portal::{LOGEMENTS, fetched, real, redirected, small},
};

const API: &str = include_str!("../../spiders/sitadel.toml");
const CSV: &str = include_str!("../../spiders/sitadel_csv.toml");
const RELEASES: [&str; 4] = ["2026-01"; 4];
/// Every row as it is kept, but for what a load of another day writes.
const ALL: &str =
    "SELECT * FROM fact_permis WHERE comm = '31555' ORDER BY fichier, type_dau, num_dau";

fn sitadel(portal: &DidoServer, toml: &str, name: &str) -> Bound {
    bound(name, &redirected(toml, portal), &[("commune", "31555")])
}

/// The engines, with Toulouse among the communes.
async fn towns() -> Vec<Engine> {
    let engines = engines().await;
    for engine in &engines {
        engine.change("INSERT INTO dim_commune (comm, nom, dep_code, reg_code) VALUES ('31555', 'Toulouse', '31', '76')").await;
    }
    engines
}

#[tokio::test]
async fn the_real_lists_are_loaded_whole_and_alike_on_every_engine() {
    let Some(lists) = real() else { return };
    let all: usize = lists.iter().map(DidoList::len).sum();
    let portal = DidoServer::start(lists, "2026-01");
    let bound = sitadel(&portal, API, "sitadel");
    let pages = fetched(&bound).await;
    let mut kept: Option<Vec<Vec<String>>> = None;
    for engine in towns().await {
        let swapped = load(&engine, &bound, "r1", &pages, &RELEASES)
            .await
            .unwrap();
        assert_eq!(
            (swapped.rows.inserted, swapped.rows.rejected),
            (all as u64, 0),
            "{}: {swapped:?}",
            engine.name
        );
        let change = &swapped.change_report.unwrap().tables[0];
        assert!(change.synthetic_removed > 1_000, "{}", engine.name);
        assert_eq!(
            engine.count("fact_permis WHERE synthetique = 1").await,
            0,
            "{}",
            engine.name
        );
        let again = load(&engine, &bound, "r2", &pages, &RELEASES)
            .await
            .unwrap();
        assert_eq!(
            (again.rows.unchanged, again.change_report),
            (all as u64, None),
            "{}",
            engine.name
        );
        let rows = engine.told(ALL).await;
        assert_eq!(rows.len(), all, "{}", engine.name);
        assert_eq!(&rows, kept.get_or_insert(rows.clone()), "{}", engine.name);
    }
}

#[tokio::test]
async fn the_files_give_what_the_api_gives() {
    let portal = DidoServer::start(real().unwrap_or_else(small), "2026-01");
    let (api, csv) = (
        sitadel(&portal, API, "sitadel"),
        sitadel(&portal, CSV, "sitadel_csv"),
    );
    let (by_api, by_csv) = (fetched(&api).await, fetched(&csv).await);
    for engine in towns().await {
        load(&engine, &api, "r1", &by_api, &RELEASES).await.unwrap();
        let swapped = load(&engine, &csv, "r2", &by_csv, &RELEASES).await.unwrap();
        assert_eq!(
            (swapped.rows.updated, swapped.change_report),
            (0, None),
            "{}",
            engine.name
        );
    }
}

#[tokio::test]
async fn an_indicator_tells_the_genuine_number_with_its_release_and_without_the_synthetic_mark() {
    let portal = DidoServer::start(small(), "2026-01");
    let bound = sitadel(&portal, API, "sitadel");
    let pages = fetched(&bound).await;
    for engine in towns().await {
        load(&engine, &bound, "r1", &pages, &RELEASES)
            .await
            .unwrap();
        let client = engine.indicators().await;
        let ask = async |name: &str, date: &str| -> Json {
            let arguments = json!({"name": name, "date": date, "territory": "31555"});
            client.call("get_indicator", arguments).await.ok()
        };
        let month = ask("logements_autorises", "2013-09").await;
        assert_eq!(month["value"], json!(37), "{}: {month}", engine.name);
        assert_eq!(
            (&month["vintage"], &month["synthetic"]),
            (&json!("2026-01"), &json!(false)),
            "{}",
            engine.name
        );
        assert_eq!(
            month["status"],
            json!(Status::Final.name()),
            "{}",
            engine.name
        );
        // Covered and without a row: zero. After the release's last complete month: missing.
        assert_eq!(
            ask("logements_autorises", "2014-02").await["value"],
            json!(0),
            "{}",
            engine.name
        );
        assert_eq!(
            ask("logements_autorises", "2026-01").await["status"],
            json!("missing"),
            "{}",
            engine.name
        );
        assert_eq!(
            ask("logements_autorises", "2012-12").await["status"],
            json!("missing"),
            "{}",
            engine.name
        );
        // The cancelled permit is in both lists and in neither number; the mixed one counts once.
        assert_eq!(
            ask("logements_autorises", "2013-02").await["value"],
            json!(0),
            "{}",
            engine.name
        );
        assert_eq!(
            ask("permis_autorises", "2013-06").await["value"],
            json!(1),
            "{}",
            engine.name
        );
    }
}

#[tokio::test]
async fn a_new_release_replaces_its_communes_and_keeps_what_others_wrote() {
    let lists = small();
    let portal = DidoServer::start(lists.clone(), "2026-01");
    let bound = sitadel(&portal, API, "sitadel");
    let before = fetched(&bound).await;
    // One permit is gone, one has another number of dwellings.
    let list = lists.iter().find(|list| list.rid == LOGEMENTS).unwrap();
    let changed = list.changed(|place, line| match place {
        0 => None,
        1 => Some(line.replace(";37;0;37;", ";38;0;38;")),
        _ => Some(line.to_owned()),
    });
    portal.release("2026-02", Some(changed));
    let after = fetched(&bound).await;
    for engine in towns().await {
        load(&engine, &bound, "r1", &before, &RELEASES)
            .await
            .unwrap();
        engine
            .change("UPDATE fact_permis SET zac_id = 'Z1' WHERE num_dau = '03155512C0210'")
            .await;
        let swapped = load(&engine, &bound, "r2", &after, &["2026-02"; 4])
            .await
            .unwrap();
        let change = &swapped.change_report.unwrap().tables[0];
        assert_eq!(
            (change.inserted, change.updated, change.removed),
            (0, 1, 1),
            "{}",
            engine.name
        );
        let columns: Vec<&str> = change
            .columns
            .iter()
            .map(|column| column.column.as_str())
            .collect();
        assert_eq!(
            columns,
            ["nb_lgt_col_crees", "nb_lgt_tot_crees"],
            "{}",
            engine.name
        );
        let row = engine.told("SELECT nb_lgt_tot_crees, zac_id, fichier_id FROM fact_permis WHERE num_dau = '03155512C0210'").await;
        assert_eq!(
            row,
            [["38", "Z1", "sitadel_logements_2026-02"]],
            "{}",
            engine.name
        );
        let files = engine.told("SELECT fichier_id, millesime, nb_lignes FROM source_fichier WHERE fichier_id LIKE 'sitadel_logements%'").await;
        assert_eq!(files.len(), 1, "{}: {files:?}", engine.name);
        let covered = engine.told("SELECT CAST(debut AS CHAR(10)), CAST(fin AS CHAR(10)) FROM source_couverture WHERE territoire = '31555' AND mesure = 'date_reelle_doc'").await;
        assert_eq!(covered, [["2013-01-01", "2026-01-31"]], "{}", engine.name);
    }
}

#[tokio::test]
async fn a_run_for_one_list_or_some_years_leaves_the_rest_alone() {
    let portal = DidoServer::start(small(), "2026-01");
    let bound = sitadel(&portal, API, "sitadel");
    let pages = fetched(&bound).await;
    let toml = redirected(API, &portal);
    let spider = mg_scrape::definition::parse("sitadel", &toml).unwrap();
    let params = [
        ("commune".to_owned(), "31555".to_owned()),
        ("filed_since".to_owned(), "2025".to_owned()),
    ]
    .into();
    let recent = spider
        .bind(
            None,
            &params,
            &mg_scrape::definition::LimitsGiven::default(),
        )
        .unwrap();
    let url = recent.start[0].url.clone();
    let recent = spider
        .bind(
            Some(&url),
            &params,
            &mg_scrape::definition::LimitsGiven::default(),
        )
        .unwrap();
    assert_eq!(recent.start.len(), 1);
    let some = fetched(&recent).await;
    for engine in towns().await {
        load(&engine, &bound, "r1", &pages, &RELEASES)
            .await
            .unwrap();
        let all = engine.count("fact_permis").await;
        let swapped = load(&engine, &recent, "r2", &some, &RELEASES)
            .await
            .unwrap();
        assert_eq!(
            (engine.count("fact_permis").await, swapped.change_report),
            (all, None),
            "{}",
            engine.name
        );
        assert!(
            swapped
                .notes
                .iter()
                .any(|note| note.contains("filed_since")),
            "{}: {:?}",
            engine.name,
            swapped.notes
        );
    }
}

#[tokio::test]
async fn a_release_that_moves_and_a_commune_that_is_not_known_bring_nothing_in() {
    let portal = DidoServer::start(small(), "2026-01");
    let bound = sitadel(&portal, API, "sitadel");
    let pages = fetched(&bound).await;
    for engine in engines().await {
        let loader = engine.loader(&bound, "r1").await;
        loader.stage(&pages).await.unwrap();
        let mut moved = summary(&RELEASES);
        moved.releases[1] = Release {
            before: Some("2026-01".into()),
            after: Some("2026-02".into()),
        };
        let refused = loader.swap(&moved).await.unwrap_err();
        assert!(
            matches!(refused, SwapError::ReleaseMoved { .. }),
            "{}: {refused}",
            engine.name
        );
        // Toulouse is no commune of the demo: every row is refused by its name, and the synthetic ones stay.
        let refused = loader.swap(&summary(&RELEASES)).await.unwrap_err();
        assert!(
            matches!(refused, SwapError::Unmet(_)),
            "{}: {refused}",
            engine.name
        );
        assert!(
            engine.count("fact_permis WHERE synthetique = 1").await > 1_000,
            "{}",
            engine.name
        );
        loader.discard().await.unwrap();
    }
}
