//! Where things are: the workspace, its binaries, the shared data, the services a test needs.

use std::path::{Path, PathBuf};

/// The root of the workspace.
#[must_use]
pub fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the workspace stands where it was built")
}

/// A binary of the workspace, built in the profile of the running test, which stands in `deps`, or of the running program.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    let running = std::env::current_exe().expect("a running program has a path");
    let folder = running.parent().expect("a program stands in a folder");
    let profile = match folder.parent() {
        Some(profile) if folder.ends_with("deps") => profile,
        _ => folder,
    };
    let path = profile
        .join(name)
        .with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        path.is_file(),
        "{name} is not built in {}; build it first: cargo build --workspace --profile ci",
        profile.display()
    );
    path
}

/// A file or folder of real data that stands beside the checkout; `None`, with a line that says so, where it does not.
#[must_use]
pub fn shared_data(path: &str) -> Option<PathBuf> {
    let found = workspace_root().join("../shared/data").join(path);
    require_or_skip(
        found.exists(),
        &format!("the shared data file {path} is not there"),
    )
    .then_some(found)
}

/// Whether a test can run. What is missing is told as skipped; under `tests/run.sh`, which sets
/// `MG_REQUIRE_SERVICES`, it is a failure.
#[must_use]
pub fn require_or_skip(present: bool, missing: &str) -> bool {
    if !present {
        assert!(
            std::env::var_os("MG_REQUIRE_SERVICES").is_none(),
            "{missing}"
        );
        eprintln!("skipped: {missing}");
    }
    present
}
