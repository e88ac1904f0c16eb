//! Stored values: refreshed by editors and from the command line, compared release by release.

use std::process::{Command, Output};

use mg_db::{DatabaseUrl, store::Store};
use serde_json::{Value, json};

use crate::engines::{Engine, editors, engines_of_its_own};

const NAMES: [&str; 3] = ["logements_autorises", "part_collectif", "avancement_plh"];

async fn refresh(engine: &Engine, names: &[&str]) -> Value {
    let asked = json!({"names": names});
    engine.client.call("refresh_indicators", asked).await.ok()
}

/// Σ of one count over the refreshed indicators.
fn count(refreshed: &Value, what: &str) -> u64 {
    let indicators = refreshed["indicators"].as_array().unwrap();
    let counts = indicators
        .iter()
        .map(|stored| stored["values"][what].as_u64().unwrap());
    counts.sum()
}

#[tokio::test]
async fn a_second_refresh_changes_nothing() {
    for engine in editors().await {
        let first = refresh(&engine, &NAMES).await;
        assert_eq!(
            (&first["total"], count(&first, "unchanged")),
            (&json!(3), 0)
        );
        let rows = "SELECT COUNT(*) FROM kpi_value";
        let stored = engine.number(rows).await;
        assert!(stored > 5000.0, "{stored}");
        let second = refresh(&engine, &NAMES).await;
        assert_eq!(
            (
                count(&second, "inserted"),
                count(&second, "updated"),
                count(&second, "revised")
            ),
            (0, 0, 0),
            "{}",
            engine.name
        );
        assert_eq!(count(&second, "unchanged"), count(&first, "inserted"));
        assert!((engine.number(rows).await - stored).abs() < 0.5);
    }
}

#[tokio::test]
async fn what_is_stored_is_what_is_told() {
    for engine in editors().await {
        refresh(&engine, &NAMES).await;
        for (name, date, grain, start, territory) in [
            (
                "logements_autorises",
                "2022",
                "year",
                "2022-01-01",
                "247700594",
            ),
            ("logements_autorises", "2017", "year", "2017-01-01", "D77"),
            (
                "logements_autorises",
                "2022-03",
                "month",
                "2022-03-01",
                "77307",
            ),
            (
                "part_collectif",
                "2022-T3",
                "quarter",
                "2022-07-01",
                "247700594",
            ),
            (
                "avancement_plh",
                "2023-05",
                "month",
                "2023-05-01",
                "247700594",
            ),
        ] {
            let told = engine.at(name, date, territory).await;
            let sql = format!(
                "SELECT valeur FROM kpi_value WHERE kpi_code = '{name}' AND territoire = '{territory}' AND grain = '{grain}' \
                 AND periode = '{start}' AND millesime = '{}'",
                told["vintage"].as_str().unwrap()
            );
            let stored = engine.number(&sql).await;
            assert!(
                (told["value"].as_f64().unwrap() - stored).abs() < 1e-9,
                "{} {name} {date} {territory}: {stored}, {told}",
                engine.name
            );
        }
        let starts = "SELECT COUNT(*) FROM kpi_value WHERE statut = 'missing'";
        assert!(
            engine.number(starts).await < 0.5,
            "what is missing is not stored"
        );
    }
}

#[tokio::test]
async fn a_revised_value_says_so_and_two_releases_are_compared() {
    for engine in editors().await {
        refresh(&engine, &["logements_autorises"]).await;
        for sql in [
            "UPDATE source_fichier SET millesime = '2026-09' WHERE fichier_id = 'sitadel_annuel'",
            "UPDATE fact_logements_annuel SET log_aut = log_aut + 6 WHERE territoire = '77243' AND annee = 2022 AND type_lgt = 'Tous'",
        ] {
            engine.change(sql, &[]).await;
        }
        let told = engine.get("logements_autorises", "2022").await;
        assert_eq!(
            (&told["value"], &told["vintage"]),
            (&json!(1570), &json!("2026-09"))
        );
        let note = "valeur révisée : 1\u{202f}564 au millésime 2026-03, 1\u{202f}570 maintenant";
        assert!(told["notes"].to_string().contains(note), "{told}");
        let same = engine.get("logements_autorises", "2021").await;
        assert!(!same["notes"].to_string().contains("révisée"), "{same}");
        let asked = json!({"name": "logements_autorises", "date": "2022", "vintage": "2026-03"});
        assert_eq!(engine.ask(asked).await.ok()["value"], 1564);
        let again = refresh(&engine, &["logements_autorises"]).await;
        // Lagny and the authority, in the year: months and quarters come from permits.
        assert_eq!(count(&again, "revised"), 2, "{again}");
        let asked = json!({
            "name": "logements_autorises", "from": "2020", "to": "2023", "grain": "year", "compare_vintage": "2026-03"
        });
        let series = engine.client.call("get_series", asked).await.ok();
        let point = &series["points"][2];
        assert_eq!(
            (&point["value"], &point["compared"]),
            (&json!(1570), &json!(1564)),
            "{series}"
        );
    }
}

