//! examples/deploy, as far as it can be tried without containers and without being root.

use std::process::Command;

use mg_testkit::{Process, binary, require_or_skip, workspace_root};
use tempfile::tempdir;

use crate::clients::{bare, tool};

#[test]
fn the_files_of_a_deployment_fit_each_other_and_the_documentation() {
    let Some(python) = tool("python/bin/python") else {
        return;
    };
    let home = tempdir().unwrap();
    let mut command = bare(&python, home.path());
    let script = workspace_root().join("tests/python/deploy.py");
    let output = command.arg(script).arg(workspace_root()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
}

/// A server refuses a file with a key that it does not know, so one that is served by is right.
#[test]
fn the_settings_of_a_deployment_are_served_by() {
    let folder = workspace_root().join("examples/deploy");
    for (server, file, passwords) in [
        ("mg-sql", "mg.toml", &["MG_READER_PASSWORD"][..]),
        ("mg-kpi", "mg.toml", &["MG_READER_PASSWORD"]),
        ("mg-scrape", "mg.toml", &["MG_READER_PASSWORD"]),
        (
            "mg-airflow",
            "airflow.toml",
            &["MG_AIRFLOW_VIEWER_PASSWORD", "MG_AIRFLOW_EDITOR_PASSWORD"],
        ),
    ] {
        let home = tempdir().unwrap();
        let config = folder.join(file);
        let mut variables = vec![("MG_CONFIG", config.to_str().unwrap())];
        variables.extend(passwords.iter().map(|name| (*name, "a-password")));
        let mut process = Process::start(server, &[], &variables, home.path());
        process.initialize();
        let exit = process.close();
        assert_eq!(exit.code, Some(0), "{server}: {}", exit.stderr);
    }
}

#[test]
fn systemd_finds_no_fault_with_the_units() {
    let found = Command::new("systemd-analyze").arg("--version").output();
    if !require_or_skip(found.is_ok(), "systemd-analyze is not installed") {
        return;
    }
    let home = tempdir().unwrap();
    let units = workspace_root().join("examples/deploy/systemd");
    let mut written = Vec::new();
    for entry in std::fs::read_dir(units).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        // The programs where they are here, since it looks for them; the template as the unit of one server.
        let text = text.replace("/usr/local/bin/mg-%i", binary("mg-sql").to_str().unwrap());
        let text = text.replace("/usr/local/bin/mg-kpi", binary("mg-kpi").to_str().unwrap());
        let name = path.file_name().unwrap().to_str().unwrap();
        let unit = home.path().join(name.replace("mg@", "mg@sql"));
        std::fs::write(&unit, text).unwrap();
        written.push(unit);
    }
    assert_eq!(written.len(), 3);
    let mut verify = Command::new("systemd-analyze");
    let output = verify.args(["verify", "--man=no"]).args(&written).output();
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.trim().is_empty(), "{said}");
}
