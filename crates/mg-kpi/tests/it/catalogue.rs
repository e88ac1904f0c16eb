//! list_indicators, and the files of the operator.

use std::sync::Arc;

use mg_core::{
    Clock, Role,
    serve::{Finding, Server},
};
use mg_kpi::KpiServer;
use mg_testkit::MemoryClient;
use serde_json::json;

use crate::engines::{NOW, connect, sqlite};

const FILE: &str = include_str!("../../kpis/part_collectif.toml");

/// A server whose configuration folder holds these indicators.
async fn with_files(files: &[(&str, String)]) -> crate::engines::Engine {
    with_settings(files, "").await
}

async fn with_settings(files: &[(&str, String)], settings: &str) -> crate::engines::Engine {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("kpis")).unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join("kpis").join(name), text).unwrap();
    }
    let path = folder.path().join("mg.db");
    mg_db::embedded::ensure(&path, NOW).await.unwrap();
    let url = mg_db::DatabaseUrl::sqlite(path);
    connect("sqlite", folder, url, None, settings).await
}

#[tokio::test]
async fn a_query_that_never_ends_is_stopped_with_the_name_of_its_indicator() {
    const ENDLESS: &str = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) \
        SELECT '77243' AS territory, '2022-01-01' AS date_reelle_autorisation, n AS value, 'permis_synthetiques' AS file FROM t";
    let mut file: toml::Table = include_str!("../../kpis/permis_autorises.toml")
        .parse()
        .unwrap();
    file["name"] = "endless".into();
    let sources = file["sources"].as_array_mut().unwrap();
    sources.truncate(1);
    sources[0]["sql"] = ENDLESS.into();
    let files = [("endless.toml", file.to_string())];
    let engine = with_settings(&files, "[sql]\nstatement_timeout_s = 1").await;
    let ask = async |name: &str| {
        let asked = json!({"name": name, "date": "2022", "territory": "Lagny"});
        engine.ask(asked).await
    };
    let refusal = ask("endless").await.refusal();
    for part in ["`endless`", "after 1 s", "sql.statement_timeout_s"] {
        assert!(refusal.contains(part), "{part}: {refusal}");
    }
    assert!(ask("permis_autorises").await.ok()["value"].is_i64());
}

#[tokio::test]
async fn indicators_are_listed_with_their_meaning() {
    let engine = sqlite("").await;
    let answer = engine.client.call("list_indicators", json!({})).await;
    assert!(
        answer
            .text
            .contains("|logements_autorises|Logements autorisés|"),
        "{}",
        answer.text
    );
    let listed = answer.ok();
    assert_eq!(
        (&listed["total"], &listed["truncated"]),
        (&json!(33), &json!(false))
    );
    assert!(
        listed["indicators"]
            .as_array()
            .unwrap()
            .iter()
            .all(|indicator| indicator["unit"].is_string())
    );
    assert_eq!(listed.get("problems"), None);
}

