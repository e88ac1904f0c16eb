//! The indicators in the binary: every file of the folder `kpis`.

/// File stem and text.
pub(super) const EMBEDDED: &[(&str, &str)] = &[
    (
        "avancement_plh",
        include_str!("../../kpis/avancement_plh.toml"),
    ),
    (
        "construction_pour_1000_hab",
        include_str!("../../kpis/construction_pour_1000_hab.toml"),
    ),
    (
        "logements_acheves",
        include_str!("../../kpis/logements_acheves.toml"),
    ),
    (
        "logements_autorises",
        include_str!("../../kpis/logements_autorises.toml"),
    ),
    (
        "logements_autorises_cumul12",
        include_str!("../../kpis/logements_autorises_cumul12.toml"),
    ),
    (
        "logements_commences",
        include_str!("../../kpis/logements_commences.toml"),
    ),
    (
        "part_collectif",
        include_str!("../../kpis/part_collectif.toml"),
    ),
    (
        "part_residence",
        include_str!("../../kpis/part_residence.toml"),
    ),
    (
        "permis_autorises",
        include_str!("../../kpis/permis_autorises.toml"),
    ),
    (
        "taille_moyenne_logement",
        include_str!("../../kpis/taille_moyenne_logement.toml"),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_embedded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/kpis");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let listed: Vec<String> = EMBEDDED
            .iter()
            .map(|(name, _)| format!("{name}.toml"))
            .collect();
        assert_eq!(files, listed);
    }
}
