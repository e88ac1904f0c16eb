//! Why a page was not rendered.

use std::{
    mem::{Discriminant, discriminant},
    path::PathBuf,
};

use crate::web::guard::Refusal;

/// Why a page was not rendered, or the browser not started; each sentence says what would help, where something does.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// There is none on this machine.
    #[error(
        "no browser is installed: install the Debian package chromium-headless-shell (or chromium), or name the \
         program as `browser` in the section [scrape] of mg.toml"
    )]
    NotInstalled,
    /// What the setting names cannot be run.
    #[error(
        "{0}, named as `browser` in the section [scrape] of mg.toml, is not a program: name the binary itself, \
         as /usr/lib/chromium/chromium-headless-shell, not the script that starts it"
    )]
    NotAProgram(PathBuf),
    /// It ended while it started, or said nothing.
    #[error("the browser {} did not start: {reason}", program.display())]
    NotStarted {
        /// The program that was run.
        program: PathBuf,
        /// What the system or the browser said.
        reason: String,
    },
    /// The guard does not let the page be asked for, or where it led.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The browser's own word for what went wrong (`net::ERR_…`).
    #[error("the browser could not load the page: {0}")]
    NotLoaded(String),
    /// The address is a file's.
    #[error(
        "the address leads to a file, not to a page; a [[file]] rule reads it without a browser"
    )]
    Download,
    /// It neither came nor ended, or its scripts never paused.
    #[error("the page was not there after {0} s")]
    TimedOut(u64),
    /// Its document has more characters than are taken over.
    #[error("the page has {found} characters, more than the {limit} that are taken over")]
    TooBig {
        /// Of its document when it was looked at.
        found: u64,
        /// The most.
        limit: u64,
    },
    /// Its process ended, twice.
    #[error("the page crashed, and again when it was asked for anew")]
    Crashed,
    /// The browser ended, twice.
    #[error("the browser ended while the page was open, and again when it was asked for anew")]
    Gone,
    /// [`super::Browser::close`] was called.
    #[error("the browser was closed")]
    Closed,
    /// The browser answered what it should not.
    #[error("the browser refused {method}: {reason}")]
    Protocol {
        /// The command of the DevTools protocol.
        method: &'static str,
        /// The browser's words.
        reason: String,
    },
}

/// The ways in which browsers have failed one page.
#[derive(Debug, Default)]
pub(super) struct Failures(Vec<Discriminant<BrowserError>>);

impl Failures {
    /// Whether the page is asked for once more, as it is after each way once: a browser that is on its way out crashes its
    /// pages first.
    pub(super) fn excuse(&mut self, error: &BrowserError) -> bool {
        let is_of_the_browser = matches!(error, BrowserError::Gone | BrowserError::Crashed);
        let excused = is_of_the_browser && !self.0.contains(&discriminant(error));
        self.0.push(discriminant(error));
        excused
    }
}

#[cfg(test)]
mod tests {
    use super::{
        BrowserError::{Crashed, Download, Gone},
        *,
    };

    #[test]
    fn a_page_is_asked_for_once_more_after_each_way_in_which_a_browser_fails() {
        for (errors, excused) in [
            (vec![Crashed, Gone], true),
            (vec![Gone, Crashed], true),
            (vec![Crashed, Crashed], false),
            (vec![Gone, Crashed, Gone], false),
            (vec![Download], false),
        ] {
            let mut failures = Failures::default();
            let excuses: Vec<bool> = errors.iter().map(|error| failures.excuse(error)).collect();
            let (last, before) = excuses.split_last().unwrap();
            assert_eq!(*last, excused, "{errors:?}");
            assert!(before.iter().all(|excused| *excused), "{errors:?}");
        }
    }
}
