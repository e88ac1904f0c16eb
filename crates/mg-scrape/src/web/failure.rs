//! How a request can end without its answer.

use std::time::Duration;

use super::guard::Refusal;

/// Why there is no answer. [`Failure::kind`] is what runs count by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Not dialled.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The site's robots.txt says no, or could not be read, which means no.
    #[error("{0}")]
    Robots(String),
    /// Nothing came for too long, or all of it took too long.
    #[error("no whole answer within {} s", .0.as_secs())]
    Timeout(Duration),
    /// More bytes, once decompressed, than one answer may have.
    #[error("the answer is larger than {0} bytes")]
    TooBig(u64),
    /// Redirected again and again.
    #[error("redirected more than {0} times")]
    TooManyHops(usize),
    /// Redirected to what is no URL.
    #[error("redirected to `{0}`, which is no address")]
    BadRedirect(String),
    /// The body ended before its announced length, or in the middle of its compression.
    #[error("the answer broke off before its end")]
    Truncated,
    /// The site asks to come back later (429, 503).
    #[error("the site answered {status} and asks to come back later")]
    Later {
        /// The status.
        status: u16,
        /// When, as it said.
        after: Option<Duration>,
    },
    /// Another status that is no success.
    #[error("the site answered {0}")]
    Status(u16),
    /// No connection, or it broke before the answer.
    #[error("no connection: {0}")]
    Connection(String),
    /// A disk of ours is full, or the like.
    #[error("cannot keep the answer: {0}")]
    Disk(String),
}

impl Failure {
    /// The word that runs count it by.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Robots(_) => "robots",
            Self::Timeout(_) => "timeout",
            Self::TooBig(_) => "too_big",
            Self::TooManyHops(_) => "too_many_redirects",
            Self::BadRedirect(_) => "bad_redirect",
            Self::Truncated => "truncated",
            Self::Later { .. } => "asked_to_wait",
            Self::Status(_) => "http_status",
            Self::Connection(_) => "connection",
            Self::Disk(_) => "disk",
        }
    }

    /// The status, where there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Status(status) | Self::Later { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether trying again later may help; `statuses` are those that the spider tries again.
    #[must_use]
    pub fn is_transient(&self, statuses: &[u16]) -> bool {
        match self {
            Self::Timeout(_)
            | Self::Truncated
            | Self::Later { .. }
            | Self::Connection(_)
            | Self::Refused(Refusal::Unresolved(_)) => true,
            Self::Status(status) => statuses.contains(status),
            _ => false,
        }
    }

    /// From the HTTP library; `patience` is the time it was given.
    pub(super) fn of_sending(error: &reqwest::Error, patience: Duration) -> Self {
        match refusal_in(error) {
            Some(refusal) => Self::Refused(refusal),
            None if error.is_timeout() => Self::Timeout(patience),
            None => Self::Connection(innermost(error)),
        }
    }

    /// From the HTTP library while the body was read.
    pub(super) fn of_reading(error: &reqwest::Error, patience: Duration) -> Self {
        if error.is_timeout() {
            Self::Timeout(patience)
        } else {
            Self::Truncated
        }
    }
}

fn refusal_in(error: &reqwest::Error) -> Option<Refusal> {
    causes(error).find_map(|cause| cause.downcast_ref::<Refusal>().cloned())
}

/// The last cause tells what happened; those around it name layers of a library.
fn innermost(error: &reqwest::Error) -> String {
    causes(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(std::error::Error::source(error), |cause| cause.source())
}