#[tokio::test]
async fn a_value_that_became_missing_within_a_release_is_kept_no_longer() {
    for engine in editors().await {
        refresh(&engine, &["logements_autorises"]).await;
        let asked = json!({
            "name": "logements_autorises", "from": "2022", "to": "2022", "grain": "year", "territory": "D77", "vintage": "2026-03"
        });
        let value = async || {
            let told = engine.client.call("get_series", asked.clone()).await.ok();
            told["points"][0]["value"].clone()
        };
        assert!(value().await.is_number(), "{}", engine.name);
        let gone = "DELETE FROM fact_logements_annuel WHERE territoire = 'D77' AND annee = 2022";
        engine.change(gone, &[]).await;
        let again = refresh(&engine, &["logements_autorises"]).await;
        assert_eq!(count(&again, "updated"), 1, "{again}");
        let kept = "SELECT COUNT(*) FROM kpi_value WHERE kpi_code = 'logements_autorises' AND territoire = 'D77' \
                    AND grain = 'year' AND periode = '2022-01-01'";
        assert!(engine.number(kept).await < 0.5, "{}", engine.name);
        let told = engine.client.call("get_series", asked.clone()).await;
        assert!(told.is_error || value().await.is_null(), "{}", told.text);
    }
}

#[tokio::test]
async fn an_unknown_name_is_answered_with_the_nearest() {
    let editor = &editors().await[0];
    let asked = json!({"names": ["logement_autorise"]});
    let refusal = editor
        .client
        .call("refresh_indicators", asked)
        .await
        .refusal();
    assert!(
        refusal.contains("nearest: logements_autorises"),
        "{refusal}"
    );
}

#[tokio::test]
async fn an_account_that_only_reads_is_told_what_writes() {
    for engine in engines_of_its_own().await.iter().skip(1) {
        let output = command(
            &["refresh", "population", "--database-url", &engine.reader],
            None,
        );
        assert_eq!(output.status.code(), Some(69), "{output:?}");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(
            told.contains("MG_DATABASE_WRITE_URL") && told.contains("GRANT"),
            "{told}"
        );
    }
}

/// Runs the binary in an environment of its own.
fn command(arguments: &[&str], folder: Option<&std::path::Path>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mg-kpi"));
    command.env_clear().args(arguments);
    let empty = tempfile::tempdir().unwrap();
    command.env("MG_DATA_DIR", folder.unwrap_or(empty.path()));
    command.env("HOME", folder.unwrap_or(empty.path()));
    command.output().unwrap()
}

fn summary(output: &Output) -> Value {
    let told = serde_json::from_slice(&output.stdout);
    assert!(told.is_ok(), "{output:?}");
    told.unwrap()
}

fn of<'a>(summary: &'a Value, name: &str) -> &'a Value {
    let indicators = summary["indicators"].as_array().unwrap();
    indicators.iter().find(|told| told["name"] == name).unwrap()
}

#[tokio::test]
async fn a_workflow_refreshes_all_and_reads_the_summary() {
    let folder = tempfile::tempdir().unwrap();
    let first = command(&["refresh", "--all", "--json"], Some(folder.path()));
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    let told = summary(&first);
    assert_eq!(told["indicators"].as_array().unwrap().len(), 33);
    assert_eq!(told["failed"], 0);
    assert!(
        of(&told, "logements_autorises")["values"]["inserted"]
            .as_u64()
            .unwrap()
            > 4000
    );
    assert_eq!(of(&told, "prix_median_m2")["values"]["inserted"], 0);
    let url = DatabaseUrl::sqlite(folder.path().join("mg.db"));
    let content = async || {
        let sql = "SELECT kpi_code, territoire, grain, periode, millesime, valeur, statut, nb_obs, calcule_le \
                   FROM kpi_value ORDER BY 1, 2, 3, 4, 5";
        Store::reader(&url).fetch(sql, &[]).await.unwrap()
    };
    let before = content().await;
    let second = command(&["refresh", "--all", "--json"], Some(folder.path()));
    assert_eq!(
        of(&summary(&second), "logements_autorises")["values"]["inserted"],
        0
    );
    assert_eq!(content().await, before, "the same rows, times included");
}

