//! Why a page was not rendered.

use std::path::PathBuf;

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
    #[error("the page crashed, and again when it was asked for a second time")]
    Crashed,
    /// The browser ended, twice.
    #[error(
        "the browser ended while the page was open, and again when it was asked for a second time"
    )]
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

impl BrowserError {
    /// Whether the same page may be there in a browser started anew.
    pub(super) fn is_of_the_browser(&self) -> bool {
        matches!(self, Self::Gone | Self::Crashed)
    }
}
