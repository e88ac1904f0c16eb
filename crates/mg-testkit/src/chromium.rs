//! A real browser for tests of pages: Chromium without a window, a fresh profile for every page.

use std::{
    fs,
    io::Read,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::require_or_skip;

/// How long a page may take before the browser is ended.
const PATIENCE: Duration = Duration::from_mins(2);

/// What keeps the browser from anything but the page.
const QUIET: [&str; 13] = [
    "--headless",
    "--no-sandbox", // tests run as root in containers
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND", // nothing is looked up, whatever the browser would like to ask
];

/// A function for scripts of test pages: `report(object)` tells [`Page::report`] what was seen.
pub const REPORT: &str = r#"const report = (object) => {
  const escaped = (letter) => "\\u" + letter.charCodeAt(0).toString(16).padStart(4, "0");
  const block = document.createElement("pre");
  block.id = "report";
  block.textContent = JSON.stringify(object).replace(/[<>&]|[^ -~]/g, escaped);
  document.body.append(block);
};"#;

/// What a reader prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// The installed browser.
#[derive(Debug)]
pub struct Chromium(PathBuf);

/// A page after its scripts have run.
#[derive(Debug)]
pub struct Page {
    /// The document as it stands.
    pub dom: String,
    /// The addresses that were asked for, but for files and data of the page itself.
    pub requests: Vec<String>,
}

impl Page {
    /// What the page's script said through [`REPORT`].
    #[must_use]
    pub fn report(&self) -> Value {
        let told = self.dom.split("<pre id=\"report\">").nth(1);
        let told = told.and_then(|rest| rest.split("</pre>").next());
        let told = told.unwrap_or_else(|| panic!("the page reports nothing: {}", self.dom));
        serde_json::from_str(told).expect("a report is JSON")
    }
}

impl Chromium {
    /// The browser; `None`, with a line that says so, where none is installed.
    #[must_use]
    pub fn find() -> Option<Self> {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        let found = std::env::split_paths(&folders)
            .flat_map(|folder| ["chromium", "chromium-browser"].map(|name| folder.join(name)))
            .find(|program| program.is_file());
        require_or_skip(found.is_some(), "Chromium is not installed").then_some(())?;
        found.map(Self)
    }

    /// Opens a file and runs its scripts to their end.
    #[must_use]
    pub fn open(&self, file: &Path, scheme: Scheme) -> Page {
        let profile = tempfile::tempdir().unwrap();
        let log = profile.path().join("net.json");
        let mut command = self.command(profile.path(), scheme);
        command
            .arg(format!("--log-net-log={}", log.display()))
            .args(["--virtual-time-budget=10000", "--dump-dom"])
            .arg(address(file));
        Page {
            dom: run(command),
            requests: requests(&fs::read_to_string(log).unwrap()),
        }
    }

    /// Opens a file in a window of this size and writes what it looks like, as PNG.
    pub fn photograph(&self, file: &Path, scheme: Scheme, size: (u32, u32), to: &Path) {
        let profile = tempfile::tempdir().unwrap();
        let mut command = self.command(profile.path(), scheme);
        command
            .arg(format!("--window-size={},{}", size.0, size.1))
            .arg(format!("--screenshot={}", to.display()))
            .arg("--virtual-time-budget=10000")
            .arg(address(file));
        run(command);
        assert!(to.is_file(), "Chromium wrote no picture");
    }

    fn command(&self, profile: &Path, scheme: Scheme) -> Command {
        let preferred = match scheme {
            Scheme::Dark => 0,
            Scheme::Light => 1,
        };
        let mut command = Command::new(&self.0);
        command
            .args(QUIET)
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(format!("--blink-settings=preferredColorScheme={preferred}"))
            .env("HOME", profile)
            .current_dir(profile)
            // A group of its own: the browser's helpers are ended with it.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }
}

fn address(file: &Path) -> String {
    format!("file://{}", file.canonicalize().unwrap().display())
}

/// Runs the browser to its end and answers what it wrote.
fn run(mut command: Command) -> String {
    let mut browser = command.spawn().unwrap();
    let mut pipe = browser.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        // A browser that was ended breaks the pipe: the assertion below tells why.
        let _broken = pipe.read_to_string(&mut text);
        text
    });
    let ended = ends_in_time(&mut browser);
    end_group(&browser);
    assert!(ended, "Chromium did not end within {PATIENCE:?}");
    reader.join().unwrap()
}

fn ends_in_time(browser: &mut Child) -> bool {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if browser.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// Ends what is left of the browser's process group.
fn end_group(browser: &Child) {
    let group = format!("-{}", browser.id());
    // Nothing may be left.
    let _gone = (Command::new("kill").args(["-KILL", "--", &group]))
        .stderr(Stdio::null())
        .status();
}

/// The addresses in the browser's log of its network, each once, that a page asked for: what the browser asks for
/// on its own account comes from no origin.
fn requests(log: &str) -> Vec<String> {
    let log: Value = serde_json::from_str(log).expect("the log of the network is JSON");
    let events = log["events"].as_array().expect("the log has events");
    let asked = events.iter().filter_map(|event| {
        let by_page = event["params"]["initiator"].as_str()? != "not an origin";
        let address = event["params"]["url"].as_str().filter(|_| by_page)?;
        let far = ["http", "ws", "ftp"]
            .iter()
            .any(|scheme| address.starts_with(scheme));
        far.then(|| address.to_owned())
    });
    let mut asked: Vec<String> = asked.collect();
    asked.sort();
    asked.dedup();
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_run_and_what_a_page_asks_for_is_seen() {
        let Some(browser) = Chromium::find() else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.html");
        let page = format!(
            "<!DOCTYPE html><meta charset=\"utf-8\"><img src=\"http://127.0.0.1:9/a.png\"><body><script>{REPORT}\n\
             report({{dark: matchMedia('(prefers-color-scheme: dark)').matches, text: '<é\u{202f}>'}})</script>"
        );
        fs::write(&file, page).unwrap();
        for (scheme, dark) in [(Scheme::Dark, true), (Scheme::Light, false)] {
            let page = browser.open(&file, scheme);
            let expected = serde_json::json!({"dark": dark, "text": "<é\u{202f}>"});
            assert_eq!(page.report(), expected);
            assert_eq!(page.requests, ["http://127.0.0.1:9/a.png"]);
        }
    }
}
