//! The indicators that are defined: those in the binary, and the user's own files, which add to or replace them.

mod check;
mod embedded;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use mg_core::{
    ConfigError, Language, ToolError, fold,
    kpi::{Bilingual, Definition, Grain},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(crate) use check::Problem;

/// Every indicator by its name, and the user's files that were switched off.
#[derive(Clone, Debug)]
pub(crate) struct Catalogue {
    definitions: BTreeMap<String, Definition>,
    /// What the variants of these are, by name.
    variants: BTreeMap<String, Definition>,
    problems: Vec<Problem>,
}

/// An indicator in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Summary {
    /// The name that get_indicator takes
    pub(crate) name: String,
    /// Its title
    pub(crate) title: String,
    /// What it measures
    pub(crate) description: String,
    /// The unit
    pub(crate) unit: String,
    /// The finest grain: month, quarter or year
    pub(crate) grain: Grain,
    /// The producer of the data
    pub(crate) source: String,
    /// Names of its parts and variants, to be asked for like it
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) variants: Vec<String>,
}

impl Summary {
    /// The short form of a definition.
    pub(crate) fn of(definition: &Definition, language: Language) -> Self {
        Self {
            name: definition.name.clone(),
            title: definition.title.told(language).to_owned(),
            description: definition.description.told(language).to_owned(),
            unit: definition.unit.told(language).to_owned(),
            grain: definition.grain,
            source: definition.source.clone(),
            variants: (definition.variants.iter())
                .map(|variant| definition.name_of(variant))
                .collect(),
        }
    }
}

impl Catalogue {
    /// The embedded indicators and those of the user's folder, if it exists.
    ///
    /// # Errors
    ///
    /// When an embedded definition is wrong, which a test excludes. A wrong file of the user's is only a [`Problem`].
    pub(crate) fn load(folder: Option<&Path>) -> Result<Self, ConfigError> {
        let mut definitions = BTreeMap::new();
        for (name, text) in embedded::EMBEDDED {
            let definition = check::parse(name, text)
                .map_err(|problem| ConfigError::new(format!("embedded indicator: {problem}")))?;
            definitions.insert(definition.name.clone(), definition);
        }
        let mut catalogue = Self {
            definitions,
            variants: BTreeMap::new(),
            problems: Vec::new(),
        };
        for path in folder.map(toml_files).unwrap_or_default() {
            catalogue.add(&path);
        }
        let variants = catalogue.definitions.values().flat_map(|definition| {
            let variants = definition.variants.iter();
            variants.map(move |variant| definition.of_variant(variant))
        });
        catalogue.variants = variants.map(|own| (own.name.clone(), own)).collect();
        Ok(catalogue)
    }

    fn add(&mut self, path: &Path) {
        let stem = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let read = std::fs::read_to_string(path)
            .map_err(|error| Problem::new(&stem, "", error))
            .and_then(|text| check::parse(&stem, &text));
        match read {
            Ok(definition) => {
                self.definitions.insert(definition.name.clone(), definition);
            }
            Err(problem) => {
                // The file was meant to stand in for the embedded one, which must not answer silently in its place.
                self.definitions.remove(&stem);
                self.problems.push(problem);
            }
        }
    }

    /// The indicator of a name, a title or a synonym, in any case and without accents.
    ///
    /// # Errors
    ///
    /// [`ToolError::Unknown`] with the nearest names; [`ToolError::Invalid`] with the names of all that are called so.
    pub(crate) fn find(&self, asked: &str) -> Result<&Definition, ToolError> {
        let asked = asked.trim();
        let of_name = self.definitions.get(asked);
        if let Some(definition) = of_name.or_else(|| self.variants.get(asked)) {
            return Ok(definition);
        }
        let wanted = fold(asked);
        let found: Vec<_> = self
            .with_variants()
            .filter(|definition| names(definition).any(|name| fold(name) == wanted))
            .collect();
        match &found[..] {
            [definition] => Ok(definition),
            [] => {
                let variants = self.variants.keys().filter(|_| asked.contains(':'));
                let known = self.definitions.keys().chain(variants);
                let known = known.map(String::as_str);
                Err(ToolError::unknown("indicator", asked, known))
            }
            several => Err(ambiguous(asked, several)),
        }
    }

    /// The indicators whose names, titles, synonyms or descriptions hold every word of `search`, in order of name.
    pub(crate) fn search(&self, search: &str) -> Vec<&Definition> {
        let wanted = fold(search);
        let holds = |definition: &&Definition| {
            let text = fold(&searched(definition));
            wanted.split(' ').all(|word| text.contains(word))
        };
        self.all().filter(holds).collect()
    }

    /// All indicators, then their variants, each in order of name.
    pub(crate) fn with_variants(&self) -> impl Iterator<Item = &Definition> {
        self.all().chain(self.variants.values())
    }

    /// All indicators, in order of name.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Definition> {
        self.definitions.values()
    }

    /// The user's files that are switched off.
    pub(crate) fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

/// What an indicator may be called by.
fn names(definition: &Definition) -> impl Iterator<Item = &str> {
    let Bilingual { fr, en } = &definition.title;
    let titles = [definition.name.as_str(), fr, en];
    titles
        .into_iter()
        .chain(definition.synonyms.iter().map(String::as_str))
}

/// A file of the user's may have been copied from another one, words and all.
fn ambiguous(asked: &str, several: &[&Definition]) -> ToolError {
    let names: Vec<_> = several
        .iter()
        .map(|definition| format!("`{}`", definition.name))
        .collect();
    ToolError::Invalid(format!(
        "several indicators are called `{}`: {}; ask by one of these names",
        asked,
        names.join(", ")
    ))
}

