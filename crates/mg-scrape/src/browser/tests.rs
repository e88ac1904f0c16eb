//! With real browsers, the headless shell and the full one, each where it is installed.

mod egress;
mod endings;
mod faults;
mod rendering;
mod site;

use std::path::Path;

use mg_testkit::require_or_skip;
use rustix::process::Pid;

use self::site::Site;
use super::*;

const SHELL: &str = "/usr/lib/chromium/chromium-headless-shell";
const FULL: &str = "/usr/lib/chromium/chromium";

/// The installed ones of both browsers; a line says so where one is missing.
fn installed() -> Vec<Settings> {
    let present = |path: &&str| {
        require_or_skip(
            Path::new(path).is_file(),
            &format!("{path} is not installed"),
        )
    };
    let paths = [SHELL, FULL].into_iter().filter(present);
    paths.map(settings).collect()
}

/// The one that is cheap to start; `None` where it is missing.
fn shell() -> Option<Settings> {
    let present = require_or_skip(Path::new(SHELL).is_file(), "no headless shell is installed");
    present.then(|| settings(SHELL))
}

fn settings(path: &str) -> Settings {
    Settings {
        program: Some(path.into()),
        ..Settings::default()
    }
}

/// Reaches these sites of this machine alone.
fn guard(sites: &[&Site]) -> Guard {
    let hosts = sites.iter().map(|site| site.host().parse().unwrap());
    Guard::new(hosts, true)
}

async fn start(site: &Site, settings: &Settings) -> Browser {
    start_with(site, settings, BrowserRules::default()).await
}

async fn start_with(site: &Site, settings: &Settings, rules: BrowserRules) -> Browser {
    Browser::start(guard(&[site]), &rules, settings)
        .await
        .unwrap()
}

/// The browser's own process, which leads the group of them.
async fn leader(browser: &Browser) -> Option<Pid> {
    let process = browser.process_id().await?;
    i32::try_from(process).ok().and_then(Pid::from_raw)
}

/// The rules with these keys, as a spider's file has them.
fn rules(toml: &str) -> BrowserRules {
    toml::from_str(toml).unwrap()
}
