//! What was read and is not staged yet.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use jiff::Timestamp;
use serde_json::json;

use super::{
    budget::Budget,
    seen::Seen,
    visit::{Read, Rows, Trouble, Visited},
};
use crate::{
    definition::{RequestRole, Retry},
    extract::{Link, LinkReason},
    item::{Item, Target},
    ledger::{Batch, Done, Fate, Found, Job},
    load::Staged,
    web::transport::Validators,
};

/// So many requests are written at once.
const MOST_DONE: usize = 256;
/// Rows that wait in memory.
const MOST_ITEMS: usize = 4_000;
/// Rows that a run shows.
const SAMPLE: usize = 5;
/// The first pause before a request is made again; it doubles.
const BACKOFF: Duration = Duration::from_millis(500);

/// What was read and is not staged yet, and what was found before.
#[derive(Debug)]
pub(super) struct Pending {
    targets: Vec<Target>,
    staged: Vec<Staged>,
    items: usize,
    batch: Batch,
    since: Option<Instant>,
    seen: Seen,
    /// Of the pages of lists that go on as long as they bring something new.
    hashes: HashSet<u64>,
    sample: Vec<serde_json::Value>,
    /// Whether the sample has rows that the ledger has not.
    is_sample_new: bool,
}

impl Pending {
    /// Nothing was read yet.
    pub(super) fn new(targets: &[Target]) -> Self {
        Self {
            targets: targets.to_vec(),
            staged: Vec::new(),
            items: 0,
            batch: Batch::default(),
            since: None,
            seen: Seen::default(),
            hashes: HashSet::new(),
            sample: Vec::new(),
            is_sample_new: false,
        }
    }

    /// Takes up what a page of a list held that an interrupted run has read.
    pub(super) fn knows(&mut self, hash: u64) {
        self.hashes.insert(hash);
    }

    /// Requests that were found; those found lately are left out, and those beyond the depth of the run.
    pub(super) fn found(&mut self, found: Vec<Found>, budget: &mut Budget) {
        for found in found {
            if self.seen.is_new(&found.url, &found.role.to_string()) && budget.reaches(&found) {
                self.batch.found.push(found);
                self.since.get_or_insert_with(Instant::now);
            }
        }
    }

    /// Rows of a file that is still being read.
    pub(super) fn rows(&mut self, rows: Rows) {
        self.stage(Staged {
            page: rows.page,
            first: rows.first,
            url: rows.url,
            fetched_at: rows.fetched_at,
            items: rows.items,
            unchanged: false,
        });
    }

    /// A request that has ended.
    pub(super) fn visited(
        &mut self,
        job: &Job,
        visited: Visited,
        retry: &Retry,
        budget: &mut Budget,
    ) {
        self.since.get_or_insert_with(Instant::now);
        match visited.result {
            Ok(read) => self.read(job, read, budget),
            Err(trouble) => self.failed(job, &trouble, retry, budget),
        }
    }

    fn read(&mut self, job: &Job, read: Read, budget: &mut Budget) {
        let kept_links = read.kept_links();
        let counts = u64::from(!matches!(
            job.role,
            RequestRole::Sitemap | RequestRole::Feed
        ));
        let counters = &mut self.batch.counters;
        counters.pages += counts;
        counters.unchanged_pages += u64::from(read.unchanged);
        counters.bytes += read.bytes;
        counters.items += read.count;
        counters.rejected += read.rejected;
        budget.spend(counts, read.bytes, read.count);
        self.batch.failures.extend(read.remarks);
        let goes_on = |link: &Link| link.reason == LinkReason::NextIfNew;
        let is_over = read.links.iter().any(goes_on) && !self.hashes.insert(read.hash);
        let links = read.links.iter().filter(|link| !(is_over && goes_on(link)));
        let found = links.map(|link| Found {
            url: link.url.clone(),
            role: link.role,
            depth: job.depth + u32::from(link.reason == LinkReason::Allowed),
            essential: link.reason != LinkReason::Allowed,
        });
        let found = found.collect();
        self.found(found, budget);
        self.batch.done.push(Done {
            id: job.id,
            fate: if read.unchanged {
                Fate::Unchanged
            } else {
                Fate::Done
            },
            status: Some(read.status),
            links: kept_links,
            validators: read.validators,
            hash: read.hash,
            items: read.count,
        });
        self.stage(Staged {
            page: job.id,
            first: 0,
            url: read.url,
            fetched_at: read.fetched_at,
            items: read.items,
            unchanged: read.unchanged,
        });
    }