#[tokio::test]
async fn a_search_looks_into_titles_synonyms_and_descriptions_without_accents() {
    let engine = sqlite("").await;
    let found = async |search: &str| {
        let listed = engine
            .client
            .call("list_indicators", json!({"search": search}))
            .await
            .ok();
        listed["indicators"]
            .as_array()
            .unwrap()
            .iter()
            .map(|found| found["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(
        found("MISES EN CHANTIER")
            .await
            .contains(&"logements_commences".to_owned())
    );
    assert_eq!(found("completions").await, ["logements_acheves"]);
    assert_eq!(found("programme local habitat").await, ["avancement_plh"]);
    assert!(
        found("logement autorise")
            .await
            .contains(&"logements_autorises".to_owned())
    );
    assert!(found("aéroport").await.is_empty());
}

#[tokio::test]
async fn a_name_brings_the_whole_definition() {
    let engine = sqlite("").await;
    let answer = engine
        .client
        .call("list_indicators", json!({"name": "part_collectif"}))
        .await;
    assert!(
        answer.text.contains("SUM") || answer.text.contains("SELECT"),
        "{}",
        answer.text
    );
    let definition = &answer.data["definition"];
    assert_eq!(
        (&definition["scale"], &definition["provisional_months"]),
        (&json!(100), &json!(6))
    );
    assert!(
        definition["sources"][1]["sql"]
            .as_str()
            .unwrap()
            .contains("fact_permis")
    );
    for key in [
        "formula",
        "exclusions",
        "owner",
        "licence",
        "publication_lag_months",
    ] {
        assert!(!definition[key].is_null(), "{key}");
    }
    assert!(
        engine
            .client
            .call("list_indicators", json!({"name": "part"}))
            .await
            .refusal()
            .contains("part_collectif")
    );
}

#[tokio::test]
async fn a_limit_cuts_the_list_and_a_cap_cuts_the_limit() {
    let engine = sqlite("").await;
    let list = async |limit: u32| {
        engine
            .client
            .call("list_indicators", json!({"limit": limit}))
            .await
    };
    let three = list(3).await.ok();
    assert_eq!(
        (
            three["indicators"].as_array().unwrap().len(),
            &three["total"],
            &three["truncated"]
        ),
        (3, &json!(33), &json!(true))
    );
    assert!(
        list(501).await.ok()["notes"][0]
            .as_str()
            .unwrap()
            .contains("500")
    );
    assert!(list(0).await.refusal().contains("1 to 500"));
}

#[tokio::test]
async fn a_file_of_the_operators_adds_an_indicator_that_answers() {
    let own = FILE
        .replace("\"part_collectif\"", "\"part_mienne\"")
        .replace("decimals = 1", "decimals = 3");
    let engine = with_files(&[("part_mienne.toml", own)]).await;
    assert_eq!(engine.get("part_mienne", "2022").await["value"], 89.322);
    assert_eq!(engine.get("part_collectif", "2022").await["value"], 89.3);
}

#[tokio::test]
async fn a_wrong_file_is_named_and_switches_off_its_own_indicator_only() {
    let wrong = FILE.replace("polarity = \"neutral\"", "polarity = \"sideways\"");
    let engine = with_files(&[("part_collectif.toml", wrong)]).await;
    let answer = engine.client.call("list_indicators", json!({})).await;
    assert!(
        answer.text.contains("part_collectif.toml, key `polarity`"),
        "{}",
        answer.text
    );
    let problem = &answer.data["problems"][0];
    assert_eq!(
        (&problem["file"], &problem["key"]),
        (&json!("part_collectif.toml"), &json!("polarity"))
    );
    assert!(
        problem["reason"].as_str().unwrap().contains("neutral"),
        "{problem}"
    );
    assert_eq!(answer.data["total"], 32);
    assert!(engine.ask(json!({"name": "part_collectif"})).await.is_error);
    assert_eq!(
        engine.get("logements_autorises", "2022").await["value"],
        1564
    );
}

#[tokio::test]
async fn a_query_that_fails_names_its_indicator() {
    let own = FILE
        .replace("\"part_collectif\"", "\"casse\"")
        .replace("FROM fact_permis", "FROM fact_absent");
    let engine = with_files(&[("casse.toml", own)]).await;
    let refusal = engine
        .ask(json!({"name": "casse", "date": "2022-03"}))
        .await
        .refusal();
    assert!(
        refusal.contains("`casse`") && refusal.contains("fact_absent"),
        "{refusal}"
    );
    assert_eq!(
        engine.get("casse", "2022").await["value"],
        89.3,
        "the annual source is sound"
    );
}

#[tokio::test]
async fn a_value_that_is_text_is_an_error_and_not_zero() {
    let permits = include_str!("../../kpis/permis_autorises.toml");
    let own = permits
        .replace("\"permis_autorises\"", "\"mon_texte\"")
        .replace("1 AS value", "'abc' AS value");
    assert!(own.contains("'abc'"), "{own}");
    let engine = with_files(&[("mon_texte.toml", own)]).await;
    let refusal = engine.ask(json!({"name": "mon_texte"})).await.refusal();
    assert!(
        refusal.contains("`mon_texte`") && refusal.contains("abc"),
        "{refusal}"
    );
}

#[tokio::test]
async fn the_check_finds_a_query_that_does_not_run_and_no_other() {
    let own = FILE
        .replace("\"part_collectif\"", "\"casse\"")
        .replace("FROM fact_permis", "FROM fact_absent");
    let engine = with_files(&[("casse.toml", own)]).await;
    let settings = MemoryClient::settings(Role::Viewer, engine.folder.path(), None);
    let caller = settings.authenticate(&Clock::system()).unwrap();
    let server = KpiServer::new(Arc::new(settings)).unwrap();
    let findings = server.check(&caller).await;
    let wrong: Vec<_> = findings
        .iter()
        .filter_map(|finding| match finding {
            Finding::Good(_) => None,
            Finding::Wrong(told) | Finding::Down(told) => Some(told.as_str()),
        })
        .collect();
    assert!(
        matches!(wrong[..], [only] if only.contains("`casse`") && only.contains("fact_absent")),
        "{wrong:?}"
    );
}

#[tokio::test]
async fn a_search_that_finds_nothing_says_what_to_search() {
    let engine = sqlite("").await;
    let asked = json!({"search": "xyzzy", "limit": 1000});
    let answer = engine.client.call("list_indicators", asked).await;
    for part in ["cherchez un seul mot", "ramené au plafond de 500"] {
        assert!(answer.text.contains(part), "{}", answer.text);
    }
    let all = engine.client.call("list_indicators", json!({})).await;
    assert!(
        all.text.contains("|mois|") && !all.text.contains("|month|"),
        "{}",
        all.text
    );
}
