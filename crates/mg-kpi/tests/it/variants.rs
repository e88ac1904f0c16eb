//! Parts of indicators, and the same over other rows, asked for as `name:variant`, against queries of their own.

use serde_json::{Value, json};

use crate::{
    engines::{AUTHORITY, engines, sqlite},
    loaded::with_three_communes,
    sales::sales,
};

#[tokio::test]
async fn prices_of_flats_of_houses_and_off_plan_are_told_apart() {
    for engine in with_three_communes().await {
        sales(&engine).await;
        let at = async |variant: &str, territory: &str| {
            let name = format!("prix_median_m2:{variant}");
            engine.at(&name, "2025", territory).await
        };
        // 4 000 twice, 5 000 and 5 000.01.
        let flats = at("appartements", AUTHORITY).await;
        assert_eq!(
            (&flats["value"], &flats["sample_size"]),
            (&json!(4500), &json!(4)),
            "{}: {flats}",
            engine.name
        );
        assert_eq!(flats["title"], "Prix médian au m² (appartements)");
        assert_eq!(at("maisons", AUTHORITY).await["value"], 4500);
        assert_eq!(at("vefa", AUTHORITY).await["value"], 5000);
        let one = at("maisons", "Lagny").await;
        assert_eq!(
            (&one["value"], &one["status"]),
            (&Value::Null, &json!("secret"))
        );
    }
}

#[tokio::test]
async fn premises_by_destination_are_those_of_the_permits_and_no_more_than_the_whole() {
    const CODES: [(&str, u8); 8] = [
        ("hebergement", 2),
        ("bureaux", 3),
        ("commerce", 4),
        ("artisanat", 5),
        ("industrie", 6),
        ("agriculture", 7),
        ("entrepot", 8),
        ("service_public", 9),
    ];
    for engine in engines().await {
        let mut sum = 0.0;
        for (variant, code) in CODES {
            let sql = format!(
                "SELECT COALESCE(SUM(COALESCE(surf_loc_creee, 0) + COALESCE(surf_loc_issue_transfo, 0)), 0) \
                 FROM fact_permis WHERE fichier = 'locaux' AND etat_dau <> 4 AND destination_principale = {code} \
                 AND date_reelle_autorisation BETWEEN '2013-01-01' AND '2024-12-31'"
            );
            let name = format!("surface_activite_autorisee:{variant}");
            let told = engine.get(&name, "2013/2024").await;
            let value = told["value"].as_f64().unwrap();
            assert!((value - engine.number(&sql).await).abs() < 1e-9, "{told}");
            sum += value;
        }
        let whole = engine.get("surface_activite_autorisee", "2013/2024").await;
        let whole = whole["value"].as_f64().unwrap();
        assert!(
            sum > 0.0 && sum <= whole,
            "{}: {sum} of {whole}",
            engine.name
        );
    }
}

#[tokio::test]
async fn delays_by_type_of_dwelling_share_the_permits_of_the_whole() {
    for engine in engines().await {
        for name in [
            "delai_autorisation_chantier",
            "delai_chantier_achevement",
            "delai_instruction_proxy",
        ] {
            let sample = async |name: &str| {
                let told = engine.get(name, "2015/2020").await;
                assert!(told["value"].is_number(), "{told}");
                told["sample_size"].as_u64().unwrap()
            };
            let mut parts = 0;
            for variant in ["individuel", "collectif", "residence"] {
                parts += sample(&format!("{name}:{variant}")).await;
            }
            assert_eq!(parts, sample(name).await, "{} {name}", engine.name);
        }
    }
}

#[tokio::test]
async fn dwellings_with_the_cancelled_are_those_of_all_permits_and_have_no_target() {
    for engine in engines().await {
        let sql = "SELECT SUM(nb_lgt_tot_crees) FROM fact_permis WHERE fichier = 'logements' \
                   AND date_reelle_autorisation BETWEEN '2022-01-01' AND '2022-12-31'";
        let told = engine.get("logements_autorises:avec_annules", "2022").await;
        let all = engine.number(sql).await;
        assert!(
            all > 1564.0 && (told["value"].as_f64().unwrap() - all).abs() < 1e-9,
            "{told}"
        );
        assert_eq!(
            (&told["target"], &told["synthetic"]),
            (&Value::Null, &json!(true))
        );
        assert_eq!(
            engine.get("logements_autorises", "2022").await["value"],
            1564
        );
    }
}

#[tokio::test]
async fn variants_are_found_listed_and_asked_of_every_tool() {
    let engine = sqlite("").await;
    let call = async |tool: &str, asked: Value| engine.client.call(tool, asked).await;
    let found = call("list_indicators", json!({"search": "appartements prix"})).await;
    let variants = &found.data["indicators"][0]["variants"];
    assert_eq!(variants[1], "prix_median_m2:appartements", "{variants}");
    assert!(
        found.text.contains("prix_median_m2:appartements"),
        "{}",
        found.text
    );
    let name = "surface_activite_autorisee:bureaux";
    for tool in ["get_series", "compare_territories", "detect_anomalies"] {
        let told = call(tool, json!({"name": name})).await.ok();
        assert_eq!(told["name"], name, "{tool}");
    }
    let definition = call("list_indicators", json!({"name": name})).await.ok();
    assert_eq!(
        definition["definition"]["sources"][0]["rows"],
        "destination = 3"
    );
    let refusal = call(
        "get_indicator",
        json!({"name": "prix_median_m2:appartement"}),
    )
    .await;
    let refusal = refusal.refusal();
    assert!(
        refusal.contains("nearest: prix_median_m2:appartements"),
        "{refusal}"
    );
}
