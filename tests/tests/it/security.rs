//! docs/security.md: each claim of a table with a column `test` names tests that exist.

use std::{collections::BTreeSet, path::Path};

use mg_testkit::workspace_root;

/// The names of the tests below a folder.
fn tests_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("target") {
            tests_below(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.extend(tests_of(&std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The functions that stand behind a test attribute, other attributes between them.
fn tests_of(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut marked = false;
    for line in source.lines().map(str::trim) {
        if line == "#[test]" || line.starts_with("#[tokio::test") {
            marked = true;
        } else if let Some((_, rest)) = line.split_once("fn ").filter(|_| marked) {
            names.push(rest.split(['(', '<']).next().unwrap().to_owned());
            marked = false;
        }
    }
    names
}

/// The claims of the page with the tests they name: rows of tables whose last column is headed `test`.
fn claims(page: &str) -> Vec<(&str, Vec<&str>)> {
    let mut claims = Vec::new();
    let mut claiming = false;
    for line in page.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let last = cells.last().copied().unwrap_or_default();
        if !line.starts_with('|') {
            claiming = false;
        } else if last == "test" {
            claiming = true;
        } else if claiming && !last.starts_with('-') {
            claims.push((cells[0], last.split('`').skip(1).step_by(2).collect()));
        }
    }
    claims
}

#[test]
fn every_claim_about_security_names_a_test_that_exists() {
    let mut known = BTreeSet::new();
    for folder in ["crates", "tests"] {
        tests_below(&workspace_root().join(folder), &mut known);
    }
    let page = std::fs::read_to_string(workspace_root().join("docs/security.md")).unwrap();
    let claims = claims(&page);
    assert!(claims.len() > 30, "the page has its tables: {claims:?}");
    for (claim, tests) in claims {
        assert!(!tests.is_empty(), "`{claim}` names no test");
        for test in tests {
            assert!(
                known.contains(test),
                "`{claim}` names `{test}`, which is no test"
            );
        }
    }
}

#[test]
fn a_claim_is_read_with_its_tests_and_other_tables_are_left_alone() {
    let page = "| layer | where |\n|---|---|\n| a | `b` |\n\n| x | stops | test |\n|---|---|---|\n| `y` z | s | `t_one` `t_two` |\n";
    assert_eq!(claims(page), [("`y` z", vec!["t_one", "t_two"])]);
    let source = "#[test]\n#[cfg(unix)]\nfn t_one() {}\nfn helper() {}\n#[tokio::test]\nasync fn t_two() {}\n";
    assert_eq!(tests_of(source), ["t_one", "t_two"]);
}
