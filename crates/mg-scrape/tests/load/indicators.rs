//! The spiders that feed figures of communes, end to end: from files and answers of the shape of the real ones to an
//! indicator, twice.

use mg_db::Value as Cell;
use mg_testkit::{Asked, Reply, Site, binary};
use serde_json::{Value, json};

use crate::end_to_end::Home;

const LOVAC: &str = include_str!("../../spiders/lovac.toml");
const LOYERS: &str = include_str!("../../spiders/carte_des_loyers.toml");
const SRU: &str = include_str!("../../spiders/inventaire_sru.toml");
const MELODI: &str = include_str!("../../spiders/insee_melodi.toml");

/// A spider that asks a local site instead of the hosts that it names, without pauses.
fn redirected(toml: &str, site: &Site) -> String {
    let hosts = toml.lines().find(|line| line.starts_with("allow_hosts"));
    let local = format!("allow_hosts = [\"{}\"]\nallow_private = true", site.host());
    let base = site.url("");
    toml.replace(hosts.unwrap(), &local)
        .replace("https://www.data.gouv.fr", &base)
        .replace("https://static.data.gouv.fr", &base)
        .replace("https://api.insee.fr", &base)
        .replace("delay_ms = 2100", "delay_ms = 0")
}

/// A file of a portal, in Windows' Latin letters, as it was uploaded on a day.
fn latin(text: &str, modified: &str) -> Reply {
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(text);
    assert!(!unmappable, "{text}");
    Reply::of(200, "text/csv", bytes.into_owned()).with("Last-Modified", modified)
}

impl Home {
    /// Runs a spider for some communes; it must succeed.
    fn loaded(&self, spider: &str, communes: &str) -> Value {
        let communes = format!("commune={communes}");
        let arguments = ["run", spider, "--param", &communes, "--json"];
        let (exit, report) = self.command(&arguments, &[]);
        assert_eq!(exit.code, Some(0), "{report:#} {}", exit.stderr);
        report
    }

    /// Loads the same again: nothing is there twice, and nothing changes.
    fn loaded_again(&self, spider: &str, communes: &str) {
        let before = self.figures();
        let report = self.loaded(spider, communes);
        assert_eq!(
            (&report["rows"]["inserted"], &report["rows"]["updated"]),
            (&json!(0), &json!(0)),
            "{report:#}"
        );
        assert!(report["change_report"].is_null(), "{report:#}");
        assert_eq!(self.figures(), before);
    }

    /// commune, year, figure, value (nothing for none), withheld.
    fn figures(&self) -> Vec<String> {
        let told = "SELECT comm || ' ' || annee || ' ' || indicateur || ' ' || COALESCE(valeur, '∅') || ' ' || secret_stat \
            FROM fact_indicateur_commune ORDER BY 1";
        let rows = self.rows(told);
        rows.iter()
            .map(|row| match &row[0] {
                Cell::Text(text) => text.clone(),
                other => panic!("{other:?} is no text"),
            })
            .collect()
    }

    fn indicator(&self, name: &str, date: &str, territory: &str) -> Value {
        let mut indicators = self.process("mg-kpi", &[], &[]);
        indicators.initialize();
        let asked = json!({"name": name, "date": date, "territory": territory});
        indicators.call("get_indicator", &asked).data
    }
}

/// Numbers by thousands, codes with spaces around them, a withheld and an empty cell, a 0, and a commune of another department.
const EDITION_2026: &str = "CODGEO_26;LIBGEO_26;DEP; pp_vacant_26 ;pp_vacant_plus_2ans_26;ff_pp_total_25;pp_vacant_25;pp_vacant_plus_2ans_25;ff_pp_total_24\r
 77243 ;Lagny-sur-Marne;77; 620 ;130; 10\u{a0}900 ;610;120;10\u{a0}700\r
77307;Montévrain;77;300;s;6400;280;0;6300\r
77018;Bailly-Romainvilliers;77;s;s;;12;s;\r
01004;Ambérieu-en-Bugey;01;900;207;7000;880;200;6900\r
";
const EDITION_2025: &str = "CODGEO_25;LIBGEO_25;pp_vacant_25;pp_vacant_plus_2ans_25;pp_total_24
77243;Lagny-sur-Marne;611;121;10701
77307;Montévrain;280;s;6300
";