    fn failed(&mut self, job: &Job, trouble: &Trouble, retry: &Retry, budget: &mut Budget) {
        let again = trouble.is_transient(&retry.on) && job.tries < retry.times;
        let fate = if again {
            let wait = trouble.wait(retry).unwrap_or_else(|| backoff(job, retry));
            let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
            Fate::Again(Timestamp::now().as_millisecond().saturating_add(wait))
        } else {
            budget.spend(1, 0, 0);
            self.batch.counters.failed_pages += 1;
            let example = format!("{}: {trouble}", job.url);
            self.batch.failures.push((trouble.kind(), 1, cut(&example)));
            Fate::Failed
        };
        self.batch.done.push(Done {
            id: job.id,
            fate,
            status: trouble.status(),
            validators: Validators::default(),
            hash: 0,
            items: 0,
            links: None,
        });
    }

    fn stage(&mut self, staged: Staged) {
        if staged.items.is_empty() && !staged.unchanged {
            return;
        }
        self.since.get_or_insert_with(Instant::now);
        self.items += staged.items.len();
        let missing = SAMPLE.saturating_sub(self.sample.len());
        let shown = staged.items.iter().take(missing);
        self.sample
            .extend(shown.map(|item| shown_item(&self.targets, item)));
        self.is_sample_new |= missing > 0 && !staged.items.is_empty();
        self.staged.push(staged);
    }

    /// Since when something waits.
    pub(super) fn since(&self) -> Option<Instant> {
        self.since
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.since.is_none()
    }

    /// Whether what waits is to be staged.
    pub(super) fn is_due(&self, every: Duration) -> bool {
        let full = self.batch.done.len() >= MOST_DONE || self.items >= MOST_ITEMS;
        full || self.since.is_some_and(|since| since.elapsed() >= every)
    }

    /// Gives what waits.
    pub(super) fn take(&mut self) -> (Vec<Staged>, Batch) {
        (self.since, self.items) = (None, 0);
        let mut batch = std::mem::take(&mut self.batch);
        if std::mem::take(&mut self.is_sample_new) {
            batch.sample = Some(serde_json::Value::Array(self.sample.clone()).to_string());
        }
        (std::mem::take(&mut self.staged), batch)
    }
}

/// A row as a sample shows it: without personal fields, long texts cut.
fn shown_item(targets: &[Target], item: &Item) -> serde_json::Value {
    let Some(target) = targets.get(item.target) else {
        return json!({});
    };
    let columns = target
        .columns
        .iter()
        .zip(&item.values)
        .filter(|(column, _)| !column.personal);
    let shown = columns.map(|(column, value)| {
        let value = match value.to_json() {
            serde_json::Value::String(text) => cut(&text).into(),
            other => other,
        };
        (column.name.clone(), value)
    });
    serde_json::Value::Object(shown.collect())
}

fn cut(text: &str) -> String {
    const MOST: usize = 300;
    let clean = mg_core::clean(text);
    match clean.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &clean[..end]),
        None => clean,
    }
}

/// Doubles with each try, a little different for each request, so that they do not come back together.
fn backoff(job: &Job, retry: &Retry) -> Duration {
    let spread = Duration::from_millis(job.id.unsigned_abs() * 37 % 200);
    let pause = BACKOFF * 2_u32.saturating_pow(job.tries.min(10)) + spread;
    pause.min(Duration::from_secs(retry.max_wait_s))
}
