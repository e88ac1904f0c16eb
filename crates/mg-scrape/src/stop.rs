//! Moments at which tests kill a run: `MG_SCRAPE_STOP_AT` names one. Compiled with debug assertions only, which the
//! profile that tests build has for this crate and a release has not.

/// Ends the process at once, as `kill -9` would, where a test asked for this moment.
#[cfg(debug_assertions)]
pub(crate) fn here(moment: &str) {
    if std::env::var_os("MG_SCRAPE_STOP_AT").is_some_and(|asked| asked == *moment) {
        std::process::abort();
    }
}

/// Does nothing.
#[cfg(not(debug_assertions))]
pub(crate) const fn here(_moment: &str) {}