#[test]
fn vacant_dwellings_keep_their_years_and_their_secrets() {
    let _built = binary("mg-kpi");
    let site = Site::start(|asked: &Asked| match (asked.path.as_str(), asked.before) {
        // The older edition stands behind the permanent link until it was asked for once.
        (path, 0) if path.starts_with("/api/1/datasets/r/2e0417b4-") => {
            Reply::redirect("/lovac25.csv")
        }
        (path, _) if path.starts_with("/api/1/datasets/r/2e0417b4-") => {
            Reply::redirect("/lovac26.csv")
        }
        ("/lovac25.csv", _) => latin(EDITION_2025, "Wed, 28 May 2025 09:04:20 GMT"),
        ("/lovac26.csv", _) => latin(EDITION_2026, "Thu, 25 Jun 2026 16:36:27 GMT"),
        _ => Reply::status(404),
    });
    let home = Home::with(&[("lovac", redirected(LOVAC, &site))]);
    let communes = "77243,77307,77018";
    let first = home.loaded("lovac", communes);
    assert_eq!(first["rows"]["inserted"], json!(6), "{first:#}");
    assert_eq!(
        home.figures()[0],
        "77243 2024 ff_pp_total 10701 0",
        "{:?}",
        home.figures()
    );
    let second = home.loaded("lovac", communes);
    assert_eq!(second["rows"]["rejected"], json!(0), "{second:#}");
    assert_eq!(
        home.figures(),
        [
            "77018 2025 pp_vacant 12 0",
            "77018 2025 pp_vacant_plus_2ans ∅ 1",
            "77018 2026 pp_vacant ∅ 1",
            "77018 2026 pp_vacant_plus_2ans ∅ 1",
            "77243 2024 ff_pp_total 10700 0",
            "77243 2025 ff_pp_total 10900 0",
            "77243 2025 pp_vacant 610 0",
            "77243 2025 pp_vacant_plus_2ans 120 0",
            "77243 2026 pp_vacant 620 0",
            "77243 2026 pp_vacant_plus_2ans 130 0",
            "77307 2024 ff_pp_total 6300 0",
            "77307 2025 ff_pp_total 6400 0",
            "77307 2025 pp_vacant 280 0",
            "77307 2025 pp_vacant_plus_2ans 0 0",
            "77307 2026 pp_vacant 300 0",
            "77307 2026 pp_vacant_plus_2ans ∅ 1",
        ]
    );
    home.loaded_again("lovac", communes);
    // Fewer communes are fewer rows of the same file, and no sign that the file has shrunk.
    let fewer = home.loaded("lovac", "77243");
    assert_eq!(fewer["rows"]["unchanged"], json!(6), "{fewer:#}");
    assert_eq!(home.figures().len(), 16);
    let rate = home.indicator("taux_vacance_structurelle", "2026", "77243");
    assert_eq!(
        (&rate["value"], &rate["vintage"]),
        (&json!(1.19), &json!("2026-06")),
        "{rate:#}"
    );
    let none = home.indicator("taux_vacance_structurelle", "2025", "77307");
    assert_eq!(
        (&none["value"], &none["status"]),
        (&json!(0), &json!("final"))
    );
    let withheld = home.indicator("taux_vacance_structurelle", "2026", "77307");
    assert_eq!(
        (&withheld["value"], &withheld["status"]),
        (&Value::Null, &json!("secret"))
    );
}

const RENTS_2025: &str = "\"id_zone\";\"INSEE_C\";\"LIBGEO\";\"EPCI\";\"DEP\";\"REG\";\"loypredm2\";\"lwr.IPm2\";\"upr.IPm2\";\"TYPPRED\";\"nbobs_com\";\"nbobs_mail\";\"R2_adj\"
\"1\";\"77243\";\"Lagny-sur-Marne\";\"247700594\";\"77\";\"11\";17,4628;14,2;21,4431;\"commune\";1254;2494;0,75
\"2\";\"77307\";\"Montévrain\";\"247700594\";\"77\";\"11\";18,05;14,9;22,1;\"maille\";39;494;0,75
\"3\";\"01004\";\"Ambérieu-en-Bugey\";\"240100883\";\"01\";\"84\";10,77;8,03;14,44;\"commune\";54;494;0,75
";

