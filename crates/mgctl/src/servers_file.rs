//! Files that say how servers are launched: our `servers.json`, and those of host applications.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use mg_core::{Environment, nearest};
use serde::Deserialize;

use crate::failure::Failure;

/// The repository's own file, for an mgctl that stands alone.
const EMBEDDED: &str = include_str!("../../../servers.json");
const NAME: &str = "servers.json";

/// How one server is launched; keys we do not use are left aside.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub(crate) struct Entry {
    /// A path, or a name to be found; absent for servers behind a URL.
    pub(crate) command: Option<String>,
    /// Arguments.
    pub(crate) args: Vec<String>,
    /// Variables beside those of the surroundings.
    pub(crate) env: BTreeMap<String, String>,
}

/// The servers of one file.
#[derive(Debug)]
pub(crate) struct ServersFile {
    /// Where it was read; none for the copy in this program.
    pub(crate) path: Option<PathBuf>,
    /// The servers by name.
    pub(crate) servers: BTreeMap<String, Entry>,
}

impl ServersFile {
    /// The file that was named, else one beside this program or in the working folder, else the copy
    /// in this program.
    ///
    /// # Errors
    /// When a file cannot be read or is none of its kind.
    pub(crate) fn find(named: Option<&Path>) -> Result<Self, Failure> {
        let usual = [own_folder(), std::env::current_dir().ok()];
        let usual = usual
            .into_iter()
            .flatten()
            .map(|folder| folder.join(NAME))
            .find(|path| path.is_file());
        match named.map(Path::to_path_buf).or(usual) {
            Some(path) => Self::read(path, "mcpServers"),
            None => Self::parse(EMBEDDED, "mcpServers", None),
        }
    }

    /// Reads a file whose servers stand under `key`.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub(crate) fn read(path: PathBuf, key: &str) -> Result<Self, Failure> {
        let path = std::path::absolute(&path).unwrap_or(path);
        let text = std::fs::read_to_string(&path).map_err(|error| {
            Failure::Configuration(format!("cannot read {}: {error}", path.display()))
        })?;
        Self::parse(&text, key, Some(path))
    }

    fn parse(text: &str, key: &str, path: Option<PathBuf>) -> Result<Self, Failure> {
        let wrong = |why: String| {
            let place = path
                .as_ref()
                .map_or_else(|| NAME.to_owned(), |path| path.display().to_string());
            Failure::Configuration(format!("{place}: {why}"))
        };
        let mut whole: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text)
            .map_err(|error| wrong(format!("not a JSON object ({error})")))?;
        let servers = whole
            .remove(key)
            .ok_or_else(|| wrong(format!("there is no `{key}`")))?;
        let servers = serde_json::from_value(servers).map_err(|error| {
            wrong(format!(
                "`{key}` does not say how to launch servers ({error})"
            ))
        })?;
        Ok(Self { path, servers })
    }

    /// The servers the repository's own file names.
    ///
    /// # Errors
    /// Never in practice: the file is part of this program.
    pub(crate) fn embedded() -> Result<Self, Failure> {
        Self::parse(EMBEDDED, "mcpServers", None)
    }

    /// The server of this name.
    ///
    /// # Errors
    /// When there is none: the nearest names.
    pub(crate) fn entry(&self, name: &str) -> Result<&Entry, Failure> {
        self.servers.get(name).ok_or_else(|| {
            let known = nearest(name, self.servers.keys().map(String::as_str), 5).join(", ");
            Failure::Configuration(format!("no server named `{name}`; there is {known}"))
        })
    }

    /// The folder that relative commands stand on.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.path.as_deref().and_then(Path::parent)
    }
}

/// The program behind a command: a bare name is looked for beside this program, then on `PATH`;
/// a relative path stands on `folder`.
pub(crate) fn program(
    command: &str,
    folder: Option<&Path>,
    environment: &Environment,
) -> Option<PathBuf> {
    if is_bare(command) {
        let beside = own_folder().and_then(|folder| executable(folder.join(command)));
        return beside.or_else(|| on_path(command, environment));
    }
    executable(folder.map_or_else(|| PathBuf::from(command), |folder| folder.join(command)))
}

