//! The shared call path as a client meets it, on the fixture server.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod answers;
mod eras;
mod roles;

use mg_core::{Clock, Role};
use mg_testkit::{FixtureServer, MemoryClient};

/// A client of the fixture server; the folder lives as long as the test.
async fn fixture(role: Role) -> (MemoryClient, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let settings = MemoryClient::settings(role, folder.path(), None);
    (
        MemoryClient::connect::<FixtureServer>(settings, Clock::system()).await,
        folder,
    )
}