fn searched(definition: &Definition) -> String {
    let Bilingual { fr, en } = &definition.description;
    let variants = definition.variants.iter();
    let variants = variants.flat_map(|variant| [&*variant.title.fr, &*variant.title.en]);
    names(definition)
        .chain([fr.as_str(), en])
        .chain(variants)
        .collect::<Vec<_>>()
        .join(" ")
}

fn toml_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue_with(files: &[(&str, &str)]) -> Catalogue {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Catalogue::load(Some(folder.path())).unwrap()
    }

    fn embedded() -> Catalogue {
        Catalogue::load(None).unwrap()
    }

    #[test]
    fn every_word_for_an_indicator_is_its_alone() {
        let catalogue = embedded();
        for definition in catalogue.all() {
            for word in names(definition) {
                let found = catalogue.find(word).map(|found| &found.name);
                assert_eq!(found.ok(), Some(&definition.name), "{word}");
            }
        }
    }

    #[test]
    fn every_definition_says_all_that_is_to_be_known() {
        let catalogue = embedded();
        for definition in catalogue.all() {
            let name = &definition.name;
            assert!(definition.lineage.len() >= 2, "{name}: lineage");
            assert!(definition.load.is_some(), "{name}: how it is loaded");
            assert!(definition.valid_range.is_some(), "{name}: range");
            assert!(definition.exclusions.is_some(), "{name}: exclusions");
            assert!(definition.synonyms.len() >= 3, "{name}: synonyms");
            for instead in &definition.forecast.instead {
                let other = catalogue.find(instead).unwrap();
                assert!(other.forecast.allowed, "{name}: {instead} is not forecast");
            }
        }
    }

    #[test]
    fn an_indicator_is_found_by_name_title_or_synonym_in_any_spelling() {
        let catalogue = embedded();
        for asked in [
            "logements_autorises",
            "Logements autorisés",
            "LOGEMENTS AUTORISES",
            "dwellings authorised",
        ] {
            assert_eq!(
                catalogue.find(asked).unwrap().name,
                "logements_autorises",
                "{asked}"
            );
        }
    }

    #[test]
    fn an_unknown_indicator_is_answered_with_the_nearest_names() {
        let refusal = embedded()
            .find("logements_autorise")
            .unwrap_err()
            .to_string();
        assert!(
            refusal.contains("nearest: logements_autorises"),
            "{refusal}"
        );
    }

    #[test]
    fn search_ignores_accents_and_looks_into_synonyms() {
        let catalogue = embedded();
        let found: Vec<_> = catalogue
            .search("mises en chantier")
            .iter()
            .map(|d| d.name.as_str())
            .collect();
        assert!(found.contains(&"logements_commences"), "{found:?}");
        assert!(catalogue.search("residence").len() >= 2);
        assert!(
            catalogue
                .search("achevement")
                .iter()
                .any(|d| d.name == "logements_acheves")
        );
        assert_eq!(catalogue.search("").len(), catalogue.all().count());
        assert!(catalogue.search("aéroport").is_empty());
    }

    #[test]
    fn a_file_of_the_users_adds_or_replaces() {
        let text = include_str!("../kpis/logements_autorises.toml");
        let own = text.replace("\"logements_autorises\"", "\"mien\"");
        let replaced = text.replace("decimals = 0", "decimals = 2");
        let catalogue =
            catalogue_with(&[("mien.toml", &own), ("logements_autorises.toml", &replaced)]);
        assert_eq!(catalogue.find("mien").unwrap().decimals, 0);
        assert_eq!(catalogue.find("logements_autorises").unwrap().decimals, 2);
        assert!(catalogue.problems().is_empty());
    }

    #[test]
    fn a_word_for_two_indicators_is_answered_with_both_names() {
        let text = include_str!("../kpis/logements_autorises.toml");
        let own = text.replace("\"logements_autorises\"", "\"mien\"");
        let catalogue = catalogue_with(&[("mien.toml", &own)]);
        for word in ["Logements autorisés", "housing permits"] {
            let refusal = catalogue.find(word).unwrap_err().to_string();
            assert_eq!(
                refusal,
                format!(
                    "several indicators are called `{word}`: `logements_autorises`, `mien`; ask by one of these names"
                )
            );
        }
        for name in ["logements_autorises", "mien"] {
            assert_eq!(catalogue.find(name).unwrap().name, name);
        }
    }

    #[test]
    fn the_reason_against_a_forecast_speaks_of_what_the_indicator_counts() {
        for definition in embedded().all() {
            let Some(reason) = &definition.forecast.reason else {
                continue;
            };
            let (name, unit) = (&definition.name, &definition.unit.fr);
            if reason.fr.starts_with("Les logements") {
                assert!(name.starts_with("logements_"), "{name}: {}", reason.fr);
            }
            if reason.fr.starts_with("Une part") || reason.en.starts_with("A monthly share") {
                assert_eq!(unit, "%", "{name}: {}", reason.fr);
            }
        }
    }

    #[test]
    fn a_wrong_file_switches_off_that_indicator_only_and_is_named() {
        let text =
            include_str!("../kpis/part_collectif.toml").replace("decimals = 1", "decimal = 1");
        let catalogue = catalogue_with(&[
            ("part_collectif.toml", &text),
            ("notes.txt", "not a definition"),
        ]);
        let [problem] = catalogue.problems() else {
            panic!("{:?}", catalogue.problems())
        };
        assert_eq!(
            (problem.file.as_str(), problem.key.as_str()),
            ("part_collectif.toml", "decimal")
        );
        assert!(problem.reason.contains("unknown field"), "{problem}");
        assert!(catalogue.find("part_collectif").is_err());
        assert!(catalogue.find("part_residence").is_ok());
    }
}
