//! What became of one request.

use std::{fmt, time::Duration};

use mg_core::ToolError;
use serde_json::json;
use url::Url;

use crate::{
    definition::Retry,
    extract::{Link, LinkReason},
    item::Item,
    web::{Failure, transport::Validators},
};

/// The links of one page that are kept for the next run.
const MOST_KEPT: usize = 2_000;

/// What became of one request.
#[derive(Debug)]
pub(super) struct Visited {
    /// Whether the site was asked, so that the time tells something of it.
    pub(super) asked: bool,
    pub(super) result: Result<Read, Trouble>,
}

impl Visited {
    /// Of a task that broke.
    pub(super) fn broken(error: &tokio::task::JoinError) -> Self {
        tracing::error!(%error, "a request broke");
        Self {
            asked: false,
            result: Err(Trouble::Internal),
        }
    }

    /// How long the site asks to be left alone.
    pub(super) fn wait(&self, retry: &Retry) -> Option<Duration> {
        self.result
            .as_ref()
            .err()
            .and_then(|trouble| trouble.wait(retry))
    }
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Where it was in the end.
    pub(super) url: String,
    pub(super) fetched_at: String,
    pub(super) status: u16,
    pub(super) bytes: u64,
    pub(super) validators: Validators,
    /// Of what was read out of it.
    pub(super) hash: u64,
    /// Its rows, but for those of a file, which were sent before.
    pub(super) items: Vec<Item>,
    /// How many rows it has in all.
    pub(super) count: u64,
    pub(super) rejected: u64,
    /// What is to be counted as wrong, though it was read.
    pub(super) remarks: Vec<(&'static str, u64, String)>,
    pub(super) links: Vec<Link>,
    /// Whether it is the version of the last run.
    pub(super) unchanged: bool,
}

impl Read {
    /// The links as the ledger keeps them, where the next run may find the page unchanged.
    pub(super) fn kept_links(&self) -> Option<String> {
        let worth = !self.validators.is_empty() && self.links.len() <= MOST_KEPT;
        worth.then(|| {
            let kept = self
                .links
                .iter()
                .map(|link| json!([link.url, link.role.to_string(), number(link.reason)]));
            serde_json::Value::Array(kept.collect()).to_string()
        })
    }
}

/// Links as the ledger kept them.
pub(super) fn links_of(kept: &str) -> Vec<Link> {
    let kept: Vec<(String, String, u8)> = serde_json::from_str(kept).unwrap_or_default();
    let links = kept.into_iter().filter_map(|(url, role, number)| {
        Some(Link {
            url,
            role: role.parse().ok()?,
            reason: reason(number),
        })
    });
    links.collect()
}

fn number(reason: LinkReason) -> u8 {
    match reason {
        LinkReason::Allowed => 0,
        LinkReason::Next => 1,
        LinkReason::NextIfNew => 2,
        LinkReason::File => 3,
    }
}

fn reason(number: u8) -> LinkReason {
    match number {
        1 => LinkReason::Next,
        2 => LinkReason::NextIfNew,
        3 => LinkReason::File,
        _ => LinkReason::Allowed,
    }
}

/// Rows of a file that is still being read.
#[derive(Debug)]
pub struct Rows {
    pub(super) page: i64,
    /// The number of the first one in the file.
    pub(super) first: i64,
    pub(super) url: String,
    pub(super) fetched_at: String,
    pub(super) items: Vec<Item>,
}

/// Why nothing was read.
#[derive(Debug)]
pub(super) enum Trouble {
    /// There was no answer.
    Web(Failure),
    /// The answer is not what the rule reads.
    Unreadable(String),
    /// It would take too much to read it.
    Heavy(String),
    /// A browser would be needed, or failed.
    Browser { told: String, passes: bool },
    /// Ours.
    Internal,
}

impl Trouble {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Web(failure) => failure.kind(),
            Self::Unreadable(_) => "unreadable",
            Self::Heavy(_) => "too_heavy",
            Self::Browser { .. } => "browser",
            Self::Internal => "internal",
        }
    }

    pub(super) fn status(&self) -> Option<u16> {
        match self {
            Self::Web(failure) => failure.status(),
            _ => None,
        }
    }

    pub(super) fn is_transient(&self, statuses: &[u16]) -> bool {
        match self {
            Self::Web(failure) => failure.is_transient(statuses),
            Self::Browser { passes, .. } => *passes,
            _ => false,
        }
    }

    /// How long the site asks to be left alone, as far as the spider obeys.
    pub(super) fn wait(&self, retry: &Retry) -> Option<Duration> {
        match self {
            Self::Web(Failure::Later { after, .. }) if retry.honour_retry_after => {
                after.map(|after| after.min(Duration::from_secs(retry.max_wait_s)))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Web(failure) => failure.fmt(formatter),
            Self::Unreadable(told) | Self::Heavy(told) | Self::Browser { told, .. } => {
                formatter.write_str(told)
            }
            Self::Internal => formatter.write_str("reading it broke; the details are in the log"),
        }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Web(failure)
    }
}

impl From<ToolError> for Trouble {
    fn from(error: ToolError) -> Self {
        Self::Unreadable(error.to_string())
    }
}

/// The URL of a job; the ledger holds none that is not one.
pub(super) fn parsed(url: &str) -> Result<Url, Trouble> {
    Url::parse(url).map_err(|_| Trouble::Unreadable("it is no address".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition::RequestRole;

    #[test]
    fn links_are_kept_with_their_roles_and_reasons() {
        let link = |reason, role| Link {
            url: "https://a.fr/?p=2".into(),
            role,
            reason,
        };
        let links = vec![
            link(LinkReason::Next, RequestRole::Page),
            link(LinkReason::File, RequestRole::File { rule: 1, chain: 0 }),
        ];
        let validators = Validators {
            etag: Some("1".into()),
            modified: None,
        };
        let read = Read {
            links: links.clone(),
            validators,
            ..Read::default()
        };
        assert_eq!(links_of(&read.kept_links().unwrap()), links);
        let without = Read {
            links,
            ..Read::default()
        };
        assert_eq!(without.kept_links(), None);
    }
}
