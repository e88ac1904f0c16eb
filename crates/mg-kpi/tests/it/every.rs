//! Every indicator of the catalogue on the demo database.

use serde_json::{Value, json};

use crate::engines::{AUTHORITY, engines, sqlite};

/// The codes of the contract, and the national series of starts.
const CODES: [&str; 33] = [
    "avancement_plh",
    "avancement_zac",
    "construction_pour_1000_hab",
    "delai_autorisation_chantier",
    "delai_chantier_achevement",
    "delai_instruction_proxy",
    "demolitions",
    "densite_operation",
    "ecart_sru",
    "emploi",
    "logements_acheves",
    "logements_autorises",
    "logements_autorises_cumul12",
    "logements_commences",
    "logements_commences_cumul12",
    "loyer_annonce_m2",
    "nb_transactions",
    "part_collectif",
    "part_individuel",
    "part_residence",
    "part_social_autorise",
    "permis_autorises",
    "population",
    "prix_median_m2",
    "revenu_median",
    "surface_activite_autorisee",
    "taille_moyenne_logement",
    "taux_annulation",
    "taux_croissance",
    "taux_lls_sru",
    "taux_pauvrete",
    "taux_transformation",
    "taux_vacance_structurelle",
];

/// Those whose tables the demo leaves empty, with the command that fills them.
const NOT_LOADED: [(&str, &str); 9] = [
    ("ecart_sru", "mg-scrape run inventaire_sru"),
    ("emploi", "mg-scrape run insee_melodi"),
    ("loyer_annonce_m2", "mg-scrape run carte_des_loyers"),
    ("nb_transactions", "mg-scrape run dvf"),
    ("prix_median_m2", "mg-scrape run dvf"),
    ("revenu_median", "mg-scrape run insee_melodi"),
    ("taux_lls_sru", "mg-scrape run inventaire_sru"),
    ("taux_pauvrete", "mg-scrape run insee_melodi"),
    ("taux_vacance_structurelle", "mg-scrape run lovac"),
];

fn load(name: &str) -> Option<&'static str> {
    let found = NOT_LOADED.iter().find(|(unloaded, _)| *unloaded == name);
    found.map(|(_, command)| *command)
}

#[tokio::test]
async fn every_code_of_the_contract_is_listed() {
    let engine = sqlite("").await;
    let listed = engine.client.call("list_indicators", json!({})).await.ok();
    let names: Vec<_> = listed["indicators"]
        .as_array()
        .unwrap()
        .iter()
        .map(|indicator| indicator["name"].clone())
        .collect();
    assert_eq!(names, CODES);
}

#[tokio::test]
async fn every_indicator_answers_with_a_value_or_with_what_loads_it() {
    for engine in engines().await {
        for name in CODES {
            let answer = engine.ask(json!({"name": name})).await;
            let text = answer.text.clone();
            let told = answer.ok();
            match load(name) {
                None => assert!(
                    told["value"].is_number()
                        && (told["status"] == "final" || told["status"] == "provisional"),
                    "{} {name}: {told}",
                    engine.name
                ),
                Some(command) => {
                    assert_eq!(
                        (&told["value"], &told["status"], &told["synthetic"]),
                        (&Value::Null, &json!("missing"), &json!(false)),
                        "{name}"
                    );
                    assert!(
                        text.contains(&format!("aucune donnée chargée pour cet indicateur ; la charger avec `{command}`")),
                        "{name}: {text}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn every_indicator_answers_for_a_commune_a_year_and_every_grain_it_has() {
    for engine in engines().await {
        for name in CODES {
            for date in ["2021", "2022-T2", "2022-05", "2019/2021"] {
                let asked = json!({"name": name, "date": date, "territory": "Montévrain"});
                let answer = engine.ask(asked).await;
                let refused = ["is told by year", "does not add up"]
                    .iter()
                    .any(|why| answer.text.contains(why));
                let sensible = if answer.is_error {
                    refused
                } else {
                    answer.data["status"].is_string()
                };
                assert!(sensible, "{} {name} {date}: {}", engine.name, answer.text);
            }
        }
    }
}

#[tokio::test]
async fn every_engine_tells_the_same_of_every_indicator() {
    let [first, others @ ..] = &engines().await[..] else {
        return;
    };
    for name in CODES {
        for (date, territory) in [
            ("latest", AUTHORITY),
            ("2021", "77307"),
            ("2022", "D77"),
            ("2023", "77243"),
        ] {
            let asked = json!({"name": name, "date": date, "territory": territory});
            let told = first.ask(asked.clone()).await;
            for other in others {
                let same = other.ask(asked.clone()).await;
                assert_eq!(
                    (&same.text, &same.data),
                    (&told.text, &told.data),
                    "{asked}"
                );
            }
        }
    }
}

#[tokio::test]
async fn department_region_and_country_answer_where_data_exist() {
    for engine in engines().await {
        let value = async |name: &str, date: &str, territory: &str| {
            engine.at(name, date, territory).await["value"].clone()
        };
        assert_eq!(value("logements_autorises", "2023", "D77").await, 6169);
        let starts = value("logements_commences_cumul12", "latest", "FR").await;
        assert_eq!(starts, 299_800);
        let december = value("logements_commences_cumul12", "2025-12", "FR").await;
        assert_eq!(value("logements_commences", "2025", "FR").await, december);
        assert!(december.as_i64().unwrap() > 200_000, "{december}");
        let year = engine.at("logements_autorises", "2024", "FR").await;
        assert!(
            year["notes"].to_string().contains("série nationale"),
            "{year}"
        );
        assert_eq!(year["synthetic"], false);
        let month = engine.at("logements_autorises", "2024-05", "FR").await;
        assert_eq!(
            (&month["value"], &month["status"]),
            (&Value::Null, &json!("missing"))
        );
    }
}

#[tokio::test]
async fn a_definition_says_how_it_is_made_loaded_and_forecast() {
    let engine = sqlite("").await;
    let asked = json!({"name": "logements_autorises"});
    let answer = engine.client.call("list_indicators", asked).await;
    let definition = &answer.data["definition"];
    assert_eq!(definition["fill"], "zero");
    assert_eq!(definition["valid_range"], json!({"min": 0}));
    assert_eq!(definition["load"], "mg-scrape run sitadel");
    assert!(definition["lineage"].as_array().unwrap().len() >= 3);
    assert_eq!(
        (
            &definition["forecast"]["communes"],
            &definition["forecast"]["instead"]
        ),
        (
            &json!(false),
            &json!(["permis_autorises", "logements_autorises_cumul12"])
        )
    );
    assert!(answer.text.contains("lineage"), "{}", answer.text);
}
