//! How far a run goes. Every limit that ends it or keeps something out is named.

use std::time::{Duration, Instant};

use url::Url;

use crate::{
    definition::{Bound, Limits, Pattern, RequestRole},
    ledger::{Counters, Found},
};

/// What a run may still ask for.
#[derive(Debug)]
pub(super) struct Budget {
    limits: Limits,
    deadline: Instant,
    pages: u64,
    bytes: u64,
    items: u64,
    patterns: Vec<(Pattern, u64)>,
    kept_out: Option<&'static str>,
}

impl Budget {
    /// The limits of the spider, less what the run has done before it was interrupted.
    pub(super) fn new(bound: &Bound, done: Counters) -> Self {
        let limits = bound.limits.clone();
        Self {
            deadline: Instant::now() + Duration::from_secs(limits.max_seconds),
            pages: done.pages + done.failed_pages,
            bytes: done.bytes,
            items: done.items,
            patterns: limits
                .max_per_pattern
                .iter()
                .map(|(pattern, most)| (pattern.clone(), *most))
                .collect(),
            kept_out: None,
            limits,
        }
    }

    /// Moves the deadline: time in which nothing may be asked does not count.
    pub(super) fn postpone(&mut self, by: Duration) {
        self.deadline += by;
    }

    /// The limit that ends the run at once.
    pub(super) fn reached(&self) -> Option<&'static str> {
        if Instant::now() >= self.deadline {
            Some("max_seconds")
        } else if self.bytes >= self.limits.max_bytes {
            Some("max_bytes")
        } else if self.items >= self.limits.max_items {
            Some("max_items")
        } else {
            None
        }
    }

    /// Whether one more request may be made beside those that are open.
    pub(super) fn admits(&self, open: usize) -> bool {
        self.pages + (open as u64) < self.limits.max_pages
    }

    /// The limit that kept a request out of the run, if one did.
    pub(super) fn kept_out(&self) -> Option<&'static str> {
        self.kept_out
    }

    /// Counts what was read.
    pub(super) fn spend(&mut self, pages: u64, bytes: u64, items: u64) {
        self.pages += pages;
        self.bytes += bytes;
        self.items += items;
    }

    /// Whether a request that was found is near enough to enter the run.
    pub(super) fn reaches(&mut self, found: &Found) -> bool {
        let reaches = found.role != RequestRole::Page || found.depth <= self.limits.max_depth;
        if !reaches {
            self.kept_out.get_or_insert("max_depth");
        }
        reaches
    }

    /// Whether pages are counted by what their addresses look like.
    pub(super) fn has_patterns(&self) -> bool {
        !self.patterns.is_empty()
    }

    /// Whether the patterns have room for a request that is new to the run; it is counted then.
    pub(super) fn takes(&mut self, found: &Found) -> bool {
        let takes = found.role != RequestRole::Page || self.count(&found.url);
        if !takes {
            self.kept_out = Some("max_per_pattern");
        }
        takes
    }

    /// Counts a page for the patterns that it fits; whether all of them had room for it.
    pub(super) fn count(&mut self, url: &str) -> bool {
        let place = Url::parse(url)
            .map(|url| url[url::Position::BeforePath..url::Position::AfterQuery].to_owned());
        let place = place.unwrap_or_default();
        let fits = |(pattern, _): &&mut (Pattern, u64)| pattern.occurs_in(&place);
        if self
            .patterns
            .iter_mut()
            .filter(fits)
            .any(|(_, left)| *left == 0)
        {
            return false;
        }
        for (_, left) in self.patterns.iter_mut().filter(fits) {
            *left -= 1;
        }
        true
    }
}