#[test]
fn rents_come_year_by_year_with_their_margins() {
    let _built = binary("mg-kpi");
    let site = Site::start(|asked: &Asked| match asked.path.as_str() {
        path if path.ends_with("/55b34088-0964-415f-9df7-d87dd98a09be") => {
            Reply::redirect("/2025.csv")
        }
        "/2025.csv" => latin(RENTS_2025, "Thu, 11 Dec 2025 14:50:10 GMT"),
        path if path.contains("-en-202") => latin(
            &RENTS_2025.replace("17,4628", "16,1"),
            "Thu, 05 Dec 2024 15:30:50 GMT",
        ),
        _ => Reply::status(404),
    });
    let home = Home::with(&[("carte_des_loyers", redirected(LOYERS, &site))]);
    let report = home.loaded("carte_des_loyers", "77243,77307");
    assert_eq!(report["rows"]["inserted"], json!(24), "{report:#}");
    let figures = home.figures();
    assert_eq!(
        figures[..4],
        [
            "77243 2022 loypredm2 16.1 0",
            "77243 2022 lwr_ipm2 14.2 0",
            "77243 2022 upr_ipm2 21.4431 0",
            "77243 2023 loypredm2 16.1 0",
        ]
    );
    home.loaded_again("carte_des_loyers", "77243,77307");
    let rent = home.indicator("loyer_annonce_m2", "2025", "77243");
    assert_eq!(
        (&rent["value"], &rent["vintage"]),
        (&json!(17.5), &json!("2025-12")),
        "{rent:#}"
    );
}

/// Four editions, each with names and marks of its own.
fn inventory(path: &str) -> Reply {
    let old = |year: &str| {
        format!(
            "Code_Departement,Code_INSEE_commune,Nom_commune,Nombre_lls_ Inventaire_au_01_01_{year},Taux_SRU_au_01_01_{year},Taux_cible_commune_2023_2025\r\n\
             77,77243,Lagny-sur-Marne,\"1\u{a0}900\",\"19,00%\",25%\r\n"
        )
    };
    let new = |year: &str, target: &str| {
        format!(
            "Departement;Code_INSEE_commune;Nom_commune;Nombre_lls_ Inventaire_au_01_01_{year};Taux_SRU_au_01_01_{year};{target};Prélèvement_net\r\n\
             Seine-et-Marne;77243;Lagny-sur-Marne;2002;20,02 %;25 %;64 509,48 €\r\n\
             Seine-et-Marne;77307;Montévrain;1900;31,67 %;25 %;- €\r\n\
             Ain;01004;Ambérieu-en-Bugey;1500;21,00 %;20 %;- €\r\n"
        )
    };
    let text = match path {
        path if path.contains("maj2023") => old("2022"),
        path if path.contains("maj2024") => format!("\r\n{}", old("2023")),
        path if path.contains("59379519-") => new("2024", "Taux_cible_commune_2023_2025"),
        path if path.contains("2773f8ca-") => new("2025", "Taux_cible_commune"),
        _ => return Reply::status(404),
    };
    latin(&text, "Tue, 11 Aug 2026 12:37:53 GMT")
}

#[test]
fn the_inventory_of_social_dwellings_is_read_in_every_edition() {
    let _built = binary("mg-kpi");
    let site = Site::start(|asked: &Asked| inventory(&asked.path));
    let home = Home::with(&[("inventaire_sru", redirected(SRU, &site))]);
    let communes = "77243,77307,77058";
    let report = home.loaded("inventaire_sru", communes);
    assert_eq!(report["rows"]["inserted"], json!(18), "{report:#}");
    assert_eq!(
        home.figures()[..3],
        [
            "77243 2022 sru_lls 1900 0",
            "77243 2022 sru_taux 19 0",
            "77243 2022 sru_taux_cible 25 0",
        ]
    );
    home.loaded_again("inventaire_sru", communes);
    let told = |name, territory| home.indicator(name, "2025", territory)["value"].clone();
    assert_eq!(told("taux_lls_sru", "77243"), json!(20.02));
    assert_eq!(told("taux_lls_sru", "77307"), json!(31.67));
    // 10 000 main residences by number and rate: a quarter of them are 2 500, of which 498 are lacking.
    assert_eq!(told("ecart_sru", "77243"), json!(498));
    assert_eq!(told("ecart_sru", "77307"), json!(0));
    assert_eq!(told("ecart_sru", "77058"), json!(0), "not under the law");
}

