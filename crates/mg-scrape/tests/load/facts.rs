//! Sales, populations, indicators of communes.

use mg_scrape::{
    definition::{Bound, LimitsGiven, RequestRole, parse},
    extract::{self, Document},
    files,
    item::Item,
    load::Staged,
};
use serde_json::json;

use crate::engines::{bound, engines, load};

const DVF: &str = include_str!("../../spiders/dvf.toml");
const POPULATION: &str = include_str!("../../spiders/insee_population.toml");
const SALES: &str = include_str!("data/dvf_77243_2024.csv");

fn staged(page: i64, url: &str, items: Vec<Item>) -> Staged {
    Staged {
        page,
        first: 0,
        url: url.to_owned(),
        fetched_at: "2026-11-22T10:00:00Z".to_owned(),
        items,
        unchanged: false,
    }
}

fn dvf() -> Bound {
    bound("dvf", DVF, &[("commune", "77243"), ("year", "2024")])
}

fn sales(bound: &Bound, text: &str) -> Vec<Staged> {
    let request = &bound.start[0];
    let mut file = tempfile::tempfile().unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
    std::io::Seek::rewind(&mut file).unwrap();
    let url: url::Url = request.url.parse().unwrap();
    let mut pages = Vec::new();
    files::read(bound, request.role, (url.path(), file), |_, items| {
        pages.push(staged(1, url.as_str(), items));
        true
    })
    .unwrap();
    pages
}

#[tokio::test]
async fn sales_keep_every_row_and_are_covered_to_the_last_month_that_has_any() {
    for engine in engines().await {
        let bound = dvf();
        let swapped = load(&engine, &bound, "r1", &sales(&bound, SALES), &["2025-04"])
            .await
            .unwrap();
        assert_eq!(swapped.rows.inserted, 4, "{}: {swapped:?}", engine.name);
        let rows = engine.told("SELECT id_mutation, nature_mutation, valeur_fonciere, code_commune, surface_reelle_bati FROM fact_dvf ORDER BY id_mutation, numero_ligne").await;
        assert_eq!(
            rows[0],
            ["2024-1", "Vente", "312340.16", "77243", "65"],
            "{}",
            engine.name
        );
        let covered = engine.told("SELECT fichier_id, mesure, CAST(debut AS CHAR(10)), CAST(fin AS CHAR(10)) FROM source_couverture WHERE jeu = 'DVF géolocalisées'").await;
        assert_eq!(
            covered,
            [["dvf_2025-04", "valeur_fonciere", "2024-01-01", "2024-06-30"]],
            "{}",
            engine.name
        );
        let client = engine.indicators().await;
        let answer = client
            .call(
                "get_indicator",
                json!({"name": "nb_transactions", "date": "2024-03", "territory": "77243"}),
            )
            .await
            .ok();
        assert_eq!(
            (&answer["value"], &answer["vintage"]),
            (&json!(1), &json!("2025-04")),
            "{}: {answer}",
            engine.name
        );
        // The next release has another number for the same sale: the year is replaced, nothing is counted twice.
        let renumbered = SALES.replace("2024-1,", "2024-9001,");
        let swapped = load(
            &engine,
            &bound,
            "r2",
            &sales(&bound, &renumbered),
            &["2025-10"],
        )
        .await
        .unwrap();
        let change = &swapped.change_report.unwrap().tables[0];
        assert_eq!((change.inserted, change.removed), (2, 2), "{}", engine.name);
        assert_eq!(engine.count("fact_dvf").await, 4, "{}", engine.name);
    }
}

#[tokio::test]
async fn populations_come_by_reference_year_with_their_coverage() {
    let bound = bound("insee_population", POPULATION, &[("commune", "77243")]);
    let observation = |year: &str, value: i64| {
        json!({"dimensions": {"GEO": "2025-COM-77243", "TIME_PERIOD": year, "SEX": "_T"},
            "measures": {"OBS_VALUE_NIVEAU": {"value": value}}, "attributes": {}})
    };
    let body = json!({"observations": [observation("2016", 20_878), observation("2022", 21_433), observation("2023", 21_461)]}).to_string();
    let request = &bound.start[0];
    let url = request.url.parse().unwrap();
    let document = Document {
        url: &url,
        content_type: "application/json",
        body: body.as_bytes(),
    };
    let extracted = extract::api(&bound, request.role, &document).unwrap();
    assert_eq!((extracted.items.len(), extracted.links.len()), (3, 0));
    for engine in engines().await {
        let pages = [staged(1, &request.url, extracted.items.clone())];
        let swapped = load(&engine, &bound, "r1", &pages, &[]).await.unwrap();
        // 2022 and 2023 are there already, the same: only their file is another one.
        assert_eq!(
            (
                swapped.rows.inserted,
                swapped.rows.updated,
                swapped.rows.unchanged
            ),
            (1, 0, 2),
            "{}",
            engine.name
        );
        let kept = engine.told("SELECT population_municipale, population_totale FROM fact_population WHERE comm = '77243' AND annee_reference = 2022").await;
        assert_eq!(kept[0][0], "21433", "{}", engine.name);
        assert_ne!(kept[0][1], "∅", "the other count stays: {}", engine.name);
        let covered = engine.told("SELECT CAST(debut AS CHAR(10)), CAST(fin AS CHAR(10)) FROM source_couverture WHERE jeu LIKE '%Melodi%' ORDER BY 1").await;
        assert_eq!(
            covered,
            [["2016-01-01", "2016-12-31"], ["2022-01-01", "2023-12-31"]],
            "{}",
            engine.name
        );
    }
}

