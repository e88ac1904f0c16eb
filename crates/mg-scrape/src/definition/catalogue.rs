//! The spiders that there are: those in the binary, and the user's own files, which add to or replace them.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use mg_core::{ConfigError, ToolError, fold};
use url::Url;

use super::{Problem, Spider, embedded::EMBEDDED, parse};

/// Every spider by its name, and the user's files that were switched off.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    spiders: BTreeMap<String, Spider>,
    problems: Vec<Problem>,
}

impl Catalogue {
    /// The embedded spiders and those of the user's folder, if it exists.
    ///
    /// # Errors
    ///
    /// When an embedded file is wrong, which a test excludes. A wrong file of the user's is only a [`Problem`].
    pub fn load(folder: Option<&Path>) -> Result<Self, ConfigError> {
        let mut catalogue = Self::default();
        for (name, text) in EMBEDDED {
            let spider = parse(name, text)
                .map_err(|problem| ConfigError::new(format!("embedded spider: {problem}")))?;
            catalogue.spiders.insert((*name).to_owned(), spider);
        }
        for path in folder.map(toml_files).unwrap_or_default() {
            catalogue.add(&path);
        }
        Ok(catalogue)
    }

    fn add(&mut self, path: &Path) {
        let stem = stem(path);
        match read(path) {
            Ok(spider) => {
                self.spiders.insert(stem, spider);
            }
            Err(problem) => {
                // The file was meant to stand in for the embedded one, which must not run silently in its place.
                self.spiders.remove(&stem);
                self.problems.push(problem);
            }
        }
    }

    /// The spider of a name, in any case and without accents.
    ///
    /// # Errors
    ///
    /// [`ToolError::Unknown`] with the nearest names; [`ToolError::Invalid`] with what is wrong with its file.
    pub fn find(&self, asked: &str) -> Result<&Spider, ToolError> {
        let asked = asked.trim();
        let wanted = fold(asked);
        let found = self.spiders.get(asked);
        if let Some(spider) =
            found.or_else(|| self.all().find(|spider| fold(spider.name()) == wanted))
        {
            return Ok(spider);
        }
        match self
            .problems
            .iter()
            .find(|problem| problem.file == format!("{asked}.toml"))
        {
            Some(problem) => Err(ToolError::Invalid(format!(
                "the spider `{asked}` is switched off: {problem}"
            ))),
            None => Err(ToolError::unknown(
                "spider",
                asked,
                self.spiders.keys().map(String::as_str),
            )),
        }
    }

    /// All spiders, in order of name.
    pub fn all(&self) -> impl Iterator<Item = &Spider> {
        self.spiders.values()
    }

    /// The user's files that are switched off.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether a spider reaches the host of this URL.
    #[must_use]
    pub fn allows_host(&self, url: &Url) -> bool {
        self.all().any(|spider| spider.allows_host(url))
    }
}

/// Reads a spider's file.
///
/// # Errors
///
/// The first thing that is wrong with it.
pub fn read(path: &Path) -> Result<Spider, Problem> {
    let stem = stem(path);
    let text = std::fs::read_to_string(path).map_err(|error| Problem::new(&stem, "", error))?;
    parse(&stem, &text)
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
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

    const GOOD: &str = include_str!("../../spiders/avis_urbanisme.toml");

    fn catalogue_with(files: &[(&str, &str)]) -> Catalogue {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Catalogue::load(Some(folder.path())).unwrap()
    }

    #[test]
    fn every_embedded_spider_is_right_and_says_who_looks_after_it() {
        let catalogue = Catalogue::load(None).unwrap();
        assert!(catalogue.all().count() >= 2 && catalogue.problems().is_empty());
        for spider in catalogue.all() {
            assert!(spider.definition.owner.is_some(), "{}", spider.name());
        }
    }

    #[test]
    fn a_spider_is_found_in_any_spelling_and_an_unknown_one_answered_with_the_nearest() {
        let catalogue = Catalogue::load(None).unwrap();
        assert_eq!(
            catalogue.find(" Avis-Urbanisme ").unwrap().name(),
            "avis_urbanisme"
        );
        let refusal = catalogue.find("avis_urbanism").unwrap_err().to_string();
        assert!(refusal.contains("nearest: avis_urbanisme"), "{refusal}");
    }

    #[test]
    fn a_file_of_the_users_adds_or_replaces() {
        let own = GOOD.replace("\"avis_urbanisme\"", "\"mien\"");
        let replaced = GOOD.replace("version = \"1\"", "version = \"77\"");
        let catalogue = catalogue_with(&[("mien.toml", &own), ("avis_urbanisme.toml", &replaced)]);
        assert_eq!(catalogue.find("mien").unwrap().definition.version, "1");
        assert_eq!(
            catalogue.find("avis_urbanisme").unwrap().definition.version,
            "77"
        );
        assert!(catalogue.problems().is_empty());
    }

    #[test]
    fn a_wrong_file_switches_off_that_spider_only_and_is_named() {
        let wrong = GOOD.replace("owner = ", "owners = ");
        let catalogue =
            catalogue_with(&[("avis_urbanisme.toml", &wrong), ("notes.txt", "no spider")]);
        let [problem] = catalogue.problems() else {
            panic!("{:?}", catalogue.problems())
        };
        assert_eq!(
            (problem.file.as_str(), problem.key.as_str()),
            ("avis_urbanisme.toml", "owners")
        );
        assert!(problem.reason.contains("did you mean `owner`"), "{problem}");
        let refusal = catalogue.find("avis_urbanisme").unwrap_err().to_string();
        assert!(
            refusal.contains("switched off") && refusal.contains("owners"),
            "{refusal}"
        );
        assert!(catalogue.find("catalogue_csv").is_ok());
    }

    #[test]
    fn hosts_of_loaded_spiders_are_reachable_and_no_others() {
        let catalogue = catalogue_with(&[]);
        let spider = catalogue.find("avis_urbanisme").unwrap();
        let host = spider.definition.start.allow_hosts[0].as_str();
        assert!(catalogue.allows_host(&format!("https://{host}/x").parse().unwrap()));
        assert!(!catalogue.allows_host(&"https://collector.example.org/".parse().unwrap()));
    }
}
