//! forecast_kpi: what it promises, what it refuses, what it warns of.

use mg_testkit::ToolAnswer;
use serde_json::{Value, json};

use crate::engines::{Engine, NOW, connect, engines, engines_of_its_own, sqlite};

async fn forecast(engine: &Engine, arguments: Value) -> ToolAnswer {
    engine.client.call("forecast_kpi", arguments).await
}

fn france() -> Value {
    json!({"name": "logements_autorises_cumul12", "territory": "FR"})
}

/// Steps are consecutive, points lie within their bounds, wider levels hold narrower ones, counts are not negative.
fn assert_sound(told: &Value) {
    let number = |value: &Value| value.as_f64().unwrap();
    let mut next = told["last_observed"]["end"].as_str().unwrap().to_owned();
    for step in told["forecast"].as_array().unwrap() {
        assert!(
            step["period"]["start"].as_str().unwrap() > next.as_str(),
            "{step} after {next}"
        );
        step["period"]["end"]
            .as_str()
            .unwrap()
            .clone_into(&mut next);
        let (mut lower, mut upper) = (number(&step["value"]), number(&step["value"]));
        for bound in step["bounds"].as_array().unwrap() {
            assert!(
                number(&bound["lower"]) <= lower && upper <= number(&bound["upper"]),
                "{step}"
            );
            assert!(number(&bound["lower"]) >= 0.0, "{step}");
            (lower, upper) = (number(&bound["lower"]), number(&bound["upper"]));
        }
    }
}

