//! The loop of a run: what waits is asked, what was read is staged, and only then marked as done. A run that is killed at
//! any moment goes on from there.

mod batch;
mod budget;
#[cfg(feature = "engine-spider")]
mod engine;
pub(crate) mod feed;
mod seen;
mod visit;
mod visitor;
pub(crate) mod weight;

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{Timestamp, Zoned};
use mg_core::ToolError;
use tokio::{
    sync::mpsc,
    task::{Id, JoinSet},
};
use url::Url;

use crate::{
    definition::{Bound, Stop},
    ledger::{Found, Job, Ledger, Run},
    load::Loader,
    stop,
    web::politeness::{Ended, Manners, Politeness},
};
use batch::Pending;
use budget::Budget;
use visit::{Rows, Visited};
pub use visitor::Visitor;

/// Requests that are open at once, over all sites.
const MOST_OPEN: usize = 64;
/// Requests that are loaded from the ledger at once.
const LOADED: u32 = 1024;
/// What was read waits so long at most before it is staged: what a kill at most asks anew.
const FLUSH_EVERY: Duration = Duration::from_millis(50);
/// What waits for its time is looked at again after so long.
const TICK: Duration = Duration::from_millis(200);

/// Why the crawl of a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Everything was read.
    Exhausted,
    /// A limit was reached.
    Limit(&'static str),
}

/// A crawl under way.
#[derive(Debug)]
pub struct Crawl<'a> {
    bound: Arc<Bound>,
    run: Run,
    ledger: &'a mut Ledger,
    loader: &'a Loader,
    visitor: Arc<Visitor>,
    politeness: Politeness,
    budget: Budget,
    pending: Pending,
    /// What may be asked, by site; the sites take turns.
    queues: Vec<(String, VecDeque<Job>)>,
    /// Up to where the ledger was loaded, and whether there was nothing more.
    cursor: i64,
    is_loaded: bool,
    open: JoinSet<Visited>,
    jobs: HashMap<Id, (Job, String, Instant)>,
    rows: mpsc::Receiver<Rows>,
}

impl<'a> Crawl<'a> {
    /// Enters the first requests into the ledger, unless they are there, and takes up what a worker before had found.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be used.
    pub async fn begin(
        bound: Arc<Bound>,
        run: Run,
        ledger: &'a mut Ledger,
        loader: &'a Loader,
        visitor: Visitor,
        rows: mpsc::Receiver<Rows>,
    ) -> Result<Self, ToolError> {
        let manners = &bound.spider.definition.politeness;
        let mut budget = Budget::new(&bound, run.counters);
        let mut pending = Pending::new(bound.spider.targets());
        let lists = has_lists_that_end_without_news(&bound);
        ledger
            .each_request(run.id, |url, role, hash| {
                hash.filter(|_| lists)
                    .into_iter()
                    .for_each(|hash| pending.knows(hash));
                if role == "page" {
                    budget.count(url);
                }
            })
            .await?;
        let first = bound.start.iter().map(|request| Found {
            url: request.url.clone(),
            role: request.role,
            depth: 0,
            essential: true,
        });
        pending.found(first.collect(), &mut budget);
        Ok(Self {
            politeness: Politeness::new(Manners {
                delay: Duration::from_millis(manners.delay_ms),
                concurrency: manners.concurrency,
                autothrottle: manners.autothrottle,
            }),
            visitor: Arc::new(visitor),
            queues: Vec::new(),
            cursor: 0,
            is_loaded: false,
            open: JoinSet::new(),
            jobs: HashMap::new(),
            bound,
            run,
            ledger,
            loader,
            budget,
            pending,
            rows,
        })
    }

    /// Crawls until nothing is left or a limit is reached. Dropping the future stops every request at once; what was not
    /// staged by then waits in the ledger.
    ///
    /// # Errors
    ///
    /// When the ledger or the database cannot be used.
    pub async fn finish(mut self) -> Result<Stopped, ToolError> {
        let stopped = self.crawled().await;
        self.open.shutdown().await;
        self.visitor.close().await;
        stopped
    }

    async fn crawled(&mut self) -> Result<Stopped, ToolError> {
        self.flush().await?;
        loop {
            if let Some(limit) = self.budget.reached() {
                self.flush().await?;
                return Ok(Stopped::Limit(limit));
            }
            self.refill().await?;
            let next = self.dispatch();
            if self.open.is_empty()
                && let Some(stopped) = self.ended().await?
            {
                return Ok(stopped);
            }
            self.wait(next).await;
            if self.pending.is_due(FLUSH_EVERY) || self.is_starving() {
                self.flush().await?;
            }
        }
    }

    /// Why the crawl has ended, now that no request is open; `None` where it has not. What waits for its time is loaded
    /// again when that has come.
    async fn ended(&mut self) -> Result<Option<Stopped>, ToolError> {
        self.flush().await?;
        if self.ledger.next_waiting(self.run.id).await?.is_none() {
            let limit = self
                .budget
                .kept_out()
                .map_or(Stopped::Exhausted, Stopped::Limit);
            return Ok(Some(limit));
        }
        if !self.budget.admits(0) {
            return Ok(Some(Stopped::Limit("max_pages")));
        }
        if self.queues.iter().all(|(_, queue)| queue.is_empty()) {
            (self.cursor, self.is_loaded) = (0, false);
        }
        Ok(None)
    }