fn observation(dimensions: &Value, value: Option<f64>, status: &str) -> Value {
    let measure = value.map_or_else(|| json!({}), |value| json!({"value": value}));
    json!({"dimensions": dimensions, "measures": {"OBS_VALUE_NIVEAU": measure},
        "attributes": {"OBS_STATUS": if value.is_some() { "A" } else { "O" }, "CONF_STATUS": status}})
}

/// Two years on two pages; Montévrain's poverty is withheld, and its jobs are not there.
fn melodi(asked: &Asked, host: &str) -> Reply {
    let path = asked.path.as_str();
    let of = |name: &str| path.contains(name);
    let measure = if of("PR_MD60") { "PR_MD60" } else { "MED_SL" };
    let filosofi = |geo: &str, year: &str| json!({"GEO": geo, "TIME_PERIOD": year, "FREQ": "A", "FILOSOFI_MEASURE": measure});
    let rows = match path {
        _ if asked.before == 0 && of("GEO=COM-77243&RP_MEASURE") => return Reply::status(503),
        _ if of("DS_RP_EMPLOI_LT_PRINC") && of("COM-77307") => json!([]),
        _ if of("DS_RP_EMPLOI_LT_PRINC") => json!([
            observation(
                &json!({"TIME_PERIOD": "2017", "RP_MEASURE": "NBEMP"}),
                Some(9014.9),
                "F"
            ),
            observation(
                &json!({"TIME_PERIOD": "2023", "RP_MEASURE": "NBEMP"}),
                Some(9250.0),
                "F"
            ),
        ]),
        _ if of("EPCI-247700594") => json!([observation(
            &filosofi("2025-EPCI-247700594", "2023"),
            Some(26010.0),
            "F"
        )]),
        _ if of("COM-77307") && of("PR_MD60") => {
            json!([observation(&filosofi("2025-COM-77307", "2023"), None, "C")])
        }
        _ if of("page=2") => json!([observation(
            &filosofi("2025-COM-77243", "2023"),
            Some(25430.0),
            "F"
        )]),
        _ if of("FILOSOFI") => json!([observation(
            &filosofi("2025-COM-77243", "2021"),
            Some(24310.0),
            "F"
        )]),
        _ => return Reply::status(404),
    };
    let next = (of("COM-77243") && of("MED_SL") && !of("page=2"))
        .then(|| format!("http://{host}{path}&page=2"));
    let body = json!({"observations": rows, "paging": {"next": next}});
    Reply::of(200, "application/json", body.to_string().into_bytes())
}

#[test]
fn incomes_and_jobs_come_from_melodi_page_by_page() {
    let _built = binary("mg-kpi");
    let site = Site::start(|asked: &Asked| {
        let host = asked.headers.get("host").cloned().unwrap_or_default();
        melodi(asked, &host)
    });
    let home = Home::with(&[("insee_melodi", redirected(MELODI, &site))]);
    let report = home.loaded("insee_melodi", "77243,77307");
    assert_eq!(report["rows"]["rejected"], json!(0), "{report:#}");
    assert_eq!(
        home.figures(),
        [
            "77243 2017 emploi_lt 9014.9 0",
            "77243 2021 med_sl 24310 0",
            "77243 2021 pr_md60 24310 0",
            "77243 2023 emploi_lt 9250 0",
            "77243 2023 med_sl 25430 0",
            "77307 2021 med_sl 24310 0",
            "77307 2023 pr_md60 ∅ 1",
        ]
    );
    home.loaded_again("insee_melodi", "77243,77307");
    let told = |name, territory| home.indicator(name, "2023", territory);
    assert_eq!(told("revenu_median", "77243")["value"], json!(25_430));
    assert_eq!(told("revenu_median", "247700594")["value"], json!(26_010));
    assert_eq!(told("emploi", "77243")["value"], json!(9_250));
    let withheld = told("taux_pauvrete", "77307");
    assert_eq!(
        (&withheld["value"], &withheld["status"]),
        (&Value::Null, &json!("secret")),
        "{withheld:#}"
    );
}