#[tokio::test]
async fn the_national_series_is_forecast_from_genuine_months_with_all_that_must_be_said() {
    for engine in engines().await {
        let answer = forecast(&engine, france()).await;
        let text = answer.text.clone();
        let told = answer.ok();
        assert_sound(&told);
        assert_eq!(
            (&told["synthetic"], &told["grain"], &told["vintage"]),
            (&json!(false), &json!("month"), &json!("2026-08"))
        );
        let steps = told["forecast"].as_array().unwrap();
        assert_eq!(
            (steps.len(), &steps[0]["period"]["start"]),
            (12, &json!("2026-08-01"))
        );
        assert_eq!(
            (&told["last_observed"]["end"], &told["fitted_until"]["end"]),
            (&json!("2026-07-31"), &json!("2026-02-28"))
        );
        let levels: Vec<_> = steps[0]["bounds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|bound| bound["level"].clone())
            .collect();
        assert_eq!(levels, [80, 95]);
        assert!(
            told["backtest"]["origins"].as_u64().unwrap() >= 3,
            "{}",
            told["backtest"]
        );
        assert!(told["backtest"]["mase"].is_number() && told["backtest"]["smape"].is_number());
        let baselines = told["backtest"]["baselines"].as_array().unwrap();
        let baselines: Vec<_> = baselines.iter().map(|score| &score["model"]).collect();
        assert_eq!(baselines, ["snaive", "naive", "drift"]);
        assert_eq!(told["backtest"]["coverage"].as_array().unwrap().len(), 2);
        for part in [
            "prévision sur 12 mois après juillet 2026",
            "À savoir avant usage",
            "MASE",
            "essais passés",
            "|août 2026|",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
}

#[tokio::test]
async fn the_provisional_tail_is_left_out_and_estimated_anew() {
    let engine = sqlite("").await;
    let told = forecast(&engine, france()).await.ok();
    for point in told["history"].as_array().unwrap() {
        let provisional = point["status"] == "provisional";
        assert_eq!(provisional, point.get("estimate").is_some(), "{point}");
        assert!(point["value"].is_number());
    }
    let estimated = told["history"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|point| point.get("estimate").is_some());
    assert_eq!(estimated.count(), 5);
    assert!(
        told["warnings"]
            .to_string()
            .contains("laissées hors du calcul"),
        "{}",
        told["warnings"]
    );
}

#[tokio::test]
async fn the_horizon_is_exact_and_of_the_own_grain() {
    let engine = sqlite("").await;
    for (asked, steps, first) in [
        (
            json!({"name": "permis_autorises", "horizon": 1}),
            1,
            "2026-11-01",
        ),
        (
            json!({"name": "permis_autorises", "horizon": 24}),
            24,
            "2026-11-01",
        ),
        (json!({"name": "permis_autorises"}), 12, "2026-11-01"),
        (
            json!({"name": "logements_autorises", "territory": "D77"}),
            3,
            "2025-01-01",
        ),
    ] {
        let told = forecast(&engine, asked.clone()).await.ok();
        assert_sound(&told);
        let points = told["forecast"].as_array().unwrap();
        assert_eq!(
            (points.len(), &points[0]["period"]["start"]),
            (steps, &json!(first)),
            "{asked}"
        );
    }
}

#[tokio::test]
async fn every_model_that_is_named_answers_as_itself() {
    let engine = sqlite("").await;
    for model in [
        "naive", "snaive", "drift", "ets", "theta", "ces", "arima", "mstl", "prophet",
    ] {
        let told = forecast(&engine, json!({"name": "permis_autorises", "model": model}))
            .await
            .ok();
        assert_sound(&told);
        assert_eq!(told["model"], model);
    }
    let refusal = forecast(&engine, json!({"name": "permis_autorises", "model": "tft"}))
        .await
        .refusal();
    assert!(refusal.contains("mg-kpi train tft"), "{refusal}");
}

#[tokio::test]
async fn the_same_question_gets_the_same_answer_on_every_engine() {
    let [first, others @ ..] = &engines().await[..] else {
        return;
    };
    for asked in [france(), json!({"name": "permis_autorises"})] {
        let told = forecast(first, asked.clone()).await;
        assert!(!told.is_error, "{}", told.text);
        let again = forecast(first, asked.clone()).await;
        assert_eq!((&again.text, &again.data), (&told.text, &told.data));
        for other in others {
            let same = forecast(other, asked.clone()).await;
            assert_eq!(
                (&same.text, &same.data),
                (&told.text, &told.data),
                "{asked} {}",
                other.name
            );
        }
    }
}

#[tokio::test]
async fn synthetic_data_makes_a_synthetic_forecast() {
    let engine = sqlite("").await;
    let answer = forecast(&engine, json!({"name": "permis_autorises"})).await;
    assert!(
        answer.text.contains("DONNÉES SYNTHÉTIQUES"),
        "{}",
        answer.text
    );
    assert_eq!(answer.ok()["synthetic"], true);
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_what_would_work() {
    let engine = sqlite("").await;
    for (asked, part) in [
        (
            json!({"name": "permis_autorises", "horizon": 0}),
            "steps ahead, each a month; the default is 12",
        ),
        (
            json!({"name": "permis_autorises", "horizon": -1}),
            "steps ahead, each a month; the default is 12",
        ),
        (
            json!({"name": "permis_autorises", "horizon": 10_000}),
            "steps ahead, each a month; the default is 12",
        ),
        (
            json!({"name": "permis_autorises", "levels": [0.95]}),
            "write 95",
        ),
        (
            json!({"name": "permis_autorises", "model": "garch"}),
            "no model named `garch`",
        ),
        (json!({"name": "permis"}), "no indicator named"),
        (
            json!({"name": "logements_autorises", "territory": "Carnetin"}),
            "CA Marne et Gondoire",
        ),
        (
            json!({"name": "logements_acheves", "territory": "FR"}),
            "no data for France",
        ),
    ] {
        let refusal = forecast(&engine, asked.clone()).await.refusal();
        assert!(refusal.contains(part), "{asked}: {refusal}");
    }
}

#[tokio::test]
async fn monthly_dwellings_of_one_commune_say_that_single_operations_dominate() {
    let engine = sqlite("").await;
    let answer = forecast(
        &engine,
        json!({"name": "logements_autorises", "territory": "Bussy-Saint-Georges"}),
    )
    .await;
    let warning = answer.data["warnings"][0]
        .as_str()
        .unwrap_or(&answer.text)
        .to_owned();
    for part in ["permis_autorises", "logements_autorises_cumul12"] {
        assert!(warning.contains(part), "{warning}");
    }
}

#[tokio::test]
async fn english_is_spoken_where_it_is_set() {
    let engine = sqlite("lang = \"en\"").await;
    let text = forecast(&engine, france()).await.text;
    for part in [
        "forecast over 12 months after July 2026",
        "Before use:",
        "earlier origins",
        "95% interval",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn a_refusal_offers_only_what_is_answered() {
    let engine = sqlite("").await;
    for (name, territory) in [
        ("logements_autorises", "Carnetin"),
        ("demolitions", "Carnetin"),
        ("demolitions", "Lesches"),
        ("logements_autorises_cumul12", "Carnetin"),
    ] {
        let answer = forecast(&engine, json!({"name": name, "territory": territory})).await;
        if !answer.is_error {
            continue;
        }
        let refusal = answer.refusal();
        let Some((_, offered)) = refusal.split_once("demandez plutôt : ") else {
            assert!(refusal.contains("get_series"), "{refusal}");
            continue;
        };
        for offer in offered.split(", ") {
            let asked = if offer.contains(' ') {
                json!({"name": name, "territory": offer})
            } else {
                json!({"name": offer, "territory": territory})
            };
            let answer = forecast(&engine, asked).await;
            assert!(!answer.is_error, "{refusal}: {}", answer.text);
        }
    }
    let refusal = forecast(
        &engine,
        json!({"name": "logements_autorises", "territory": "Carnetin"}),
    )
    .await
    .refusal();
    assert!(refusal.contains("demandez plutôt : "), "{refusal}");
}

#[tokio::test]
async fn a_warning_offers_only_what_is_answered() {
    let warning = async |engine: &Engine| {
        let asked = json!({"name": "logements_autorises", "territory": "Montévrain"});
        let told = forecast(engine, asked).await.ok();
        told["warnings"][0].as_str().unwrap().to_owned()
    };
    let all = "demandez plutôt : permis_autorises, logements_autorises_cumul12";
    assert!(warning(&sqlite("").await).await.ends_with(all));
    // A file of the user, by which permits are not forecast at all.
    let mut file: toml::Table = include_str!("../../kpis/permis_autorises.toml")
        .parse()
        .unwrap();
    let reason = "reason = { fr = \"Non.\", en = \"No.\" }";
    file["forecast"] = format!("allowed = false\n{reason}")
        .parse::<toml::Table>()
        .unwrap()
        .into();
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("kpis")).unwrap();
    let own = folder.path().join("kpis/permis_autorises.toml");
    std::fs::write(own, file.to_string()).unwrap();
    let path = folder.path().join("mg.db");
    mg_db::embedded::ensure(&path, NOW).await.unwrap();
    let url = mg_db::DatabaseUrl::sqlite(path);
    let engine = connect("sqlite", folder, url, None, "").await;
    let told = warning(&engine).await;
    assert!(
        told.ends_with("demandez plutôt : logements_autorises_cumul12"),
        "{told}"
    );
}

#[tokio::test]
async fn a_commune_without_data_is_named_by_the_refusal_for_the_authority() {
    for engine in engines_of_its_own().await {
        engine.change("DELETE FROM source_couverture WHERE territoire = '77307' AND mesure = 'date_reelle_autorisation'", &[]).await;
        let refusal = forecast(&engine, json!({"name": "permis_autorises"}))
            .await
            .refusal();
        assert!(
            refusal.contains("données manquantes pour : Montévrain"),
            "{}: {refusal}",
            engine.name
        );
    }
}
