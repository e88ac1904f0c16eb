//! Tells the program which commit it was built from.

use std::process::Command;

fn main() -> std::io::Result<()> {
    let git = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .output();
    let commit = git
        .ok()
        .filter(|output| output.status.success())
        .and_then(|output| String::from_utf8(output.stdout).ok());
    let commit = commit.map_or_else(|| "unknown".into(), |text| text.trim().to_owned());
    let log = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.git/logs/HEAD");
    let watched = if std::path::Path::new(log).exists() {
        log
    } else {
        "build.rs"
    };
    let instructions =
        format!("cargo::rustc-env=MG_COMMIT={commit}\ncargo::rerun-if-changed={watched}\n");
    std::io::Write::write_all(&mut std::io::stdout(), instructions.as_bytes())
}