const LOVAC: &str = include_str!("../../spiders/lovac.toml");
const WIDE: &str = "CODGEO_26;LIBGEO_26;pp_vacant_26;pp_vacant_plus_2ans_26;ff_pp_total_25
77243;Lagny-sur-Marne;620;130;10900
77307;Montévrain;300;s;6400
01004;Ambérieu-en-Bugey;900;207;7000
";

#[tokio::test]
async fn columns_of_figures_and_years_are_rows_and_replace_their_own_alone() {
    // Of six rows one less is more than the spider bears.
    let patient = LOVAC.replace("min_ratio_vs_last = 0.9", "min_ratio_vs_last = 0.5");
    let bound = bound("lovac", &patient, &[("commune", "77243,77307")]);
    let pages = sales(&bound, WIDE);
    // An empty cell says nothing: what it said before is gone, what is another spider's stays.
    let revised = sales(&bound, &WIDE.replace(";620;130;", ";;131;"));
    for engine in engines().await {
        let foreign = "INSERT INTO fact_indicateur_commune (comm, annee, indicateur, valeur) VALUES ('77243', 2026, 'med_sl', 25430)";
        engine.change(foreign).await;
        let first = load(&engine, &bound, "r1", &pages, &["2026-06"]);
        assert_eq!(first.await.unwrap().rows.inserted, 6, "{}", engine.name);
        let told = "SELECT comm, annee, indicateur, valeur, secret_stat FROM fact_indicateur_commune ORDER BY comm, indicateur, annee";
        assert_eq!(
            engine.told(told).await,
            [
                ["77243", "2025", "ff_pp_total", "10900", "0"],
                ["77243", "2026", "med_sl", "25430", "0"],
                ["77243", "2026", "pp_vacant", "620", "0"],
                ["77243", "2026", "pp_vacant_plus_2ans", "130", "0"],
                ["77307", "2025", "ff_pp_total", "6400", "0"],
                ["77307", "2026", "pp_vacant", "300", "0"],
                ["77307", "2026", "pp_vacant_plus_2ans", "∅", "1"],
            ],
            "{}",
            engine.name
        );
        let again = load(&engine, &bound, "r2", &pages, &["2026-06"]);
        let again = again.await.unwrap();
        assert_eq!(
            (again.rows.unchanged, again.change_report),
            (6, None),
            "{}",
            engine.name
        );
        let third = load(&engine, &bound, "r3", &revised, &["2026-07"]);
        let report = third.await.unwrap().change_report.unwrap();
        let change = &report.tables[0];
        assert_eq!(
            (change.inserted, change.updated, change.removed),
            (0, 1, 1),
            "{}: {change:?}",
            engine.name
        );
        assert_eq!(engine.count("fact_indicateur_commune").await, 6);
        let covered = engine.told("SELECT mesure, territoire, CAST(fin AS CHAR(10)) FROM source_couverture WHERE mesure = 'pp_vacant_plus_2ans' ORDER BY territoire").await;
        assert_eq!(
            covered,
            [
                ["pp_vacant_plus_2ans", "77243", "2026-12-31"],
                ["pp_vacant_plus_2ans", "77307", "2026-12-31"],
            ],
            "{}",
            engine.name
        );
    }
}

const ANNUAL: &str = r#"
name = "annuel"
title = "Annuel"
description = "Logements par commune et par an"
[params.commune]
type = "list"
default = "77243"
[start]
allow_hosts = ["a.fr"]
[[api]]
name = "annuel"
url = "https://a.fr/{commune}"
for_each = ["commune"]
table = "fact_logements_annuel"
key = ["territoire", "annee", "type_lgt"]
mode = "replace"
scope = ["territoire"]
constants = { territoire = "{commune}", type_lgt = "Tous" }
[api.columns]
annee = { to = "annee", type = "int" }
log_aut = { to = "log_aut", type = "int" }
log_com = { to = "log_com", type = "int" }
[[source]]
file = "annuel"
dataset = "Annuel"
licence = "Licence Ouverte 2.0"
scope = { territoire = "{commune}" }
zero_year_is_missing = ["log_com"]
vintage = { const = "2026-03" }
[[source.coverage]]
measure = "log_com"
territory = "{commune}"
year = "annee"
[[source.coverage]]
measure = "log_aut"
territory = "{commune}"
year = "annee"
"#;

#[tokio::test]
async fn a_year_of_zeros_was_not_published() {
    let spider = parse("annuel", ANNUAL).unwrap();
    let bound = spider
        .bind(None, &[].into(), &LimitsGiven::default())
        .unwrap();
    let body =
        r#"[{"annee":2023,"log_aut":12,"log_com":3},{"annee":2024,"log_aut":8,"log_com":0}]"#;
    let url = bound.start[0].url.parse().unwrap();
    let document = Document {
        url: &url,
        content_type: "",
        body: body.as_bytes(),
    };
    let items = extract::api(&bound, RequestRole::Api { rule: 0, chain: 0 }, &document)
        .unwrap()
        .items;
    for engine in engines().await {
        load(
            &engine,
            &bound,
            "r1",
            &[staged(1, url.as_str(), items.clone())],
            &["2026-03"],
        )
        .await
        .unwrap();
        let rows = engine.told("SELECT annee, log_aut, log_com FROM fact_logements_annuel WHERE territoire = '77243' ORDER BY annee").await;
        assert_eq!(
            rows,
            [["2023", "12", "3"], ["2024", "8", "∅"]],
            "{}",
            engine.name
        );
        let covered = engine.told("SELECT mesure, CAST(fin AS CHAR(10)) FROM source_couverture WHERE jeu = 'Annuel' ORDER BY mesure").await;
        assert_eq!(
            covered,
            [["log_aut", "2024-12-31"], ["log_com", "2023-12-31"]],
            "{}",
            engine.name
        );
    }
}
