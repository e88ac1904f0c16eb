//! get_series: published years, months that add up, what is missing, targets, releases, sentences.

use mg_core::Clock;
use mg_db::Value as Cell;
use mg_testkit::ToolAnswer;
use serde_json::{Value, json};

use crate::engines::{AUTHORITY, Engine, engines, engines_of_its_own, sqlite};

const AUTHORISED: [i64; 14] = [
    1618, 518, 1545, 1123, 936, 1966, 2195, 1230, 746, 1294, 1124, 1564, 1311, 929,
];

async fn series(engine: &Engine, arguments: Value) -> ToolAnswer {
    engine.client.call("get_series", arguments).await
}

fn values(told: &Value) -> Vec<Value> {
    let points = told["points"].as_array().unwrap();
    points.iter().map(|point| point["value"].clone()).collect()
}

#[tokio::test]
async fn the_published_years_are_one_call_with_targets_and_the_year_before() {
    for engine in engines().await {
        let asked =
            json!({"name": "logements_autorises", "from": "2011", "to": "2024", "grain": "year"});
        let answer = series(&engine, asked).await;
        let text = answer.text.clone();
        let told = answer.ok();
        assert_eq!(
            values(&told),
            AUTHORISED.map(Value::from),
            "{}",
            engine.name
        );
        assert_eq!(
            (&told["sum"], &told["total"], &told["truncated"]),
            (&json!(18_099), &json!(14), &json!(false))
        );
        assert_eq!(
            (&told["grain"], &told["synthetic"], &told["vintage"]),
            (&json!("year"), &json!(false), &json!("2026-03"))
        );
        let of_2022 = &told["points"][11];
        assert_eq!(
            (&of_2022["target"], &of_2022["year_ago"], &of_2022["status"]),
            (&json!(1250), &json!(1124), &json!("final"))
        );
        assert_eq!(told["points"][0].get("year_ago"), None);
        assert!(
            text.contains(
                "|2022|1\u{202f}564|1\u{202f}124|+39,1\u{a0}%|1\u{202f}250|125,1\u{a0}%|définitif|"
            ),
            "{text}"
        );
        assert!(
            text.contains("source de l'objectif : Objectif fictif"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn the_months_of_2022_add_up_to_the_year_and_so_do_its_quarters() {
    for engine in engines().await {
        for (grain, count) in [("month", 12), ("quarter", 4)] {
            let asked = json!({"name": "logements_autorises", "from": "2022", "to": "2022", "grain": grain});
            let told = series(&engine, asked).await.ok();
            let sum: i64 = values(&told)
                .iter()
                .map(|value| value.as_i64().unwrap())
                .sum();
            assert_eq!((sum, &told["sum"]), (1564, &json!(1564)), "{}", engine.name);
            assert_eq!(values(&told).len(), count);
            assert_eq!(told["synthetic"], true);
            assert!(
                told["notes"][0].as_str().unwrap().contains("SYNTHÉTIQUES"),
                "{told}"
            );
        }
    }
}

#[tokio::test]
async fn a_series_tells_what_get_indicator_tells_of_each_period() {
    let engine = sqlite("").await;
    for (name, grain, from, to) in [
        ("logements_autorises_cumul12", "month", "2013-10", "2014-03"),
        ("part_collectif", "quarter", "2021", "2022"),
        ("construction_pour_1000_hab", "year", "2012", "2024"),
        ("avancement_plh", "quarter", "2020", "2025"),
        ("taille_moyenne_logement", "year", "2020", "2026"),
        ("logements_autorises", "month", "2024-01", "2026-10"),
    ] {
        let asked = json!({"name": name, "grain": grain, "from": from, "to": to});
        let told = series(&engine, asked).await.ok();
        for point in told["points"].as_array().unwrap() {
            let label = point["period"]["label"].as_str().unwrap();
            let alone = engine.get(name, label).await;
            for key in ["value", "status", "synthetic"] {
                assert_eq!(point[key], alone[key], "{name} {label} {key}");
            }
            assert_eq!(
                point.get("target"),
                alone["target"].get("value"),
                "{name} {label}"
            );
            assert_eq!(
                point.get("reached").unwrap_or(&Value::Null),
                &alone["target"]["reached"],
                "{name} {label}"
            );
            let before = &alone["year_ago"]["value"];
            assert_eq!(
                point.get("year_ago").unwrap_or(&Value::Null),
                before,
                "{name} {label}"
            );
        }
    }
}

#[tokio::test]
async fn starts_of_2024_are_missing_at_every_grain_and_never_zero() {
    for engine in engines().await {
        for (grain, to, count) in [
            ("month", Some("2024"), 12),
            ("quarter", None, 4),
            ("year", None, 1),
        ] {
            let asked =
                json!({"name": "logements_commences", "from": "2024", "to": to, "grain": grain});
            let answer = series(&engine, asked).await;
            assert!(answer.text.contains("|–|"), "{}", answer.text);
            let told = answer.ok();
            assert_eq!(values(&told), vec![Value::Null; count], "{}", engine.name);
            assert_eq!(told.get("sum"), None);
            for point in told["points"].as_array().unwrap() {
                assert_eq!(point["status"], "missing");
            }
            assert!(told["notes"].to_string().contains("pas zéro"), "{told}");
        }
    }
}

#[tokio::test]
async fn without_arguments_the_last_sixty_periods_are_told_and_how_to_get_the_others() {
    let engine = sqlite("").await;
    let told = series(&engine, json!({"name": "logements_autorises"}))
        .await
        .ok();
    let points = told["points"].as_array().unwrap();
    assert_eq!(
        (points.len(), &told["total"], &told["truncated"]),
        (60, &json!(166), &json!(true))
    );
    assert_eq!(points[59]["period"]["end"], "2026-10-31");
    assert_eq!(points[59]["status"], "provisional");
    let note = told["notes"]
        .as_array()
        .unwrap()
        .last()
        .unwrap()
        .as_str()
        .unwrap();
    assert!(
        note.contains("60 périodes sur 166") && note.contains("to = 2021-10"),
        "{note}"
    );
    let rest = series(
        &engine,
        json!({"name": "logements_autorises", "from": "2013-01", "to": "2021-10"}),
    )
    .await
    .ok();
    assert_eq!(
        (values(&rest).len(), &rest["truncated"]),
        (106, &json!(false))
    );
}

#[tokio::test]
async fn a_long_series_is_cut_to_the_budget_and_its_newest_part_told() {
    let engine = sqlite("").await;
    let asked =
        json!({"name": "logements_autorises_cumul12", "territory": "FR", "from": "2000-12"});
    let answer = series(&engine, asked).await;
    let size = answer.text.chars().count() + answer.data.to_string().chars().count();
    assert!(size < 40_000, "{size}");
    let told = answer.ok();
    let points = told["points"].as_array().unwrap();
    assert_eq!(
        (&told["total"], &told["truncated"]),
        (&json!(308), &json!(true))
    );
    assert_eq!(points.last().unwrap()["value"], 370_400);
    assert!(points.len() > 100, "{}", points.len());
}

#[tokio::test]
async fn a_place_that_is_known_by_year_only_is_told_by_year() {
    for engine in engines().await {
        let told = series(
            &engine,
            json!({"name": "logements_autorises", "territory": "D77"}),
        )
        .await
        .ok();
        assert_eq!((&told["grain"], values(&told).len()), (&json!("year"), 14));
        assert_eq!(values(&told)[6], 13_379);
        let asked = json!({"name": "logements_autorises", "territory": "D77", "grain": "month"});
        let refusal = series(&engine, asked).await.refusal();
        assert!(refusal.contains("from 2011 to 2024 by year"), "{refusal}");
    }
}

#[tokio::test]
async fn what_cannot_be_is_answered_with_what_would_work() {
    let engine = sqlite("").await;
    for (asked, parts) in [
        (
            json!({"name": "logements"}),
            vec!["no indicator named", "logements_"],
        ),
        (
            json!({"name": "logements_autorises", "from": "1999", "to": "2005"}),
            vec!["from 2013-01 to 2026-10 by month"],
        ),
        (
            json!({"name": "logements_autorises", "from": "2150"}),
            vec!["from 2013-01 to 2026-10"],
        ),
        (
            json!({"name": "logements_autorises", "from": "2150", "to": "2151"}),
            vec!["from 2013-01 to 2026-10"],
        ),
        (
            json!({"name": "logements_autorises", "from": "2023", "to": "2021"}),
            vec!["from (2023-01) is after to (2021-12)"],
        ),
        (
            json!({"name": "logements_autorises", "from": "hier"}),
            vec!["cannot read `hier`", "2024-T1"],
        ),
        (
            json!({"name": "construction_pour_1000_hab", "grain": "month"}),
            vec!["by year at the finest"],
        ),
        (
            json!({"name": "logements_autorises", "territory": "Lagni"}),
            vec!["nearest: Lagny"],
        ),
        (
            json!({"name": "logements_acheves", "territory": "FR"}),
            vec!["no data for France"],
        ),
        (
            json!({"name": "logements_autorises", "grain": "week"}),
            vec!["week", "month"],
        ),
        (
            json!({"name": "logements_autorises", "form": "2022"}),
            vec!["form", "from"],
        ),
    ] {
        let refusal = series(&engine, asked.clone()).await.refusal();
        for part in parts {
            assert!(refusal.contains(part), "{asked}: {refusal}");
        }
    }
}

#[tokio::test]
async fn a_beginning_before_the_data_is_moved_to_it_and_told() {
    let engine = sqlite("").await;
    let asked = json!({"name": "logements_autorises", "from": "2000", "to": "2013-03"});
    let told = series(&engine, asked).await.ok();
    assert_eq!(told["points"][0]["period"]["start"], "2013-01-01");
    assert!(
        told["notes"]
            .to_string()
            .contains("commence en janvier 2013"),
        "{told}"
    );
    let asked = json!({"name": "logements_autorises", "from": "2026-09", "to": "2199"});
    let told = series(&engine, asked).await.ok();
    // Up to the month that has begun, and never two years past the data.
    let last = told["points"].as_array().unwrap().last().unwrap();
    let (start, today) = (
        last["period"]["start"].as_str().unwrap(),
        Clock::system().now_iso(),
    );
    assert!(start >= "2026-10-01" && start <= &*today, "{told}");
    assert!(start <= "2028-10-01", "{told}");
    assert!(
        told["notes"]
            .to_string()
            .contains("rien n'est publié après octobre 2026"),
        "{told}"
    );
}

#[tokio::test]
async fn years_of_two_sources_say_which_are_synthetic() {
    let engine = sqlite("").await;
    let answer = series(
        &engine,
        json!({"name": "logements_autorises", "from": "2023", "to": "2026", "grain": "year"}),
    )
    .await;
    assert!(
        answer.text.contains("|synthétique|") && answer.text.contains("|oui|"),
        "{}",
        answer.text
    );
    let told = answer.ok();
    let synthetic: Vec<_> = told["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|point| point["synthetic"].as_bool().unwrap())
        .collect();
    assert_eq!(synthetic, [false, false, true, true]);
    assert_eq!(told["points"][3]["status"], "partial");
    let notes = told["notes"].to_string();
    assert!(
        notes.contains("valeurs synthétiques : 2025 ;") && notes.contains("janv.–oct. 2026"),
        "{notes}"
    );
}

#[tokio::test]
async fn two_releases_are_compared_in_one_call() {
    for engine in engines_of_its_own().await {
        for (year, value) in [(2021, 1124), (2022, 1500), (2023, 1300)] {
            let row = format!(
                "INSERT INTO kpi_value (kpi_code, territoire, periode, grain, millesime, valeur, statut, nb_obs, calcule_le) VALUES \
                 ('logements_autorises', '{AUTHORITY}', '{year}-01-01', 'year', '2025-09', {value}, 'provisional', NULL, '2025-09-30T00:00:00Z')"
            );
            engine.change(&row, &[] as &[Cell]).await;
        }
        let ask = async |more: Value| {
            let mut asked = json!({"name": "logements_autorises", "from": "2021", "to": "2024", "grain": "year"});
            asked
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            series(&engine, asked).await
        };
        let answer = ask(json!({"compare_vintage": "2025-09"})).await;
        let text = answer.text.clone();
        let told = answer.ok();
        assert_eq!(
            (&told["points"][1]["value"], &told["points"][1]["compared"]),
            (&json!(1564), &json!(1500))
        );
        assert_eq!(told["points"][3].get("compared"), None);
        let notes = told["notes"].to_string();
        assert!(
            notes.contains("2 valeurs révisées sur 3 entre les millésimes 2025-09 et 2026-03"),
            "{notes}"
        );
        assert!(
            notes.contains("2022, de 1\u{202f}500 à 1\u{202f}564"),
            "{notes}"
        );
        assert!(text.contains("|autre millésime|"), "{text}");
        let kept = ask(json!({"vintage": "2025-09"})).await.ok();
        assert_eq!(
            values(&kept),
            [json!(1124), json!(1500), json!(1300), Value::Null]
        );
        assert_eq!(
            (&kept["vintage"], &kept["points"][2]["status"]),
            (&json!("2025-09"), &json!("provisional"))
        );
        assert!(
            kept["notes"].to_string().contains("1 période sans valeur"),
            "{kept}"
        );
        assert_eq!(
            values(&ask(json!({"vintage": "2026-03"})).await.ok())[1],
            1564
        );
        let refusal = ask(json!({"compare_vintage": "2019-01"})).await.refusal();
        assert!(
            refusal.contains("2025-09") && refusal.contains("2026-03"),
            "{refusal}"
        );
    }
}

#[tokio::test]
async fn every_engine_tells_the_same_series() {
    let [first, others @ ..] = &engines().await[..] else {
        return;
    };
    for asked in [
        json!({"name": "logements_autorises", "from": "2024"}),
        json!({"name": "taille_moyenne_logement", "grain": "quarter", "territory": "Montévrain"}),
        json!({"name": "construction_pour_1000_hab"}),
        json!({"name": "avancement_plh", "grain": "year"}),
    ] {
        let told = series(first, asked.clone()).await;
        for other in others {
            let same = series(other, asked.clone()).await;
            assert_eq!(
                (&same.text, &same.data),
                (&told.text, &told.data),
                "{asked}"
            );
        }
    }
}

#[tokio::test]
async fn english_is_spoken_where_it_is_set() {
    let engine = sqlite("lang = \"en\"").await;
    let asked =
        json!({"name": "logements_autorises", "from": "2021", "to": "2022", "grain": "year"});
    let text = series(&engine, asked).await.text;
    assert!(
        text.starts_with(
            "Dwellings authorised — CA Marne et Gondoire, by year, 2021 to 2022 (dwellings)."
        ),
        "{text}"
    );
    assert!(
        text.contains(
            "Latest value: 2022, 1,564 dwellings (final), +39.1% over a year. Sum: 2,688 dwellings."
        ),
        "{text}"
    );
    assert!(
        text.contains("|2022|1,564|1,124|+39.1%|1,250|125.1%|final|"),
        "{text}"
    );
}
