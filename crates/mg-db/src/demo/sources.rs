//! Where the rows of the demo come from.

use super::figures::{self, DWELLING_TYPES};
use super::{TableRows, permits};

/// File of the annual figures.
pub(super) const ANNUAL: &str = "sitadel_annuel";
/// File of the national series.
pub(super) const NATIONAL: &str = "insee_bdm_logements";
/// File of the populations with both counts.
pub(super) const POPULATION: &str = "population_2018_2022";
/// File of the newest populations.
pub(super) const LATEST_POPULATION: &str = "population_2023";
const CODES: &str = "sitadel_codes";

const LICENCE: &str = "Licence Ouverte 2.0";
const SITADEL_URL: &str = "https://www.data.gouv.fr/datasets/5a5f4f6c88ee387da4d252a3";
const INSEE_URL: &str = "https://www.insee.fr/fr/statistiques/serie/001718158";
const COPY: &str = "SDES, Sit@del2 / INSEE (copie tierce, millésime non documenté, non comparée au site du producteur)";
const INVENTED: &str = "Permis fictifs, sans aucune donnée personnelle";

/// The file that the population of a reference year comes from.
pub(super) fn population_file(year: i16) -> &'static str {
    if year < 2023 {
        POPULATION
    } else {
        LATEST_POPULATION
    }
}

/// The title of the data set in a file.
pub(super) fn title(file: &str) -> Option<&'static str> {
    let source = SOURCES.iter().find(|source| source.file == file)?;
    Some(source.title)
}

/// A file that rows of the demo come from.
#[derive(Debug)]
struct Source {
    file: &'static str,
    title: &'static str,
    url: Option<&'static str>,
    /// The publisher's release month.
    vintage: &'static str,
    synthetic: bool,
    remark: &'static str,
}

impl Source {
    fn origin(&self) -> &'static str {
        if self.synthetic { INVENTED } else { COPY }
    }
}

const SOURCES: [Source; 7] = [
    Source {
        file: ANNUAL,
        title: "Sit@del2, logements par commune et par an",
        url: Some(SITADEL_URL),
        vintage: "2026-03",
        synthetic: false,
        remark: "Le millésime est le mois de la copie. Département et région : sommes des communes.",
    },
    Source {
        file: NATIONAL,
        title: "INSEE BDM, logements cumulés sur 12 mois",
        url: Some(INSEE_URL),
        vintage: "2026-08",
        synthetic: false,
        remark: "Séries 001718158 (autorisés) et 001718270 (commencés), France hors Mayotte.",
    },
    Source {
        file: POPULATION,
        title: "INSEE, populations légales 2018 à 2022",
        url: None,
        vintage: "2026-03",
        synthetic: false,
        remark: "D'après @etalab/decoupage-administratif, une édition par année de référence.",
    },
    Source {
        file: LATEST_POPULATION,
        title: "INSEE, populations légales 2023",
        url: None,
        vintage: "2026-03",
        synthetic: false,
        remark: "D'après @etalab/decoupage-administratif 6.0.0 ; année de référence déduite (inferred).",
    },
    Source {
        file: CODES,
        title: "Sit@del2, dictionnaires des variables",
        url: Some(SITADEL_URL),
        vintage: "2022-05",
        synthetic: false,
        remark: "Dictionnaires du 31 mai 2022 ; libellés anglais et types de permis : mg-platform.",
    },
    Source {
        file: permits::FILE,
        title: "Permis synthétiques calés sur Sit@del2",
        url: None,
        vintage: "2026-10",
        synthetic: true,
        remark: "Hors annulations, logements et surfaces égaux aux chiffres publiés par commune, année et type de \
                 2013 à 2024, extrapolés ensuite ; mises en chantier et achèvements non calés.",
    },
    Source {
        file: permits::BENCHMARK_FILE,
        title: "Permis synthétiques de mesure",
        url: None,
        vintage: "2026-10",
        synthetic: true,
        remark: "Tirés librement, calés sur aucun chiffre publié.",
    },
];

/// `source_fichier`: a row a file; permits are counted by file in `permit_rows`, a file without rows is left out.
pub(super) fn files(permit_rows: &[(&'static str, usize)], loaded_at: &str) -> TableRows {
    let count = |file: &str| match file {
        ANNUAL => figures::annual().len() * DWELLING_TYPES.len(),
        NATIONAL => figures::national()
            .iter()
            .map(|year| year.dwellings.len())
            .sum(),
        POPULATION => figures::communes().len() * 5,
        LATEST_POPULATION => figures::communes().len(),
        CODES => super::codes::labels().rows.len(),
        _ => permit_rows
            .iter()
            .find(|(permits, _)| *permits == file)
            .map_or(0, |(_, rows)| *rows),
    };
    let rows = SOURCES
        .iter()
        .filter(|source| count(source.file) > 0)
        .map(|source| {
            vec![
                source.file.into(),
                source.title.into(),
                source.url.into(),
                LICENCE.into(),
                source.vintage.into(),
                i64::try_from(count(source.file)).ok().into(),
                loaded_at.into(),
                source.synthetic.into(),
                format!("{}. {}", source.origin(), source.remark).into(),
            ]
        });
    TableRows {
        table: "source_fichier",
        columns: &[
            "fichier_id",
            "jeu",
            "url",
            "licence",
            "millesime",
            "nb_lignes",
            "charge_le",
            "synthetique",
            "remarque",
        ],
        rows: rows.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn only_permits_are_synthetic() {
        let rows = files(
            &[(permits::FILE, 7), (permits::BENCHMARK_FILE, 8)],
            "2026-11-22T08:00:00Z",
        )
        .rows;
        let synthetic: Vec<_> = rows
            .iter()
            .filter(|row| row[7] == Value::Integer(1))
            .map(|row| row[0].clone())
            .collect();
        assert_eq!(
            synthetic,
            [permits::FILE.into(), permits::BENCHMARK_FILE.into()]
        );
        assert_eq!(rows[5][5], Value::Integer(7));
    }

    #[test]
    fn a_file_without_rows_is_not_named() {
        let rows = [(permits::FILE, 7), (permits::BENCHMARK_FILE, 0)];
        let files = files(&rows, "2026-11-22T08:00:00Z").rows;
        assert!(
            files
                .iter()
                .all(|row| row[0] != permits::BENCHMARK_FILE.into())
        );
        assert_eq!(files.len(), SOURCES.len() - 1);
    }

    #[test]
    fn vintages_are_those_of_the_contract() {
        let rows = files(&[(permits::FILE, 7)], "2026-11-22T08:00:00Z").rows;
        let vintage = |file: &str| {
            rows.iter()
                .find(|row| row[0] == file.into())
                .map(|row| row[4].clone())
        };
        assert_eq!(vintage(ANNUAL), Some("2026-03".into()));
        assert_eq!(vintage(NATIONAL), Some("2026-08".into()));
        assert_eq!(vintage(permits::FILE), Some("2026-10".into()));
    }
}
