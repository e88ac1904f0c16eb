//! What is odd in the lists of SITADEL, quirk by quirk, as the rows of the small lists have it.

use mg_testkit::DidoServer;

use crate::{
    engines::{Engine, bound, engines, load},
    portal::{fetched, redirected, small},
};

const CSV: &str = include_str!("../../spiders/sitadel_csv.toml");

async fn loaded() -> Vec<Engine> {
    let portal = DidoServer::start(small(), "2026-01");
    let bound = bound(
        "sitadel_csv",
        &redirected(CSV, &portal),
        &[("commune", "31555")],
    );
    let pages = fetched(&bound).await;
    let engines = engines().await;
    for engine in &engines {
        engine.change("INSERT INTO dim_commune (comm, nom, dep_code, reg_code) VALUES ('31555', 'Toulouse', '31', '76')").await;
        load(engine, &bound, "r1", &pages, &["2026-01"; 4])
            .await
            .unwrap();
    }
    engines
}

/// What a permit has in some columns, by list.
async fn permit(engine: &Engine, number: &str, columns: &str) -> Vec<Vec<String>> {
    engine
        .told(&format!(
            "SELECT {columns} FROM fact_permis WHERE num_dau = '{number}' ORDER BY fichier"
        ))
        .await
}

#[tokio::test]
async fn every_quirk_of_the_lists_is_kept_as_it_is_meant() {
    for engine in loaded().await {
        let name = engine.name;
        // 1. Booleans, months and years as the export and as the older dictionary write them.
        let old = permit(
            &engine,
            "03155505M0018",
            "type_dau, an_depot, dpc_prem, rec_archi",
        )
        .await;
        assert_eq!(old, [["PA", "2005", "2013-06", "1"]], "{name}");
        let new = permit(&engine, "03155512C0439", "an_depot, dpc_prem, rec_archi").await;
        assert_eq!(new[1], ["2012", "2013-02", "1"], "{name}");
        // 4. The same permit in two lists is two rows, 3. whose destinations have codes of their own.
        let both = permit(
            &engine,
            "03155511C1330",
            "fichier, destination_principale, nb_lgt_tot_crees, surf_loc_creee",
        )
        .await;
        assert_eq!(
            both,
            [["locaux", "4", "0", "41"], ["logements", "1", "6", "0"]],
            "{name}"
        );
        // 5. The region of before 2016 is not taken: the commune's is.
        let region = engine.told("SELECT DISTINCT c.reg_code FROM fact_permis p JOIN dim_commune c ON c.comm = p.comm WHERE p.comm = '31555'").await;
        assert_eq!(region, [["76"]], "{name}");
        // 6. Recorded months after the decision: the real date counts.
        let late = permit(
            &engine,
            "031555250185A",
            "CAST(date_reelle_autorisation AS CHAR(10)), dpc_aut",
        )
        .await;
        assert_eq!(late, [["2025-04-25", "2025-08"]], "{name}");
        // 7. Six dwellings, none by rooms.
        let rooms = permit(&engine, "03155511C1330", "nb_lgt_tot_crees, nb_lgt_1p + nb_lgt_2p + nb_lgt_3p + nb_lgt_4p + nb_lgt_5p + nb_lgt_6p_plus").await;
        assert_eq!(rooms[1], ["6", "0"], "{name}");
        // 8. Broken accents and strange addresses, plots and surfaces stand as they came.
        let broken = permit(
            &engine,
            "03155512C0780",
            "adr_lieudit_ter, adr_codpost_ter, superficie_terrain",
        )
        .await;
        assert_eq!(
            broken,
            [["73  ALLAÃÂE DE L'EXEMPLE", "0", "335102"]],
            "{name}"
        );
        let plots = permit(
            &engine,
            "03155512C0210",
            "adr_num_ter, sec_cadastre1, sec_cadastre2, num_cadastre3",
        )
        .await;
        assert_eq!(plots, [["6-10", "BE 01", "838", "153"]], "{name}");
        // 9. and 10. Hardly anything is said of the zone, and nothing of a person.
        let person = permit(
            &engine,
            "03155512C0780",
            "zone_op, denom_dem, siren_dem, cj_dem",
        )
        .await;
        assert_eq!(person, [["4", "∅", "∅", "∅"]], "{name}");
        // 11. Codes keep their zeros and letters.
        assert_eq!(engine.count("fact_permis WHERE comm = '31555' AND LENGTH(num_dau) = 13 AND num_dau LIKE '031555%'").await, 12, "{name}");
        // The list of permits to demolish tells no dwellings and neither start nor completion.
        let demolished = permit(
            &engine,
            "03155512A0079",
            "type_dau, nb_lgt_demolis, date_reelle_doc, sec_cadastre1",
        )
        .await;
        assert_eq!(demolished, [["PD", "0", "∅", "837"]], "{name}");
    }
}

#[tokio::test]
async fn states_are_those_of_the_producers_dictionary() {
    for engine in loaded().await {
        let labels = engine.told(
            "SELECT DISTINCT p.etat_dau, c.libelle_fr FROM fact_permis p JOIN dim_code c ON c.variable = 'etat_dau' AND c.code = CAST(p.etat_dau AS CHAR(1)) WHERE p.comm = '31555' ORDER BY 1",
        );
        let told = labels.await;
        let expected = [
            ["2", "Autorisé"],
            ["4", "Annulé"],
            ["5", "Commencé"],
            ["6", "Terminé"],
        ];
        assert_eq!(told, expected, "{}", engine.name);
        // Started means started, completed means completed: the dates say so.
        let wrong = "fact_permis WHERE comm = '31555' AND (etat_dau = 6 AND date_reelle_daact IS NULL OR etat_dau = 5 AND date_reelle_doc IS NULL)";
        assert_eq!(engine.count(wrong).await, 0, "{}", engine.name);
    }
}