#[tokio::test]
async fn forecasts_are_stored_once_and_refused_where_history_cannot_carry_them() {
    let folder = tempfile::tempdir().unwrap();
    let names = [
        "permis_autorises",
        "logements_autorises_cumul12",
        "taux_transformation",
    ];
    let arguments: Vec<_> = ["refresh", "--forecast", "--json"]
        .into_iter()
        .chain(names)
        .collect();
    let first = summary(&command(&arguments, Some(folder.path())));
    let national = of(&first, "logements_autorises_cumul12");
    assert!(
        national["forecasts_written"].as_u64().unwrap() >= 2,
        "{first}"
    );
    assert_eq!(
        of(&first, "taux_transformation")["forecasts_made"],
        0,
        "not to be forecast"
    );
    let second = summary(&command(&arguments, Some(folder.path())));
    let again = of(&second, "logements_autorises_cumul12");
    assert_eq!(
        again["forecasts_written"], 0,
        "the same forecasts: {second}"
    );
    assert_eq!(again["forecasts_made"], national["forecasts_made"]);
    let url = DatabaseUrl::sqlite(folder.path().join("mg.db"));
    let sql = "SELECT COUNT(*), SUM(CASE WHEN borne_basse <= prevision AND prevision <= borne_haute THEN 1 ELSE 0 END) \
               FROM forecast_value JOIN forecast_run ON forecast_run.run_id = forecast_value.run_id \
               WHERE territoire = 'FR' AND kpi_code = 'logements_autorises_cumul12'";
    let rows = Store::reader(&url).fetch(sql, &[]).await.unwrap();
    assert_eq!(
        (rows[0].integer(0).unwrap(), rows[0].integer(1).unwrap()),
        (24, 24)
    );
    // The series begins in 2000 and is fitted whole, whatever part of it an answer shows.
    let sql = "SELECT debut_train, fin_train FROM forecast_run WHERE territoire = 'FR' AND kpi_code = 'logements_autorises_cumul12'";
    let run = Store::reader(&url).fetch(sql, &[]).await.unwrap();
    let first = "SELECT MIN(periode) FROM fact_serie WHERE serie = 'logements_autorises_cumul12'";
    let first = Store::reader(&url).fetch(first, &[]).await.unwrap();
    assert_eq!(run[0].text(0).unwrap(), first[0].text(0).unwrap());
    assert_eq!(run[0].text(1).unwrap(), "2026-02-01");
}

#[tokio::test]
async fn values_are_not_stored_without_their_forecasts() {
    let folder = tempfile::tempdir().unwrap();
    command(&["refresh", "population"], Some(folder.path()));
    let url = DatabaseUrl::sqlite(folder.path().join("mg.db"));
    let trigger = "CREATE TRIGGER no_forecast BEFORE INSERT ON forecast_value \
                   BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    let store = Store::writer(&url);
    let mut transaction = store.begin().await.unwrap();
    transaction.execute(trigger, &[]).await.unwrap();
    transaction.commit().await.unwrap();
    store.close().await;
    let arguments = ["refresh", "--forecast", "--json", "permis_autorises"];
    let output = command(&arguments, Some(folder.path()));
    assert_ne!(output.status.code(), Some(0), "{output:?}");
    let told = summary(&output);
    let failed = of(&told, "permis_autorises");
    assert!(
        failed["error"].to_string().contains("the disk is full"),
        "{told}"
    );
    let sql = "SELECT COUNT(*) FROM kpi_value WHERE kpi_code = 'permis_autorises'";
    let rows = Store::reader(&url).fetch(sql, &[]).await.unwrap();
    assert_eq!(
        rows[0].integer(0).unwrap(),
        0,
        "neither values nor forecasts"
    );
}

#[test]
fn a_name_that_is_unknown_or_none_stops_with_78() {
    let output = command(&["refresh", "logement_autorise"], None);
    assert_eq!(output.status.code(), Some(78));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("nearest: logements_autorises"), "{told}");
    let output = command(&["refresh"], None);
    assert_eq!(output.status.code(), Some(78));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("--all"),
        "{output:?}"
    );
}

#[test]
fn one_query_that_fails_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let kpis = folder.path().join("kpis");
    std::fs::create_dir(&kpis).unwrap();
    let broken = include_str!("../../kpis/population.toml")
        .replace("FROM fact_population", "FROM fact_absent");
    std::fs::write(kpis.join("population.toml"), broken).unwrap();
    let file = folder.path().join("mg.toml");
    std::fs::write(&file, "").unwrap();
    let config = file.display().to_string();
    let output = command(
        &[
            "refresh",
            "population",
            "avancement_plh",
            "--json",
            "--config",
            &config,
        ],
        Some(folder.path()),
    );
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let told = summary(&output);
    assert!(
        of(&told, "population")["error"]
            .as_str()
            .unwrap()
            .contains("fact_absent"),
        "{told}"
    );
    assert!(
        of(&told, "avancement_plh")["values"]["inserted"]
            .as_u64()
            .unwrap()
            > 50
    );
}
