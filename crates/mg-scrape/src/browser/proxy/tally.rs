//! What the browser asked its proxy for, in numbers.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use url::Url;

use crate::web::guard::Refusal;

/// Hosts that are counted by name; a page can make names up without end.
const MOST_HOSTS: usize = 100;

/// Counts of a browser's connections. Cheap to clone: all clones count together.
#[derive(Clone, Debug, Default)]
pub struct Tally(Arc<Mutex<Counts>>);

#[derive(Debug, Default)]
struct Counts {
    admitted: u64,
    refused: u64,
    bytes: u64,
    hosts: BTreeMap<String, u64>,
}

impl Tally {
    /// Connections that were let through.
    #[must_use]
    pub fn admitted(&self) -> u64 {
        self.lock().admitted
    }

    /// Connections that were refused.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.lock().refused
    }

    /// Bytes that sites sent.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.lock().bytes
    }

    /// How often each host (with its port) was refused, for the first hundred of them.
    #[must_use]
    pub fn refused_hosts(&self) -> Vec<(String, u64)> {
        let counts = self.lock();
        let hosts = counts.hosts.iter();
        hosts.map(|(host, count)| (host.clone(), *count)).collect()
    }

    pub(super) fn admit(&self) {
        self.lock().admitted += 1;
    }

    pub(super) fn carried(&self, bytes: u64) {
        self.lock().bytes += bytes;
    }

    pub(super) fn refuse(&self, url: &Url, refusal: &Refusal) {
        let host = url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
        tracing::debug!(%host, %refusal, "the browser was refused a connection");
        let mut counts = self.lock();
        counts.refused += 1;
        if counts.hosts.len() < MOST_HOSTS || counts.hosts.contains_key(&host) {
            *counts.hosts.entry(host).or_default() += 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_page_makes_up_are_counted_but_not_kept() {
        let tally = Tally::default();
        for number in 0..1_000 {
            let url = Url::parse(&format!("http://h{number}.fr/")).unwrap();
            tally.refuse(&url, &Refusal::Host(url.to_string()));
        }
        assert_eq!(tally.refused(), 1_000);
        assert_eq!(tally.refused_hosts().len(), MOST_HOSTS);
    }
}
