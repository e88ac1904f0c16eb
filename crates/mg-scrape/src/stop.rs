//! Moments at which tests kill a run: `MG_SCRAPE_STOP_AT` names one. Nothing of it is in a release.

/// Ends the process at once, as `kill -9` would, where a test asked for this moment.
#[cfg(feature = "crash-points")]
pub(crate) fn here(moment: &str) {
    if std::env::var_os("MG_SCRAPE_STOP_AT").is_some_and(|asked| asked == *moment) {
        std::process::abort();
    }
}

/// Does nothing.
#[cfg(not(feature = "crash-points"))]
pub(crate) const fn here(_moment: &str) {}
