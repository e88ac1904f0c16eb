//! Which program is the browser.

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

use super::BrowserError;

/// Where packages put the browser itself. The programs of these names on the search path are often scripts, which
/// would stay as a parent between us and the browser.
const FOLDERS: [&str; 5] = [
    "/usr/lib/chromium",
    "/usr/lib64/chromium",
    "/usr/lib/chromium-browser",
    "/usr/lib64/chromium-browser",
    "/opt/google/chrome",
];

/// Without windows from the ground up: half the memory, several times the speed, and silent on the network.
const SHELLS: [&str; 3] = [
    "chromium-headless-shell",
    "chrome-headless-shell",
    "headless_shell",
];
const FULL: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// The program that is set, else the first headless shell, else the first full browser.
pub(super) fn find(set: Option<&Path>) -> Result<PathBuf, BrowserError> {
    if let Some(path) = set {
        let runs = is_program(path).then(|| path.to_owned());
        return runs.ok_or_else(|| BrowserError::NotAProgram(path.to_owned()));
    }
    let search = std::env::var_os("PATH").unwrap_or_default();
    let folders = FOLDERS.iter().map(PathBuf::from);
    let folders: Vec<PathBuf> = folders.chain(std::env::split_paths(&search)).collect();
    first_in(&folders).ok_or(BrowserError::NotInstalled)
}

fn first_in(folders: &[PathBuf]) -> Option<PathBuf> {
    let places = |names: &'static [&'static str]| {
        let folders = folders.iter();
        folders.flat_map(move |folder| names.iter().map(move |name| folder.join(name)))
    };
    let mut candidates = places(&SHELLS).chain(places(&FULL));
    candidates.find(|path| is_program(path))
}

/// Whether the file is a program of its own, not a script.
fn is_program(path: &Path) -> bool {
    let mut first = [0; 2];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut first));
    read.is_ok() && first != *b"#!"
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_headless_shell_comes_first_and_scripts_are_passed_over() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let folders = [first.path().to_owned(), second.path().to_owned()];
        assert_eq!(first_in(&folders), None);

        fs::write(first.path().join("chromium"), "#!/bin/sh").unwrap();
        let full = second.path().join("chromium");
        fs::write(&full, "\x7fELF").unwrap();
        assert_eq!(first_in(&folders), Some(full));

        let shell = second.path().join("chromium-headless-shell");
        fs::write(&shell, "\x7fELF").unwrap();
        assert_eq!(first_in(&folders), Some(shell));
    }

    #[test]
    fn a_setting_that_names_a_script_or_nothing_is_told_what_to_name() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("chromium");
        fs::write(&script, "#!/bin/sh").unwrap();
        for path in [
            script,
            folder.path().join("absent"),
            folder.path().to_owned(),
        ] {
            let error = find(Some(&path)).unwrap_err().to_string();
            assert!(error.contains("name the binary itself"), "{error}");
        }
    }

    #[test]
    fn a_machine_without_browser_is_told_the_package() {
        let error = BrowserError::NotInstalled.to_string();
        assert!(
            error.contains("Debian package chromium-headless-shell (or chromium)"),
            "{error}"
        );
    }
}
