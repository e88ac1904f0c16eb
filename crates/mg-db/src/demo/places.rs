//! The territories: communes, what contains them, and fictitious development zones.

use super::{TableRows, figures};

/// SIREN of the authority.
pub(super) const AUTHORITY: &str = "247700594";
const AUTHORITY_NAME: &str = "CA Marne et Gondoire";

/// A fictitious development zone (ZAC).
#[derive(Debug)]
pub(super) struct DevelopmentZone {
    pub(super) id: &'static str,
    name: &'static str,
    pub(super) commune: &'static str,
    created: &'static str,
    /// Dwellings planned.
    dwellings: i32,
    /// Floor area planned for activities, in m².
    activity_area: i32,
    state: &'static str,
}

/// The development zones of the demo, all invented.
pub(super) const DEVELOPMENT_ZONES: [DevelopmentZone; 4] = [
    DevelopmentZone {
        id: "ZAC-77307-01",
        name: "ZAC du Grand Verger (fictive)",
        commune: "77307",
        created: "2010-06-15",
        dwellings: 3200,
        activity_area: 60_000,
        state: "en cours",
    },
    DevelopmentZone {
        id: "ZAC-77058-01",
        name: "ZAC de la Croix Blanche (fictive)",
        commune: "77058",
        created: "2008-03-20",
        dwellings: 4500,
        activity_area: 120_000,
        state: "en cours",
    },
    DevelopmentZone {
        id: "ZAC-77243-01",
        name: "ZAC des Bords de Marne (fictive)",
        commune: "77243",
        created: "2014-11-04",
        dwellings: 900,
        activity_area: 8_000,
        state: "en cours",
    },
    DevelopmentZone {
        id: "ZAC-77181-01",
        name: "ZAC du Bel Air (fictive)",
        commune: "77181",
        created: "2009-09-30",
        dwellings: 700,
        activity_area: 25_000,
        state: "achevée",
    },
];

/// `dim_commune`: the twenty communes of the authority.
///
/// Surface and SRU obligation stay at their defaults: no source of the demo states them.
pub(super) fn communes() -> TableRows {
    let rows = figures::communes().iter().map(|commune| {
        let fields = [
            commune.code,
            commune.name,
            "77",
            "11",
            AUTHORITY,
            AUTHORITY_NAME,
            commune.siren,
            commune.postcode,
        ];
        fields.map(Into::into).to_vec()
    });
    TableRows {
        table: "dim_commune",
        columns: &[
            "comm",
            "nom",
            "dep_code",
            "reg_code",
            "epci_siren",
            "epci_nom",
            "siren_commune",
            "code_postal",
        ],
        rows: rows.collect(),
    }
}

/// `dim_territoire`: country, region, department, authority and communes, each with what contains it.
pub(super) fn territories() -> TableRows {
    let above = [
        ("FR", "pays", "France", None),
        ("R11", "region", "Île-de-France", Some("FR")),
        ("D77", "departement", "Seine-et-Marne", Some("R11")),
        (AUTHORITY, "epci", AUTHORITY_NAME, Some("D77")),
    ];
    let communes = figures::communes()
        .iter()
        .map(|commune| (commune.code, "commune", commune.name, Some(AUTHORITY)));
    let rows = above.into_iter().chain(communes);
    TableRows {
        table: "dim_territoire",
        columns: &["territoire", "niveau", "nom", "parent"],
        rows: rows
            .map(|(code, level, name, parent)| {
                vec![code.into(), level.into(), name.into(), parent.into()]
            })
            .collect(),
    }
}

/// `dim_zac`: the fictitious development zones.
pub(super) fn development_zones() -> TableRows {
    let rows = DEVELOPMENT_ZONES.iter().map(|zone| {
        vec![
            zone.id.into(),
            zone.name.into(),
            zone.commune.into(),
            "Aménageur fictif".into(),
            zone.created.into(),
            zone.dwellings.into(),
            zone.activity_area.into(),
            zone.state.into(),
        ]
    });
    TableRows {
        table: "dim_zac",
        columns: &[
            "zac_id",
            "nom",
            "comm",
            "amenageur",
            "date_creation",
            "nb_lgt_programmes",
            "surf_activite_programmee",
            "etat",
        ],
        rows: rows.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn every_territory_leads_up_to_france() {
        let rows = territories().rows;
        assert_eq!(rows.len(), 24);
        for row in &rows {
            let mut code = row[0].clone();
            for _ in 0..5 {
                let Some(parent) = rows
                    .iter()
                    .find(|row| row[0] == code)
                    .map(|row| row[3].clone())
                else {
                    panic!("{code:?} is unknown")
                };
                if parent == Value::Null {
                    break;
                }
                code = parent;
            }
            assert_eq!(code, Value::from("FR"));
        }
    }

    #[test]
    fn every_development_zone_says_that_it_is_fictitious() {
        assert!(
            DEVELOPMENT_ZONES
                .iter()
                .all(|zone| zone.name.ends_with("(fictive)"))
        );
        assert!(DEVELOPMENT_ZONES.iter().all(|zone| {
            figures::communes()
                .iter()
                .any(|commune| commune.code == zone.commune)
        }));
    }

    #[test]
    fn communes_are_numbered_by_their_siren() {
        for commune in figures::communes() {
            assert!(
                commune
                    .siren
                    .starts_with(&format!("21770{}", &commune.code[2..])),
                "{}",
                commune.name
            );
        }
    }
}