/// The program of this name on `PATH`.
pub(crate) fn on_path(name: &str, environment: &Environment) -> Option<PathBuf> {
    let path = environment.raw("PATH").unwrap_or_default();
    std::env::split_paths(path).find_map(|folder| executable(folder.join(name)))
}

/// Whether a command is a name without any folder.
pub(crate) fn is_bare(command: &str) -> bool {
    let mut parts = Path::new(command).components();
    matches!(
        (parts.next(), parts.next()),
        (Some(std::path::Component::Normal(_)), None)
    )
}

/// The folder this program stands in.
pub(crate) fn own_folder() -> Option<PathBuf> {
    std::env::current_exe()
        .ok()?
        .parent()
        .map(Path::to_path_buf)
}

/// The file at `path`, with the ending that programs have on this system, if it may be run.
pub(crate) fn executable(path: PathBuf) -> Option<PathBuf> {
    let ended = match path.extension() {
        None => path.with_extension(std::env::consts::EXE_EXTENSION),
        Some(_) => path,
    };
    let metadata = ended.metadata().ok()?;
    #[cfg(unix)]
    let may_run = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let may_run = true;
    (metadata.is_file() && may_run).then_some(ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ServersFile, Failure> {
        ServersFile::parse(text, "mcpServers", Some("/etc/servers.json".into()))
    }

    #[test]
    fn the_embedded_file_launches_viewers() {
        let file = ServersFile::embedded().unwrap();
        let names: Vec<&str> = file.servers.keys().map(String::as_str).collect();
        assert_eq!(names, ["mg-airflow", "mg-kpi", "mg-scrape", "mg-sql"]);
        for (name, entry) in &file.servers {
            assert_eq!(entry.command.as_deref(), Some(name.as_str()));
            assert_eq!(entry.env["MG_ROLE"], "viewer");
        }
    }

    #[test]
    fn the_editors_file_launches_the_same_servers_as_editors() {
        let editors = parse(include_str!("../../../examples/servers.editor.json")).unwrap();
        let viewers = ServersFile::embedded().unwrap();
        assert!(editors.servers.keys().eq(viewers.servers.keys()));
        assert!(
            editors
                .servers
                .values()
                .all(|entry| entry.env["MG_ROLE"] == "editor")
        );
    }

    #[test]
    fn keys_of_other_programs_are_left_aside() {
        let file = parse(r#"{"x": 1, "mcpServers": {"a": {"command": "a", "autoApprove": []}, "b": {"url": "https://b"}}}"#).unwrap();
        assert_eq!(file.entry("a").unwrap().command.as_deref(), Some("a"));
        assert_eq!(file.entry("b").unwrap().command, None);
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_with_its_path() {
        for (text, why) in [
            ("{", "not a JSON object"),
            ("{}", "no `mcpServers`"),
            (
                r#"{"mcpServers": {"a": {"args": 1}}}"#,
                "does not say how to launch",
            ),
        ] {
            let Failure::Configuration(sentence) = parse(text).unwrap_err() else {
                panic!("{text}")
            };
            assert!(
                sentence.starts_with("/etc/servers.json: ") && sentence.contains(why),
                "{sentence}"
            );
        }
    }

    #[test]
    fn an_unknown_server_is_answered_with_those_that_are_there() {
        let Failure::Configuration(sentence) = ServersFile::embedded()
            .unwrap()
            .entry("mg-sqll")
            .unwrap_err()
        else {
            panic!("a configuration failure")
        };
        assert!(sentence.contains("mg-sql"), "{sentence}");
    }

    #[cfg(unix)]
    #[test]
    fn a_bare_name_is_found_on_the_path_and_a_relative_one_from_the_files_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tool");
        std::fs::write(&path, "").unwrap();
        let environment = Environment::from([("PATH", folder.path().to_str().unwrap())]);
        assert_eq!(
            program("tool", None, &environment),
            None,
            "it may not be run yet"
        );
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
        assert_eq!(program("tool", None, &environment), Some(path.clone()));
        assert_eq!(
            program("./tool", Some(folder.path()), &Environment::default()),
            Some(folder.path().join("./tool"))
        );
        assert!(is_bare("tool") && !is_bare("./tool") && !is_bare("/tool"));
    }
}
