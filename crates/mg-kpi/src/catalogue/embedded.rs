//! The indicators in the binary: every file of the folder `kpis`.

/// File stem and text.
pub(super) const EMBEDDED: &[(&str, &str)] = &[
    (
        "avancement_plh",
        include_str!("../../kpis/avancement_plh.toml"),
    ),
    (
        "avancement_zac",
        include_str!("../../kpis/avancement_zac.toml"),
    ),
    (
        "construction_pour_1000_hab",
        include_str!("../../kpis/construction_pour_1000_hab.toml"),
    ),
    (
        "delai_autorisation_chantier",
        include_str!("../../kpis/delai_autorisation_chantier.toml"),
    ),
    (
        "delai_chantier_achevement",
        include_str!("../../kpis/delai_chantier_achevement.toml"),
    ),
    (
        "delai_instruction_proxy",
        include_str!("../../kpis/delai_instruction_proxy.toml"),
    ),
    ("demolitions", include_str!("../../kpis/demolitions.toml")),
    (
        "densite_operation",
        include_str!("../../kpis/densite_operation.toml"),
    ),
    ("ecart_sru", include_str!("../../kpis/ecart_sru.toml")),
    ("emploi", include_str!("../../kpis/emploi.toml")),
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
        "logements_commences_cumul12",
        include_str!("../../kpis/logements_commences_cumul12.toml"),
    ),
    (
        "loyer_annonce_m2",
        include_str!("../../kpis/loyer_annonce_m2.toml"),
    ),
    (
        "nb_transactions",
        include_str!("../../kpis/nb_transactions.toml"),
    ),
    (
        "part_collectif",
        include_str!("../../kpis/part_collectif.toml"),
    ),
    (
        "part_individuel",
        include_str!("../../kpis/part_individuel.toml"),
    ),
    (
        "part_residence",
        include_str!("../../kpis/part_residence.toml"),
    ),
    (
        "part_social_autorise",
        include_str!("../../kpis/part_social_autorise.toml"),
    ),
    (
        "permis_autorises",
        include_str!("../../kpis/permis_autorises.toml"),
    ),
    ("population", include_str!("../../kpis/population.toml")),
    (
        "prix_median_m2",
        include_str!("../../kpis/prix_median_m2.toml"),
    ),
    (
        "revenu_median",
        include_str!("../../kpis/revenu_median.toml"),
    ),
    (
        "surface_activite_autorisee",
        include_str!("../../kpis/surface_activite_autorisee.toml"),
    ),
    (
        "taille_moyenne_logement",
        include_str!("../../kpis/taille_moyenne_logement.toml"),
    ),
    (
        "taux_annulation",
        include_str!("../../kpis/taux_annulation.toml"),
    ),
    (
        "taux_croissance",
        include_str!("../../kpis/taux_croissance.toml"),
    ),
    ("taux_lls_sru", include_str!("../../kpis/taux_lls_sru.toml")),
    (
        "taux_pauvrete",
        include_str!("../../kpis/taux_pauvrete.toml"),
    ),
    (
        "taux_transformation",
        include_str!("../../kpis/taux_transformation.toml"),
    ),
    (
        "taux_vacance_structurelle",
        include_str!("../../kpis/taux_vacance_structurelle.toml"),
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