    /// Loads more requests when few are left. Those that are open wait in the ledger too, before the cursor.
    async fn refill(&mut self) -> Result<(), ToolError> {
        if self.is_loaded || self.queued() > self.concurrency() {
            return Ok(());
        }
        let now = Timestamp::now().as_millisecond();
        let jobs = self
            .ledger
            .waiting(self.run.id, self.cursor, now, LOADED)
            .await?;
        self.cursor = jobs.last().map_or(self.cursor, |job| job.id);
        self.is_loaded = jobs.is_empty();
        self.visitor.learn(self.ledger, &self.run, &jobs).await?;
        for job in jobs {
            let site = site(&job.url);
            match self.queues.iter_mut().find(|(known, _)| *known == site) {
                Some((_, queue)) => queue.push_back(job),
                None => self.queues.push((site, VecDeque::from([job]))),
            }
        }
        Ok(())
    }

    /// Starts what may be started; answers when the next may be.
    fn dispatch(&mut self) -> Option<Instant> {
        let now = Instant::now();
        if let Some(hours) = self.bound.spider.definition.politeness.hours
            && !hours.hold(Zoned::now().time())
        {
            self.budget.postpone(TICK);
            return None;
        }
        let mut next: Option<Instant> = None;
        for (site, queue) in &mut self.queues {
            while !queue.is_empty()
                && self.open.len() < MOST_OPEN
                && self.budget.admits(self.open.len())
            {
                if let Err(later) = self.politeness.may_start(site, now) {
                    next = [next, later].into_iter().flatten().min();
                    break;
                }
                let Some(job) = queue.pop_front() else { break };
                self.politeness.started(site, now);
                let (visitor, asked) = (Arc::clone(&self.visitor), job.clone());
                let task = self.open.spawn(async move { visitor.visit(&asked).await });
                self.jobs.insert(task.id(), (job, site.clone(), now));
            }
        }
        next
    }

    /// Waits for an answer, for rows of a file, or until something may be started or has to be staged.
    async fn wait(&mut self, next: Option<Instant>) {
        let mut until = Instant::now() + TICK;
        until = next.map_or(until, |next| until.min(next));
        until = self
            .pending
            .since()
            .map_or(until, |since| until.min(since + FLUSH_EVERY));
        tokio::select! {
            Some(ended) = self.open.join_next_with_id() => {
                self.take(ended);
                while let Some(ended) = self.open.try_join_next_with_id() {
                    self.take(ended);
                }
            }
            Some(rows) = self.rows.recv() => self.pending.rows(rows),
            () = tokio::time::sleep_until(until.into()) => {}
        }
    }

    fn take(&mut self, ended: Result<(Id, Visited), tokio::task::JoinError>) {
        // Rows of a file come before its end.
        while let Ok(rows) = self.rows.try_recv() {
            self.pending.rows(rows);
        }
        let (id, visited) = match ended {
            Ok((id, visited)) => (id, visited),
            Err(error) => (error.id(), Visited::broken(&error)),
        };
        let Some((job, site, started)) = self.jobs.remove(&id) else {
            return;
        };
        let ended = Ended {
            took: visited.asked.then(|| started.elapsed()),
            well: visited.result.is_ok(),
            wait: visited.wait(&self.bound.spider.definition.politeness.retry),
            robots_delay: self.visitor.robots_delay(&job.url),
        };
        self.politeness.ended(&site, ended, Instant::now());
        let retry = &self.bound.spider.definition.politeness.retry;
        self.pending.visited(&job, visited, retry, &mut self.budget);
    }

    /// Whether nothing can be asked before what was found is in the ledger.
    fn is_starving(&self) -> bool {
        self.queued() + self.open.len() < self.concurrency() && !self.pending.is_empty()
    }

    fn queued(&self) -> usize {
        self.queues.iter().map(|(_, queue)| queue.len()).sum()
    }

    fn concurrency(&self) -> usize {
        self.bound.spider.definition.politeness.concurrency
    }

    /// Stages rows, then marks their pages as done.
    async fn flush(&mut self) -> Result<(), ToolError> {
        while let Ok(rows) = self.rows.try_recv() {
            self.pending.rows(rows);
        }
        if self.pending.is_empty() {
            return Ok(());
        }
        let (staged, mut batch) = self.pending.take();
        if !batch.done.is_empty() {
            stop::here("page_fetched");
        }
        if !staged.is_empty() {
            self.loader.stage(&staged).await?;
            stop::here("staged");
        }
        if self.budget.has_patterns() {
            batch.found = self.ledger.unknown(self.run.id, batch.found).await?;
            batch.found.retain(|found| self.budget.takes(found));
        }
        self.is_loaded &= batch.found.is_empty();
        Ok(self.ledger.write(self.run.id, &batch).await?)
    }
}

/// Whether it matters that a page holds what another one held.
fn has_lists_that_end_without_news(bound: &Bound) -> bool {
    let follow = bound.spider.definition.follow.as_ref();
    let pages = follow.and_then(|follow| follow.pages.as_ref());
    pages.is_some_and(|pages| pages.stop == Stop::NoNewKey)
}

/// Whom politeness is for: host and port.
fn site(url: &str) -> String {
    let site = Url::parse(url).map(|url| url.authority().to_owned());
    site.unwrap_or_default()
}
