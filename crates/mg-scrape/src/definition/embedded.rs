//! The spiders in the binary: every file of the folder `spiders`.

/// File stem and text.
pub(super) const EMBEDDED: &[(&str, &str)] = &[
    (
        "avis_urbanisme",
        include_str!("../../spiders/avis_urbanisme.toml"),
    ),
    (
        "carte_des_loyers",
        include_str!("../../spiders/carte_des_loyers.toml"),
    ),
    (
        "catalogue_csv",
        include_str!("../../spiders/catalogue_csv.toml"),
    ),
    ("dvf", include_str!("../../spiders/dvf.toml")),
    (
        "insee_melodi",
        include_str!("../../spiders/insee_melodi.toml"),
    ),
    (
        "insee_population",
        include_str!("../../spiders/insee_population.toml"),
    ),
    (
        "inventaire_sru",
        include_str!("../../spiders/inventaire_sru.toml"),
    ),
    ("lovac", include_str!("../../spiders/lovac.toml")),
    ("sitadel", include_str!("../../spiders/sitadel.toml")),
    (
        "sitadel_csv",
        include_str!("../../spiders/sitadel_csv.toml"),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_embedded() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/spiders");
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
