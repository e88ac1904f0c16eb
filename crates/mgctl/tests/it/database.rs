//! `mgctl db` on SQLite.

use crate::home::{Home, text};

#[test]
fn tables_are_made_filled_described_and_not_made_twice() {
    let home = Home::new();
    let url = format!("sqlite:{}", text(&home.path("mine.db")));
    let db = |arguments: &[&str]| {
        home.mgctl(&[&["db"], arguments].concat(), &[("MG_DATABASE_URL", &url)])
    };
    assert!(db(&["status"]).failed(1).contains("mine.db"));
    assert!(db(&["init"]).ok().contains("schema version 1"));
    assert!(db(&["init"]).failed(1).contains("mgctl db migrate"));
    assert!(db(&["migrate"]).ok().contains("nothing to upgrade"));
    assert!(
        db(&["init", "--demo"])
            .ok()
            .contains("rows of the demo loaded"),
        "tables that are empty are filled"
    );
    assert!(
        db(&["init", "--demo"])
            .failed(1)
            .contains("already holds data")
    );
    let status = db(&["status"]).ok();
    assert!(
        status.contains("SQLite, schema version 1") && status.contains("| fact_permis "),
        "{status}"
    );
    let synthetic = status
        .lines()
        .find(|line| line.contains("permis_synthetiques"))
        .unwrap();
    assert!(
        synthetic.contains("2026-10") && synthetic.contains("| yes "),
        "{synthetic}"
    );
}

#[test]
fn the_embedded_database_is_made_and_made_anew() {
    let home = Home::new();
    let data = home.path("data");
    let variables = [("MG_DATA_DIR", text(&data))];
    assert!(
        home.mgctl(&["db", "status"], &variables)
            .ok()
            .contains("not made yet")
    );
    assert!(
        home.mgctl(&["db", "init"], &variables)
            .failed(78)
            .contains("MG_DATABASE_URL")
    );
    assert!(
        home.mgctl(&["db", "demo"], &variables)
            .ok()
            .contains("was made: ")
    );
    assert!(
        home.mgctl(&["db", "demo"], &variables)
            .ok()
            .contains("there already")
    );
    assert!(
        home.mgctl(&["db", "demo", "--reset"], &variables)
            .ok()
            .contains("anew")
    );
    assert!(
        home.mgctl(&["db", "status"], &variables)
            .ok()
            .contains("sitadel_annuel")
    );
}

#[test]
fn a_larger_demo_has_as_many_permits_as_asked() {
    let home = Home::new();
    let (out, url) = (
        home.path("large.db"),
        format!("sqlite:{}", text(&home.path("large.db"))),
    );
    let make = ["db", "demo", "--permits", "5000", "--out", text(&out)];
    assert!(home.mgctl(&make, &[]).ok().contains("5000 permits"));
    assert!(
        home.mgctl(&make, &[])
            .failed(1)
            .contains("--reset replaces it")
    );
    let status = home
        .mgctl(&["db", "status", "--database-url", &url], &[])
        .ok();
    assert!(
        status
            .lines()
            .any(|line| line.contains("fact_permis") && line.contains("| 5000 ")),
        "{status}"
    );
    assert!(
        home.mgctl(&["db", "demo", "--permits", "10"], &[])
            .failed(78)
            .contains("--out")
    );
}

#[test]
fn sqlite_has_no_accounts_to_grant_rights_to() {
    assert!(
        Home::new()
            .mgctl(&["db", "grants"], &[])
            .ok()
            .contains("SQLite has no accounts")
    );
}
