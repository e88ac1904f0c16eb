//! Whole runs over pages that scripts make: a browser is asked for those alone, and its rows enter the table like others.

use std::path::Path;

use mg_testkit::{Asked, Reply, Site, require_or_skip};
use serde_json::json;

use crate::home::{FAR, Home, fiches};

const STATIC: &str =
    "<dl class=fiche><dd class=commune>Lagny</dd><dd class=surface>110 m²</dd></dl>";
const SCRIPTED: &str = "<div id=app></div><script>
  const row = document.createElement('dl'); row.className = 'fiche';
  row.innerHTML = '<dd class=commune>Torcy</dd><dd class=surface>' + 7 * 8 + ' m²</dd><a href=/5>suite</a>';
  setTimeout(() => document.getElementById('app').append(row), 50);
</script>";

/// `/1` and `/2` are written by the server, `/3` and `/4` by their scripts, and `/5` is linked by what the scripts wrote.
fn site() -> Site {
    Site::start(|asked: &Asked| match asked.path.as_str() {
        "/list" => Reply::html("<a href=/1>1</a><a href=/2>2</a><a href=/3>3</a><a href=/4>4</a>"),
        "/1" | "/2" | "/5" => Reply::html(STATIC),
        "/3" | "/4" => Reply::html(SCRIPTED),
        _ => Reply::status(404),
    })
}

fn spider(site: &Site, engine: &str) -> String {
    let text = fiches(site, 2, "/list", FAR).replace("match = '/[a-z0-9]+$'", "match = '/[1-9]$'");
    let text = text.replace(
        "name = \"fiches\"",
        &format!("name = \"fiches\"\nengine = \"{engine}\""),
    );
    format!("{text}\n[browser]\nwait_for = \"dl.fiche\"\nwait_ms = 10000\n")
}

fn a_browser_is_there() -> bool {
    let programs = ["chromium-headless-shell", "chromium"]
        .map(|name| Path::new("/usr/lib/chromium").join(name));
    require_or_skip(
        programs.iter().any(|program| program.is_file()),
        "no browser is installed",
    )
}

#[test]
fn pages_that_lack_their_rows_are_rendered_and_no_others() {
    if !a_browser_is_there() {
        return;
    }
    let site = site();
    let home = Home::new();
    home.spider("fiches", &spider(&site, "auto"));
    let report = home.success("fiches");
    assert_eq!(
        (&report["pages"], &report["items"]),
        (&json!(6), &json!(5)),
        "{report:#}"
    );
    assert_eq!(report["complete"], true, "{report:#}");
    assert_eq!(
        home.fiches(),
        [
            "1 Lagny 110",
            "2 Lagny 110",
            "3 Torcy 56",
            "4 Torcy 56",
            "5 Lagny 110"
        ]
    );
    for (path, times) in [("/1", 1), ("/2", 1), ("/3", 2), ("/4", 2), ("/5", 1)] {
        assert_eq!(
            site.count(path),
            times,
            "{path}: once, and once more by the browser"
        );
    }
    let again = home.success("fiches");
    assert_eq!(
        again["rows"],
        json!({"inserted": 0, "updated": 0, "unchanged": 5, "rejected": 0}),
        "{again:#}"
    );
}

#[test]
fn without_a_browser_the_run_names_the_package_and_the_table_stays() {
    let site = site();
    let home = Home::new();
    home.spider("fiches", &spider(&site, "browser"));
    let settings = "lang = \"en\"\n[scrape]\nbrowser = \"/nowhere/chromium\"\n";
    std::fs::write(home.path().join("mg.toml"), settings).unwrap();
    let (exit, report) = home.command(&["run", "fiches", "--json"]);
    assert_ne!(exit.code, Some(0), "{report:#}");
    let told = format!("{report:#} {}", exit.stderr);
    assert!(told.contains("/nowhere/chromium"), "{told}");
}
